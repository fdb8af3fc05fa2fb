"""How text becomes terms: the same for what is indexed and for what is asked. Offsets stay with the text as stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from khizana.core.text.fold import FOLDING_VERSION, Level, fold
from khizana.core.text.words import Word, without_article, words

ANALYSIS_VERSION: Final = f"1.{FOLDING_VERSION}"
"""Changes with every change of what any text becomes: an index made by another is made again."""

LONGEST_TERM = 64
"""Characters of a term: what is longer is found by its beginning."""
GRAM = 3
"""Letters of the pieces that noisy text is found by."""
_WORDY = frozenset("ٮحدرسصطعڡٯكلمںهوىا")


@dataclass(frozen=True, slots=True)
class Unspaced:
    """Letters without dots and spaces, and where each stands in the text as stored."""

    letters: str
    origins: tuple[int, ...]


def term(word: str) -> str:
    """Return the term of one folded *word*: without the Arabic article and what is written before it."""
    return without_article(word)[:LONGEST_TERM]


def common_terms(text: str) -> list[tuple[str, Word]]:
    """Return the terms of *text*, each with the word it is made of and where that stands."""
    return [(term(word.text), word) for word in words(text, Level.COMMON)]


def exact_terms(text: str) -> list[str]:
    """Return the words of *text* with every letter as it is, article included."""
    return [word.text[:LONGEST_TERM] for word in words(text, Level.LETTERS)]


def unspaced(text: str) -> Unspaced:
    """Return the Arabic letters of *text* without dots and spaces."""
    folded = fold(text, Level.UNDOTTED)
    # Whether a letter ends a word is not known in noisy text: the shapes of the middle stand for those of the end.
    kept = [
        ({"ں": "ٮ", "ى": "ٮ", "ٯ": "ڡ"}.get(letter, letter), place)
        for letter, place in zip(folded.text, folded.origins(), strict=True)
        if letter in _WORDY
    ]
    return Unspaced("".join(letter for letter, _ in kept), tuple(place for _, place in kept))


def grams(letters: str) -> list[str]:
    """Return the pieces of *letters*, in their order."""
    return [letters[place : place + GRAM] for place in range(len(letters) - GRAM + 1)]
