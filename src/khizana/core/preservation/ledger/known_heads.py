"""Heads of one file held against the entries as these are read: the ledger's own, or those that are known elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from khizana.core.errors import KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.preservation.ledger.entry import LARGEST_NUMBER
from khizana.core.preservation.ledger.head import LONGEST_HEAD, Head, read_head
from khizana.core.preservation.ledger.keyring import Keyring
from khizana.core.preservation.ledger.place import lines
from khizana.core.preservation.ledger.tree import Frontier


class KnownHeads:
    """The heads in one file, in their order. What is wrong with them is told once for each kind of fault."""

    def __init__(self, path: Path, *, own: bool) -> None:
        self.path = path
        self.own = own
        self.agreed = 0
        """Entries of the largest head that fits."""
        self.differs: Head | None = None
        """The first head that is true and fits not: other entries stood there when it was signed."""
        self.beyond: Head | None = None
        """The largest head that is true and has more entries than there are."""
        self.found: list[Finding] = []
        self._told: set[str] = set()
        self._heads = self._read()
        self._next = next(self._heads, None)

    @property
    def due(self) -> int:
        """Entries of the next head."""
        return LARGEST_NUMBER + 1 if self._next is None else self._next.size

    def compare(self, frontier: Frontier, keyring: Keyring) -> None:
        """Hold the heads of so many entries against them."""
        while self._next is not None and self._next.size <= frontier.size:
            head, self._next = self._next, next(self._heads, None)
            if head.size < frontier.size:
                # A head of fewer entries after one of more: the ledger was set back and went on.
                self._tell("LEDGER_HEADS_DISORDERED", Severity.ERROR, head)
            elif not self._is_true(head, keyring):
                continue
            elif head.root == frontier.root().hex():
                self.agreed = head.size
            else:
                self.differs = self.differs or head

    def end(self, keyring: Keyring) -> None:
        """Look at the heads of more entries than there are."""
        while self._next is not None:
            head, self._next = self._next, next(self._heads, None)
            if self._is_true(head, keyring) and (self.beyond is None or head.size > self.beyond.size):
                self.beyond = head

    def _is_true(self, head: Head, keyring: Keyring) -> bool:
        if head.library != keyring.library:
            self._tell("LEDGER_HEAD_OF_ANOTHER", Severity.ERROR if self.own else Severity.WARNING, head)
        elif not head.is_true:
            self._tell("LEDGER_SIGNATURE_FALSE", Severity.ERROR, head)
        elif head.key != keyring.key:
            self._tell("LEDGER_KEY_UNKNOWN", Severity.ERROR, head)
        else:
            return True
        return False

    def _tell(self, code: str, severity: Severity, head: Head) -> None:
        if code not in self._told:
            self._told.add(code)
            facts: dict[str, str | int] = {"size": head.size, "when": head.when, "key": head.key}
            facts["library"] = head.library
            self.found.append(Finding(code, severity, self.path.name, facts))

    def _read(self) -> Iterator[Head]:
        if not self.path.is_file():
            if not self.own:
                self.found.append(Finding("LEDGER_HEADS_MISSING", Severity.ERROR, self.path.name))
            return
        try:
            for line in lines(self.path, longest=LONGEST_HEAD):
                try:
                    yield read_head(line.content)
                except ValueError:
                    if line.whole or not self.own:
                        if "LEDGER_HEAD_UNREADABLE" not in self._told:
                            facts = {"line": line.number}
                            self.found.append(
                                Finding("LEDGER_HEAD_UNREADABLE", Severity.WARNING, self.path.name, facts)
                            )
                        self._told.add("LEDGER_HEAD_UNREADABLE")
        except KhizanaError as error:
            self.found.append(Finding(error.code, Severity.ERROR, self.path.name, error.facts))
