from __future__ import annotations

import errno
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ledgers import LIBRARY, Kept, entry, kept_ledger, when
from khizana.core.errors import Busy, Damaged, NoSpace, NotFound, Unreadable
from khizana.core.preservation import premis
from khizana.core.preservation.ledger import ids, place, write
from khizana.core.preservation.ledger.entry import Entry, from_line, to_line
from khizana.core.preservation.ledger.events import event_entry
from khizana.core.preservation.ledger.head import head_line
from khizana.core.preservation.ledger.keys import SigningKey, is_signed, public_key
from khizana.core.preservation.ledger.place import newest_head, read_entries
from khizana.core.preservation.ledger.write import open_ledger, require_head

TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(TEXT, TEXT, st.dictionaries(TEXT, TEXT | st.integers(-(2**53) + 1, 2**53 - 1), max_size=4))
def test_an_entry_is_one_line_and_comes_back_from_it(identifier: str, kind: str, facts: dict[str, str | int]) -> None:
    made = Entry(identifier, kind, "2026-01-01T00:00:00+01:00", "s", facts)
    assert b"\n" not in to_line(made)
    assert from_line(to_line(made)) == made


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ""},
        {"kind": ""},
        {"subject": ""},
        {"when": "2026-01-01"},
        {"when": "2026-01-01T00:00:00"},
        {"when": "2026-13-01T00:00:00Z"},
        {"facts": {"a": 1.5}},
        {"facts": {"a": True}},
        {"facts": {"a": 2**53}},
        {"facts": {"a": None}},
        {"facts": {"a": "\udcff"}},
        {"agent": "\udcff"},
        {"facts": {"a": "x" * 70_000}},
    ],
)
def test_what_cannot_be_written_down_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        entry(1, **changed)


