"""The list of an adopted object's files: what it says of any names comes back, and ``sha512sum`` reads it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of
from khizana.core.preservation.ocfl.listing import is_listing, listing_name, listing_of, newest_listing, read_listing

DIGEST = digest_of(b"x")
PARTS = st.text(st.characters(exclude_characters="/\0", exclude_categories=()), min_size=1).filter(
    lambda part: part not in {".", ".."} and _encodes(part)
)


def _encodes(part: str) -> bool:
    try:
        return part.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == part
    except UnicodeEncodeError:
        return False


@given(st.sets(st.lists(PARTS, min_size=1, max_size=3).map("/".join)))
def test_any_names_come_back(names: set[str]) -> None:
    files = dict.fromkeys(names, DIGEST) | {INVENTORY: DIGEST}
    listing = listing_of(files)
    assert read_listing(listing.content, "x").files == files
    assert is_listing(listing.name)


def test_sha512sum_reads_it_in_the_folder_of_the_object(tmp_path: Path) -> None:
    contents = {INVENTORY: b"{}", "v1/content/مخطوط ١.tif": b"1", "v1/content/a\\b\nc": b"2", "extensions/x": b""}
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    listing = listing_of({name: digest_of(content) for name, content in contents.items()})
    command = ["sha512sum", "--strict", "--status", "-c", "-"]
    assert subprocess.run(command, input=listing.content, cwd=tmp_path, check=False).returncode == 0
    (tmp_path / "extensions" / "x").write_bytes(b"other")
    assert subprocess.run(command, input=listing.content, cwd=tmp_path, check=False).returncode == 1


def test_the_list_that_counts_is_whole_and_holds_the_older_one() -> None:
    older = listing_of({INVENTORY: DIGEST, "a": DIGEST})
    newer = listing_of({INVENTORY: DIGEST, "a": DIGEST, older.name: older.digest})
    candidates = [(newer.name, newer.content), (older.name, older.content)]
    assert newest_listing(candidates) == newest_listing(candidates[::-1]) == newer
    assert newest_listing([(newer.name, newer.content + b"\n"), (older.name, older.content)]) == older
    assert newest_listing([("logs/other.txt", b"")]) is None
    planted = (listing_name(digest_of(b"no list")), b"no list")
    assert newest_listing([planted, (older.name, older.content)]) == older


@pytest.mark.parametrize(
    "content",
    [b"", b"x", f"{DIGEST}  a\n".encode(), f"{DIGEST}  {INVENTORY}\n{DIGEST}  ../a\n".encode(), b"\0" * 200],
)
def test_what_is_no_list_of_an_object_is_refused(content: bytes) -> None:
    with pytest.raises(Damaged):
        read_listing(content, "x")


def test_the_digest_commits_to_every_file() -> None:
    files = {INVENTORY: DIGEST, "a": DIGEST}
    assert listing_of(files).digest != listing_of(files | {"a": Digest("0" * 128)}).digest
