"""Write new descriptions of manuscripts that are there, as one batch that can be undone as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from khizana.apps.publication.actions.index_manuscript import index_manuscripts
from khizana.apps.publication.keeper import Keeper, new_event
from khizana.apps.publication.pending import pending
from khizana.core.errors import NotFound
from khizana.core.identifiers import ManuscriptId, description_object_id

CHANGED = "metadata modification"
"""Type of event of a changed description."""


@dataclass(frozen=True, slots=True)
class Change:
    """One manuscript's new description."""

    manuscript: ManuscriptId
    put: Mapping[str, bytes]
    """By logical path of its description object."""
    detail: str
    """What was done, for its event."""
    seen: int
    """The version of the object that the change was worked out from."""


def describe(changes: Sequence[Change], *, keeper: Keeper, batch: str, message: str) -> None:
    """Write *changes*, index them and enter them into the ledger; their events name the *batch*.

    Raises ``NotFound`` for a manuscript that is gone, ``Busy`` where one was changed meanwhile, and what
    ``Keeper.write`` raises. What is written by then is whole, and stays.
    """
    if not changes:
        return
    with pending(keeper.folder, *(each.manuscript for each in changes)):
        for each in changes:
            identifier = description_object_id(keeper.library, each.manuscript)
            stored = keeper.object(identifier)
            if stored is None:
                raise NotFound("NO_MANUSCRIPT", manuscript=each.manuscript)
            keeper.write(
                identifier,
                after=stored,
                put=each.put,
                events=[new_event(keeper, CHANGED, each.detail, outcome_detail=batch)],
                message=message,
                seen=each.seen,
            )
        manuscripts = [each.manuscript for each in changes]
        index_manuscripts(manuscripts=manuscripts, folder=keeper.folder, library=keeper.library)
        keeper.enter(*manuscripts)
