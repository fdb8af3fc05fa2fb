"""``khizana add FOLDER``: from a folder of photographs to a safe copy and a page that anyone can read."""

from __future__ import annotations

import json
from pathlib import Path

import click

from khizana.apps.digitisation.actions.receive_card import CardReceived
from khizana.apps.digitisation.queries import pages_without_copy
from khizana.apps.publication import queries
from khizana.apps.publication.actions.accession import Accessioned, accession
from khizana.apps.publication.actions.publish import publish
from khizana.cli.given_card import card_of
from khizana.cli.taking import description_of, findings_json, receive_with_progress
from khizana.cli.verb import Opened, tell, tell_findings
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import ManuscriptId, description_object_id, manuscript_id
from khizana.core.manuscript import Direction
from khizana.core.policy import Agreement, Level
from khizana.core.ports import Card
from khizana.core.preservation.journal import Journal
from khizana.core.structure.written import PUBLICATION, read_publication
from khizana.wiring.library import keeper, make_good
from khizana.wiring.worker import lanes


def run(
    *,
    opened: Opened,
    folder: Path,
    shelfmark: str,
    titles: tuple[str, ...],
    description: str | None,
    direction: Direction,
    level: str,
    more: bool,
    as_json: bool,
) -> int:
    """Receive, accession, and publish unless a file was refused; return the exit status.

    Raises ``KhizanaError`` and its kinds; what was received or accessioned by then is kept.
    """
    with card_of(folder) as given:
        received, done = add(
            opened,
            given.card,
            shelfmark=shelfmark,
            description=description_of(shelfmark=shelfmark, titles=titles, given=description, card=given.card),
            direction=given.direction or direction,
            level=given.strictest(Level(level)),
            more=more,
        )
    return report(received, done, as_json=as_json)


def add(
    opened: Opened, card: Card, *, shelfmark: str, description: bytes, direction: Direction, level: Level, more: bool
) -> tuple[CardReceived, Accessioned]:
    """Receive, accession, and publish unless a file was refused."""
    make_good(opened.folder, opened.configuration)
    with Journal(opened.folder.staging, manuscript_id(shelfmark)).held(shelfmark):
        with lanes() as image_lanes:
            received = receive_with_progress(opened, card, shelfmark, image_lanes, more=more)
        if not received.receipt.captures:
            tell_findings(received.findings)
            raise KhizanaError("NOTHING_TO_ADD", path=str(card.path))
        done = accession(
            receipt=received.receipt,
            description=description,
            direction=direction,
            level=level,
            keeper=keeper(opened.folder, opened.configuration),
            read_back=received.read_back,
            more=more,
        )
        if not received.refused:
            publish_pages(opened, done.manuscript, level)
    return received, done


def publish_pages(opened: Opened, manuscript: ManuscriptId, level: Level) -> bool:
    """Publish *manuscript* at *level*, or at a stricter one of its accession; False where nothing changed.

    What was decided since its accession (published, restricted, withdrawn) is left as it is: adding the same card
    again must never open what someone has closed.
    """
    keep = keeper(opened.folder, opened.configuration)
    stored = keep.object(description_object_id(keep.library, manuscript))
    # A description may have been changed meanwhile; what counts is whether somebody decided on publication.
    if stored is None or len({version.state[PUBLICATION] for version in stored.versions}) > 1:
        return False
    accessioned = read_publication(stored.read_bytes(PUBLICATION), manuscript).agreement.level
    strictest = max(level, accessioned, key=list(Level).index)
    return publish(
        manuscript=manuscript,
        agreement=Agreement(strictest, published=True),
        keeper=keep,
        pages_without_copy=pages_without_copy(manuscript, opened.folder),
    )


def report(received: CardReceived, done: Accessioned, *, as_json: bool) -> int:
    """Say what came of it; return the exit status: 1 where files were refused."""
    tell_findings(received.findings)
    known = queries.agreement_and_revision(done.manuscript)
    published = known is not None and known[0].published
    if as_json:
        click.echo(
            json.dumps(
                {
                    "manuscript": done.manuscript,
                    "pages": done.pages,
                    "new_pages": done.new_pages,
                    "published": published,
                    "findings": findings_json(received.findings),
                },
                ensure_ascii=False,
            )
        )
    elif published and not received.refused:
        tell("ADDED", manuscript=done.manuscript, pages=done.pages, new=done.new_pages)
    elif received.refused and not published:
        tell("ADDED_NOT_ALL", manuscript=done.manuscript, pages=done.pages, refused=received.refused)
    else:
        tell(
            "ADDED_AS_BEFORE",
            manuscript=done.manuscript,
            pages=done.pages,
            new=done.new_pages,
            refused=received.refused,
        )
    return int(received.refused > 0)
