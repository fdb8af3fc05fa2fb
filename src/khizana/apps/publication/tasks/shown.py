"""The first changes of a task, as a page shows them."""

from __future__ import annotations

from khizana.apps.publication.actions.describe import Change
from khizana.apps.publication.actions.import_descriptions import Fate, Planned
from khizana.apps.publication.from_objects import DESCRIPTION
from khizana.apps.publication.keeper import Keeper
from khizana.core.catalogue.entry import Entry
from khizana.core.errors import NotFound
from khizana.core.identifiers import ManuscriptId, description_object_id
from khizana.core.tasks.account import Changed, Difference
from khizana.core.tasks.differences import differences
from khizana.core.tei.entries import read_entry

SHOWN = 20
"""Changes that a page shows; the report has all."""


def changed(change: Change, keeper: Keeper) -> Changed:
    """Return what *change* does, before it is written. Raises ``NotFound``, ``Damaged``, ``Unreadable``."""
    manuscript = change.manuscript
    return Changed(manuscript, Fate.CHANGED, _between(manuscript, change.put.get(DESCRIPTION), keeper))


def imported(planned: Planned, keeper: Keeper) -> Changed:
    """Return what an import does with one description, before it is written; raises as ``changed`` does."""
    incoming = planned.incoming.entry
    if planned.fate is Fate.ADDED:
        return Changed(planned.shelfmark, planned.fate, differences(Entry(), incoming))
    fields = tuple(dict.fromkeys(each.field for each in planned.conflicts))
    conflicts: tuple[Difference, ...] = ()
    if fields:
        conflicts = differences(_here(planned.manuscript, keeper), incoming, fields=fields)
    between = _between(planned.manuscript, planned.put.get(DESCRIPTION), keeper)
    return Changed(planned.shelfmark, planned.fate, between, conflicts)


def _between(manuscript: ManuscriptId, document: bytes | None, keeper: Keeper) -> tuple[Difference, ...]:
    if document is None:
        return ()
    return differences(_here(manuscript, keeper), read_entry(document, file=manuscript))


def _here(manuscript: ManuscriptId, keeper: Keeper) -> Entry:
    stored = keeper.object(description_object_id(keeper.library, manuscript))
    if stored is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=manuscript)
    return read_entry(stored.read_bytes(DESCRIPTION), file=manuscript)
