"""``khizana delete list``: the guardians, and every request with how far it is."""

from __future__ import annotations

import json
import math

import click

from khizana.cli.at_deletions import stage_words
from khizana.cli.verb import Opened, tell
from khizana.core.preservation.ledger.deletion_entries import DAY
from khizana.core.preservation.ledger.deletions import Stage, read_deletions
from khizana.wiring.library import now


def run(*, opened: Opened, as_json: bool) -> None:
    """Say what the ledger says."""
    found = read_deletions(opened.folder.ledger)
    people = found.guardians.people if found.guardians else ()
    rows = [
        {
            "request": each.id,
            "shelfmark": each.shelfmark,
            "reason": each.reason,
            "stage": str(each.stage),
            "consents": sorted(each.consents),
            "days_left": math.ceil(each.left(now()) / DAY) if each.stage is Stage.OPEN else 0,
            "sites_left": sorted(set(each.sites) - each.cleared),
        }
        for each in found.requests.values()
    ]
    if as_json:
        click.echo(json.dumps({"guardians": [each.name for each in people], "requests": rows}, ensure_ascii=False))
        return
    if not people:
        tell("NO_GUARDIANS")
    for person in people:
        tell("GUARDIAN_TOLD", name=person.name, key=person.key)
    for request in found.requests.values():
        is_open = request.stage is Stage.OPEN
        tell(
            "DELETION_TOLD",
            request=request.id,
            shelfmark=request.shelfmark or "-",
            reason=request.reason or "-",
            stage=stage_words(request),
            consents=", ".join(sorted(request.consents)) or "-",
            days=math.ceil(request.left(now()) / DAY) if is_open else 0,
            sites=", ".join(sorted(set(request.sites) - request.cleared)) or "-",
        )
