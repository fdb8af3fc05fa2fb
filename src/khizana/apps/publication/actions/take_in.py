"""Take in what another working place has written of one object; rows and ledger follow when all is made good."""

from __future__ import annotations

from contextlib import suppress

from django.db import transaction

from khizana.apps.preservation.actions.follow_versions import follow_versions
from khizana.apps.preservation.queries import known_object
from khizana.apps.publication.keeper import Keeper
from khizana.apps.publication.pending import leave_pending
from khizana.core.errors import BadInput, Damaged, NotFound, Unreadable
from khizana.core.identifiers import manuscript_of
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.branches import arrival
from khizana.core.preservation.branches.arrival import TakenIn
from khizana.core.preservation.ledger.deletion_entries import Named
from khizana.core.preservation.ledger.deletions import known_deletions
from khizana.core.preservation.ledger.doubts import Doubts
from khizana.core.preservation.replicas.expected import Known


def take_in(incoming: Known, source: ReplicaStore, *, keeper: Keeper) -> TakenIn:
    """Make the library hold all that *incoming* says was written elsewhere, beside what it holds itself.

    *source* has the files that came, where a site would have them. The manuscript is left marked: whoever has taken in
    all that came makes it good once, both its objects together.

    Raises ``BadInput`` for an object that is no manuscript's of this library, or that was deleted here, ``Damaged`` for
    one that is not here as it was entered into the ledger, and as ``arrival.take_in``.
    """
    manuscript = manuscript_of(keeper.library, incoming.object_id)
    if manuscript is None:
        raise BadInput("ARRIVAL_OF_ANOTHER", object_id=incoming.object_id)
    named = _deleted(keeper, incoming)
    vouched = set(incoming.versions.values())
    if (deleted := next((each for each in named if {each.first, each.inventory} & vouched), None)) is not None:
        code = "ARRIVAL_DELETED" if incoming.head <= deleted.head else "ARRIVAL_OF_DELETED_NEWER"
        raise BadInput(code, object_id=incoming.object_id)
    with suppress(Damaged, NotFound, Unreadable):  # of an object that is damaged here, what came may be the remedy
        _follow(keeper, incoming)
    ours = known_object(incoming.object_id)
    if ours is not None and incoming.versions[incoming.head] in ours.versions.values():
        return TakenIn(incoming.object_id, arrival.Arrived.HAD, ours.versions, ours.head)
    if ours is not None:
        _refuse_doubtful(keeper, ours)
    leave_pending(keeper.folder, manuscript)
    taken = arrival.take_in(
        incoming,
        source,
        ours=ours,
        storage=keeper.storage,
        validator=keeper.validator,
        # Joined elsewhere with another object of its identifier, it would come back as a branch of that.
        deleted={digest for each in named for digest in (each.first, each.inventory)},
    )
    _follow(keeper, incoming)
    return taken


def _deleted(keeper: Keeper, incoming: Known) -> list[Named]:
    """Return the objects that had the identifier of *incoming* and were deleted here."""
    tombstones = known_deletions(keeper.folder.ledger).tombstones()
    return [each for request in tombstones for each in request.objects if each.object_id == incoming.object_id]


def _refuse_doubtful(keeper: Keeper, ours: Known) -> None:
    """Raise where the object was rewritten with all that is remembered of it: joined, it would pass for a branch."""
    try:
        stored = keeper.object(ours.object_id)
    except (Damaged, NotFound, Unreadable):
        return  # what cannot be read is joined with nothing
    holds = stored.inventory.manifest if stored else ()
    if doubtful := Doubts(keeper.folder.ledger)(ours.object_id, ours.versions, holds):
        raise doubtful


def _follow(keeper: Keeper, incoming: Known) -> None:
    """Write what the object's versions are now: a killed command may have left that undone."""
    stored = keeper.object(incoming.object_id)
    if stored is not None:
        with transaction.atomic():
            follow_versions(stored)
