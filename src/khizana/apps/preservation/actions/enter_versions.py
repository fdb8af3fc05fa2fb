"""Enter object versions into the ledger: each once, with its event and the digest of its inventory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from khizana.apps.preservation.actions.follow_versions import inventory_of
from khizana.core.errors import Damaged, KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.library import LibraryFolder
from khizana.core.preservation import premis
from khizana.core.preservation.branches.entering import joining_facts, may_follow
from khizana.core.preservation.ledger.entry import FILES, VERSION_WRITTEN, Entry
from khizana.core.preservation.ledger.entry import INVENTORY as INVENTORY_FACT
from khizana.core.preservation.ledger.place import ENTRIES, read_entries
from khizana.core.preservation.ledger.versions import KnownVersions, compared, version_entry, version_entry_id
from khizana.core.preservation.ledger.write import LedgerWriter, open_ledger
from khizana.core.preservation.ocfl.adopt import adopted_listing, is_adopted, vouched_by
from khizana.core.preservation.ocfl.inventory import rfc3339
from khizana.core.preservation.ocfl.read import StoredObject, iterate_objects, read_object
from khizana.core.preservation.ocfl.summary import read_summary
from khizana.core.preservation.removal import came_back

AT_ONCE = 1000  # entries appended with one flush


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who enters: the library, the software, and the time."""

    folder: LibraryFolder
    library: str
    agent: premis.Agent
    now: datetime

    @property
    def name(self) -> str:
        """The software and its version."""
        return f"{self.agent.name} {self.agent.version}".strip()

    @property
    def when(self) -> str:
        """The time, to the second."""
        return rfc3339(self.now.replace(microsecond=0))

    def enter(self, entries: Iterable[Entry]) -> int:
        """Append *entries*, all that are new, and sign a head; return how many were."""
        with open_ledger(self.folder.ledger) as ledger:
            return self.write(ledger, entries)

    def write(self, ledger: LedgerWriter, entries: Iterable[Entry]) -> int:
        """Do so in a ledger that is held already; it is begun where there is none."""
        ledger.begin(self.folder.keys, library=self.library, when=self.when, agent=self.name)
        count = ledger.append(entries)
        ledger.sign(self.folder.keys, when=self.when)
        return count


def enter_versions(objects: Iterable[StoredObject], *, clerk: Clerk) -> int:
    """Enter the newest versions of *objects*, back to one that is entered; return how many.

    Raises ``Damaged`` for a ledger that is not as it was signed, and for an object that is not as it was entered, which
    a true version after it would hide; ``NotFound`` for a key that is gone, ``NoSpace``, ``Busy``.
    """
    with open_ledger(clerk.folder.ledger) as ledger:
        deleted = _Deleted(clerk.folder.ledger)
        lacking = [(stored, version) for stored in objects for version in _since(stored, ledger, deleted)]
        return clerk.write(
            ledger, [_entry(stored, version, clerk, again=again) for stored, (version, again) in lacking]
        )


def enter_adopted(path: Path, *, clerk: Clerk) -> None:
    """Enter the adopted object at *path*, unless it is entered. Raises as ``enter_versions``."""
    entry = _adopted(path, clerk)
    with open_ledger(clerk.folder.ledger) as ledger:
        before = ledger.entry(entry.id)
        again = before is not None and _Deleted(clerk.folder.ledger).has(before)
        clerk.write(ledger, [_adopted(path, clerk, again=True) if again else entry])


def enter_lacking(*, clerk: Clerk) -> tuple[int, tuple[Finding, ...]]:
    """Enter every version in the storage root that the ledger lacks; return how many, and where the two disagree.

    A version that is there with other bytes than were entered is never entered again. Raises as ``enter_versions``.
    """
    folder = clerk.folder
    gathered = gathered_versions(folder.ledger)
    known = gathered.known
    gone, _ = came_back(folder.storage, gathered, library=clerk.library)
    findings: list[Finding] = []
    waiting: list[Entry] = []
    left_out = _LeftOut(folder.ledger)
    count = 0

    def seen() -> Iterator[tuple[ObjectId, int, Digest]]:
        nonlocal count
        for path in iterate_objects(folder.storage):
            try:
                identifier, head, digest = vouched_by(path, library=clerk.library)
                versions, deleted = known.get(identifier, {}), gathered.deleted.get(identifier, set())
                if identifier in gone:
                    continue  # what is left of it is told when rows are made, and is never entered anew
                if is_adopted(path, library=clerk.library):
                    waiting.extend([] if head in versions else [_adopted(path, clerk, again=bool(deleted))])
                else:
                    stored = read_object(path)
                    joined = left_out(stored) if versions and digest not in versions.get(head, ()) else {}
                    numbers = {each: bool(deleted) for each in range(1, head + 1) if each not in versions} | joined
                    waiting.extend(_entry(stored, each, clerk, again=again) for each, again in sorted(numbers.items()))
                    if joined:
                        versions[head] = (*versions.get(head, ()), digest)
            except KhizanaError as error:
                findings.append(Finding(error.code, Severity.ERROR, str(path), error.facts))
                continue
            if len(waiting) >= AT_ONCE:
                count += clerk.enter(waiting)
                waiting.clear()
            yield identifier, head, digest

    disagreeing = [finding for finding in compared(known, seen()) if finding.code != "LEDGER_VERSION_UNENTERED"]
    count += clerk.enter(waiting)
    if findings:
        # Without its inventory an object may be there all the same; that it cannot be read is told already.
        disagreeing = [finding for finding in disagreeing if finding.code != "LEDGER_OBJECT_GONE"]
    return count, (*findings, *disagreeing)


