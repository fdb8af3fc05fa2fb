"""``khizana adopt PATH``: another institution's OCFL storage root, taken as it is."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click

from khizana.apps.preservation.actions.adopt import adopt
from khizana.cli.taking import findings_json
from khizana.cli.verb import Opened, Progress, tell, tell_findings
from khizana.core.imaging.lanes import processors
from khizana.core.preservation.ledger.deletions import known_deletions
from khizana.core.preservation.ocfl.validate import validate_storage_root
from khizana.wiring.library import enter_foreign, keeper, make_good


def run(*, opened: Opened, source: Path, as_json: bool) -> int:
    """Adopt every valid object; return the exit status: 1 where some were refused."""
    make_good(opened.folder, opened.configuration)
    keep = keeper(opened.folder, opened.configuration)
    with Progress(0, unit="B", scaled=True) as progress:
        done = adopt(
            source=source,
            verdicts=lambda path: validate_storage_root(path, workers=processors()),
            storage=keep.storage,
            validator=keep.validator,
            library=keep.library,
            agent=keep.agent,
            now=keep.now,
            enter=partial(enter_foreign, opened.folder, opened.configuration),
            deletions=known_deletions(opened.folder.ledger),
            on_bytes=progress.add,
        )
    tell_findings(done.findings)
    if as_json:
        value = {
            "adopted": done.new,
            "there": done.there,
            "refused": done.refused,
            "findings": findings_json(done.findings),
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        tell("ADOPTED", path=str(source), new=done.new, there=done.there, refused=done.refused)
    return int(done.refused > 0)
