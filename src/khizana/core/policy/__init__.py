"""Agreements, and the one decision that every door asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SMALLER_IMAGE = 800
"""Longest side, in pixels, of an image shown under the *smaller* level."""


class Level(StrEnum):
    """What the owner allows a reader without an account."""

    OPEN = "open"
    SMALLER = "smaller"
    STAFF = "staff"


class Action(StrEnum):
    """What is asked of a resource."""

    DESCRIBE = "describe"
    """Show that it exists and what it is: list entry, description, manifest."""
    VIEW = "view"
    """Show its image: page, tile, reading size."""
    HARVEST = "harvest"
    """Hand its description on, to be kept and shown elsewhere: harvests, lists of changes, sitemaps, data in pages."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the owner allows for one manuscript."""

    level: Level = Level.OPEN
    published: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. ``ANYONE`` is a reader without an account."""

    staff: bool = False


ANYONE = Reader()
STAFF = Reader(staff=True)


@dataclass(frozen=True, slots=True)
class Allow:
    """As it is."""


@dataclass(frozen=True, slots=True)
class Degrade:
    """A smaller image only."""

    longest_side: int
    """Pixels."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Not at all; the reason is a message code that can be shown to the reader."""

    reason: str
    conceal: bool
    """True where even its existence is not told (answer as for something that does not exist)."""


Decision = Allow | Degrade | Refuse


def decide(agreement: Agreement, action: Action, reader: Reader) -> Decision:
    """Return whether *reader* may do *action* to a resource under *agreement*.

    Pure and quick (under a microsecond), so that tiles ask it too.
    """
    if reader.staff:
        return Allow()
    if not agreement.published:
        return Refuse("NOT_PUBLISHED", conceal=True)
    match agreement.level:
        case Level.OPEN:
            return Allow()
        case Level.SMALLER:
            return Degrade(SMALLER_IMAGE) if action is Action.VIEW else Allow()
        case Level.STAFF:
            # That it exists is told here, so that a reader knows whom to ask; what must not be known is not published.
            # What other places took from here could not be taken back from them.
            return Allow() if action is Action.DESCRIBE else Refuse("STAFF_ONLY", conceal=False)


def is_named_when_gone(agreement: Agreement) -> bool:
    """Return whether the shelfmark may be told of a manuscript that was open under *agreement* and is no longer."""
    return agreement.level is not Level.STAFF
