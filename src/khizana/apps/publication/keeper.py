"""Who writes preservation objects, where, how it is checked, and what is said of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from khizana.apps.preservation.actions.follow_versions import follow_versions
from khizana.core.findings import Finding
from khizana.core.identifiers import ObjectId
from khizana.core.library import LibraryFolder
from khizana.core.preservation import premis
from khizana.core.preservation.ocfl.build import Given
from khizana.core.preservation.ocfl.inventory import User
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.preservation.ocfl.write import StorageRoot

Validator = Callable[[Path, Mapping[Path, str]], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who writes, where, and how it is checked."""

    folder: LibraryFolder
    library: str
    storage: StorageRoot
    validator: Validator
    agent: premis.Agent
    user: User
    now: Callable[[], datetime]
    enter: Callable[..., None]
    """Enters what was written of one manuscript or several into the ledger."""

    def object(self, identifier: str) -> StoredObject | None:
        """Return the object *identifier* as it lies in the storage root, or None."""
        path = self.folder.storage / object_path(identifier)
        return read_object(path) if path.is_dir() else None

    def write(
        self,
        identifier: ObjectId,
        *,
        after: StoredObject | None,
        put: Mapping[str, Given],
        events: Sequence[premis.Event],
        message: str,
        files: Sequence[premis.FileFacts] = (),
        seen: int | None = None,
    ) -> None:
        """Write the version of an object that comes *after* what was read of it (None: the first one).

        *seen*: the version that what is put was worked out from, where that was done before *after* was read.

        Its state names the file of its own *events*; those of earlier versions stay in these. *files*: what is
        recorded of files that come with it. Raises what ``StorageRoot.write_version`` does, and ``Damaged`` where the
        object is not as it is remembered: what somebody rewrote would be part of every version after it.
        """
        if after is not None:
            with transaction.atomic():
                follow_versions(after)
        head = after.head if after else 0
        written = premis.write_events(events, object_id=identifier, files=files)
        self.storage.write_version(
            identifier,
            put={**put, f"{premis.EVENTS}{head + 1:04d}.xml": written},
            remove=[path for path in after.state() if path.startswith(premis.EVENTS)] if after else (),
            message=message,
            user=self.user,
            created=self.now(),
            expected_head=head if seen is None else seen,
            validator=self.validator,
        )


def new_event(
    keeper: Keeper,
    kind: str,
    detail: str,
    *,
    subject: str = "",
    when: str = "",
    outcome: str = "success",
    outcome_detail: str = "",
) -> premis.Event:
    """Return a new event of this keeper, now unless *when* says otherwise."""
    return premis.Event(
        identifier=f"urn:uuid:{uuid.uuid4()}",
        type=kind,
        when=when or keeper.now().isoformat(timespec="milliseconds"),
        detail=detail,
        outcome=outcome,
        outcome_detail=outcome_detail,
        agents=(keeper.agent,),
        subject=subject,
    )
