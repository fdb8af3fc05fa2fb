"""The words of a name or a title as sounds, in whichever script it is written, without articles."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from khizana.core.text.fold import Level
from khizana.core.text.letters import COMMON, common_letter
from khizana.core.text.romanised import sounds_of
from khizana.core.text.words import without_article, words

SON = "bn"
"""Ibn, bin, ben, b. and the Arabic, with and without its alef."""
_FATHER = "abU"

_OF_ARABIC = dict(zip(COMMON, "Abtθjħxdðrzs" + "šSDTZʔɣfqklmnhwy", strict=True)) | {
    "ة": "E", "ى": "Y", "پ": "p", "چ": "č", "ژ": "ž", "گ": "g", "ڤ": "v", "ڥ": "v", "ڭ": "ŋ", "ݣ": "g", "ڠ": "ŋ",
}  # fmt: skip
_ARABIC = "\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\U00010ec0-\U00010eff"
_RUN = re.compile(f"[{_ARABIC}](?:[{_ARABIC}\\s]*[{_ARABIC}])?|[^{_ARABIC}]+")
_IS_ARABIC = re.compile(f"[{_ARABIC}]")
_LATIN_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036fʹʺ'])*")
_ARTICLES = frozenset({"al", "el", "ul", "il", "l", "lil", "wal", "bil", "fil"})
_AND = frozenset({"wa", "w", "va", "ve", "vi", "u", "o", "i", "yi", "e", "a", "ye"})
_SONS = frozenset({"ibn", "bin", "ben", "b", "bn", "ebn", "ibnu", "ibni", "ibnul", "ibnou"})
_FATHERS = frozenset({"abu", "abi", "aba", "abou", "bou", "bu", "abo", "abul", "abil", "aboul", "abel", "ebu", "eboul"})
_ARABIC_PARTICLES = {
    "بن": SON, "ابن": SON, "ابو": _FATHER, "ابي": _FATHER, "ابى": _FATHER, "ابا": _FATHER, "بو": _FATHER,
}  # fmt: skip
# An article whose l has become the first letter of the next word.
_ASSIMILATED = re.compile(r"[aeiu]('?)(sh|th|dh|ch|[rsztdn])")
_SERVANT = re.compile(r"(abd)(?:[aeiou]|ou)(?:(?=ll?a)|l(?!l|aye)|([rsztdn])(?=\2))(?=..)")
_FAITH = re.compile(r"(..+?)(?:[aeou]|ou)d(?=d[ie]+ne?$)")
_MOST_CACHED = 1 << 14  # code points: hostile text may hold every one there is
_ONTO = re.compile(r"(dhu|dhi|zu|fi|bi|umm[aiu]?|abd[aeiou]|abdou|wa)l$")


class _Controls(dict[int, int | None]):
    """What each code point becomes: itself, or nothing where it only says how others are shown."""

    def __missing__(self, point: int) -> int | None:
        kept = None if unicodedata.category(chr(point)) == "Cf" else point
        if len(self) < _MOST_CACHED:
            self[point] = kept
        return kept


_CONTROLS = _Controls()


def sounded(text: str) -> tuple[str, ...]:
    """Return the sounds of each word of *text*; digits, articles and the word "and" are left out."""
    plain = unicodedata.normalize("NFKC", text).translate(_CONTROLS)
    found: list[str] = []
    for run in _RUN.findall(plain):
        found += _arabic(run) if _IS_ARABIC.match(run) else _latin(run)
    return tuple(found)


def _arabic(text: str) -> list[str]:
    found = []
    for word in words(text, Level.LETTERS):
        bare = without_article(word.text)
        if bare.startswith("عبدال") and len(bare) > 6:
            found += [_arabic_sounds("عبد"), _arabic_sounds(without_article(bare[3:]))]
        elif bare != "و":
            found.append(_ARABIC_PARTICLES.get(bare) or _arabic_sounds(bare))
    return [each for each in found if each]


def _arabic_sounds(word: str) -> str:
    return "".join(_OF_ARABIC.get(letter) or _OF_ARABIC.get(common_letter(letter) or "", "") for letter in word)


def _latin(text: str) -> list[str]:
    apart = unicodedata.normalize("NFD", text.casefold())
    apart = re.sub("[’‘‛`´′ʻʼʽʾʿˀˁꞌ]", "'", apart)
    written = _LATIN_WORD.findall(apart)
    bare = [_bare(word) for word in written]
    found = []
    for place, word in enumerate(bare):
        following = bare[place + 1] if place + 1 < len(bare) else ""
        if word in _ARTICLES or word in _AND or _melts(word, following):
            continue
        if word in _SONS:
            found.append(SON)
        elif word in _FATHERS:
            found.append(_FATHER)
        else:
            found += _sounds_of_parts(written[place], word)
    return [each for each in found if each]


@lru_cache(maxsize=1 << 15)
def _bare(word: str) -> str:
    return "".join(char for char in word if not unicodedata.combining(char) and char not in "'ʹʺ")


def _melts(word: str, following: str) -> bool:
    found = _ASSIMILATED.fullmatch(word)
    return found is not None and following.startswith(found[2])


@lru_cache(maxsize=1 << 15)
def _sounds_of_parts(word: str, bare: str) -> tuple[str, ...]:
    return tuple(sounds_of(part) for part in _parted(word, bare))


def _parted(word: str, bare: str) -> list[str]:
    """Return the parts of a *word* written in one: Abdelkader, Nureddin, Abu'l; most words are one part."""
    if servant := _SERVANT.match(bare):
        return [servant[1], bare[servant.end() :]]
    if faith := _FAITH.match(bare):
        return [faith[1], bare[faith.end() :]]
    if onto := _ONTO.match(bare):
        return [onto[1]]
    return [word]
