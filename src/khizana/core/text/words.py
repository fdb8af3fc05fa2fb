"""Words of a text with the places they stand at, and the article and clitics that Arabic writes onto them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from khizana.core.text.fold import APOSTROPHE, Level, fold

_WORD = re.compile(f"[^\\W_]+(?:{APOSTROPHE}[^\\W_]+)*")
# French writes these onto the next word; "M'bark" and "N'Diaye" are names.
_ELIDED = re.compile(f"(?:[cdjlst]|qu){APOSTROPHE}")
_ARTICLE = re.compile("(?:[وفبك]?ال|[وف]?لل)(?=..)")
# With God's word the article is never taken off, and words of four letters with alef lam are mostly not nouns with it.
_GOD = re.compile("[وفبتك]?الله(?:م)?$|[وف]?لله$")
_CLITICS = "وفبكلس"


@dataclass(frozen=True, slots=True)
class Word:
    """One folded word, and where it stands in the text as written."""

    text: str
    start: int
    end: int


class Spoken:
    """The words of a text, which finds out where they stand only when it is asked: that takes most of the time."""

    def __init__(self, text: str, level: Level = Level.COMMON) -> None:
        self._folded = fold(text, level)
        self._apart = list(_apart(self._folded.text))
        self._origins: list[int] | None = None

    @property
    def texts(self) -> list[str]:
        """The words, in the order of the text."""
        return [word for word, _, _ in self._apart]

    def span(self, number: int) -> tuple[int, int]:
        """Return where the word with *number*, from 0, stands in the text as written."""
        if self._origins is None:
            self._origins = self._folded.origins()
        _, start, end = self._apart[number]
        return self._folded.span(start, end, self._origins)


def words(text: str, level: Level = Level.COMMON) -> list[Word]:
    """Return the words of *text* folded at *level*, in the order of the text; their spans never overlap."""
    spoken = Spoken(text, level)
    # Both halves of one ligature can be words: the second begins where the first does, and is marked with it.
    return [Word(word, *spoken.span(number)) for number, word in enumerate(spoken.texts)]


def word_texts(text: str, level: Level = Level.COMMON) -> list[str]:
    """Return the words of *text* as ``words`` does, without their places: in a third of the time."""
    folded = fold(text, level).text
    return [word for word, _, _ in _apart(folded)] if APOSTROPHE in folded else _WORD.findall(folded)


def _apart(folded: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word of *folded* text, and its start and end there."""
    for match in _WORD.finditer(folded):
        start, word = match.start(), match[0]
        if APOSTROPHE in word:
            elided = _ELIDED.match(word)
            if elided and elided.end() < len(word):
                start += elided.end()
            word = folded[start : match.end()].replace(APOSTROPHE, "")
        yield word, start, match.end()


def without_article(word: str) -> str:
    """Return the folded *word* without al- and what is written before it (wa-, fa-, bi-, ka-, li-)."""
    if _GOD.match(word):
        return word
    article = _ARTICLE.match(word)
    # Two letters may be left by alef lam alone ("الحج"); after a clitic, that is more often no article ("والده").
    if article is None or (article[0] != "ال" and len(word) - article.end() < 3):
        return word
    return word[article.end() :]


def alternatives(word: str) -> tuple[str, ...]:
    """Return what else a *word* of a query may be: without its article, and without one letter written onto it.

    For queries only: in an index every other word would lose a letter that belongs to it.
    """
    bare = without_article(word)
    found = [bare] if bare != word else []
    if bare == word and len(word) > 3 and word[0] in _CLITICS and not _GOD.match(word):
        found.append(word[1:])
    return tuple(found)
