"""``khizana edit``: one change in many descriptions, as one batch that ``khizana undo`` takes back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import click

from khizana.apps.publication import queries
from khizana.apps.publication.actions.edit_descriptions import Condition, Edit, How
from khizana.apps.publication.actions.many_descriptions import Outcome, edit_many
from khizana.cli.verb import Opened, tell, tell_findings
from khizana.core.catalogue.columns import COLUMNS
from khizana.core.errors import BadInput, NotFound
from khizana.core.identifiers import ManuscriptId, manuscript_id
from khizana.wiring.library import keeper, make_good

_ARROW = "=>"


def run(
    *,
    opened: Opened,
    shelfmarks: tuple[str, ...],
    everything: bool,
    where: str | None,
    sets: tuple[str, ...],
    adds: tuple[str, ...],
    removes: tuple[str, ...],
    replaces: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> int:
    """Change descriptions, or say which would change; return 1 where one could not be.

    Raises ``BadInput`` where no manuscripts or no change is given, or a column is unknown; ``NotFound``.
    """
    edits = _edits(sets, adds, removes, replaces)
    condition = Condition(*_pair(where)) if where else None
    if not edits or not (shelfmarks or everything or condition):
        raise BadInput("EDIT_NOTHING_GIVEN")
    make_good(opened.folder, opened.configuration)
    outcome = Outcome(f"urn:uuid:{uuid.uuid4()}", dry_run=dry_run)
    keep = keeper(opened.folder, opened.configuration)
    edit_many(_manuscripts(shelfmarks), edits, where=condition, keeper=keep, outcome=outcome)
    tell_findings(outcome.findings)
    if as_json:
        value = {
            "dry_run": dry_run,
            "batch": outcome.batch if outcome.changed and not dry_run else "",
            "changed": outcome.changed,
            "failed": [{"code": each.code, "manuscript": each.subject} for each in outcome.findings],
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    elif dry_run:
        tell("EDIT_WOULD", count=len(outcome.changed))
    else:
        tell("EDIT_DONE", count=len(outcome.changed))
        if outcome.changed:
            tell("IMPORT_BATCH", batch=outcome.batch)
    return int(bool(outcome.findings))


def _manuscripts(shelfmarks: tuple[str, ...]) -> Iterator[ManuscriptId]:
    if not shelfmarks:
        yield from queries.manuscript_ids(published_only=False)
    for each in shelfmarks:
        manuscript = manuscript_id(each)
        if queries.agreement_and_revision(manuscript) is None:
            raise NotFound("NO_MANUSCRIPT", manuscript=each)
        yield manuscript


def _edits(
    sets: tuple[str, ...], adds: tuple[str, ...], removes: tuple[str, ...], replaces: tuple[str, ...]
) -> tuple[Edit, ...]:
    edits: list[Edit] = []
    for how, given in ((How.SET, sets), (How.ADD, adds), (How.REMOVE, removes), (How.REPLACE, replaces)):
        for each in given:
            column, value = _pair(each)
            goes, arrow, comes = value.partition(_ARROW)
            if how is How.REPLACE and not arrow:
                raise BadInput("EDIT_WITHOUT_ARROW", given=each)
            values = (goes, comes) if how is How.REPLACE else (value,) if value else ()
            edits.append(Edit(column, how, values))
    return tuple(edits)


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals or name not in {each.name for each in COLUMNS}:
        raise BadInput("EDIT_UNKNOWN_COLUMN", given=given, columns=", ".join(each.name for each in COLUMNS))
    return name, value.strip()
