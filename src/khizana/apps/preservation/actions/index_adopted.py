"""Write the rows of an object that another institution made: it is counted, copied and checked, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from khizana.apps.preservation.actions.follow_versions import keep_versions
from khizana.apps.preservation.actions.index_object import write_events
from khizana.apps.preservation.models import Event, PreservationObject
from khizana.core.errors import Damaged
from khizana.core.preservation import premis
from khizana.core.preservation.ocfl.adopt import ADOPTION, adopted_listing
from khizana.core.preservation.ocfl.summary import read_summary


def index_adopted(path: Path, *, storage: Path) -> str:
    """Write the row of the object at *path* and the event of its adoption; return its identifier.

    Raises ``Damaged`` when its inventory, that event or the list of its files cannot be read, or the list is another
    than it was before.
    """
    summary = read_summary(path)
    try:
        content = (path / ADOPTION).read_bytes()
    except OSError as error:
        raise Damaged("EVENTS_UNREADABLE", name=str(path / ADOPTION), problem=error.strerror or "") from error
    # An object that was adopted before, elsewhere, keeps the record it came with: any text may stand there.
    events = {event.identifier: event for event in premis.read_events(content, name=str(path / ADOPTION))}.values()
    listing = adopted_listing(path)
    with transaction.atomic():
        keep_versions(summary.id, summary.head, {summary.head: listing.digest}, path=path)
        row, _ = PreservationObject.objects.update_or_create(
            identifier=summary.id,
            defaults={
                "path": path.relative_to(storage).as_posix(),
                "head": summary.head,
                "inventory_digest": summary.inventory_digest,
                "modified": summary.created[:40],
            },
        )
        # As its maker wrote it, unique or not: an event that another object has stays that object's.
        taken = Event.objects.exclude(object=row).filter(identifier__in=[event.identifier for event in events])
        others = set(taken.values_list("identifier", flat=True))
        write_events([(row, [event for event in events if event.identifier not in others])])
    return summary.id


def forget_adopted(*, library: str, seen: set[str]) -> None:
    """Remove the rows of objects of others that are not among *seen*: they are not in the storage root any more."""
    others = PreservationObject.objects.exclude(identifier__startswith=f"urn:khizana:{library}:")
    gone = [row.pk for row in others.only("pk", "identifier").iterator() if row.identifier not in seen]
    for start in range(0, len(gone), 500):
        PreservationObject.objects.filter(pk__in=gone[start : start + 500]).delete()
