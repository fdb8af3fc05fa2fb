"""Marks of unfinished work: on the disk before the work, gone after it, and never taken from a living process."""

from __future__ import annotations

from pathlib import Path

import pytest

from khizana.apps.publication.pending import forget, left_pending, manuscripts_pending, pending
from khizana.core.identifiers import ManuscriptId
from khizana.core.library import LibraryFolder
from khizana.core.preservation import durable

A, B = ManuscriptId("a-1"), ManuscriptId("ب-2")


def test_what_a_living_process_is_at_work_on_is_not_made_good_by_another(tmp_path: Path) -> None:
    folder = LibraryFolder(tmp_path)
    with pending(folder, A):
        assert manuscripts_pending(folder) == [A]
        assert left_pending(folder) == []
        forget(folder, A)
        assert manuscripts_pending(folder) == [A]
    assert manuscripts_pending(folder) == []


def test_what_failed_is_left_for_the_next_command(tmp_path: Path) -> None:
    folder = LibraryFolder(tmp_path)
    for manuscript in (A, B):
        with pytest.raises(RuntimeError), pending(folder, manuscript):
            raise RuntimeError
    assert set(left_pending(folder)) == {A, B}
    forget(folder, A)
    assert left_pending(folder) == manuscripts_pending(folder) == [B]


def test_the_end_of_one_command_leaves_the_mark_of_another_on_the_same_manuscript(tmp_path: Path) -> None:
    folder = LibraryFolder(tmp_path)
    with pending(folder, A):
        with pending(folder, A):
            pass
        assert manuscripts_pending(folder) == [A]
    assert manuscripts_pending(folder) == []


def test_the_first_mark_of_a_library_is_flushed_with_the_name_of_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(durable, "sync_directory", flushed.append)
    with pending(LibraryFolder(tmp_path), A):
        assert tmp_path in flushed


def test_a_mark_of_an_earlier_version_is_understood(tmp_path: Path) -> None:
    folder = LibraryFolder(tmp_path)
    folder.pending.mkdir()
    (folder.pending / ("0" * 32)).write_text(A)
    assert left_pending(folder) == [A]
    forget(folder, A)
    assert left_pending(folder) == []


def test_a_mark_that_a_dead_process_left_half_written_is_swept_away_and_no_other(tmp_path: Path) -> None:
    folder = LibraryFolder(tmp_path)
    with pending(folder, A):
        half = folder.pending / f"{'0' * 32}.00000000{durable.PART}"
        half.write_bytes(b"b")
        assert left_pending(folder) == []
        assert not half.exists()
        assert manuscripts_pending(folder) == [A]
