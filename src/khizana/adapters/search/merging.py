"""Evidence for manuscripts, gathered from every way of finding and put into one order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import tantivy

from khizana.core.search.document import Part
from khizana.core.search.results import Evidence, Tier

HIGHEST: Final = 1.5
"""What the best evidence adds up to: a whole name, letter by letter."""
_BONUS = {Tier.EXACT: 0.4, Tier.FOLDED: 0.15}
_LEAST = {Tier.EXACT: 0.7, Tier.FOLDED: 0.65, Tier.FUZZY: 0.35, Tier.WINDOW: 0.0}
_RANK = {tier: rank for rank, tier in enumerate(Tier)}


@dataclass(slots=True)
class Found:
    """What speaks for one manuscript."""

    number: int
    address: tantivy.DocAddress | None = None
    """Of its own document, where that is known."""
    words: float = 0.0
    """From words that were found, 0 to 1."""
    name: float = 0.0
    """From a name that sounds alike, 0 to 1."""
    bonus: float = 0.0
    tier: Tier = Tier.WINDOW
    part: Part | None = None
    spelling: str = ""
    lines: list[tantivy.DocAddress] = field(default_factory=list)

    @property
    def score(self) -> float:
        """From 0 to 1."""
        return min(1.0, (max(self.words, self.name) + self.bonus + 0.1 * min(self.words, self.name)) / HIGHEST)

    def evidence(self) -> Evidence:
        """Return it as a value."""
        return Evidence(self.tier, round(self.score, 4), self.part, self.spelling)


class Gathered:
    """Everything found so far, by manuscript."""

    def __init__(self) -> None:
        self.found: dict[int, Found] = {}
        self.is_cut = False
        """Whether one of the ways of finding was not gone to its end."""

    def of(self, number: int) -> Found:
        """Return what speaks for the manuscript with *number*."""
        found = self.found.get(number)
        if found is None:
            found = self.found[number] = Found(number)
        return found

    def word(self, found: Found, tier: Tier, score: float, *, near: bool) -> None:
        """Count words found in *tier*, *near* one another or scattered, with the engine's *score* from 0 to 1."""
        value = _LEAST[tier] + (0.1 if near else 0.0) + 0.1 * score
        found.words = max(found.words, value)
        if near:
            found.bonus = max(found.bonus, _BONUS.get(tier, 0.0))
        _better(found, tier)

    def named(self, found: Found, nearness: float, part: Part, spelling: str) -> None:
        """Count a name that is near."""
        if nearness > found.name:
            found.name, found.part, found.spelling = nearness, part, spelling
        _better(found, Tier.SOUNDS)

    def ordered(self) -> list[Found]:
        """Return what was found, the best first."""
        return sorted(self.found.values(), key=lambda each: (-each.score, each.number))


def _better(found: Found, tier: Tier) -> None:
    if _RANK[tier] < _RANK[found.tier]:
        found.tier = tier
