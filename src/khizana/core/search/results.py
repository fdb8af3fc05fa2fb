"""What was found, and why: values for a page, a program and the command line alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from khizana.core.findings import Finding, sentence
from khizana.core.identifiers import ManuscriptId
from khizana.core.search.document import Facet, Part, Passage


class Tier(StrEnum):
    """How a hit was found, the surest way first."""

    EXACT = "exact"
    """Every word, letter by letter."""
    FOLDED = "folded"
    """Every word, however its letters are written."""
    SOUNDS = "sounds"
    """A name that sounds alike, in any script or romanisation."""
    FUZZY = "fuzzy"
    """Words that differ by a letter or two."""
    WINDOW = "window"
    """Letters without dots and spaces, as a machine may have misread them."""
    ALL = "all"
    """Nothing but a filter was asked for."""


REASONS = {
    Tier.EXACT: "SEARCH_TIER_EXACT",
    Tier.FOLDED: "SEARCH_TIER_FOLDED",
    Tier.SOUNDS: "SEARCH_TIER_SOUNDS",
    Tier.FUZZY: "SEARCH_TIER_FUZZY",
    Tier.WINDOW: "SEARCH_TIER_WINDOW",
    Tier.ALL: "SEARCH_TIER_ALL",
}
"""By tier: the message that says why a hit is one."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """Where a passage meets the query."""

    part: Part
    kind: str
    language: str
    text: str
    """The passage as stored, or a piece of it."""
    offset: int
    """Where ``text`` begins in the passage as stored, in characters."""
    spans: tuple[tuple[int, int], ...]
    """What meets the query, by start and end in ``text``: they never overlap, and are in order."""
    page: str = ""
    """Of a line: the page's name in addresses."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why something is a hit."""

    tier: Tier
    score: float
    """From 0 to 1."""
    part: Part | None = None
    spelling: str = ""
    """The name, or the line, that met the query; nothing where words stand in several passages."""

    def sentence(self, language: str) -> str:
        """Return why this is a hit, in *language*."""
        return sentence(REASONS[self.tier], {"spelling": self.spelling, "score": f"{self.score:.2f}"}, language)


@dataclass(frozen=True, slots=True)
class Hit:
    """One manuscript that was found."""

    manuscript: ManuscriptId
    shelfmark: str
    titles: tuple[Passage, ...]
    evidence: Evidence
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name that a query may mean or go on to."""

    text: str
    part: Part
    manuscripts: int
    """In how many manuscripts it stands."""


@dataclass(frozen=True, slots=True)
class Results:
    """An answer to a query."""

    total: int
    hits: tuple[Hit, ...]
    at_least: bool = False
    """Whether there may be more than ``total``: lines or names met so often that not all were looked at."""
    facets: Mapping[Facet, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """By facet: values and in how many manuscripts, the most frequent first."""
    facets_part: float = 1.0
    """Which part of what was found ``facets`` were counted in, from 0 to 1: below 1 they are estimates for all."""
    suggestions: tuple[Suggestion, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an index beside the words."""

    everything: bool = False
    """Whether manuscripts that readers without an account may not see are searched too."""
    filters: tuple[tuple[Facet, str], ...] = ()
    """Each must be met."""
    limit: int = 10
    offset: int = 0
    sort: str = "relevance"
    """``relevance`` or ``date``, the earliest first."""
    facets: bool = True


SORTS = ("relevance", "date")
MOST_HITS = 1_000
"""Of one answer."""
DEEPEST = 10_000
"""Hits beyond are not listed: narrow the query down."""
