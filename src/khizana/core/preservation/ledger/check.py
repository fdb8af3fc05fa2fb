"""Checking a ledger, in one pass and little memory: whether its entries are those that heads were signed over.

Whatever bytes lie there, the answer is findings and never an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from khizana.core.errors import KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.preservation.ledger.entry import BEGUN, KEY_CHANGED, KEY_REPLACED, Entry, check_when, from_line
from khizana.core.preservation.ledger.head import Head
from khizana.core.preservation.ledger.keyring import Keyring
from khizana.core.preservation.ledger.known_heads import KnownHeads
from khizana.core.preservation.ledger.place import ENTRIES, HEADS, STAMPS, Line, lines, signed_size
from khizana.core.preservation.ledger.tree import Frontier, leaf_hash

_AHEAD = timedelta(days=1)  # a time further from now than a clock in another time zone can be


class LedgerCheck:
    """The check of the ledger in a folder.

    *known* are files with heads known elsewhere (other replicas, couriers, typed from paper); those that time-stamps
    were asked for are always held against it too. *key* is the library's first public key, where that is known
    elsewhere. *on_entry* is given every entry that can be read, so that one pass serves for more.
    """

    def __init__(
        self,
        ledger: Path,
        *,
        known: Sequence[Path] = (),
        key: str = "",
        now: datetime | None = None,
        on_entry: Callable[[Entry], None] = lambda _: None,
    ) -> None:
        self._path = ledger / ENTRIES
        self._own = KnownHeads(ledger / HEADS, own=True)
        stamped = sorted((ledger / STAMPS).glob("*.head")) if (ledger / STAMPS).is_dir() else []
        self._known = [KnownHeads(path, own=False) for path in (*known, *stamped)]
        self._heads = (self._own, *self._known)
        self._frontier = Frontier()
        self._keyring = Keyring()
        self._key = key
        self._times = _Times(now)
        self._on_entry = on_entry

    @property
    def size(self) -> int:
        """Entries that were read."""
        return self._frontier.size

    @property
    def root(self) -> str:
        """The root over them."""
        return self._frontier.root().hex()

    @property
    def library(self) -> str:
        """The library whose ledger it says it is."""
        return self._keyring.library

    @property
    def signed(self) -> int:
        """Entries of the largest head of its own that fits."""
        return self._own.agreed

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; nothing where all is well. To be gone through once, to its end."""
        if not self._path.is_file():
            yield Finding("NO_LEDGER", Severity.ERROR, str(self._path.parent), {"path": str(self._path.parent)})
            return
        try:
            yield from self._entries()
        except KhizanaError as error:
            yield Finding(error.code, Severity.ERROR, ENTRIES, error.facts)
        for heads in self._heads:
            heads.end(self._keyring)
            yield from heads.found
        yield from self._times.findings()
        yield from self._judgement()

    def _entries(self) -> Iterator[Finding]:
        damaged: tuple[int, int] | None = None
        signed = signed_size(self._path.parent)
        self._compare()
        for line in lines(self._path):
            entry = _entry(line)
            if not line.whole or (entry is None and line.number > signed):
                # The next command cuts it off: whatever bytes the disk put there, nobody signed them.
                yield Finding("LEDGER_TORN", Severity.WARNING, ENTRIES, {"line": line.number})
                break
            self._frontier.add(leaf_hash(line.content))
            if entry is None:
                if damaged and damaged[1] + 1 < line.number:
                    yield _lines_damaged(damaged)
                    damaged = None
                damaged = (damaged[0] if damaged else line.number, line.number)
            else:
                yield from self._take(line.number, entry)
            self._compare()
        if damaged:
            yield _lines_damaged(damaged)
        if not self._keyring.key:
            yield Finding("LEDGER_NO_BEGINNING", Severity.ERROR, ENTRIES)

    def _take(self, number: int, entry: Entry) -> Iterator[Finding]:
        taken = self._keyring.take(entry)
        if not taken and entry.kind in (BEGUN, KEY_CHANGED, KEY_REPLACED):
            yield Finding("LEDGER_KEY_FALSE", Severity.ERROR, ENTRIES, {"line": number})
        if taken and entry.kind == BEGUN and self._key and self._keyring.key != self._key:
            facts = {"key": self._keyring.key, "given": self._key}
            yield Finding("LEDGER_KEY_NOT_GIVEN", Severity.ERROR, ENTRIES, facts)
        if taken and entry.kind == KEY_REPLACED:
            # Whoever has the disk can do that: only a person knows whether the library was restored then.
            yield Finding("LEDGER_KEY_REPLACED", Severity.WARNING, ENTRIES, {"line": number, "when": entry.when})
        self._times.take(number, entry)
        self._on_entry(entry)

    def _compare(self) -> None:
        for heads in self._heads:
            if heads.due <= self._frontier.size:
                heads.compare(self._frontier, self._keyring)

    def _judgement(self) -> Iterator[Finding]:
        own = self._own
        if own.differs:
            facts: dict[str, str | int] = {"first": own.agreed + 1, "last": own.differs.size, "when": own.differs.when}
            yield Finding("LEDGER_ALTERED", Severity.ERROR, ENTRIES, facts)
        if own.beyond:
            yield Finding("LEDGER_CUT_SHORT", Severity.ERROR, ENTRIES, self._beyond(own.beyond))
        for heads in self._known:
            if heads.differs:
                # Own heads that fit beyond it were signed over the other entries: two trees, both signed.
                forked = own.differs is None and own.agreed >= heads.differs.size
                facts = {"first": heads.agreed + 1, "last": heads.differs.size, "when": heads.differs.when}
                code = "LEDGER_FORKED" if forked else "LEDGER_NOT_AS_KNOWN"
                yield Finding(code, Severity.ERROR, heads.path.name, facts)
            if heads.beyond:
                yield Finding("LEDGER_ROLLED_BACK", Severity.ERROR, heads.path.name, self._beyond(heads.beyond))
        signed = max(own.agreed, own.differs.size if own.differs else 0)
        if signed < self.size:
            facts = {"first": signed + 1, "last": self.size}
            yield Finding("LEDGER_UNSIGNED", Severity.WARNING, ENTRIES, facts)

    def _beyond(self, head: Head) -> dict[str, str | int]:
        return {"path": str(self._path), "entries": self.size, "signed": head.size, "when": head.when}


