"""``khizana undo``: take an import or an edit of many descriptions back; what was changed since stays."""

from __future__ import annotations

import json
import uuid
from datetime import datetime

import click

from khizana.apps.preservation import queries
from khizana.apps.publication.actions.many_descriptions import Outcome, undo_batch
from khizana.cli.verb import Opened, tell, tell_findings
from khizana.core.errors import BadInput, NotFound
from khizana.wiring.library import keeper, make_good

LISTED = 20


def run(*, opened: Opened, batch: str | None, dry_run: bool, as_json: bool) -> int:
    """List what can be undone, or undo one batch; return 1 where something of it stays.

    Raises ``NotFound`` for a batch that is not there, ``BadInput`` where several begin so.
    """
    make_good(opened.folder, opened.configuration)
    if batch is None:
        return _list(as_json=as_json)
    whole = _whole(batch)
    outcome = Outcome(f"urn:uuid:{uuid.uuid4()}", dry_run=dry_run)
    undo_batch(whole, keeper=keeper(opened.folder, opened.configuration), outcome=outcome)
    tell_findings(outcome.findings[:LISTED])
    count, left = len(outcome.changed), len(outcome.findings)
    if as_json:
        value = {
            "dry_run": dry_run,
            "batch": outcome.batch if count and not dry_run else "",
            "undone": count,
            "stays": [{"code": each.code, "manuscript": each.subject} for each in outcome.findings],
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        tell("UNDO_WOULD" if dry_run else "UNDO_DONE", count=count, left=left)
    return int(bool(left))


def _list(*, as_json: bool) -> int:
    batches = queries.batches(limit=LISTED)
    if as_json:
        value = [
            {"batch": each.batch, "when": each.when, "descriptions": each.count, "what": each.what} for each in batches
        ]
        click.echo(json.dumps({"batches": value}, ensure_ascii=False))
    elif not batches:
        tell("UNDO_NOTHING")
    for each in () if as_json else batches:
        when = datetime.fromisoformat(each.when).isoformat(timespec="seconds")
        tell("UNDO_LISTED", batch=each.batch.rpartition(":")[2][:8], when=when, count=each.count, what=each.what)
    return 0


def _whole(given: str) -> str:
    known = [each.batch for each in queries.batches() if each.batch.removeprefix("urn:uuid:").startswith(given)]
    if given.startswith("urn:uuid:"):
        known = [each.batch for each in queries.batches() if each.batch == given]
    if not known:
        raise NotFound("UNDO_NO_SUCH_BATCH", batch=given)
    if len(known) > 1:
        raise BadInput("UNDO_SEVERAL", batch=given)
    return known[0]
