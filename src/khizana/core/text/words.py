"""Words of a text with the places they stand at, and the article and clitics that Arabic writes onto them."""

from __future__ import annotations

import re
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


def words(text: str, level: Level = Level.COMMON) -> list[Word]:
    """Return the words of *text* folded at *level*, in the order of the text; their spans never overlap."""
    folded = fold(text, level)
    origins = folded.origins()
    found = []
    for match in _WORD.finditer(folded.text):
        start = match.start()
        elided = _ELIDED.match(match[0])
        if elided and elided.end() < len(match[0]):
            start += elided.end()
        first, last = folded.span(start, match.end(), origins)
        word = folded.text[start : match.end()].replace(APOSTROPHE, "")
        # Both halves of one ligature can be words: the second begins where the first does, and is marked with it.
        found.append(Word(word, first, last))
    return found


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
