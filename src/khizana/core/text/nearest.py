"""The names nearest to a name, among names kept in memory: for pages of persons and titles, and for lists of rivals."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from khizana.core.text.fold import fold
from khizana.core.text.nearness import nearness as nearness_of
from khizana.core.text.nearness import rarest, weighted_keys
from khizana.core.text.sounds import sounded

Named = TypeVar("Named", bound=Hashable)

CONSIDERED = 80
"""Names that share keys with the one asked for and are compared sound by sound."""
MOST_WORDS = 24
"""Words of a name or title that are compared."""


@dataclass(frozen=True, slots=True)
class _Kept:
    name: Hashable
    text: str
    sounds: tuple[str, ...]
    folded: str


@dataclass(frozen=True, slots=True)
class Near(Generic[Named]):
    """One name that was found, and how near it is, from 0 to 1."""

    name: Named
    text: str
    nearness: float


class Names(Generic[Named]):
    """Names in any script, each spelling under the identifier of what it names."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._seen: Counter[str] = Counter()

    def add(self, name: Named, text: str) -> None:
        """Keep *text* as a spelling of what *name* identifies."""
        sounds = sounded(text)[:MOST_WORDS]
        for key in weighted_keys(sounds):
            self._by_key[key].append(len(self._kept))
        self._seen.update({rarest(each) for each in sounds})
        self._kept.append(_Kept(name, text, sounds, fold(text).text))

    def nearest(self, text: str, limit: int = 10) -> list[Near[Named]]:
        """Return what is named most nearly as *text*, the nearest first, each once under its nearest spelling."""
        sounds = sounded(text)[:MOST_WORDS]
        scores: dict[int, float] = defaultdict(float)
        for key, worth in weighted_keys(sounds).items():
            holders = self._by_key.get(key, ())
            rarity = math.log1p(len(self._kept) / len(holders)) if holders else 0.0
            for place in holders:
                scores[place] += worth * rarity * rarity
        shortened = ((score / math.sqrt(4 + len(self._kept[place].sounds)), -place) for place, score in scores.items())
        considered = [-place for _, place in sorted(shortened, reverse=True)[:CONSIDERED]]
        folded = fold(text).text
        best: dict[Hashable, Near[Named]] = {}
        for place in considered:
            kept = self._kept[place]
            nearness = nearness_of(sounds, kept.sounds, self._weight)
            # The same letters are nearer than the same sounds.
            nearness = min(1.0, nearness * 0.99 + (0.01 if folded == kept.folded else 0.0))
            if kept.name not in best or nearness > best[kept.name].nearness:
                best[kept.name] = Near(kept.name, kept.text, nearness)  # type: ignore[arg-type]  # added as Named
        return sorted(best.values(), key=lambda each: -each.nearness)[:limit]

    def _weight(self, sounds: str) -> float:
        """Return what a word counts: rare words tell names apart, every other name has an "ibn"."""
        return math.log1p((1 + len(self._kept)) / (1 + self._seen[rarest(sounds)]))
