"""Folding: what two spellings have in common, with the way back to the text as written.

The rules, each with an example and its source, are published in docs/reference/folding.md. An index remembers the
``FOLDING_VERSION`` it was made with, and is made again where it differs.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from khizana.core.text.letters import common_letter, kept_letter, shape

FOLDING_VERSION: Final = 1
"""Grows with every change of what any text folds to."""

APOSTROPHE = "'"
_APOSTROPHES = frozenset("’‘‛`′")
# Signs of ayn and hamza, and the prime that parts two letters, in romanisations.
_ROMAN_SIGNS = frozenset("ʻʼʽʾʿˈʹʺˀˁꞌꞋ")
_LIGATURES = {"æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
_PLAIN = {
    "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ŋ": "n", "ɲ": "n", "ə": "e", "ǝ": "e", "ɛ": "e", "ɔ": "o", "ø": "o",
    "đ": "d", "ð": "d", "ħ": "h", "ł": "l", "ɣ": "g", "ŧ": "t",
}  # fmt: skip
_REPLACEMENT = "\ufffd"
_TATWEEL = "\u0640"
_MOST_CACHED = 1 << 14  # code points: hostile text may hold every one there is
# Noon, yeh and qaf are told from other letters without their dots at the end of a word only.
_MEDIAL = re.compile("[ںىٯ](?=[^\\W\\d_a-z])")
_INSIDE = {"ں": "ٮ", "ى": "ٮ", "ٯ": "ڡ"}


class Level(Enum):
    """How much is unified."""

    LETTERS = "letters"
    """Marks, forms and keyboards; Persian, Ajami and hooked letters stay apart."""
    COMMON = "common"
    """Every letter by its common letter."""
    UNDOTTED = "undotted"
    """Common letters by the shape they have without dots, for diplomatic transcriptions."""


_LETTER_AT = {Level.LETTERS: kept_letter, Level.COMMON: common_letter, Level.UNDOTTED: shape}


class _Table(dict[int, str]):
    """What each code point folds to at one level, found out when it is first met."""

    def __init__(self, level: Level) -> None:
        super().__init__()
        self.level = level

    def __missing__(self, point: int) -> str:
        folded = _folded(chr(point), self.level)
        if len(self) < _MOST_CACHED:
            self[point] = folded
        return folded


def _folded(char: str, level: Level) -> str:
    if unicodedata.category(char) == "Cs":
        return _REPLACEMENT  # what is folded can always be encoded
    if char == "´":
        return APOSTROPHE  # its decomposition is a space and a mark
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    folded = "".join(_part(part, level) for part in apart)
    # A vowel sign in isolated form decomposes to a space and the sign: no word ends there.
    return folded if folded.strip() or len(apart) == 1 else ""


def _part(part: str, level: Level) -> str:
    if part in _APOSTROPHES:
        return APOSTROPHE
    category = unicodedata.category(part)
    if category in ("Mn", "Me") or part in _ROMAN_SIGNS:
        return ""
    if category == "Cf":
        # Number signs and ends of verses stand between words; every other control stands within them.
        return " " if unicodedata.name(part, "").startswith("ARABIC") and part != "\u061c" else ""
    if category == "Nd":
        return str(unicodedata.decimal(part))
    letter = _LETTER_AT[level](part)
    if letter is not None:
        return letter
    part = _LIGATURES.get(part, part)
    return part if level is Level.LETTERS else _PLAIN.get(part, part)


_TABLES = {level: _Table(level) for level in Level}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text that knows the text it was folded from."""

    text: str
    original: str = field(repr=False)
    level: Level

    def origins(self) -> list[int]:
        """Return, for each character of ``text``, the index of the character of ``original`` it comes from."""
        table = _TABLES[self.level]
        return [place for place, char in enumerate(self.original) for _ in table[ord(char)]]

    def span(self, start: int, end: int, origins: list[int] | None = None) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands in ``original``, with the marks of its last letter.

        At the ends of a word, dropped letters (a hamza, an ayn) are part of the word. Give *origins* where many spans
        of one text are asked for. An empty span gives an empty span. Raises ``IndexError`` for a span out of bounds.
        """
        origins = self.origins() if origins is None else origins
        if start == end:
            place = origins[start] if start < len(origins) else len(self.original)
            return place, place
        first, last = origins[start], origins[end - 1] + 1
        if start == 0 or not self.text[start - 1].isalnum():
            while first > 0 and self._dropped(first - 1, letters=True) and not self._mark(first - 1):
                first -= 1
        closes = end == len(self.text) or not self.text[end].isalnum()
        while last < len(self.original) and self._dropped(last, letters=closes):
            last += 1
        return first, last

    def _mark(self, place: int) -> bool:
        return unicodedata.category(self.original[place]) in ("Mn", "Me")

    def _dropped(self, place: int, *, letters: bool) -> bool:
        """Tell whether the mark at *place* left nothing; with *letters* a letter too, but never a control."""
        char = self.original[place]
        if _TABLES[self.level][ord(char)] or unicodedata.category(char) == "Cf":
            return False
        return letters or char == _TATWEEL or self._mark(place)


def fold(text: str, level: Level = Level.COMMON) -> Folded:
    """Return *text* folded at *level*, in time linear in its length.

    Any ``str`` folds, lone surrogates too, and folding again changes nothing.
    """
    folded = text.translate(_TABLES[level])
    if level is Level.UNDOTTED:
        folded = _MEDIAL.sub(lambda found: _INSIDE[found[0]], folded)
    return Folded(folded, text, level)
