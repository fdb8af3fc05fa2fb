"""How like two words sound: a weighted distance between sounds, one scale for every script and romanisation."""

from __future__ import annotations

from functools import lru_cache

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


_COSTS: dict[tuple[str, str], float] = {}
_MOST_COSTS = 1 << 14  # letters of other scripts have sounds of their own
# Two letters that a romanisation without signs writes as one sound is written: "Edhem" has a d and an h.
_TWO = str.maketrans({"θ": "th", "ð": "dh", "š": "sh", "x": "kh", "ɣ": "gh"})
_UNLIKELY = 0.02


@lru_cache(maxsize=1 << 16)
def likeness(one: str, other: str) -> float:
    """Return how like the sounds of two words are, from 0 (nothing in common) to 1 (the same)."""
    one, other = one[:LONGEST], other[:LONGEST]
    if one == other:
        return 1.0
    like = _aligned(one, other)
    if ("h" in other or "ħ" in other) and (two := one.translate(_TWO)) != one:
        like = max(like, _aligned(two, other) - _UNLIKELY)
    if ("h" in one or "ħ" in one) and (two := other.translate(_TWO)) != other:
        like = max(like, _aligned(one, two) - _UNLIKELY)
    return like


def _aligned(one: str, other: str) -> float:
    # A doubled letter is written twice in Latin and once, with a sign that folding drops, in Arabic.
    drop_one, drop_other = _drops(one), _drops(other)
    row = [0.0]
    for cost in drop_other:
        row.append(row[-1] + cost)
    for sound, dropped in zip(one, drop_one, strict=True):
        before, row = row, [row[0] + dropped]
        for place, against in enumerate(other):
            pair = (sound, against)
            swap = _COSTS.get(pair)
            if swap is None:
                swap = _COSTS[pair] = _cost(sound, against)
            row.append(min(before[place] + swap, before[place + 1] + dropped, row[place] + drop_other[place]))
    if len(_COSTS) > _MOST_COSTS:
        _COSTS.clear()
    whole = sum(map(_worth, one)) + sum(map(_worth, other))
    return max(0.0, 1.0 - 2.0 * row[-1] / whole) if whole else 0.0


def _drops(sounds: str) -> list[float]:
    return [0.05 if place and sounds[place - 1] == sound else _worth(sound) for place, sound in enumerate(sounds)]
