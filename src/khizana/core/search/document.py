"""What is searched of one manuscript: its passages by the part of the description they stand in, and its facets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from khizana.core.dates import Days
from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import Agreement

LONGEST_PASSAGE = 20_000
"""Characters of one passage that are searched."""
MOST_PASSAGES = 2_000


class Part(StrEnum):
    """Which part of a description a passage is, as a query may name it (``title:``)."""

    TITLE = "title"
    PERSON = "person"
    PLACE = "place"
    SUBJECT = "subject"
    TEXT = "text"
    """Rubric, incipit, explicit, colophon, and lines of transcriptions."""
    NOTE = "note"
    """Summary, notes, history, physical description."""
    SHELFMARK = "shelfmark"


NAMES = (Part.TITLE, Part.PERSON, Part.PLACE, Part.SUBJECT)
"""Parts whose passages are names: found across scripts and romanisations, and suggested."""


class Facet(StrEnum):
    """By what results can be narrowed down."""

    LANGUAGE = "language"
    SUBJECT = "subject"
    HIJRI_CENTURY = "hijri_century"
    CENTURY = "century"
    PLACE = "place"
    SCRIPT = "script"
    CUSTODIAN = "custodian"
    CONDITION = "condition"
    IMAGES = "images"
    """``yes`` or ``no``."""
    TEXT = "text"
    """``yes`` where lines of its text are searched."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a description, as stored; offsets of highlights are into ``text``."""

    part: Part
    text: str
    language: str = "none"
    kind: str = ""
    """What it is within its part: the role of a person, ``incipit``, ``colophon`` ..."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcription."""

    text: str
    page: str
    """The page's name in addresses: "12r"."""
    number: int
    """From 1, within the page."""
    language: str = "none"
    machine: bool = False
    """True where a machine read it and nobody has checked it."""


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One manuscript as it is searched. Where it lies today is never part of it."""

    manuscript: ManuscriptId
    shelfmark: str
    passages: tuple[Passage, ...]
    agreement: Agreement
    facets: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    days: Days | None = None
    """When it was made; None where that is not known, no bound where it is open."""
    languages: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def titles(self) -> tuple[Passage, ...]:
        """Its titles, the preferred one first."""
        return tuple(each for each in self.passages if each.part is Part.TITLE)
