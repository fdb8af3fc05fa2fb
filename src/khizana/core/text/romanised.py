"""What the letters of a romanised word stand for, whichever romanisation it is in.

Read are ALA-LC (Arabic, Persian, Ottoman, Urdu), DMG (DIN 31635), IJMES, the Encyclopaedia of Islam, French and English
habits, modern Turkish, and the Latin alphabets of Hausa and Fulfulde. Nobody says which a name is in, so a spelling
with several readings becomes a sound of its own, and whoever compares allows for each reading.
"""

from __future__ import annotations

import re
import unicodedata

_DOT_BELOW, _LINES_BELOW, _CURVE_BELOW = "\u0323", "\u0331\u0332\u0320", "\u032e"
_MACRON, _CIRCUMFLEX, _ACUTE, _GRAVE = "\u0304", "\u0302", "\u0301", "\u0300"
_CARON, _BREVE, _DOT, _TILDE = "\u030c", "\u0306", "\u0307", "\u0303"
_HOOKS = "\u0327\u0326\u031c\u0328"  # cedilla, comma, half ring, ogonek
_TWO_DOTS_BELOW = "\u0324"
LONG = _MACRON + _CIRCUMFLEX

# Sounds are single letters: θ ð x ɣ š ž for th dh kh gh sh zh, capitals for emphatics and long vowels, "c" for a c that
# may be j, k, s or tch, "ç" for a ch that may be sh or tch, "ɗ" for the hooked d, "ŋ" for ng, "ʔ" for ayn and hamza.
_MARKED = {
    "s": ((_CARON + _HOOKS, "š"), (_DOT_BELOW, "S"), (_LINES_BELOW, "θ")),
    "z": ((_DOT_BELOW + _TWO_DOTS_BELOW, "Z"), (_CARON, "ž"), (_DOT, "D"), (_LINES_BELOW, "ð")),
    "d": ((_DOT_BELOW + _HOOKS[:2], "D"), (_LINES_BELOW, "ð")),
    "t": ((_DOT_BELOW + _HOOKS[:2], "T"), (_LINES_BELOW, "θ")),
    "h": ((_DOT_BELOW + _HOOKS[:2], "ħ"), (_CURVE_BELOW + _LINES_BELOW, "x")),
    "g": ((_DOT + _BREVE + _MACRON, "ɣ"), (_CARON, "j")),
    "c": ((_CARON + _HOOKS[:2], "č"), (_DOT, "j")),
    "k": ((_DOT_BELOW, "q"),),
    "n": ((_TILDE, "ŋ"),),
}
_LETTERS = {
    "ɓ": "b", "ɗ": "ɗ", "ƙ": "q", "ƴ": "y", "ŋ": "ŋ", "ɲ": "n", "ə": "i", "ǝ": "i", "ɛ": "e", "ɔ": "o", "ı": "i",
    "đ": "ð", "ð": "ð", "ħ": "ħ", "ɣ": "ɣ", "ø": "u", "æ": "a", "œ": "u", "ß": "s", "þ": "θ", "ł": "l",
    "ʹ": "", "ʺ": "",  # ALA-LC: what stands on its two sides is two letters
}  # fmt: skip
_TOGETHER = (
    ("dsch", "j"), ("tsch", "č"), ("sch", "š"), ("tch", "č"), ("dj", "j"), ("dzh", "j"), ("th", "θ"), ("dh", "ð"),
    ("kh", "x"), ("gh", "ɣ"), ("sh", "š"), ("ch", "ç"), ("zh", "ž"), ("ph", "f"), ("ou", "u"), ("oo", "U"),
    ("ee", "I"), ("aa", "A"), ("ii", "I"), ("uu", "U"), ("ck", "k"),
)  # fmt: skip
_LETTERS |= dict.fromkeys("ʻʼʽʾʿˀˁꞌ'", "ʔ")
_PIECE = re.compile("(.)([\u0300-\u036f]*)", re.DOTALL)


def sounds_of(word: str) -> str:
    """Return the sounds of one *word* in Latin letters, one character each; unknown letters stand as they are."""
    pieces = _PIECE.findall(unicodedata.normalize("NFD", word.casefold()))
    sounds = []
    place = 0
    while place < len(pieces):
        together, count = _together(pieces, place)
        following = pieces[place + 1][0] if place + 1 < len(pieces) else ""
        sounds.append(together or _alone(pieces[place][0], pieces[place][1], following))
        place += count
    return "".join(sounds)


def _together(pieces: list[tuple[str, str]], place: int) -> tuple[str, int]:
    """Return the sound that several letters from *place* on write together and how many they are, or "" and one."""
    ahead = "".join(letter for letter, _ in pieces[place : place + 4])
    for letters, sound in _TOGETHER:
        if ahead.startswith(letters):
            marks = [mark for _, marks in pieces[place : place + len(letters)] for mark in marks]
            if letters == "ou" and set(marks) <= set(LONG + _GRAVE):
                return ("U" if marks else "u"), 2
            # The Encyclopaedia of Islam draws one line under both letters; any other mark makes them two.
            if set(marks) <= set(_LINES_BELOW):
                return sound, len(letters)
    return "", 1


def _alone(letter: str, marks: str, following: str) -> str:
    for those, sound in _MARKED.get(letter, ()):
        if any(mark in those for mark in marks):
            return sound
    if letter in "aiueo" and any(mark in LONG for mark in marks):
        return {"a": "A", "i": "I", "u": "U", "e": "I", "o": "U"}[letter]
    if letter == "a" and _ACUTE in marks:
        return "Y"  # ALA-LC: an alif in the form of ya
    if letter == "c" and following in {"e", "i", "y"}:
        return "ć"
    return _LETTERS.get(letter, letter)
