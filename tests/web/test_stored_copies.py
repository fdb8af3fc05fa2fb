"""Stored copies: by revision, with the old ones gone, and never at the cost of the answer."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import brotli
import pytest

from khizana.core.identifiers import ManuscriptId
from khizana.web.stored import StoredCopies

SLUG = ManuscriptId("tb-1")
KIND = "text/html"


def test_a_copy_is_found_under_its_revision_alone(tmp_path: Path) -> None:
    copies = StoredCopies(tmp_path, "settings")
    made = copies.store(SLUG, "r1", "/ar/", content_type=KIND, body=b"page")
    assert brotli.decompress(made.body) == gzip.decompress(made.gzipped) == b"page"
    assert copies.find(SLUG, "r1", "/ar/") == made
    assert copies.find(SLUG, "r2", "/ar/") is None
    assert copies.find(SLUG, "r1", "/fr/") is None
    assert copies.find(ManuscriptId("tb-2"), "r1", "/ar/") is None


def test_another_process_finds_what_was_stored(tmp_path: Path) -> None:
    made = StoredCopies(tmp_path, "settings").store(SLUG, "r1", "/ar/", content_type=KIND, body=b"p\nq\n")
    assert StoredCopies(tmp_path, "settings").find(SLUG, "r1", "/ar/") == made
    assert StoredCopies(tmp_path, "other settings").find(SLUG, "r1", "/ar/") is None


def test_a_new_revision_removes_the_copies_of_the_old(tmp_path: Path) -> None:
    copies = StoredCopies(tmp_path, "settings")
    for variant in ("/ar/", "/fr/"):
        copies.store(SLUG, "r1", variant, content_type=KIND, body=b"old")
    copies.store(SLUG, "r2", "/ar/", content_type=KIND, body=b"new")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_what_lies_in_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("khizana.web.stored.IN_MEMORY", 20_000)
    copies = StoredCopies(tmp_path, "settings")
    for number in range(200):
        copies.store(SLUG, "r1", str(number), content_type=KIND, body=os.urandom(1000))
    assert sum(copy.size for copy in copies._memory.values()) <= 20_000  # noqa: SLF001 - the bound itself
    assert copies.find(SLUG, "r1", "0") is not None


def test_a_disk_that_takes_nothing_costs_the_copy_and_not_the_answer(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    copies = StoredCopies(tmp_path / "file" / "below", "settings")
    assert brotli.decompress(copies.store(SLUG, "r1", "/", content_type=KIND, body=b"page").body) == b"page"


@pytest.mark.parametrize("raw", [b"", b"one line", b"two\nlines"])
def test_a_torn_copy_is_made_again(tmp_path: Path, raw: bytes) -> None:
    StoredCopies(tmp_path, "settings").store(SLUG, "r1", "/", content_type=KIND, body=b"page")
    next(path for path in tmp_path.rglob("*") if path.is_file()).write_bytes(raw)
    assert StoredCopies(tmp_path, "settings").find(SLUG, "r1", "/") is None
