"""Write the rows of preservation objects and their events from the objects themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


def index_objects(found: Sequence[tuple[StoredObject, Iterable[premis.Event]]], *, storage: Path) -> None:
    """Write objects, each named once, with all their events (see ``events_of``); call it inside a transaction.

    Raises ``Damaged`` when a version is another than it was before.
    """
    follow_versions(*(stored for stored, _ in found))
    rows = PreservationObject.objects.bulk_create(
        (
            PreservationObject(
                identifier=stored.id,
                path=stored.path.relative_to(storage).as_posix(),
                head=stored.head,
                inventory_digest=stored.inventory_digest,
                modified=rfc3339(stored.versions[-1].created),
                undecided=len(merge_of(stored).conflicts),
            )
            for stored, _ in found
        ),
        update_conflicts=True,
        unique_fields=["identifier"],
        update_fields=["path", "head", "inventory_digest", "modified", "undecided"],
    )
    write_events((row, events) for row, (_, events) in zip(rows, found, strict=True))


def write_events(of_objects: Iterable[tuple[PreservationObject, Iterable[premis.Event]]]) -> None:
    """Write the events of each object in the place of those that it had."""
    written = list(of_objects)
    Event.objects.filter(object__in=[row for row, _ in written]).delete()
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
        for row, events in written
        for event in events
    )


def events_of(stored: StoredObject) -> list[premis.Event]:
    """Return every event of *stored*, version by version.

    Raises ``Damaged`` when an event file is missing, not what was recorded, or cannot be understood.
    """
    contents = [stored.read_bytes(logical, version) for logical, version in stored.ever(premis.EVENTS)]
    return [event for content in contents for event in premis.read_events(content)]
