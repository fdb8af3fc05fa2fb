"""``khizana settle``: a person decides what branches both changed."""

from __future__ import annotations

import json

import click

from khizana.apps.publication.actions.settle import settle
from khizana.cli.undecided import undecided
from khizana.cli.verb import Opened, tell
from khizana.core.errors import BadInput, NotFound
from khizana.wiring.library import keeper, make_good


def run(*, opened: Opened, shelfmark: str, file: str, branch: str | None, choice: str, as_json: bool) -> None:
    """Keep what stands of *file*, or take what the other branch says of it."""
    make_good(opened.folder, opened.configuration)
    found = [
        each
        for each in undecided(opened, shelfmark)
        if each.conflict.path == file and each.conflict.branch.startswith(branch or "")
    ]
    if not found:
        raise NotFound("NOTHING_TO_SETTLE", manuscript=shelfmark)
    if len(found) > 1:
        raise BadInput("WHICH_BRANCH", name=file, branches=", ".join(each.branch for each in found))
    settle(
        manuscript=found[0].manuscript,
        object_id=found[0].stored.id,
        conflict=found[0].conflict,
        take=choice == "take",
        keeper=keeper(opened.folder, opened.configuration),
    )
    left = sum(1 for _ in undecided(opened, shelfmark))
    if as_json:
        click.echo(json.dumps({"manuscript": shelfmark, "file": file, "choice": choice, "left": left}))
    else:
        tell("SETTLED_TAKEN" if choice == "take" else "SETTLED_KEPT", name=file, left=left)
