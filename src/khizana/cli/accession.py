"""``khizana accession``: what was received into preservation objects."""

from __future__ import annotations

import json

import click

from khizana.apps.publication.actions.accession import accession
from khizana.cli.taking import description_of
from khizana.cli.verb import Opened, tell
from khizana.core.identifiers import manuscript_id
from khizana.core.manuscript import Direction
from khizana.core.policy import Level
from khizana.core.preservation.journal import Journal
from khizana.wiring.library import keeper, make_good


def run(
    *,
    opened: Opened,
    shelfmark: str,
    titles: tuple[str, ...],
    description: str | None,
    direction: Direction,
    level: str,
    more: bool,
    as_json: bool,
) -> None:
    """Keep what ``receive`` put into staging; every file is read again, as time has passed."""
    make_good(opened.folder, opened.configuration)
    journal = Journal(opened.folder.staging, manuscript_id(shelfmark))
    with journal.held(shelfmark):
        done = accession(
            receipt=journal.receipt(),
            description=description_of(shelfmark=shelfmark, titles=titles, given=description, card=None),
            direction=direction,
            level=Level(level),
            keeper=keeper(opened.folder, opened.configuration),
            read_back={},
            more=more,
        )
    if as_json:
        value = {"manuscript": done.manuscript, "pages": done.pages, "new_pages": done.new_pages}
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        tell("ACCESSIONED", manuscript=done.manuscript, pages=done.pages, new=done.new_pages)
