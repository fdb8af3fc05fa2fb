"""``khizana receive FOLDER``: the photographs of a card into staging, read back."""

from __future__ import annotations

import json
from pathlib import Path

import click

from khizana.cli.given_card import card_of
from khizana.cli.taking import findings_json, receive_with_progress
from khizana.cli.verb import Opened, tell, tell_findings
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import manuscript_id
from khizana.core.preservation.journal import Journal
from khizana.wiring.library import make_good
from khizana.wiring.worker import lanes


def run(*, opened: Opened, folder: Path, shelfmark: str, more: bool, as_json: bool) -> int:
    """Receive; return the exit status: 1 where files were refused."""
    with card_of(folder) as given:
        make_good(opened.folder, opened.configuration)
        journal = Journal(opened.folder.staging, manuscript_id(shelfmark))
        with journal.held(shelfmark), lanes() as image_lanes:
            received = receive_with_progress(opened, given.card, shelfmark, image_lanes, more=more)
    tell_findings(received.findings)
    count = len(received.receipt.captures)
    if not count:
        raise KhizanaError("NOTHING_TO_ADD", path=str(folder))
    if as_json:
        value = {"received": count, "refused": received.refused, "findings": findings_json(received.findings)}
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        tell("RECEIVED", count=count, refused=received.refused, shelfmark=shelfmark)
    return int(received.refused > 0)
