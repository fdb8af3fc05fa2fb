"""What the ledger says of deletions: who the guardians are, what is asked, consented to, and carried out.

Entries are taken in one by one, in their order. One that is not what its place asks for (a consent that nobody signed,
a tombstone without two consents or before its time) says nothing: whoever can write into a ledger deletes nothing by
that alone.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from khizana.core.errors import BadInput, KhizanaError
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ledger.deletion_entries import ANSWERS, DAY, LEAST_DELAY, Named, statement
from khizana.core.preservation.ledger.entry import (
    DELETED_AT_SITE,
    DELETION_ASKED,
    DELETION_CARRIED_OUT,
    DELETION_CONSENTED,
    GUARDIANS_ASKED,
    GUARDIANS_NAMED,
    KEY_REPLACED,
    Entry,
    check_when,
)
from khizana.core.preservation.ledger.guardians import NEEDED, Guardians, guardians_in
from khizana.core.preservation.ledger.keys import is_signed
from khizana.core.preservation.ledger.place import ENTRIES, read_entries

_REQUEST = re.compile(r"[0-9a-f]{8}")
STEPS = 4
"""A delay is seen in at least so many steps: no single one, however far the clock was set, counts for more."""
_OUT_OF_ORDER = DAY
"""Seconds: entries of commands that work side by side may come so much after later ones."""


class Stage(StrEnum):
    """How far a request is."""

    OPEN = "open"
    REFUSED = "refused"
    VOID = "void"
    """Other guardians were named since."""
    DONE = "done"


@dataclass(slots=True)
class Request:
    """One request."""

    asked: Entry
    objects: tuple[Named, ...]
    """Nothing where it asks for other guardians."""
    delay: int
    """Seconds."""
    stage: Stage = Stage.OPEN
    consents: dict[str, str] = field(default_factory=dict)
    """Name of the guardian to the time they signed."""
    refused_by: str = ""
    sites: tuple[str, ...] = ()
    """Where copies were when it was carried out."""
    cleared: set[str] = field(default_factory=set)
    """Sites where nothing of it is left."""
    carried_out: str = ""
    """When it was."""
    offered: str = ""
    """How a manuscript that was open once may be told of; nothing where it never was."""
    is_hearsay: bool = False
    """Whether the library was made again since, from a place whose word for it is all there is."""
    waited: float = 0.0
    """Seconds of the delay that were seen to pass, up to ``seen``."""
    seen: datetime | None = None
    """The newest time seen since the second consent; None before it."""

    @property
    def id(self) -> str:
        """What people call it by."""
        return str(self.asked.facts["request"])

    @property
    def shelfmark(self) -> str:
        """Of the manuscript, or the identifier of the object; nothing where other guardians are asked for."""
        return str(self.asked.facts.get("shelfmark", ""))

    @property
    def reason(self) -> str:
        """Why."""
        return str(self.asked.facts.get("reason", ""))

    def left(self, now: datetime) -> float:
        """Return how many seconds of the delay are left at the time *now*; all of them before the second consent.

        What counts are the times of the entries since, and *now*. No step from one to the next counts for more than a
        fourth of the delay; a step back of more than a day begins the count anew. And so long ago must both consents
        have been signed.
        """
        if self.seen is None:
            return float(self.delay)
        second = sorted(check_when(signed) for signed in self.consents.values())[NEEDED - 1]
        return max(self.delay - self._counted(now), self.delay - (now - second).total_seconds(), 0.0)

    def see(self, when: datetime) -> None:
        """Take in that it was *when* at least once since the second consent."""
        if self.seen is not None:
            back = (self.seen - when).total_seconds()
            if 0 < back <= _OUT_OF_ORDER:
                return
            self.waited = self._counted(when)
            self.seen = when

    def _counted(self, when: datetime) -> float:
        step = (when - self.seen).total_seconds() if self.seen else 0.0
        return 0.0 if step < 0 else self.waited + min(step, self.delay / STEPS)


class Deletions:
    """Gathers what entries say of deletions, one by one."""

    def __init__(self) -> None:
        self.guardians: Guardians | None = None
        self.requests: dict[str, Request] = {}

    def take(self, entry: Entry) -> Request | None:
        """Take in the next entry; return the request that it carries out, where it does."""
        if self.guardians is None and entry.kind != GUARDIANS_NAMED:
            return None  # as with nearly every entry there is
        if entry.kind == KEY_REPLACED:
            for each in self.tombstones():
                each.is_hearsay = True
        when = check_when(entry.when)
        for each in self._open():
            each.see(when)
        request = self.requests.get(str(entry.facts.get("request", "")))
        if entry.kind in {DELETION_ASKED, GUARDIANS_ASKED}:
            self._ask(entry)
        elif entry.kind in ANSWERS and request:
            self._answer(entry, request, when)
        elif entry.kind == GUARDIANS_NAMED:
            return self._name(entry, request, when)
        elif entry.kind == DELETION_CARRIED_OUT and request and request.objects and self._is_due(request, when):
            request.stage, request.carried_out = Stage.DONE, entry.when
            request.sites = tuple(str(entry.facts.get("sites", "")).split())
            request.offered = str(entry.facts.get("offered", ""))
            return request
        elif entry.kind == DELETED_AT_SITE and request and request.stage is Stage.DONE:
            request.cleared.add(str(entry.facts.get("site", "")))
        return None

    def tombstones(self) -> Iterator[Request]:
        """Yield the deletions that were carried out."""
        return (each for each in self.requests.values() if each.stage is Stage.DONE and each.objects)

    def deleted(self, named: Named) -> Request | None:
        """Return the deletion of the object that *named* is, whichever of its versions; or None.

        Every history of an object begins with the same first version; another object of its identifier does not.
        """
        for request in self.tombstones():
            if any((each.object_id, each.first) == (named.object_id, named.first) for each in request.objects):
                return request
        return None

    def left_at(self, sites: Collection[str]) -> list[tuple[Request, str]]:
        """Return each deletion with each of *sites* where it is still to be done, hearsay among them.

        By hearsay nothing is cleared: whoever keeps one place can write what he likes at the end of the ledger there,
        as no signature of the library's vouches for it, and wait for the library to be restored from it.
        """
        return [
            (each, site)
            for each in self.tombstones()
            for site in each.sites
            if site in sites and site not in each.cleared
        ]

    def _open(self) -> Iterator[Request]:
        return (each for each in self.requests.values() if each.stage is Stage.OPEN)

    def _ask(self, entry: Entry) -> None:
        identifier, delay = str(entry.facts.get("request", "")), entry.facts.get("delay")
        guardians = self.guardians
        if (
            not _REQUEST.fullmatch(identifier)
            or identifier in self.requests
            or not isinstance(delay, int)
            or delay < LEAST_DELAY
        ):
            return
        if guardians is None or entry.facts.get("guardians") != guardians.digest:
            return
        objects = _objects(entry) if entry.kind == DELETION_ASKED else ()
        if objects or entry.kind == GUARDIANS_ASKED:
            self.requests[identifier] = Request(entry, objects, delay * DAY)

    def _answer(self, entry: Entry, request: Request, when: datetime) -> None:
        key, signed, signature = (str(entry.facts.get(each, "")) for each in ("key", "signed", "signature"))
        name = self.guardians.name_of(key) if self.guardians else None
        if name is None or request.stage is not Stage.OPEN:
            return
        try:
            check_when(signed)
        except ValueError:
            return
        if not is_signed(statement(entry.kind, request.asked, signed), signature=signature, key=key):
            return
        if entry.kind != DELETION_CONSENTED:
            request.stage, request.refused_by = Stage.REFUSED, name
        elif name not in request.consents:
            request.consents[name] = signed
            if len(request.consents) == NEEDED:
                request.seen = when

    def _name(self, entry: Entry, request: Request | None, when: datetime) -> Request | None:
        try:
            new = guardians_in(entry.facts)
        except BadInput:
            return None
        if self.guardians is not None:
            if request is None or request.asked.kind != GUARDIANS_ASKED or not self._is_due(request, when):
                return None
            if any(request.asked.facts.get(name) != value for name, value in new.facts.items()):
                return None
            request.stage, request.carried_out = Stage.DONE, entry.when
        self.guardians = new
        for each in self._open():
            each.stage = Stage.VOID
        return request

    @staticmethod
    def _is_due(request: Request, when: datetime) -> bool:
        return request.stage is Stage.OPEN and len(request.consents) >= NEEDED and request.left(when) == 0


def read_deletions(ledger: Path) -> Deletions:
    """Return what the ledger in the folder *ledger* says of deletions; nothing where there is none.

    A ledger that names no guardians, as most do, is not gone through entry by entry. Raises ``Damaged`` at a line that
    is no entry, ``Unreadable``.
    """
    found = Deletions()
    if _has_guardians(ledger / ENTRIES):
        for _, entry in read_entries(ledger):
            found.take(entry)
    return found


def known_deletions(ledger: Path) -> Deletions:
    """Return the same; a ledger that is damaged, which others tell, says nothing, and so nothing is deleted by it."""
    try:
        return read_deletions(ledger)
    except KhizanaError:
        return Deletions()


def _has_guardians(path: Path) -> bool:
    try:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(f'"kind":"{GUARDIANS_NAMED}"'.encode()) >= 0
    except (FileNotFoundError, ValueError):  # no file, or an empty one
        return False


def _objects(entry: Entry) -> tuple[Named, ...]:
    facts, found = entry.facts, []
    count = facts.get("objects")
    for number in range(1, count + 1 if isinstance(count, int) and count < len(facts) else 1):
        identifier, first, inventory = (
            str(facts.get(f"{each} {number}", "")) for each in ("object", "first", "inventory")
        )
        head = facts.get(f"head {number}")
        if not (identifier and first and inventory and isinstance(head, int) and head > 0):
            return ()
        found.append(Named(ObjectId(identifier), head, Digest(first), Digest(inventory)))
    return tuple(found)