class _Times:
    """Times that go backwards or lie ahead: warnings, as clocks in the field are often wrong."""

    def __init__(self, now: datetime | None) -> None:
        self._latest_possible = now + _AHEAD if now else None
        self._before: tuple[datetime, str] | None = None
        self._backwards: dict[str, str | int] = {}
        self._ahead: dict[str, str | int] = {}

    def take(self, number: int, entry: Entry) -> None:
        when = check_when(entry.when)
        if self._before and when < self._before[0]:
            first = self._backwards or {"line": number, "when": entry.when, "before": self._before[1], "count": 0}
            self._backwards = first | {"count": int(first["count"]) + 1}
        if self._latest_possible and when > self._latest_possible:
            first = self._ahead or {"line": number, "when": entry.when, "count": 0}
            self._ahead = first | {"count": int(first["count"]) + 1}
        self._before = when, entry.when

    def findings(self) -> Iterator[Finding]:
        if self._backwards:
            yield Finding("LEDGER_TIME_BACKWARDS", Severity.WARNING, ENTRIES, self._backwards)
        if self._ahead:
            yield Finding("LEDGER_TIME_AHEAD", Severity.WARNING, ENTRIES, self._ahead)


def _entry(line: Line) -> Entry | None:
    try:
        return from_line(line.content)
    except ValueError:
        return None


def _lines_damaged(span: tuple[int, int]) -> Finding:
    return Finding("LEDGER_LINES_DAMAGED", Severity.ERROR, ENTRIES, {"first": span[0], "last": span[1]})
