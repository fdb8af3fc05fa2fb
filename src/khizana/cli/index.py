"""``khizana index``: the search index again, from the preservation objects."""

from __future__ import annotations

import json

import click

from khizana.cli.verb import Opened, Progress, tell
from khizana.wiring.library import make_good
from khizana.wiring.search import index_all


def run(*, opened: Opened, as_json: bool) -> None:
    """Make the index anew."""
    make_good(opened.folder, opened.configuration)
    with Progress(0, unit="ms") as progress:
        count = index_all(opened.folder, opened.configuration, on_manuscript=lambda: progress.add(1))
    if as_json:
        click.echo(json.dumps({"manuscripts": count}))
    else:
        tell("SEARCH_INDEXED", manuscripts=count)
