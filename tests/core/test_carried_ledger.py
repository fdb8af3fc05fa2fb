"""The ledger at a site: carried in pieces, never written again, and a witness against one that was rolled back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from data.memory_store import MemoryStore
from khizana.core.errors import Damaged
from khizana.core.preservation.ledger.check import LedgerCheck
from khizana.core.preservation.ledger.entry import Entry
from khizana.core.preservation.ledger.place import ENTRIES
from khizana.core.preservation.ledger.write import open_ledger
from khizana.core.preservation.replicas import ledger_pieces
from khizana.core.preservation.replicas.carried import (
    bring_ledger,
    carry_ledger,
    head_at,
    older_or_rewritten,
    rewritten,
    wrong_with_ledger,
)
from khizana.core.preservation.replicas.outcome import kind_of

WHEN = "2025-06-01T12:00:00Z"
PIECE = "ledger/entries/000000000004.jsonl"
KIND = {"lost": "missing", "unreadable": "unreadable"}


def ledger_of(place: Path, ids: range) -> Path:
    """Begin a ledger in *place*, or go on with it, and enter an event for each of *ids*."""
    folder, keys = place / "ledger", place / "keys"
    with open_ledger(folder) as ledger:
        ledger.begin(keys, library="test", when=WHEN, agent="test")
        ledger.append(Entry(f"urn:test:{number}", "replication", WHEN, "object", {"n": number}) for number in ids)
        ledger.sign(keys, when=WHEN)
    return folder


def carry(store: MemoryStore, folder: Path) -> str:
    finding = carry_ledger(store, folder, site="sahara", stamp="now")
    return finding.code if finding else ""


def test_what_was_carried_comes_back_as_a_ledger_that_checks(tmp_path: Path) -> None:
    store = MemoryStore()
    for end in (3, 4, 9):
        folder = ledger_of(tmp_path, range(end))
        assert carry(store, folder) == ""
        assert bring_ledger(store, tmp_path / "again") == head_at(store)
        assert (tmp_path / "again" / ENTRIES).read_bytes() == (folder / ENTRIES).read_bytes()
        check = LedgerCheck(tmp_path / "again")
        assert list(check.findings()) == []
        assert check.signed == end + 1
    assert sorted(store.files) == [
        "ledger/entries/000000000000.jsonl",
        "ledger/entries/000000000004.jsonl",
        "ledger/entries/000000000005.jsonl",
        "ledger/heads/000000000004.json",
        "ledger/heads/000000000005.json",
        "ledger/heads/000000000010.json",
    ]


def test_carrying_again_writes_nothing(tmp_path: Path) -> None:
    store = MemoryStore()
    folder = ledger_of(tmp_path, range(3))
    carry(store, folder)
    before = dict(store.files)
    carry(store, folder)
    assert store.files == before


def test_a_long_ledger_is_carried_in_several_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_pieces, "LARGEST_PIECE", 1000)
    store = MemoryStore()
    folder = ledger_of(tmp_path, range(50))
    assert carry(store, folder) == ""
    assert len([name for name in store.files if "entries" in name]) > 5
    bring_ledger(store, tmp_path / "again")
    assert (tmp_path / "again" / ENTRIES).read_bytes() == (folder / ENTRIES).read_bytes()


def test_what_others_left_beside_the_files_of_a_site_is_no_part_of_its_ledger(tmp_path: Path) -> None:
    store = MemoryStore()
    folder = ledger_of(tmp_path, range(3))
    carry(store, folder)
    carry(store, ledger_of(tmp_path, range(9)))
    for name, content in list(store.files.items()):
        place, _, last = name.rpartition("/")
        store.files[f"{name}.locked"] = bytes(byte ^ 0x5A for byte in content) + b"pay"
        store.files[f"{place}/._{last}"] = b"\0\5\x16\7\0\2"
        store.files[f"{place}/copy of {last}"] = content
    bring_ledger(store, tmp_path / "again")
    assert (tmp_path / "again" / ENTRIES).read_bytes() == (folder / ENTRIES).read_bytes()
    assert list(LedgerCheck(tmp_path / "again").findings()) == []


def test_a_site_that_lost_its_newest_heads_gives_back_each_entry_once(tmp_path: Path) -> None:
    store = MemoryStore()
    for end in (3, 5, 9):
        folder = ledger_of(tmp_path, range(end))
        carry(store, folder)
    for size in (6, 10):
        store.files[f"ledger/heads/{size:012}.json"] = b"rot"
    carry(store, ledger_of(tmp_path, range(12)))
    whole = (folder / ENTRIES).read_bytes().splitlines(keepends=True)
    store.files["ledger/entries/000000000005.jsonl"] = b"".join(whole[5:11])  # as it was carried a second time
    bring_ledger(store, tmp_path / "again")
    assert (tmp_path / "again" / ENTRIES).read_bytes() == (folder / ENTRIES).read_bytes()


HARMS: dict[str, Callable[[MemoryStore], object]] = {
    "lost": lambda store: store.files.pop(PIECE),
    "cut": lambda store: store.files.update({PIECE: store.files[PIECE][:-9]}),
    "empty": lambda store: store.files.update({PIECE: b""}),
    "longer": lambda store: store.files.update({PIECE: store.files[PIECE] + b"{}\n"}),
    "rotten": lambda store: store.files.update({PIECE: store.files[PIECE].replace(b"replication", b"replicatiom", 1)}),
    "unreadable": lambda store: store.unreadable.add(PIECE),
}


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_wrong_with_the_ledger_at_a_site_is_found_and_carried_again(harm: str, tmp_path: Path) -> None:
    store = MemoryStore()
    for end in (3, 5, 9):
        folder = ledger_of(tmp_path, range(end))
        carry(store, folder)
    assert wrong_with_ledger(store, folder) == []
    before = dict(store.files)
    HARMS[harm](store)
    (wrong,) = wrong_with_ledger(store, folder)
    assert (wrong.name, kind_of(wrong)) == (PIECE, KIND.get(harm, "altered"))
    assert carry_ledger(store, folder, site="sahara", stamp="now", and_read=True) is None
    store.unreadable.clear()
    assert {name: content for name, content in store.files.items() if name in before} == before
    assert wrong_with_ledger(store, folder) == []
    assert (f"aside/now/{PIECE}" in store.files) == (harm != "lost"), "nothing is overwritten"


@pytest.mark.parametrize("harm", ["lost", "cut", "cut between entries", "empty", "longer"])
def test_each_copying_sees_by_names_and_sizes_what_the_ledger_at_a_site_has_lost(harm: str, tmp_path: Path) -> None:
    store = MemoryStore()
    for end in (3, 5, 9):
        folder = ledger_of(tmp_path, range(end))
        carry(store, folder)
    if harm == "cut between entries":
        store.files[PIECE] = b"".join(store.files[PIECE].splitlines(keepends=True)[:-1])
    else:
        HARMS[harm](store)
    folder = ledger_of(tmp_path, range(12))
    assert carry(store, folder) == ""
    assert wrong_with_ledger(store, folder) == []
    bring_ledger(store, tmp_path / "again")
    assert (tmp_path / "again" / ENTRIES).read_bytes() == (folder / ENTRIES).read_bytes()


def test_neither_of_two_ledgers_that_differ_is_called_wrong(tmp_path: Path) -> None:
    store = MemoryStore()
    carry(store, ledger_of(tmp_path / "one", range(9)))
    assert wrong_with_ledger(store, ledger_of(tmp_path / "other", range(12))) == []
    assert wrong_with_ledger(store, ledger_of(tmp_path / "shorter", range(2))) == []
    assert wrong_with_ledger(store, tmp_path / "none") == []


@pytest.mark.parametrize("harm", ["cannot be read", "is lost"])
def test_a_ledger_ends_at_what_cannot_be_brought_back(harm: str, tmp_path: Path) -> None:
    store = MemoryStore()
    for end in (3, 5, 9):
        folder = ledger_of(tmp_path, range(end))
        carry(store, folder)
    if harm == "is lost":
        del store.files["ledger/entries/000000000004.jsonl"]
    else:
        store.unreadable |= {"ledger/entries/000000000004.jsonl", "ledger/heads/000000000006.json"}
    assert bring_ledger(store, tmp_path / "again") == head_at(store)
    assert (tmp_path / "again" / ENTRIES).read_bytes().splitlines() == (folder / ENTRIES).read_bytes().splitlines()[:4]
    assert "LEDGER_CUT_SHORT" in {finding.code for finding in LedgerCheck(tmp_path / "again").findings()}


def test_entries_of_which_no_head_is_left_come_back_all_the_same(tmp_path: Path) -> None:
    store = MemoryStore()
    folder = ledger_of(tmp_path, range(3))
    carry(store, folder)
    del store.files["ledger/heads/000000000004.json"]
    assert bring_ledger(store, tmp_path / "again") is None
    assert (tmp_path / "again" / ENTRIES).read_bytes() == (folder / ENTRIES).read_bytes()


def test_a_ledger_that_was_rolled_back_is_told_by_the_site_and_not_carried(tmp_path: Path) -> None:
    store = MemoryStore()
    folder = ledger_of(tmp_path, range(3))
    shutil.copytree(tmp_path / "ledger", tmp_path / "old")
    carry(store, ledger_of(tmp_path, range(9)))
    before = dict(store.files)
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "old", folder)
    assert carry(store, folder) == "LEDGER_BEHIND_SITE"
    assert store.files == before


def test_a_ledger_that_was_rewritten_is_told_by_the_site_and_not_carried(tmp_path: Path) -> None:
    store = MemoryStore()
    carry(store, ledger_of(tmp_path / "one", range(3)))
    before = dict(store.files)
    (tmp_path / "two").mkdir()
    shutil.copytree(tmp_path / "one" / "keys", tmp_path / "two" / "keys")
    other = ledger_of(tmp_path / "two", range(100, 109))
    assert carry(store, other) == "LEDGER_OTHER_AT_SITE"
    assert store.files == before


def test_a_piece_that_a_killed_command_left_is_set_aside_and_written_whole(tmp_path: Path) -> None:
    store = MemoryStore()
    folder = ledger_of(tmp_path, range(3))
    store.files["ledger/entries/000000000000.jsonl"] = b"half"
    assert carry(store, folder) == ""
    assert store.files["aside/now/ledger/entries/000000000000.jsonl"] == b"half"
    assert bring_ledger(store, tmp_path / "again") is not None


def test_a_head_that_someone_made_up_is_no_witness(tmp_path: Path) -> None:
    store = MemoryStore()
    folder = ledger_of(tmp_path, range(3))
    carry(store, folder)
    true = store.files["ledger/heads/000000000004.json"]
    store.files["ledger/heads/000000000099.json"] = true.replace(b'"size":4', b'"size":99')
    assert head_at(store) == head_at(MemoryStore({"ledger/heads/000000000004.json": true}))
    assert carry(store, ledger_of(tmp_path, range(5))) == ""


def test_a_site_that_keeps_other_bytes_is_told(tmp_path: Path) -> None:
    class Liar(MemoryStore):
        def read(self, name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the store's own
            return iter([b"lie"]) if "entries" in name and name in self.files else super().read(name)

    with pytest.raises(Damaged) as told:
        carry_ledger(Liar(), ledger_of(tmp_path, range(3)), site="sahara", stamp="now")
    assert told.value.code == "COPY_DIFFERS"


def test_a_ledger_that_is_gone_is_told_as_behind(tmp_path: Path) -> None:
    store = MemoryStore()
    assert rewritten(tmp_path / "gone", store, site="sahara") is None, "and none was ever seen"
    carry(store, ledger_of(tmp_path, range(3)))
    finding = rewritten(tmp_path / "gone", store, site="sahara")
    assert finding is not None
    assert (finding.code, finding.facts["entries"]) == ("LEDGER_BEHIND_SITE", 0)


def test_a_site_without_a_ledger_gives_none_back(tmp_path: Path) -> None:
    assert bring_ledger(MemoryStore(), tmp_path / "again") is None
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("whose", "entries", "told"),
    [
        ("ours", range(9), ""),
        ("ours", range(5), ""),  # older than the site, and the same as far as it goes
        ("ours", range(12), ""),
        ("forged", range(9), "LEDGER_OTHER_AT_SITE"),
        ("forged", range(5), "LEDGER_OTHER_AT_SITE"),  # made short, so that it would pass for an older one
        ("forged", range(1), "LEDGER_BEHIND_SITE"),  # shorter than all that the site ever saw
    ],
)
def test_a_rewritten_ledger_is_told_however_long_it_is(whose: str, entries: range, told: str, tmp_path: Path) -> None:
    store = MemoryStore()
    for end in (3, 5, 9):
        carry(store, ledger_of(tmp_path / "true", range(end)))
    place = tmp_path / whose
    if whose == "ours":
        shutil.copytree(tmp_path / "true" / "keys", place / "keys")
    ledger = ledger_of(place, entries)
    finding = rewritten(ledger, store, site="sahara")
    assert (finding.code if finding else "") == told
    finding = older_or_rewritten(ledger, store, site="sahara")
    assert (finding.code if finding else "") == ("LEDGER_BEHIND_SITE" if len(entries) < 9 else told)
