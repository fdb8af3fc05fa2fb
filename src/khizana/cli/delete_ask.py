"""``khizana delete ask SHELFMARK --reason TEXT``: a request to delete, of exactly what lies there now."""

from __future__ import annotations

import json
import secrets

import click

from khizana.apps.publication.actions.delete import named_by
from khizana.cli.at_deletions import by, enter, guarded, tell_objects
from khizana.cli.at_sites import reached
from khizana.cli.verb import Opened, tell
from khizana.core.errors import BadInput
from khizana.core.preservation.ledger.deletion_entries import LONGEST_REASON, deletion_asked
from khizana.core.preservation.ledger.deletions import read_deletions
from khizana.wiring.deletions import checked_ledger
from khizana.wiring.library import make_good


def run(*, opened: Opened, shelfmark: str, reason: str, as_json: bool) -> None:
    """Enter the request and say what it names."""
    make_good(opened.folder, opened.configuration)
    _, guardians = guarded(opened)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise BadInput("DELETION_REASON_UNUSABLE", longest=LONGEST_REASON)
    _, found = reached(opened, None, with_here=True)
    known = checked_ledger(opened.folder, found).known
    objects = named_by(shelfmark, folder=opened.folder, library=opened.configuration.name, known=known)
    request, delay = secrets.token_hex(4), int(opened.configuration.deletion_delay)
    about = {"shelfmark": shelfmark, "reason": reason}
    enter(opened, deletion_asked(request, objects, **about, delay=delay, guardians=guardians, by=by(opened)))
    if as_json:
        click.echo(json.dumps({"request": request, "objects": [each.object_id for each in objects], "delay": delay}))
        return
    tell_objects(read_deletions(opened.folder.ledger).requests[request])
    tell("DELETION_ASKED", request=request, delay=delay, **about)
