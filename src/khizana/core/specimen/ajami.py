"""Hausa in Arabic letters (Ajami), with every vowel written, as schools of the region write it.

Letters after the usual table of Hausa Ajami (f with the dot below, q with one dot, the e vowel a dot below);
schools differ, so this is one consistent spelling and not the spelling.
"""

from __future__ import annotations

import re
import unicodedata

_CONSONANTS = {
    "sh": "ش", "ts": "ڟ", "b": "ب", "ɓ": "ݑ", "c": "ث", "d": "د", "ɗ": "ط", "f": "ڢ", "g": "غ", "h": "ه", "j": "ج",
    "k": "ك", "ƙ": "ڧ", "l": "ل", "m": "م", "n": "ن", "r": "ر", "s": "س", "t": "ت", "w": "و", "y": "ي", "z": "ز",
    "'": "ع",
}  # fmt: skip
_VOWELS = {
    "aa": "َا", "ii": "ِي", "uu": "ُو", "oo": "ُو", "ee": "ٜي", "ai": "َيْ", "au": "َوْ",
    "a": "َ", "i": "ِ", "u": "ُ", "o": "ُ", "e": "ٜ",
}  # fmt: skip
_SUKUN = "ْ"
_SHADDA = "ّ"
_SOUND = re.compile(
    r"(sh|ts|[bɓcdɗfghjkƙlmnrstwyz'])|(aa|ii|uu|oo|ee|ai(?![aeiou])|au(?![aeiou])|[aiueo])|(.)", re.DOTALL
)


def ajami(latin: str) -> str:
    """Return *latin* (Hausa spelling, long vowels doubled) in Arabic letters; other signs stay as they are."""
    written: list[str] = []
    before = ""  # "c" after a consonant still without vowel, "v" after a vowel, "" at the start of a word
    last = ""
    for match in _SOUND.finditer(latin.lower()):
        consonant, vowel, other = match.groups()
        if consonant:
            if before == "c" and consonant == last:
                written.append(_SHADDA)
                continue
            if before == "c":
                written.append(_SUKUN)
            written.append(_CONSONANTS[consonant])
            before, last = "c", consonant
        elif vowel:
            if before != "c":
                written.append("أ" if vowel[0] in "auo" else "إ")
            written.append(_VOWELS[vowel])
            before = "v"
        else:
            if before == "c":
                written.append(_SUKUN)
            written.append(other)
            before = ""
    if before == "c":
        written.append(_SUKUN)
    return unicodedata.normalize("NFC", "".join(written))