def gathered_versions(ledger: Path) -> KnownVersions:
    """Return what the ledger in the folder *ledger* knows of versions; nothing where there is none.

    Raises ``Damaged`` at a line that is no entry, ``Unreadable``.
    """
    gathered = KnownVersions()
    if (ledger / ENTRIES).is_file():
        for _, entry in read_entries(ledger):
            gathered.take(entry)
    return gathered


class _Deleted:
    """Says which versions were deleted; the ledger is gone through when that is first asked, which is hardly ever."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._digests: Mapping[ObjectId, Collection[Digest]] | None = None

    def has(self, entered: Entry) -> bool:
        if self._digests is None:
            self._digests = gathered_versions(self._ledger).deleted
        vouched = entered.facts.get(FILES, entered.facts.get(INVENTORY_FACT))
        return vouched in self._digests.get(ObjectId(entered.subject), ())


def _since(stored: StoredObject, ledger: LedgerWriter, deleted: _Deleted) -> list[tuple[int, bool]]:
    """Return the versions after the newest that is entered, the oldest first; whether their number is taken.

    It may be, where branches were joined, by a version that the object holds, or that was made by joining alone; and by
    one of an object of that identifier that was deleted.
    """
    versions: list[tuple[int, bool]] = []
    for version in range(stored.head, 0, -1):
        entered = ledger.entry(version_entry_id(stored.id, version))
        if entered is None:
            versions.append((version, False))
            continue
        inventory = inventory_of(stored, version)
        if entered.facts.get(INVENTORY_FACT) == inventory:
            break
        if version_entry_id(stored.id, version, inventory) in ledger:
            break
        if not may_follow(stored, entered) and not deleted.has(entered):
            raise Damaged("VERSION_NOT_AS_ENTERED", object_id=stored.id, version=version, path=str(stored.path))
        versions.append((version, True))
    return versions[::-1]


class _LeftOut:
    """Says which versions that joined branches, or came with one, were not entered; none where one was rewritten."""

    def __init__(self, ledger: Path) -> None:
        self._folder, self._deleted = ledger, _Deleted(ledger)

    def __call__(self, stored: StoredObject) -> dict[int, bool]:
        with suppress(Damaged):
            return dict(_since(stored, self._ledger, self._deleted))
        return {}

    @cached_property
    def _ledger(self) -> LedgerWriter:
        return LedgerWriter(self._folder)


def _entry(stored: StoredObject, version: int, clerk: Clerk, *, again: bool = False) -> Entry:
    event = _event(stored, version)
    facts = joining_facts(stored, version)
    agent, kind, outcome = clerk.name, VERSION_WRITTEN, "success"
    if event is not None:
        by = event.agents[0] if event.agents else clerk.agent
        agent, kind, outcome = f"{by.name} {by.version}".strip(), event.type, event.outcome
        facts |= {"event": event.identifier, "detail": event.detail[:1000], "done": event.when}
    return version_entry(
        object_id=stored.id,
        version=version,
        inventory=inventory_of(stored, version),
        when=clerk.when,
        agent=agent,
        kind=kind,
        outcome=outcome,
        facts=facts,
        again=again,
    )


def _adopted(path: Path, clerk: Clerk, *, again: bool = False) -> Entry:
    summary, listing = read_summary(path), adopted_listing(path)
    return version_entry(
        object_id=summary.id,
        version=summary.head,
        inventory=summary.inventory_digest,
        when=clerk.when,
        agent=clerk.name,
        kind="ingestion",
        facts={FILES: listing.digest, "detail": f"adopted as it was: {len(listing.files)} files"},
        again=again,
    )


def _event(stored: StoredObject, version: int) -> premis.Event | None:
    """Return the event that made *version*, or None where none is recorded or it cannot be read.

    Of several about the object as a whole, the first that is no check; those about single files are covered by the
    digest of the inventory.
    """
    before = stored.state(version - 1) if version > 1 else {}
    for logical in sorted(stored.state(version)):
        if logical.startswith(premis.EVENTS) and logical not in before:
            try:
                events = premis.read_events(stored.read_bytes(logical, version))
            except KhizanaError:
                return None
            for event in events:
                if not event.subject and event.type != "validation":
                    return event
    return None
