"""Ledgers for tests: a library's ledger with entries, kept in two folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from khizana.core.findings import Finding
from khizana.core.preservation.ledger.check import LedgerCheck
from khizana.core.preservation.ledger.entry import Entry
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
