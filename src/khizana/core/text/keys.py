"""Keys of names: equal for two spellings of a name, in one script or in two. They are kept in fields of their own.

A *blind* key of a romanised word is equal in every romanisation: which consonants, and between which of them vowels. A
*cross* key is equal across scripts: consonants only, weak letters and vowels dropped, n for m before b. A letter that
may be read in several ways gives several keys, and two words meet where they have one in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise, product

from khizana.core.text.sounds import sounded

MOST_KEYS = 24
"""Cross keys of one word at most; the likeliest readings come first."""
LONGEST = 64
"""Sounds of a word that keys look at: what is longer is not a name."""

_READINGS: dict[str, tuple[str, ...]] = {
    "b": ("B",), "p": ("B",), "t": ("T",), "T": ("T",), "θ": ("T", "S", "TH"), "j": ("J", "G"), "č": ("C", "J"),
    "ç": ("C", "K"), "c": ("K", "J", "C"), "ć": ("S", "J", "C"), "ħ": ("H", ""), "h": ("H", ""), "x": ("X", "H", "K"),
    "d": ("D",), "ɗ": ("D", "T"), "ð": ("D", "Z", "DH"), "D": ("D", "Z"), "Z": ("Z", "D"), "z": ("Z",),
    "ž": ("Z", "J"), "s": ("S",), "S": ("S",), "š": ("C", "SH"), "ɣ": ("G",), "f": ("F",), "v": ("", "F", "B"),
    "q": ("K", "G"), "k": ("K",), "g": ("G", "K"), "ŋ": ("N", "NG", "K"), "E": ("", "T"), "l": ("L",), "m": ("M",),
    "n": ("N",), "r": ("R",),
}  # fmt: skip
_SILENT = ("",)
_FINAL = {"t": ("T", "D", ""), "h": ("", "H")}
_LABIAL = re.compile("M+(?=B)")
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile("[aiueoAIUEOYwyʔ]+")
_PLAINER = str.maketrans({"θ": "t", "ð": "d", "D": "d", "Z": "z", "S": "s", "T": "t", "ħ": "h", "p": "b", "q": "k",
                          "ç": "š", "c": "k", "ć": "s", "ɗ": "d", "ŋ": "n", "v": "w", "ž": "z"})  # fmt: skip


@lru_cache(maxsize=1 << 15)
def cross_keys(sounds: str) -> tuple[str, ...]:
    """Return the cross keys of one word's *sounds*, the likeliest first; none where only vowels are left."""
    sounds = sounds[:LONGEST]
    readings = [_READINGS.get(sound, _SILENT) for sound in sounds[:-1]]
    readings += [_FINAL.get(sound) or _READINGS.get(sound, _SILENT) for sound in sounds[-1:]]
    made = (_DOUBLED.sub(r"\1", _LABIAL.sub("N", "".join(each))) for each in islice(_likeliest(readings), MOST_KEYS))
    return tuple(dict.fromkeys(key for key in made if key))


def _likeliest(readings: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield choices of one reading each, those with few unlikely readings first."""
    open_places = [place for place, each in enumerate(readings) if len(each) > 1]
    first = [each[0] for each in readings]
    # The other readings of many letters at once are not worth their number.
    varied = open_places[:6]
    choices = product(*(range(len(readings[place])) for place in varied))
    for choice in sorted(choices, key=lambda each: (sum(1 for one in each if one), sum(each))):
        made = list(first)
        for place, one in zip(varied, choice, strict=True):
            made[place] = readings[place][one]
        yield tuple(made)


def blind_key(sounds: str) -> str:
    """Return the blind key of one word's *sounds*: ``m-h-m-d`` for Muḥammad, Mohammed and Muhammad."""
    plain = _DOUBLED.sub(r"\1", re.sub("m(?=[bp])", "n", sounds[:LONGEST]).translate(_PLAINER))
    spaced = _VOWELS.sub("-", plain)
    return spaced.removesuffix("h").rstrip("-") or spaced


def name_keys(text: str) -> frozenset[str]:
    """Return the cross keys of every word of *text*, and of every two neighbours written in one."""
    words = [cross_keys(sounds) for sounds in sounded(text)]
    found = {key for keys in words for key in keys}
    for keys, following in pairwise(words):
        found.update(joined(keys, following))
    return frozenset(found)


def joined(keys: tuple[str, ...], following: tuple[str, ...]) -> list[str]:
    """Return keys of two neighbours written in one, as "Nureddin" is."""
    return [_in_one(one, other) for one in keys[:3] for other in following[:3]]


def _in_one(one: str, other: str) -> str:
    # Each of them is a key already: only where they meet may letters be doubled, or be an m before a b.
    if one[-1] == "M" and other[0] == "B":
        return _DOUBLED.sub(r"\1", _LABIAL.sub("N", one + other))
    return one + (other[1:] if one[-1] == other[0] else other)
