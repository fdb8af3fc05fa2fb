"""What is asked of preservation objects and events."""

from __future__ import annotations

from pathlib import Path

from khizana.apps.preservation.models import Event, PreservationObject
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object


def content_path(storage: Path, identifier: ObjectId, logical_path: str) -> Path:
    """Return where the bytes of *logical_path* lie, at the head of the object *identifier*.

    Raises ``NotFound`` or ``Damaged`` where the object is not what it was.
    """
    return read_object(storage / object_path(identifier)).content_path(logical_path)


def counts() -> tuple[int, int]:
    """Return the number of preservation objects and of events."""
    return PreservationObject.objects.count(), Event.objects.count()
