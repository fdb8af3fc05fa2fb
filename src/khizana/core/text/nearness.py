"""How near two names are, word by word, as sounds: one scale for every script and romanisation."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from khizana.core.text.keys import cross_keys, joined
from khizana.core.text.likeness import LEAST, likeness


def nearness(asked: tuple[str, ...], kept: tuple[str, ...], weight: Callable[[str], float]) -> float:
    """Return the share of both names' weight that finds a like word in the other, a little less out of order.

    *weight* tells what the sounds of one word count: more for words that tell names apart.
    """
    if not asked or not kept:
        return 0.0
    ours, theirs = [weight(each) for each in asked], [weight(each) for each in kept]
    pairs = sorted(
        [
            (like, -abs(i - j), i, j)
            for i, one in enumerate(asked)
            for j, other in enumerate(kept)
            if (like := _alike(one, other))
        ],
        reverse=True,
    )
    found_ours, found_theirs = [0.0] * len(asked), [0.0] * len(kept)
    met: list[tuple[int, int]] = []
    for like, _, i, j in pairs:
        if not found_ours[i] and not found_theirs[j]:
            found_ours[i] = found_theirs[j] = like
            met.append((i, j))
    _join(asked, kept, found_ours, found_theirs)
    covered = sum(w * f for w, f in zip(ours, found_ours, strict=True)) / sum(ours)
    filled = sum(w * f for w, f in zip(theirs, found_theirs, strict=True)) / sum(theirs)
    met.sort()
    turns = sum(1 for one, other in pairwise(met) if other[1] < one[1])
    order = 1.0 - 0.04 * turns / max(1, len(met) - 1)
    return (0.6 * covered + 0.4 * filled) * order


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
                if found_two[j] >= 0.8 and found_two[j + 1] >= 0.8:
                    continue
                like = _alike(word, both)
                if like > LEAST and like > max(found_one[i], found_two[j], found_two[j + 1]):
                    found_one[i] = found_two[j] = found_two[j + 1] = like


def rarest(sounds: str) -> str:
    """Return the likeliest key of one word, by which words are counted."""
    keys = cross_keys(sounds)
    return keys[0] if keys else sounds


def weighted_keys(sounds: tuple[str, ...]) -> dict[str, float]:
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


@lru_cache(maxsize=1 << 17)
def _alike(one: str, other: str) -> float:
    return likeness(one, other) if _may_be_like(one, other) else 0.0


def _may_be_like(one: str, other: str) -> bool:
    """Tell in little time whether two words are worth comparing: they share half of their consonants, or have none."""
    (letters, count), (others, count_other) = _consonants(one), _consonants(other)
    return 4 * len(letters & others) >= count + count_other
