"""How text becomes terms: the same for what is indexed and for what is asked. Offsets stay with the text as stored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from khizana.core.text.fold import FOLDING_VERSION, Level, fold
from khizana.core.text.words import Word, without_article, word_texts, words

ANALYSIS_VERSION: Final = f"1.{FOLDING_VERSION}"
"""Changes with every change of what any text becomes: an index made by another is made again."""

LONGEST_TERM = 64
"""Characters of a term: what is longer is found by its beginning."""
GRAM = 3
"""Letters of the pieces that noisy text is found by."""
_WORDY = frozenset("ٮحدرسصطعڡٯكلمںهوىا")
# Whether a letter ends a word is not known in noisy text: the shapes of the middle stand for those of the end.
_MIDDLE = str.maketrans({"ں": "ٮ", "ى": "ٮ", "ٯ": "ڡ"})


@dataclass(frozen=True, slots=True)
class Unspaced:
    """Letters without dots and spaces, and where each stands in the text as stored."""

    letters: str
    origins: tuple[int, ...]


@lru_cache(maxsize=1 << 16)
def term(word: str) -> str:
    """Return the term of one folded *word*: without the Arabic article and what is written before it."""
    return without_article(word)[:LONGEST_TERM]


def common_terms(text: str) -> list[tuple[str, Word]]:
    """Return the terms of *text*, each with the word it is made of and where that stands."""
    return [(term(word.text), word) for word in words(text, Level.COMMON)]


def terms(text: str) -> list[str]:
    """Return the terms of *text* without their places, as an index keeps them."""
    return [term(word) for word in word_texts(text, Level.COMMON)]


def exact_terms(text: str) -> list[str]:
    """Return the words of *text* with every letter as it is, article included."""
    return [word[:LONGEST_TERM] for word in word_texts(text, Level.LETTERS)]


def unspaced(text: str) -> Unspaced:
    """Return the Arabic letters of *text* without dots and spaces."""
    folded = fold(text, Level.UNDOTTED)
    places = (place for letter, place in zip(folded.text, folded.origins(), strict=True) if letter in _WORDY)
    return Unspaced(_unspaced(folded.text), tuple(places))


def unspaced_letters(text: str) -> str:
    """Return the letters of ``unspaced``, without their places."""
    return _unspaced(fold(text, Level.UNDOTTED).text)


def _unspaced(folded: str) -> str:
    return "".join([letter for letter in folded if letter in _WORDY]).translate(_MIDDLE)


def grams(letters: str) -> list[str]:
    """Return the pieces of *letters*, in their order."""
    return [letters[place : place + GRAM] for place in range(len(letters) - GRAM + 1)]
