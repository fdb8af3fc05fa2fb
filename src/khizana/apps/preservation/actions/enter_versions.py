"""Enter object versions into the ledger: each once, with its event and the digest of its inventory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from khizana.core.errors import Damaged, KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest
from khizana.core.library import LibraryFolder
from khizana.core.preservation import premis
from khizana.core.preservation.ledger.entry import Entry
from khizana.core.preservation.ledger.place import ENTRIES, read_entries
from khizana.core.preservation.ledger.versions import Known, compared, known_versions, version_entry, version_entry_id
from khizana.core.preservation.ledger.write import LedgerWriter, open_ledger
from khizana.core.preservation.ocfl.adopt import is_adopted
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of, rfc3339
from khizana.core.preservation.ocfl.read import StoredObject, iterate_objects, read_object

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

    Raises ``Damaged`` for a ledger that is not as it was signed, ``NotFound`` for a key that is gone, ``NoSpace``,
    ``Busy``.
    """
    with open_ledger(clerk.folder.ledger) as ledger:
        lacking = [(stored, version) for stored in objects for version in _since(stored, ledger)]
        return clerk.write(ledger, [_entry(stored, version, clerk) for stored, version in lacking])


def enter_lacking(*, clerk: Clerk) -> tuple[int, tuple[Finding, ...]]:
    """Enter every version in the storage root that the ledger lacks; return how many, and where the two disagree.

    A version that is there with other bytes than were entered is never entered again. Raises as ``enter_versions``.
    """
    folder = clerk.folder
    known: Known = {}
    if (folder.ledger / ENTRIES).is_file():
        known = known_versions(entry for _, entry in read_entries(folder.ledger))
    findings: list[Finding] = []
    waiting: list[Entry] = []
    count = 0

    seen = []
    for path in iterate_objects(folder.storage):
        try:
            if is_adopted(path, library=clerk.library):
                continue  # kept as it came, by another's inventories: the ledger tells of the library's own versions
            stored = read_object(path)
        except KhizanaError as error:
            findings.append(Finding(error.code, Severity.ERROR, str(path), error.facts))
            continue
        seen.append((stored.id, stored.head, stored.inventory_digest))
        versions = known.get(stored.id, {})
        waiting += [_entry(stored, each, clerk) for each in range(1, stored.head + 1) if each not in versions]
        if len(waiting) >= AT_ONCE:
            count += clerk.enter(waiting)
            waiting = []
    count += clerk.enter(waiting)
    unreadable = bool(findings)
    # Without its inventory an object may be there all the same; that it cannot be read is told already.
    untold = {"LEDGER_VERSION_UNENTERED"} | ({"LEDGER_OBJECT_GONE"} if unreadable else set())
    findings += [finding for finding in compared(known, seen) if finding.code not in untold]
    return count, tuple(findings)


def _since(stored: StoredObject, ledger: LedgerWriter) -> list[int]:
    """Return the versions after the newest that is entered, the oldest first."""
    versions = []
    for version in range(stored.head, 0, -1):
        if version_entry_id(stored.id, version) in ledger:
            break
        versions.append(version)
    return versions[::-1]


def _entry(stored: StoredObject, version: int, clerk: Clerk) -> Entry:
    event = _event(stored, version)
    if event is None:
        return version_entry(
            object_id=stored.id,
            version=version,
            inventory=_inventory(stored, version),
            when=clerk.when,
            agent=clerk.name,
        )
    agent = event.agents[0] if event.agents else clerk.agent
    return version_entry(
        object_id=stored.id,
        version=version,
        inventory=_inventory(stored, version),
        when=clerk.when,
        agent=f"{agent.name} {agent.version}".strip(),
        kind=event.type,
        outcome=event.outcome,
        facts={"event": event.identifier, "detail": event.detail[:1000], "done": event.when},
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


def _inventory(stored: StoredObject, version: int) -> Digest:
    if version == stored.head:
        return stored.inventory_digest
    path: Path = stored.path / f"v{version}" / INVENTORY
    try:
        return digest_of(path.read_bytes())
    except OSError as error:
        raise Damaged("FILE_MISSING", path=str(path)) from error
