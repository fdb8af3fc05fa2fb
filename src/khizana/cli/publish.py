"""``khizana publish SHELFMARK``: open to readers, and at which level; or withdrawn from them."""

from __future__ import annotations

import json

import click

from khizana.apps.digitisation.queries import pages_without_copy
from khizana.apps.publication import queries
from khizana.apps.publication.actions.publish import publish
from khizana.cli.verb import Opened, tell
from khizana.core.errors import NotFound
from khizana.core.identifiers import manuscript_id
from khizana.core.policy import Agreement, Level
from khizana.wiring.library import keeper, make_good


def run(*, opened: Opened, shelfmark: str, level: str | None, withdraw: bool, as_json: bool) -> None:
    """Publish or withdraw one manuscript."""
    make_good(opened.folder, opened.configuration)
    manuscript = manuscript_id(shelfmark)
    known = queries.agreement_and_revision(manuscript)
    if known is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=shelfmark)
    agreement = Agreement(Level(level) if level else known[0].level, published=not withdraw)
    changed = publish(
        manuscript=manuscript,
        agreement=agreement,
        keeper=keeper(opened.folder, opened.configuration),
        pages_without_copy=pages_without_copy(manuscript, opened.folder),
    )
    if as_json:
        value = {
            "manuscript": manuscript,
            "published": agreement.published,
            "level": agreement.level.value,
            "changed": changed,
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        tell("WITHDRAWN" if withdraw else "PUBLISHED", manuscript=manuscript, level=agreement.level.value)
