"""Keep the digest of each version of an object; what was seen once is never said anew, unless branches were joined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.db.models import F
from django.db.models.functions import Least

from khizana.apps.preservation.models import ObjectVersion, Replica
from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.branches.history import BRANCHES, History, is_joining
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of
from khizana.core.preservation.ocfl.read import StoredObject
from khizana.core.preservation.replicas.sites import HERE


def follow_versions(*objects: StoredObject) -> None:
    """Write the digest of the inventory of each version of *objects* that is new; call it inside a transaction.

    Where branches were joined, a version may be another than it was before: if the object holds the one that it was,
    or that one was made by joining alone. What other sites hold counts then up to the last version that is the same.

    Raises ``Damaged`` OBJECT_REWRITTEN when a version is another for no such reason, OBJECT_ROLLED_BACK when one is
    gone.
    """
    known: dict[str, dict[int, ObjectVersion]] = {stored.id: {} for stored in objects}
    for row in ObjectVersion.objects.filter(identifier__in=known):
        known[row.identifier][row.number] = row
    ObjectVersion.objects.bulk_create(row for stored in objects for row in _new_versions(stored, known[stored.id]))


def _new_versions(stored: StoredObject, known: Mapping[int, ObjectVersion]) -> list[ObjectVersion]:
    """Return the rows of the versions that are not *known*; those that are follow where branches were joined."""
    was_joined = any(path.startswith(BRANCHES) for path in stored.state())
    found = {stored.head: stored.inventory_digest}
    for number in range(1, stored.head):
        if number not in known or was_joined:
            found[number] = inventory_of(stored, number)
    if known and max(known) > stored.head:
        raise Damaged(
            "OBJECT_ROLLED_BACK",
            object_id=stored.id,
            version=stored.head,
            known=max(known),
            path=str(stored.path),
        )
    other = [number for number in sorted(found) if number in known and known[number].inventory_digest != found[number]]
    if other:
        _follow(stored, [known[number] for number in other], found)
    return [
        ObjectVersion(
            identifier=stored.id,
            number=number,
            inventory_digest=digest,
            joining=is_joining(stored.versions[number - 1]),
        )
        for number, digest in found.items()
        if number not in known
    ]


def inventory_of(stored: StoredObject, number: int) -> Digest:
    """Return the digest of the inventory of version *number*. Raises ``Damaged`` where it is missing."""
    if number == stored.head:
        return stored.inventory_digest
    path = stored.path / f"v{number}" / INVENTORY
    try:
        return digest_of(path.read_bytes())
    except OSError as error:
        raise Damaged("FILE_MISSING", path=str(path)) from error


def _follow(stored: StoredObject, rows: list[ObjectVersion], found: Mapping[int, Digest]) -> None:
    history = History(tuple(found[number] for number in sorted(found)), stored.inventory)
    for row in rows:
        if row.inventory_digest not in history.holds and not row.joining:
            raise Damaged("OBJECT_REWRITTEN", object_id=stored.id, version=row.number, path=str(stored.path))
    for row in rows:
        row.before = [*row.before, row.inventory_digest]
        row.inventory_digest = found[row.number]
        row.joining = is_joining(stored.versions[row.number - 1])
    ObjectVersion.objects.bulk_update(rows, ("before", "inventory_digest", "joining"))
    elsewhere = Replica.objects.filter(identifier=stored.id).exclude(site=HERE)
    elsewhere.update(head=Least(F("head"), rows[0].number - 1))


def keep_versions(identifier: ObjectId, head: int, found: Mapping[int, Digest], *, path: Path) -> None:
    """Keep the digest of each version of *found* that is new; of an adopted object nothing ever changes.

    Raises ``Damaged`` when one is another than it was, or versions after *head* were seen before.
    """
    known = dict(ObjectVersion.objects.filter(identifier=identifier).values_list("number", "inventory_digest"))
    for number, digest in found.items():
        if known.get(number, digest) != digest:
            raise Damaged("OBJECT_REWRITTEN", object_id=identifier, version=number, path=str(path))
    if known and max(known) > head:
        raise Damaged("OBJECT_ROLLED_BACK", object_id=identifier, version=head, known=max(known), path=str(path))
    ObjectVersion.objects.bulk_create(
        ObjectVersion(identifier=identifier, number=number, inventory_digest=digest)
        for number, digest in found.items()
        if number not in known
    )
