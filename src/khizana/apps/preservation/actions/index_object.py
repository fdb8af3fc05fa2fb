"""Write the rows of one preservation object and its events from the object itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from khizana.apps.preservation.models import Event, ObjectVersion, PreservationObject
from khizana.core.errors import Damaged
from khizana.core.preservation import premis
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of, rfc3339
from khizana.core.preservation.ocfl.read import StoredObject


def index_object(stored: StoredObject, events: Iterable[premis.Event], *, storage: Path) -> PreservationObject:
    """Write one object and all its *events* (see ``events_of``); call it inside a transaction.

    Raises ``Damaged`` when a version is another than it was before.
    """
    _remember_versions(stored)
    row, _ = PreservationObject.objects.update_or_create(
        identifier=stored.id,
        defaults={
            "path": stored.path.relative_to(storage).as_posix(),
            "head": stored.head,
            "inventory_digest": stored.inventory_digest,
            "modified": rfc3339(stored.versions[-1].created),
        },
    )
    write_events(row, events)
    return row


def write_events(row: PreservationObject, events: Iterable[premis.Event]) -> None:
    """Write *events* in the place of those that the object *row* had."""
    Event.objects.filter(object=row).delete()
    Event.objects.bulk_create(
        Event(
            identifier=event.identifier,
            object=row,
            kind=event.type,
            when=event.when,
            subject=event.subject,
            detail=event.detail,
            outcome=event.outcome,
            outcome_detail=event.outcome_detail,
            agents=[asdict(agent) for agent in event.agents],
        )
        for event in events
    )


def _remember_versions(stored: StoredObject) -> None:
    """Keep the digest of the inventory of each version that is new; what was seen once is never said anew."""
    known = dict(ObjectVersion.objects.filter(identifier=stored.id).values_list("number", "inventory_digest"))
    found = dict.fromkeys((stored.head,), stored.inventory_digest)
    for number in range(1, stored.head):
        if number not in known:
            path = stored.path / f"v{number}" / INVENTORY
            try:
                found[number] = digest_of(path.read_bytes())
            except OSError as error:
                raise Damaged("FILE_MISSING", path=str(path)) from error
    for number, digest in found.items():
        if known.get(number, digest) != digest:
            raise Damaged("OBJECT_REWRITTEN", object_id=stored.id, version=number, path=str(stored.path))
    if known and max(known) > stored.head:
        raise Damaged(
            "OBJECT_ROLLED_BACK",
            object_id=stored.id,
            version=stored.head,
            known=max(known),
            path=str(stored.path),
        )
    ObjectVersion.objects.bulk_create(
        ObjectVersion(identifier=stored.id, number=number, inventory_digest=digest)
        for number, digest in found.items()
        if number not in known
    )


def events_of(stored: StoredObject) -> list[premis.Event]:
    """Return every event of *stored*, version by version.

    Raises ``Damaged`` when an event file is missing, not what was recorded, or cannot be understood.
    """
    contents = [stored.read_bytes(logical, version) for logical, version in stored.ever(premis.EVENTS)]
    return [event for content in contents for event in premis.read_events(content)]
