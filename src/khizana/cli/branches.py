"""``khizana branches``: what a person has to decide since places that both worked were joined."""

from __future__ import annotations

import json
from pathlib import Path

import click

from khizana.apps.publication.actions.settle import kept_bytes, other_bytes
from khizana.cli.undecided import Undecided, undecided
from khizana.cli.verb import Opened, tell
from khizana.core.preservation.durable import make_directories, write_beside, writing
from khizana.wiring.library import make_good


def run(*, opened: Opened, shelfmark: str | None, directory: Path | None, as_json: bool) -> None:
    """List what is undecided, of one manuscript or of all; write both forms of each file into *directory*."""
    make_good(opened.folder, opened.configuration)
    waiting = list(undecided(opened, shelfmark))
    for each in waiting:
        conflict = each.conflict
        if directory is not None:
            _write(each, directory)
        if as_json:
            value = {
                "manuscript": each.shelfmark,
                "file": conflict.path,
                "branch": each.branch,
                "by": conflict.by,
                "written": conflict.written,
            }
            click.echo(json.dumps(value, ensure_ascii=False))
        else:
            tell(
                "BRANCH_UNDECIDED",
                shelfmark=each.shelfmark,
                name=conflict.path,
                by=conflict.by or "?",
                written=conflict.written[:16].replace("T", " "),
                branch=each.branch,
            )
    if not waiting and not as_json:
        tell("BRANCHES_DECIDED")


def _write(each: Undecided, directory: Path) -> None:
    place = directory / each.manuscript
    forms = {"stands": kept_bytes(each.stored, each.conflict), each.branch: other_bytes(each.stored, each.conflict)}
    with writing(place):
        make_directories(place)
        for form, content in forms.items():
            name = f"{form}-{each.conflict.path.replace('/', '-')}"
            if not (place / name).exists():
                write_beside(place / name, content)
