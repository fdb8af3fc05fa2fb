"""What is given to ``add`` and ``receive``: a folder of photographs, or a bag in a folder, a zip or a tar."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from khizana.cli.verb import tell_findings
from khizana.core.errors import BadInput, Damaged
from khizana.core.identifiers import ManuscriptId
from khizana.core.imaging.lanes import processors
from khizana.core.manuscript import Direction
from khizana.core.policy import Level
from khizana.core.ports import Card
from khizana.core.preservation.bagit.card import packed_card
from khizana.core.preservation.bagit.validate import validate_bag
from khizana.core.preservation.bagit.validate_source import Form, form_of
from khizana.core.preservation.card import FolderCard
from khizana.core.structure.written import PUBLICATION, STRUCTURE, read_publication

LARGEST = 1 << 26  # bytes of a file of ours in a bag; of a larger one the beginning, which says nothing


@dataclass(frozen=True, slots=True)
class GivenCard:
    """A card, with what a bag of another library of Khizana says beside its photographs."""

    card: Card
    direction: Direction | None = None
    level: Level | None = None

    def strictest(self, level: Level) -> Level:
        """Return *level*, or that of the bag where it is stricter: a bag never opens what its sender had closed."""
        return max(level, self.level or level, key=list(Level).index)


@contextmanager
def card_of(given: Path) -> Iterator[GivenCard]:
    """Give the card in *given*: a folder itself, or the payload of a bag once the whole of it is valid.

    Raises ``BadInput`` for a bag that is not valid, nothing having been received, and ``Unreadable`` for a file.
    """
    form = form_of(given)
    if form is None and given.is_file():
        raise BadInput("BAGIT_NEITHER", path=str(given))
    if form is None or (form is Form.FOLDER and not (given / "bagit.txt").is_file()):
        yield GivenCard(FolderCard(given))
        return
    verdict = validate_bag(given, workers=processors())
    tell_findings(verdict.findings)
    if not verdict.is_valid:
        raise BadInput("BAG_INVALID", path=str(given))
    with nullcontext(FolderCard(given / "data")) if form is Form.FOLDER else packed_card(given, form) as card:
        yield GivenCard(card, _direction(card), _level(card))


def _direction(card: Card) -> Direction | None:
    raw = card.content(STRUCTURE, LARGEST)
    try:
        stated = json.loads(raw)["direction"] if raw is not None else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return stated if stated in ("rtl", "ltr") else None


def _level(card: Card) -> Level | None:
    raw = card.content(PUBLICATION, LARGEST)
    if raw is None:
        return None
    try:
        agreement = read_publication(raw, ManuscriptId("")).agreement
    except (Damaged, RecursionError):
        return Level.STAFF  # it means to say something: nothing is opened on a guess
    return agreement.level if agreement.published else Level.STAFF
