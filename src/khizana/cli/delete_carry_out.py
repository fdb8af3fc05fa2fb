"""``khizana delete carry-out REQUEST``: what two guardians consented to and the delay has passed over, done."""

from __future__ import annotations

import math
from functools import partial

from khizana.apps.publication.changes import offered_of
from khizana.cli.at_deletions import by, enter, requested, require_open, stage_words
from khizana.cli.at_sites import reached
from khizana.cli.verb import Opened, tell
from khizana.core.errors import BadInput, Damaged
from khizana.core.preservation.ledger.deletion_entries import (
    DAY,
    By,
    awaited,
    carried_out,
    guardians_named,
)
from khizana.core.preservation.ledger.deletions import STEPS, Request, Stage
from khizana.core.preservation.ledger.entry import DELETION_AWAITED, check_when
from khizana.core.preservation.ledger.guardians import NEEDED, guardians_in
from khizana.core.preservation.replicas.sites import listed_sites
from khizana.wiring.deletions import carry_out_here, checked_ledger
from khizana.wiring.library import make_good


def run(*, opened: Opened, request: str) -> None:
    """Carry it out, or complete what was begun; where its delay still runs, that is entered, and refused."""
    make_good(opened.folder, opened.configuration)
    _, sites = reached(opened, None, with_here=True)
    checked_ledger(opened.folder, sites)
    found, _ = requested(opened, request)
    if found.stage is Stage.DONE and not found.objects:
        raise BadInput("DELETION_NOT_OPEN", request=request, stage=stage_words(found))
    when = by(opened)
    if found.stage is not Stage.DONE:
        _require_due(opened, found, when)
    if not found.objects:
        enter(opened, guardians_named(guardians_in(found.asked.facts), request=request, by=when))
        if requested(opened, request)[0].stage is not Stage.DONE:
            raise Damaged("DELETION_ANSWER_LOST", request=request, name=request)
        tell("GUARDIANS_CHANGED", request=request)
        return
    # Removed ones too: what lies there is as it was, and may come back. Of two names of a site the newer one is last.
    names = {site.uid: site.name for site in listed_sites(opened.folder.sites) if not site.is_peer}
    offered = offered_of([each.object_id for each in found.objects], library=opened.configuration.name)
    tombstone = carried_out(request, by=when, names=sorted(found.consents), sites=names.values(), offered=offered)
    carry_out_here(
        found, folder=opened.folder, configuration=opened.configuration, enter=partial(enter, opened, tombstone)
    )
    done, _ = requested(opened, request)
    if done.stage is not Stage.DONE:
        raise Damaged("DELETION_ANSWER_LOST", request=request, name=request)
    left = [name for name in done.sites if name not in done.cleared]
    tell("DELETION_CARRIED_OUT", request=request, objects=len(done.objects), sites=", ".join(left) or "-")


def _require_due(opened: Opened, request: Request, when: By) -> None:
    require_open(request)
    if len(request.consents) < NEEDED:
        raise BadInput("DELETION_NOT_CONSENTED", request=request.id, consents=len(request.consents), needed=NEEDED)
    # By the time that is entered: what is due by it is due in the ledger.
    left = request.left(check_when(when.when))
    if left > 0:
        enter(opened, awaited(request.id, f"{DELETION_AWAITED} {request.id} {when.when}", by=when))
        facts = {"days": math.ceil(left / DAY), "steps": STEPS}
        raise BadInput("DELETION_NOT_YET", request=request.id, **facts)
