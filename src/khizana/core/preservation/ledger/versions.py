"""Which object versions were ever written, as the ledger tells, and whether a storage root or a replica has them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ledger.deletions import Deletions
from khizana.core.preservation.ledger.entry import FILES, INVENTORY, JOINED, VERSION, VERSION_WRITTEN, Entry

Known = Mapping[ObjectId, Mapping[int, tuple[Digest, ...]]]
"""Object to version to the sha512 of what vouches for it, its inventory or the list of its files; two where two places
wrote that version."""


class KnownVersions:
    """Gathers object versions from entries, one by one; those that were deleted are known no longer.

    A version beyond the one whose deletion was consented to stays known: whoever takes it away is told of.
    """

    def __init__(self) -> None:
        self.known: dict[ObjectId, dict[int, tuple[Digest, ...]]] = {}
        self.deleted: dict[ObjectId, set[Digest]] = {}
        """What vouched for objects that were deleted: another object may have their identifier since."""
        self.deletions = Deletions()

    def take(self, entry: Entry) -> None:
        """Take in one entry; those that are not about an object version say nothing here."""
        version, inventory = entry.facts.get(VERSION), entry.facts.get(INVENTORY)
        if isinstance(version, int) and isinstance(inventory, str) and version > 0:
            versions = self.known.setdefault(ObjectId(entry.subject), {})
            digest = Digest(str(entry.facts.get(FILES, inventory)))
            if digest not in versions.get(version, ()):
                versions[version] = (*versions.get(version, ()), digest)
        if tombstone := self.deletions.take(entry):
            for each in tombstone.objects:
                versions = self.known.pop(each.object_id, {})
                if newer := {number: digests for number, digests in versions.items() if number > each.head}:
                    self.known[each.object_id] = newer
                gone = {digest for number, digests in versions.items() if number <= each.head for digest in digests}
                self.deleted.setdefault(each.object_id, set()).update(gone)

    def is_gone(self, object_id: ObjectId, vouched: Digest) -> bool:
        """Return whether what has that digest to vouch for it was deleted, and not entered again since."""
        again = self.known.get(object_id, {}).values()
        return vouched in self.deleted.get(object_id, ()) and not any(vouched in digests for digests in again)

    def request_of(self, object_id: ObjectId, vouched: Digest) -> str:
        """Return the identifier of the request by which that ``is_gone``, or nothing."""
        if not self.is_gone(object_id, vouched):
            return ""
        requests = [
            each.id for each in self.deletions.tombstones() if object_id in {of.object_id for of in each.objects}
        ]
        return requests[-1]


def known_versions(entries: Iterable[Entry]) -> Known:
    """Return, for each object, the inventory digest of each version that was ever written."""
    gathered = KnownVersions()
    for entry in entries:
        gathered.take(entry)
    return gathered.known


def version_entry(
    *,
    object_id: ObjectId,
    version: int,
    inventory: Digest,
    when: str,
    agent: str,
    kind: str = VERSION_WRITTEN,
    outcome: str = "success",
    facts: Mapping[str, str | int] | None = None,
    again: bool = False,
) -> Entry:
    """Return the entry about one object version; its id is the version's, so that it is entered once.

    *again*: another version of that number is entered already.
    """
    told = {**(facts or {}), VERSION: version, INVENTORY: inventory}
    return Entry(
        version_entry_id(object_id, version, inventory if again else None), kind, when, object_id, told, agent, outcome
    )


def version_entry_id(object_id: ObjectId, version: int, inventory: Digest | None = None) -> str:
    """Return the id of the entry about that version: once it stands there, other bytes of it are never entered.

    With *inventory*, that about a version which took the place of one of the same number: when branches were joined, or
    in an object that came after one that was deleted.
    """
    return f"{object_id}#v{version}" + (f".{inventory[:32]}" if inventory else "")


def compared(known: Known, stored: Iterable[tuple[ObjectId, int, Digest]]) -> Iterator[Finding]:
    """Yield where objects (*stored*: identifier, head version, sha512 of its inventory) are not as the ledger says."""
    seen = set()
    for object_id, head, inventory in stored:
        seen.add(object_id)
        versions = known.get(object_id, {})
        newest = max(versions, default=0)
        facts: dict[str, str | int] = {"version": head, "newest": newest}
        if newest > head:
            yield Finding("LEDGER_VERSION_GONE", Severity.ERROR, object_id, facts)
        if head not in versions:
            yield Finding("LEDGER_VERSION_UNENTERED", Severity.WARNING, object_id, facts)
        yield from differing(known, object_id, {head: inventory})
    for object_id in known.keys() - seen:
        yield Finding("LEDGER_OBJECT_GONE", Severity.ERROR, object_id, {"newest": max(known[object_id])})


def differing(known: Known, object_id: ObjectId, inventories: Mapping[int, Digest]) -> Iterator[Finding]:
    """Yield each version of the object that was entered with another inventory than it has now, of *inventories*.

    An older one may be: who rewrote it, and what is remembered of it, has hidden nothing by a true version after it.
    """
    versions = known.get(object_id, {})
    for number, inventory in inventories.items():
        if number in versions and inventory not in versions[number]:
            facts: dict[str, str | int] = {"version": number, "newest": max(versions)}
            yield Finding("LEDGER_VERSION_DIFFERS", Severity.ERROR, object_id, facts)


def entered_otherwise(
    entry: Callable[[str], Entry | None], object_id: ObjectId, inventories: Mapping[int, Digest], holds: Container[str]
) -> int | None:
    """Return the first version of *inventories* that was entered with another inventory than it is said to have now.

    None is the rule. Where branches were joined a version may be another: what took the place of one that was made by
    joining alone, once it is entered itself, and of one that the object keeps; *holds* are the digests of its files.
    *entry* gives the entry with an id, or None.
    """
    for number, inventory in inventories.items():
        entered = entry(version_entry_id(object_id, number))
        if entered is None:
            continue
        was = str(entered.facts.get(FILES, entered.facts.get(INVENTORY)))
        is_kept = was == inventory or (was in holds and JOINED not in entered.facts)
        if not is_kept and entry(version_entry_id(object_id, number, inventory)) is None:
            return number
    return None
