"""Ledgers for tests: a library's ledger with entries, kept in two folders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from khizana.core.findings import Finding, Severity
from khizana.core.preservation.ledger.check import LedgerCheck
from khizana.core.preservation.ledger.entry import Entry
from khizana.core.preservation.ledger.place import read_entries
from khizana.core.preservation.ledger.write import open_ledger

LIBRARY = "timbuktu"


def when(number: int) -> str:
    """Return the time of entry *number*."""
    return f"2026-01-01T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"


def entry(number: int, **changed: object) -> Entry:
    """Return a made-up entry."""
    values = {
        "id": f"urn:uuid:{number}",
        "kind": "accession",
        "when": when(number),
        "subject": f"urn:khizana:timbuktu:tb-{number % 7}:images",
        "facts": {"version": number // 7 + 1, "inventory": f"{number:0128x}", "مكان": "تمبكتو"},
        "agent": "khizana",
    }
    return Entry(**(values | changed))  # type: ignore[arg-type]  # made of the values above


@dataclass(frozen=True)
class Kept:
    """A ledger and its key on disk."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "ledger"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def entries(self) -> Path:
        return self.folder / "entries.jsonl"

    @property
    def heads(self) -> Path:
        return self.folder / "heads.jsonl"

    def write(self, first: int, last: int, **changed: object) -> None:
        """Append the entries *first* to *last* and sign, as one command does; begin the ledger where there is none."""
        with open_ledger(self.folder) as ledger:
            ledger.begin(self.keys, library=LIBRARY, when=when(0), agent="khizana")
            ledger.append(entry(number, **changed) for number in range(first, last + 1))
            ledger.sign(self.keys, when=when(last))

    def findings(self, *known: Path, **given: object) -> list[Finding]:
        """Return what the check says."""
        return list(LedgerCheck(self.folder, known=known, **given).findings())  # type: ignore[arg-type]  # the check's own

    def codes(self, *known: Path, **given: object) -> set[str]:
        """Return the codes of what the check says."""
        return {finding.code for finding in self.findings(*known, **given)}

    def lines(self) -> list[bytes]:
        """Return the lines of the entries, each with its end."""
        return self.entries.read_bytes().splitlines(keepends=True)

    def put(self, lines: list[bytes]) -> None:
        """Write *lines* as the entries."""
        self.entries.write_bytes(b"".join(lines))


def kept_ledger(root: Path, *commands: int) -> Kept:
    """Return a new ledger in which each of *commands* appended so many entries and signed."""
    kept, number = Kept(root), 0
    kept.write(1, 0)
    for count in commands:
        kept.write(number + 1, number + count)
        number += count
    return kept


def history(kept: Kept, told: Callable[[int], None] = lambda _: None) -> None:
    """Begin a ledger, append to it by several commands, change its key in between; go on where a run stopped."""
    for first, last in ((1, 2), (3, 3), (4, 40), (41, 42)):
        with open_ledger(kept.folder) as ledger:
            ledger.begin(kept.keys, library=LIBRARY, when=when(0), agent="khizana")
            ledger.append(entry(number) for number in range(first, last + 1))
            told(last)
            ledger.sign(kept.keys, when=when(last))
            ledger.keep(at_least=1)
            if first == 3 and entry(4).id not in ledger:
                ledger.change_key(kept.keys, when=when(last), agent="khizana")


def numbers(kept: Kept) -> list[int]:
    """Return the numbers of the entries of the history that are there."""
    if not kept.entries.exists():
        return []
    made = (each for _, each in read_entries(kept.folder) if each.kind == "accession")
    return [int(each.id.rpartition(":")[2]) for each in made]


def assert_sound(kept: Kept, promised: int, at: object) -> None:
    """Assert that the ledger checks, has no gap, and has all up to the number *promised*."""
    if numbers(kept):
        errors = [each for each in kept.findings() if each.severity is Severity.ERROR]
        assert errors == [], at
    assert numbers(kept) == list(range(1, len(numbers(kept)) + 1)), at
    assert len(numbers(kept)) >= promised, at


def assert_whole(kept: Kept, at: object) -> None:
    """Assert that the history is complete and that nothing is left lying about."""
    assert numbers(kept) == list(range(1, 43)), at
    assert kept.codes() == set(), at
    assert sorted(path.name for path in kept.keys.iterdir()) == ["ledger.pem", "ledger.pub"], at
    keys = [each for _, each in read_entries(kept.folder) if each.kind == "key changed"]
    assert 1 <= len(keys) <= 4, at  # each run that was killed before its end changed it anew
    assert not list(kept.root.rglob("*.part")), at
