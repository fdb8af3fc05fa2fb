"""Agreements, and the one decision that every door asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SMALLER_IMAGE = 800
"""Longest side, in pixels, of an image shown under the *smaller* level."""


class Level(StrEnum):
    """What the owner allows a reader, from the widest to the narrowest."""

    OPEN = "open"
    TERMS = "terms"
    """Images for those who have agreed to the library's terms."""
    SMALLER = "smaller"
    """Smaller images; whole ones for readers whom the library knows."""
    READERS = "readers"
    """Images for readers whom the library knows."""
    STAFF = "staff"


class WayIn(StrEnum):
    """What a reader can do to be allowed more."""

    TERMS = "terms"
    """Agree to the library's terms."""
    SIGN_IN = "sign-in"
    """Sign in with an account that the library gave."""


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
    known: bool = False
    """The library has given this reader an account."""
    agreed: bool = False
    """To the library's terms, as they are today."""


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
    if action is Action.VIEW:
        return _view(agreement.level, reader)
    # That it exists is told here, so that a reader knows whom to ask; what must not be known is not published.
    # What other places took from here could not be taken back from them.
    is_told = action is Action.DESCRIBE or agreement.level is not Level.STAFF
    return Allow() if is_told else Refuse("STAFF_ONLY", conceal=False)


def _view(level: Level, reader: Reader) -> Decision:
    match level:
        case Level.OPEN:
            return Allow()
        case Level.TERMS:
            return Allow() if reader.agreed else Refuse("TERMS_FIRST", conceal=False)
        case Level.SMALLER:
            return Allow() if reader.known else Degrade(SMALLER_IMAGE)
        case Level.READERS:
            return Allow() if reader.known else Refuse("READERS_ONLY", conceal=False)
        case Level.STAFF:
            return Refuse("STAFF_ONLY", conceal=False)


def is_shown_as_to_all(agreement: Agreement, reader: Reader) -> bool:
    """Return whether a page made for *reader* may be kept for everyone: nobody's own, and with nothing more to see."""
    return not (reader.staff or reader.known) and decide(agreement, Action.VIEW, reader) == decide(
        agreement, Action.VIEW, ANYONE
    )


def way_in(agreement: Agreement) -> WayIn | None:
    """Return what opens the images under *agreement* to readers to whom they are closed, wholly or in part.

    None where everyone sees them already, and where no reader ever will.
    """
    if not agreement.published:
        return None
    return {Level.TERMS: WayIn.TERMS, Level.SMALLER: WayIn.SIGN_IN, Level.READERS: WayIn.SIGN_IN}.get(agreement.level)


def is_named_when_gone(agreement: Agreement) -> bool:
    """Return whether the shelfmark may be told of a manuscript that was open under *agreement* and is no longer."""
    return agreement.level is not Level.STAFF