@given(st.binary(max_size=80) | st.text(max_size=60).map(str.encode))
def test_any_other_bytes_are_no_entry(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_line(line)


def test_a_line_that_says_the_same_in_other_bytes_is_no_entry() -> None:
    line = to_line(entry(1))
    assert from_line(line) == entry(1)
    for other in (line.replace(b":", b": ", 1), line + b" ", line.replace("م".encode(), b"\\u0645", 1), b"[" * 60_000):
        with pytest.raises(ValueError, match=r"."):
            from_line(other)


def test_a_ledger_begins_with_the_name_and_the_key_of_its_library(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path)
    ((number, first),) = read_entries(kept.folder)
    assert (number, first.kind, first.subject) == (1, "ledger begun", LIBRARY)
    assert first.facts["key"] == SigningKey.read(kept.keys).public == public_key(str(kept.keys / "ledger.pub"))
    assert stat.S_IMODE((kept.keys / "ledger.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.keys.stat().st_mode) == 0o700
    assert kept.codes() == set()


def test_entries_come_back_in_order_and_every_command_signs_once(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 3, 1, 5)
    assert [each for _, each in read_entries(kept.folder)][1:] == [entry(number) for number in range(1, 10)]
    heads = kept.heads.read_bytes().splitlines()
    assert len(heads) == 4
    assert require_head(kept.folder).size == 10
    kept.write(4, 9)
    assert kept.heads.read_bytes().splitlines() == heads, "nothing new, so no new head"
    assert kept.codes() == set()


def test_the_same_id_twice_is_one_entry_in_one_call_and_for_ever(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 4)
    with open_ledger(kept.folder) as ledger:
        assert ledger.append([entry(4), entry(5), entry(5), entry(1)]) == 1
        assert ledger.append([entry(5)]) == 0
        assert entry(5).id in ledger
        assert "urn:uuid:6" not in ledger
    assert len(kept.lines()) == 6


def test_ids_are_found_through_runs_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "RECENT", 3)
    monkeypatch.setattr(write, "CACHED_AFTER", 1)
    monkeypatch.setattr(write.LedgerWriter.keep, "__kwdefaults__", {"at_least": 1})
    kept = kept_ledger(tmp_path, 5, 1, 1, 20, 2, 7, 1)
    assert 1 <= len(list((kept.folder / "cache").glob("ids-*"))) <= 6
    assert len(list((kept.folder / "cache").glob("*.part"))) == 0
    with open_ledger(kept.folder) as ledger:
        assert ledger._cached == ledger.size == 38, "nothing was read again"  # noqa: SLF001 - what it is about
        assert ledger.append(entry(number) for number in range(1, 38)) == 0
        assert ledger.append([entry(38)]) == 1
    assert kept.codes() == {"LEDGER_UNSIGNED"}


def test_a_command_reads_no_entry_that_is_cached(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 1100, 3)
    with open_ledger(kept.folder) as ledger:
        assert ledger._cached == 1101  # noqa: SLF001 - what it is about
        assert ledger.size == 1104
        assert entry(700).id in ledger


@pytest.mark.parametrize("damage", ["state", "run", "gone", "other", "older entries"])
def test_a_cache_that_does_not_fit_costs_time_and_nothing_else(tmp_path: Path, damage: str) -> None:
    kept = kept_ledger(tmp_path, 1100)
    cache = kept.folder / "cache"
    run = next(cache.glob("ids-*"))
    if damage == "state":
        (cache / "state.json").write_bytes((cache / "state.json").read_bytes().replace(b"1101", b"1100"))
    elif damage == "run":
        run.write_bytes(run.read_bytes()[:-1])
    elif damage == "gone":
        shutil.rmtree(cache)
    elif damage == "other":
        other = kept_ledger(tmp_path / "other", 1100)
        shutil.rmtree(cache)
        shutil.copytree(other.folder / "cache", cache)
    else:
        (cache / "state.json").write_bytes(b"[" * 100)
    with open_ledger(kept.folder) as ledger:
        assert (ledger.size, entry(5).id in ledger, "other" in ledger) == (1101, True, False)
        assert ledger.root.hex() == require_head(kept.folder).root
    kept.write(1, 1101)
    assert kept.codes() == set()


@pytest.mark.parametrize("cut", [1, 2, 40, 250])
def test_a_torn_last_line_is_no_entry_and_is_cut_off(tmp_path: Path, cut: int) -> None:
    kept = kept_ledger(tmp_path, 2)
    with open_ledger(kept.folder) as ledger:
        ledger.append([entry(3)])
    kept.entries.write_bytes(kept.entries.read_bytes()[:-cut])
    assert len(list(read_entries(kept.folder))) == 3
    assert kept.codes() == {"LEDGER_TORN"}
    kept.write(3, 4)
    assert [each for _, each in read_entries(kept.folder)][1:] == [entry(number) for number in range(1, 5)]
    assert kept.codes() == set()


def test_what_a_power_cut_left_between_lines_is_cut_off_with_what_follows(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 2)
    kept.put([*kept.lines(), to_line(entry(3)) + b"\n", b"\0" * 512 + b"\n", to_line(entry(5)) + b"\n"])
    kept.write(4, 4)
    assert [each.id for _, each in read_entries(kept.folder)][1:] == [f"urn:uuid:{number}" for number in (1, 2, 3, 4)]
    assert kept.codes() == set()


def test_a_torn_head_is_replaced(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 2, 2)
    kept.heads.write_bytes(kept.heads.read_bytes()[:-30])
    assert require_head(kept.folder).size == 3
    assert kept.codes() == {"LEDGER_UNSIGNED"}
    kept.write(5, 5)
    assert require_head(kept.folder).size == 6
    assert kept.codes() == set()


@pytest.mark.parametrize("damage", ["altered", "removed", "cut", "not an entry"])
def test_nothing_is_appended_to_a_ledger_that_is_not_as_it_was_signed(tmp_path: Path, damage: str) -> None:
    kept = kept_ledger(tmp_path, 4)
    lines = kept.lines()
    if damage == "altered":
        lines[2] = lines[2].replace(b"success", b"failure")
    elif damage == "removed":
        del lines[2]
    elif damage == "cut":
        del lines[4:]
    else:
        lines[2] = b"\n"
    kept.put(lines)
    before = kept.entries.read_bytes()
    with pytest.raises(Damaged):
        kept.write(5, 6)
    assert kept.entries.read_bytes() == before


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = kept_ledger(tmp_path, 2)
    before = kept.entries.read_bytes()
    real = os.write

    def full(handle: int, content: bytes) -> int:
        if len(content) < 100:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, content[: len(content) // 2])

    with open_ledger(kept.folder) as ledger:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(NoSpace):
            ledger.append([entry(3)])
        monkeypatch.undo()
        assert kept.entries.read_bytes() == before
        assert ledger.append([entry(3)]) == 1
    assert kept.codes() == {"LEDGER_UNSIGNED"}


def test_one_process_at_a_time_writes(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path)
    with open_ledger(kept.folder):
        with pytest.raises(Busy), open_ledger(kept.folder, patience=0.06):
            pass
        assert kept.codes() == set(), "checking waits for no one"


def test_the_key_is_handed_over_and_the_old_one_signs_no_more(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 3)
    old = SigningKey.read(kept.keys)
    with open_ledger(kept.folder) as ledger:
        ledger.change_key(kept.keys, when=when(4), agent="khizana")
        assert ledger.key != old.public
        ledger.append([entry(4)])
        old.keep(tmp_path / "old")
        with pytest.raises(Damaged, match="not the one"):
            ledger.sign(tmp_path / "old", when=when(5))
    kept.write(5, 6)
    assert sorted(path.name for path in kept.keys.iterdir()) == ["ledger.pem", "ledger.pub"]
    assert kept.codes() == set()


def test_a_key_that_is_not_handed_over_is_refused(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 3)
    stranger = SigningKey.made()
    changed = entry(4, kind="key changed", facts={"key": stranger.public, "signature": "0" * 128})
    with open_ledger(kept.folder) as ledger, pytest.raises(Damaged):
        ledger.append([changed])
    kept.put([*kept.lines(), to_line(changed) + b"\n"])
    assert "LEDGER_KEY_FALSE" in kept.codes()


def test_a_missing_or_wrong_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        SigningKey.read(tmp_path)
    (tmp_path / "ledger.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(Unreadable):
        SigningKey.read(tmp_path)
    with pytest.raises(NotFound):
        require_head(tmp_path)
    with pytest.raises(NotFound):
        list(read_entries(tmp_path))


def test_a_signature_holds_for_its_bytes_and_its_key() -> None:
    """RFC 8032, section 7.1, test 2."""
    key = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert is_signed(b"\x72", signature=signature, key=key)
    assert not is_signed(b"\x73", signature=signature, key=key)
    assert not is_signed(b"\x72", signature=signature, key=key.replace("3d", "3e", 1))
    assert not is_signed(b"\x72", signature="no", key=key)


def test_a_head_that_was_made_up_does_not_stand_in_the_way(tmp_path: Path) -> None:
    kept = kept_ledger(tmp_path, 3)
    true = require_head(kept.folder)
    with kept.heads.open("ab") as stream:
        stream.write(head_line(replace(true, size=9000)) + b"\n")
    assert require_head(kept.folder) == true
    kept.write(4, 4)
    assert "LEDGER_SIGNATURE_FALSE" in kept.codes()


def test_an_event_that_makes_no_version_is_entered_once(tmp_path: Path) -> None:
    event = premis.Event(
        "urn:uuid:1b",
        "fixity check",
        "2026-01-01T00:00:00+00:00",
        "read",
        "fail",
        "altered",
        (premis.software("1"),),
        "a",
    )
    kept = kept_ledger(tmp_path, 1)
    with open_ledger(kept.folder) as ledger:
        assert ledger.append([event_entry(event, subject="urn:x", when=when(2))] * 2) == 1
    *_, (_, last) = read_entries(kept.folder)
    assert (last.id, last.kind, last.outcome, last.agent) == ("urn:uuid:1b", "fixity check", "fail", "khizana 1")
    assert last.facts == {"detail": "read", "done": event.when, "file": "a", "outcome detail": "altered"}


def test_heads_longer_than_what_is_looked_at_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "TAIL", 700)
    kept: Kept = kept_ledger(tmp_path, *[1] * 8)
    head = newest_head(kept.folder)
    assert head is not None
    assert head.size == 9
    kept.heads.write_bytes(kept.heads.read_bytes() + b"x" * 2000)
    kept.write(9, 9)
    assert kept.codes() == set()


def test_any_bytes_after_the_last_signed_entry_are_told_as_torn_and_cut_off(tmp_path: Path) -> None:
    # exFAT may give a file that grew, after a power cut, the old bytes of others: line ends are among them.
    kept = kept_ledger(tmp_path, 2)
    kept.entries.write_bytes(kept.entries.read_bytes() + b"\0key\nmore\n\n")
    assert kept.codes() == {"LEDGER_TORN"}
    assert len(list(read_entries(kept.folder))) == 3
    kept.write(3, 3)
    assert kept.codes() == set()
    assert len(list(read_entries(kept.folder))) == 4
