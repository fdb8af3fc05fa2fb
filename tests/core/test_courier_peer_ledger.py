"""The ledger of another place: kept as far as it was shown, and a witness against one that was rewritten."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.ledgers import Kept, kept_ledger
from khizana.core.preservation.courier import peer_ledger
from khizana.core.preservation.courier.peer_ledger import extend, seen_of
from khizana.core.preservation.ledger.check import LedgerCheck
from khizana.core.preservation.ledger.write import require_head


def shown(kept: Kept, folder: Path, begins: int = 0) -> str:
    """Show the ledger from entry *begins* on; return the code of what is found."""

    def pieces() -> Iterator[bytes]:
        lines = kept.lines()[begins:]
        yield b"".join(lines[:2])
        yield b"".join(lines[2:])

    finding = extend(folder, require_head(kept.folder), begins=begins, pieces=pieces, peer="home")
    return finding.code if finding else ""


def test_what_is_shown_is_kept_and_checks_as_a_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_ledger, "AT_ONCE", 2)
    kept, folder = kept_ledger(tmp_path / "place", 5), tmp_path / "peer"
    assert shown(kept, folder) == ""
    kept.write(6, 9)
    assert shown(kept, folder, begins=6) == ""
    kept.write(10, 12)
    assert shown(kept, folder, begins=2) == "", "an overlap is no harm"
    assert (folder / "entries.jsonl").read_bytes() == kept.entries.read_bytes()
    assert seen_of(folder) == 13
    assert list(LedgerCheck(folder).findings()) == []
    before = (folder / "heads.jsonl").read_bytes()
    assert shown(kept, folder) == ""
    assert (folder / "heads.jsonl").read_bytes() == before


def test_an_older_head_of_the_same_ledger_is_no_harm(tmp_path: Path) -> None:
    kept, folder = kept_ledger(tmp_path / "place", 5), tmp_path / "peer"
    shutil.copytree(kept.root, tmp_path / "old")
    kept.write(6, 9)
    assert shown(kept, folder) == ""
    assert shown(Kept(tmp_path / "old"), folder) == ""
    assert seen_of(folder) == 10


@pytest.mark.parametrize("more", [0, 1, 9])
def test_a_ledger_that_was_rewritten_is_told_and_not_kept(tmp_path: Path, more: int) -> None:
    kept, folder = kept_ledger(tmp_path / "place", 2), tmp_path / "peer"
    shutil.copytree(kept.root, tmp_path / "fork")
    kept.write(3, 5)
    assert shown(kept, folder) == ""
    before = (folder / "entries.jsonl").read_bytes()
    fork = Kept(tmp_path / "fork")
    fork.write(3, 5 + more, agent="someone else")
    for begins in (0, 3, 5):
        assert shown(fork, folder, begins=begins) == "PEER_LEDGER_REWRITTEN"
    assert (folder / "entries.jsonl").read_bytes() == before


def test_entries_that_are_missing_in_between_are_told(tmp_path: Path) -> None:
    kept, folder = kept_ledger(tmp_path / "place", 5), tmp_path / "peer"
    assert shown(kept, folder, begins=3) == "PEER_LEDGER_GAP"
    assert seen_of(folder) == 0
    assert shown(kept, folder) == ""


def test_a_copy_that_was_damaged_here_is_told_as_such(tmp_path: Path) -> None:
    kept, folder = kept_ledger(tmp_path / "place", 5), tmp_path / "peer"
    assert shown(kept, folder) == ""
    entries = folder / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"accession", b"excession", 1))
    kept.write(6, 9)
    assert shown(kept, folder, begins=6) == "PEER_LEDGER_DAMAGED_HERE"


def test_what_a_kill_left_beyond_the_head_is_written_again(tmp_path: Path) -> None:
    kept, folder = kept_ledger(tmp_path / "place", 5), tmp_path / "peer"
    assert shown(kept, folder) == ""
    with (folder / "entries.jsonl").open("ab") as stream:
        stream.write(b"half a line")
    kept.write(6, 9)
    assert shown(kept, folder, begins=6) == ""
    assert (folder / "entries.jsonl").read_bytes() == kept.entries.read_bytes()
