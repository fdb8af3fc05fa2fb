"""Write the rows of one preservation object and its events from the object itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from khizana.apps.preservation.actions.follow_versions import follow_versions
from khizana.apps.preservation.models import Event, PreservationObject
from khizana.core.preservation import premis
from khizana.core.preservation.branches.history import merge_of
from khizana.core.preservation.ocfl.inventory import rfc3339
from khizana.core.preservation.ocfl.read import StoredObject

BATCH = "urn:uuid:"
"""How the name of a batch begins, in the outcome of its events."""


def index_object(stored: StoredObject, events: Iterable[premis.Event], *, storage: Path) -> PreservationObject:
    """Write one object and all its *events* (see ``events_of``); call it inside a transaction.

    Raises ``Damaged`` when a version is another than it was before.
    """
    follow_versions(stored)
    row, _ = PreservationObject.objects.update_or_create(
        identifier=stored.id,
        defaults={
            "path": stored.path.relative_to(storage).as_posix(),
            "head": stored.head,
            "inventory_digest": stored.inventory_digest,
            "modified": rfc3339(stored.versions[-1].created),
            "undecided": len(merge_of(stored).conflicts),
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
            batch=event.outcome_detail if event.outcome_detail.startswith(BATCH) else None,
        )
        for event in events
    )


def events_of(stored: StoredObject) -> list[premis.Event]:
    """Return every event of *stored*, version by version.

    Raises ``Damaged`` when an event file is missing, not what was recorded, or cannot be understood.
    """
    contents = [stored.read_bytes(logical, version) for logical, version in stored.ever(premis.EVENTS)]
    return [event for content in contents for event in premis.read_events(content)]
