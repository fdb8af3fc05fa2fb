"""What is given to ``add`` and ``receive``: a folder of photographs, or a bag that holds one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from khizana.cli.verb import tell_findings
from khizana.core.errors import BadInput, Damaged
from khizana.core.identifiers import ManuscriptId
from khizana.core.imaging.lanes import processors
from khizana.core.manuscript import Direction
from khizana.core.policy import Level
from khizana.core.preservation.bagit.validate import is_bag, validate_bag
from khizana.core.structure.written import PUBLICATION, STRUCTURE, read_publication

LARGEST = 1 << 26  # bytes of a file of ours in a bag


@dataclass(frozen=True, slots=True)
class GivenCard:
    """A folder of photographs, with what a bag of another library of Khizana says beside them."""

    folder: Path
    direction: Direction | None = None
    level: Level | None = None

    def strictest(self, level: Level) -> Level:
        """Return *level*, or that of the bag where it is stricter: a bag never opens what its sender had closed."""
        return max(level, self.level or level, key=list(Level).index)


def card_of(given: Path) -> GivenCard:
    """Return the folder of photographs in *given*: itself, or the payload of a bag once the whole of it is valid.

    Raises ``BadInput`` for a bag that is not valid or is in a zip or tar; nothing was received then.
    """
    if given.is_file() and is_bag(given):
        raise BadInput("BAG_PACKED", path=str(given))
    if not (given / "bagit.txt").is_file():
        return GivenCard(given)
    verdict = validate_bag(given, workers=processors())
    tell_findings(verdict.findings)
    if not verdict.is_valid:
        raise BadInput("BAG_INVALID", path=str(given))
    payload = given / "data"
    return GivenCard(payload, _direction(payload), _level(payload))


def _direction(payload: Path) -> Direction | None:
    raw = _read(payload / STRUCTURE)
    try:
        stated = json.loads(raw)["direction"] if raw is not None else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return stated if stated in ("rtl", "ltr") else None


def _level(payload: Path) -> Level | None:
    raw = _read(payload / PUBLICATION)
    if raw is None:
        return None
    try:
        agreement = read_publication(raw, ManuscriptId("")).agreement
    except (Damaged, RecursionError):
        return Level.STAFF  # it means to say something: nothing is opened on a guess
    return agreement.level if agreement.published else Level.STAFF


def _read(path: Path) -> bytes | None:
    # Validated a moment ago: a plain file, or not there.
    if not path.is_file() or path.stat().st_size > LARGEST:
        return None
    return path.read_bytes()
