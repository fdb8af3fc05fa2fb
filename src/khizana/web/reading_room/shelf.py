"""Manuscripts on the shelf: what the home page and the list show of each."""

from __future__ import annotations

from dataclasses import dataclass

from khizana.apps.publication.queries import ManuscriptSummary
from khizana.core.policy import Action, Level, Reader, decide
from khizana.web.reading_room import addresses
from khizana.web.reading_room.pictures import Picture, picture
from khizana.web.reading_room.words import Shown, direction_of, shortened, shown

CARD_SIZES = "(max-width:40em) 44vw,15rem"
CARD_WIDEST = 480
_NAME = 60
"""Letters of a title on the shelf; the manuscript's own page has all of it."""


@dataclass(frozen=True, slots=True)
class Card:
    """One manuscript on the shelf."""

    href: str
    title: Shown
    name: str
    """The title, cut where it is long."""
    shelfmark: str
    page_count: int
    picture: Picture | None
    """Its first page, or None where there is none or it may not be seen."""
    level: Level
    published: bool


def card(summary: ManuscriptSummary, language: str, reader: Reader) -> Card:
    """Return *summary* as a card of a page in *language*, with what *reader* may see of it."""
    decision = decide(summary.agreement, Action.VIEW, reader)
    title = shown(summary.titles, language) or Shown(summary.shelfmark, "", direction_of(summary.shelfmark))
    return Card(
        href=addresses.manuscript(language, summary.id),
        title=title,
        name=shortened(title.text, _NAME),
        shelfmark=summary.shelfmark,
        page_count=summary.page_count,
        picture=picture(summary.first, decision, CARD_SIZES, widest=CARD_WIDEST) if summary.first else None,
        level=summary.agreement.level,
        published=summary.agreement.published,
    )
