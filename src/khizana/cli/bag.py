"""``khizana bag SHELFMARK --into DIR``: a manuscript as a bag, for whoever it is sent to."""

from __future__ import annotations

import json
from pathlib import Path

import click

from khizana.apps.publication import queries
from khizana.apps.publication.actions.bag_manuscript import bag_manuscript
from khizana.cli.verb import Opened, Progress, tell, warn, words
from khizana.core.errors import BadInput
from khizana.core.identifiers import manuscript_id
from khizana.core.policy import Level
from khizana.core.preservation.bagit.validate import validate_bag
from khizana.core.preservation.bagit.write import BagForm
from khizana.wiring.library import keeper, make_good


def run(*, opened: Opened, shelfmark: str, directory: Path, as_zip: bool, as_tar: bool, as_json: bool) -> None:
    """Write the bag, and say what is in it."""
    if as_zip and as_tar:
        raise BadInput("ZIP_OR_TAR")
    make_good(opened.folder, opened.configuration)
    manuscript = manuscript_id(shelfmark)
    titles = opened.configuration.card(serving_at="").titles
    with Progress(0, unit="B", scaled=True) as progress:
        bag = bag_manuscript(
            manuscript=manuscript,
            into=directory,
            form=BagForm.ZIP if as_zip else BagForm.TAR if as_tar else BagForm.FOLDER,
            organisation=" / ".join(text for texts in titles.values() for text in texts) or opened.configuration.name,
            keeper=keeper(opened.folder, opened.configuration),
            validator=lambda path: validate_bag(path).findings,
            on_bytes=progress.add,
            on_total=progress.total,
        )
    known = queries.agreement_and_revision(manuscript)
    if known is None or not known[0].published or known[0].level is not Level.OPEN:
        warn(words("BAGGED_RESTRICTED", manuscript=manuscript))
    if as_json:
        click.echo(json.dumps({"path": str(bag.path), "files": bag.files, "bytes": bag.bytes}, ensure_ascii=False))
    else:
        tell("BAGGED", manuscript=manuscript, path=str(bag.path), files=bag.files, bytes=bag.bytes)
