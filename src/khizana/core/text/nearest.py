"""The names nearest to a name, among names kept in memory: for pages of persons and titles, and for lists of rivals."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Generic, TypeVar

from khizana.core.text.fold import fold
from khizana.core.text.keys import cross_keys, joined
from khizana.core.text.likeness import likeness
from khizana.core.text.sounds import sounded

Named = TypeVar("Named", bound=Hashable)

CONSIDERED = 80
"""Names that share keys with the one asked for and are compared sound by sound."""
LIKE = 0.5
"""Words less alike than this count as not alike."""
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
        for key in _weighted(sounds):
            self._by_key[key].append(len(self._kept))
        self._seen.update({_rarest(each) for each in sounds})
        self._kept.append(_Kept(name, text, sounds, fold(text).text))

    def nearest(self, text: str, limit: int = 10) -> list[Near[Named]]:
        """Return what is named most nearly as *text*, the nearest first, each once under its nearest spelling."""
        sounds = sounded(text)[:MOST_WORDS]
        scores: dict[int, float] = defaultdict(float)
        for key, worth in _weighted(sounds).items():
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
            nearness = self._nearness(sounds, kept.sounds)
            # The same letters are nearer than the same sounds.
            nearness = min(1.0, nearness * 0.99 + (0.01 if folded == kept.folded else 0.0))
            if kept.name not in best or nearness > best[kept.name].nearness:
                best[kept.name] = Near(kept.name, kept.text, nearness)  # type: ignore[arg-type]  # added as Named
        return sorted(best.values(), key=lambda each: -each.nearness)[:limit]

    def _weight(self, sounds: str) -> float:
        """Return what a word counts: rare words tell names apart, every other name has an "ibn"."""
        return math.log1p((1 + len(self._kept)) / (1 + self._seen[_rarest(sounds)]))

    def _nearness(self, asked: tuple[str, ...], kept: tuple[str, ...]) -> float:
        """Return the share of both names' weight that finds a like word in the other, a little less out of order."""
        if not asked or not kept:
            return 0.0
        ours, theirs = [self._weight(each) for each in asked], [self._weight(each) for each in kept]
        pairs = sorted(
            (
                (likeness(one, other), -abs(i - j), i, j)
                for i, one in enumerate(asked)
                for j, other in enumerate(kept)
                if _may_be_like(one, other)
            ),
            reverse=True,
        )
        found_ours, found_theirs = [0.0] * len(asked), [0.0] * len(kept)
        met: list[tuple[int, int]] = []
        for like, _, i, j in pairs:
            if like < LIKE:
                break
            if not found_ours[i] and not found_theirs[j]:
                found_ours[i] = found_theirs[j] = like
                met.append((i, j))
        self._join(asked, kept, found_ours, found_theirs)
        covered = sum(w * f for w, f in zip(ours, found_ours, strict=True)) / sum(ours)
        filled = sum(w * f for w, f in zip(theirs, found_theirs, strict=True)) / sum(theirs)
        met.sort()
        turns = sum(1 for one, other in pairwise(met) if other[1] < one[1])
        order = 1.0 - 0.04 * turns / max(1, len(met) - 1)
        return (0.6 * covered + 0.4 * filled) * order

    @staticmethod
    def _join(asked: tuple[str, ...], kept: tuple[str, ...], found_asked: list[float], found_kept: list[float]) -> None:
        """Let a word without its like meet two neighbours of the other name written in one."""
        for one, found_one, two, found_two in (
            (asked, found_asked, kept, found_kept),
            (kept, found_kept, asked, found_asked),
        ):
            for i, word in enumerate(one):
                if found_one[i] >= 0.8:
                    continue
                for j in range(len(two) - 1):
                    both = two[j] + two[j + 1]
                    if min(found_two[j], found_two[j + 1]) >= 0.8 or not _may_be_like(word, both):
                        continue
                    like = likeness(word, both)
                    if like > max(found_one[i], found_two[j], found_two[j + 1], LIKE):
                        found_one[i] = found_two[j] = found_two[j + 1] = like


def _rarest(sounds: str) -> str:
    keys = cross_keys(sounds)
    return keys[0] if keys else sounds


def _weighted(sounds: tuple[str, ...]) -> dict[str, float]:
    """Return the keys of a name and what each is worth: the likeliest reading most, words written in one less."""
    words = [cross_keys(each) for each in sounds]
    found: dict[str, float] = {}
    for keys in words:
        for place, key in enumerate(keys):
            found[key] = max(found.get(key, 0.0), 1.0 if place == 0 else 0.7)
    for keys, following in pairwise(words):
        for key in joined(keys, following):
            found.setdefault(key, 0.4)
    return found


@lru_cache(maxsize=1 << 16)
def _consonants(sounds: str) -> tuple[frozenset[str], int]:
    """Return every consonant that *sounds* may be read with, and how many different ones its likeliest reading has."""
    keys = cross_keys(sounds)
    return frozenset("".join(keys)), len(set(keys[0])) if keys else 0


def _may_be_like(one: str, other: str) -> bool:
    """Tell in little time whether two words are worth comparing: they share half of their consonants, or have none."""
    (letters, count), (others, count_other) = _consonants(one), _consonants(other)
    return 4 * len(letters & others) >= count + count_other
