"""How like two words sound: a weighted distance between sounds, one scale for every script and romanisation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from khizana.core.text.keys import LONGEST

_SHORT, _LONG = "aiueo", "AIUEOY"
_VOWELS = frozenset(_SHORT + _LONG)
_CONSONANT, _GUTTURAL = 1.0, 0.55

# What one sound is worth where the other spelling has none: short vowels are not written in Arabic.
_WORTH = (
    dict.fromkeys(_SHORT, 0.06) | dict.fromkeys("AIU", 0.25) | {"w": 0.3, "y": 0.3, "ʔ": 0.1, "Y": 0.1, "E": 0.1}
    | {"h": _GUTTURAL, "ħ": _GUTTURAL}
)  # fmt: skip
_NEAR: dict[frozenset[str], float] = {}


def _near(cost: float, *groups: str) -> None:
    """State that the sounds of each group are written for one another at *cost*."""
    for group in groups:
        for one in group:
            for other in group:
                if one != other:
                    pair = frozenset((one, other))
                    _NEAR[pair] = min(cost, _NEAR.get(pair, cost))


# One letter of Arabic that romanisations without signs write as another's.
_near(
    0.05, "aA", "iI", "uU", "uwU", "iyI", "ow", "oU", "ey", "eI", "AY", "aY", "yY", "IY", "iY", "eY", "aE", "AE", "hE"
)
_near(
    0.08,
    "tT",
    "dD",
    "sS",
    "zZ",
    "hħ",
    "kq",
    "cq",
    "ck",
    "cj",
    "çš",
    "çč",
    "cč",
    "ćs",
    "ćč",
    "ćj",
    "šč",
    "ɗd",
    "ɗT",
    "ŋn",
)
_near(0.1, "ae", "aiu", "aI", "aU", "aw", "ay", "ei", "ou", "uy", "vw", "tE", "Aʔ", "aʔ", "iʔ", "uʔ", "Ai", "Au", "Ae")
_near(
    0.15,
    "θt",
    "θs",
    "θS",
    "ðd",
    "ðz",
    "Dz",
    "DZ",
    "Dð",
    "Zð",
    "Zd",
    "zD",
    "bp",
    "gk",
    "gj",
    "gɣ",
    "xħ",
    "xh",
    "žj",
    "žz",
)
_near(0.25, "fv", "vb", "vu", "vU", "qg", "ŋk", "ŋg", "čj", "čt", "wy", "IU", "AU", "AI", "ʔy", "ʔw", "yE")
_near(0.45, "xk", "xq", "kč", "td", "TD", "Td", "tD", "šs", "šj", "ɣq", "ɣr", "mn", "sz", "Sz", "ft", "cs")

_APART = 1.6
"""Two consonants that nobody writes for one another: more than one left out, less than two."""


def _worth(sound: str) -> float:
    return _WORTH.get(sound, _CONSONANT)


def _cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    near = _NEAR.get(frozenset((one, other)))
    if near is not None:
        return near
    if one in _VOWELS and other in _VOWELS:
        return 0.2
    return min(_APART, _worth(one) + _worth(other))


LEAST = 0.5
"""Words less alike than this are not alike at all: their likeness is 0."""
_COSTS: dict[str, dict[str, float]] = {}
_MOST_COSTS = 1 << 7  # letters of other scripts have sounds of their own
# Two letters that a romanisation without signs writes as one sound is written: "Edhem" has a d and an h.
_TWO = str.maketrans({"θ": "th", "ð": "dh", "š": "sh", "x": "kh", "ɣ": "gh"})
_UNLIKELY = 0.02


@lru_cache(maxsize=1 << 17)
def likeness(one: str, other: str) -> float:
    """Return how like the sounds of two words are: 1 for the same, 0 where it would be less than ``LEAST``."""
    one, other = one[:LONGEST], other[:LONGEST]
    if one == other:
        return 1.0
    like = _aligned(one, other)
    if ("h" in other or "ħ" in other) and (two := one.translate(_TWO)) != one:
        like = max(like, _aligned(two, other) - _UNLIKELY)
    if ("h" in one or "ħ" in one) and (two := other.translate(_TWO)) != other:
        like = max(like, _aligned(one, two) - _UNLIKELY)
    return like if like >= LEAST else 0.0


def _aligned(one: str, other: str) -> float:
    ours, theirs = _weighed(one), _weighed(other)
    whole = ours.worth + theirs.worth
    if not whole:
        return 0.0
    most = (1.0 - LEAST) * whole / 2.0  # of a distance that leaves two words alike
    if ours.hard - theirs.consonants > most or theirs.hard - ours.consonants > most:
        return 0.0
    row, columns = list(theirs.dropped), theirs.sounds
    for _, sound, dropped in ours.sounds:
        swaps = _swaps(sound)
        diagonal = row[0]
        left = least = row[0] = diagonal + dropped
        for place, against, drop in columns:
            above = row[place]
            swap = swaps.get(against)
            if swap is None:
                swap = swaps[against] = _cost(sound, against)
            best, left = diagonal + swap, left + drop
            left = min(best, left)
            if above + dropped < left:  # noqa: PLR1730 - as below
                left = above + dropped
            row[place] = left
            diagonal = above
            if left < least:  # noqa: PLR1730 - min() takes three times as long, in the innermost loop of all
                least = left
        # A distance never shrinks from row to row.
        if least > most:
            return 0.0
    return max(0.0, 1.0 - 2.0 * row[-1] / whole)


def _swaps(sound: str) -> dict[str, float]:
    """Return what is known of the costs of writing other sounds for *sound*."""
    swaps = _COSTS.get(sound)
    if swaps is None or len(swaps) > _MOST_COSTS:
        if len(_COSTS) > _MOST_COSTS:
            _COSTS.clear()
        swaps = _COSTS[sound] = {}
    return swaps


@dataclass(frozen=True, slots=True)
class _Weighed:
    """The sounds of a word, and what they weigh in any comparison."""

    sounds: tuple[tuple[int, str, float], ...]
    """Each with its place from 1 and what it costs to leave it out."""
    dropped: tuple[float, ...]
    """What it costs to leave out the first so many."""
    worth: float
    hard: int
    """Sounds that cost a whole sound each where the other word has no consonant to stand for them."""
    consonants: int
    """Sounds that may stand for a hard one."""


@lru_cache(maxsize=1 << 15)
def _weighed(sounds: str) -> _Weighed:
    worth = [_worth(sound) for sound in sounds]
    # A doubled letter is written twice in Latin and once, with a sign that folding drops, in Arabic.
    drops = [0.05 if last == sound else whole for last, sound, whole in zip(("", *sounds), sounds, worth, strict=False)]
    return _Weighed(
        tuple(zip(range(1, len(sounds) + 1), sounds, drops, strict=True)),
        tuple(accumulate(drops, initial=0.0)),
        sum(worth),
        # A t may be the letter of an ending, a v a vowel or a w.
        sum(1 for sound, drop in zip(sounds, drops, strict=True) if drop == _CONSONANT and sound not in "tv"),
        sum(1 for whole in worth if whole >= _GUTTURAL),
    )
