"""The words of the specimens: short sentences of our own, put in order by a seeded grammar.

Nothing is quoted but common formulae (the basmala, thanks at the end); no person, place, date or event is
invented, and what a sentence teaches is elementary and true, so that a specimen can mislead nobody.
The sentences stand in ``words/<subject>.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np

from khizana.core.specimen.ajami import ajami

Subject = Literal["astronomy", "mathematics", "law", "recitation", "letters", "ajami"]

BASMALA = "بسم الله الرحمن الرحيم"
PRAYER = "وصلى الله على سيدنا محمد وآله وصحبه وسلم تسليما"
OPENING = "الحمد لله رب العالمين والصلاة والسلام على نبيه الكريم وبعد"
COLOPHON = (
    "كمل الكتاب بحمد الله وحسن عونه والحمد لله الذي بنعمته تتم الصالحات"
    " وهذا نموذج صنعته خزانة للتجربة وليس بمخطوط قديم ولا نسخه ناسخ والله الموفق للصواب"
)
SHORT_COLOPHON = "تم بحمد الله وهذا نموذج صنعته خزانة للتجربة وليس بمخطوط قديم"
MARK_ARABIC = "نموذج من صنع خزانة"
MARK_LATIN = "specimen, rendered by Khizana"

_EASTERN_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as a reader would transcribe it, in standard letters and without lengthening strokes."""

    text: str
    red: bool = False
    """True where it is written in red."""
    closes: bool = False
    """True where a red dot after it closes the sentence."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading and the words under it."""

    heading: tuple[Word, ...]
    body: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class _Grammar:
    headings: Sequence[str]
    sentences: Sequence[str]
    slots: Mapping[str, Sequence[str]]
    opening: Sequence[str]
    """Said at the start of every chapter: a letter greets first."""
    closing: Sequence[str]


@cache
def _grammar(subject: Subject) -> _Grammar:
    read = tomllib.loads((files(__package__) / "words" / f"{subject}.toml").read_text(encoding="utf-8"))
    return _Grammar(
        read["headings"], read["sentences"], read["slots"], read.get("opening", ()), read.get("closing", ())
    )


def digits(number: int) -> str:
    """Return *number* in Arabic-Indic digits."""
    return str(number).translate(_EASTERN_DIGITS)


def abjad(number: int) -> str:
    """Return *number*, 0 to 59, as the letters that astronomers' tables write (a dotted sign for nothing)."""
    if number == 0:
        return "٠"
    tens, ones = divmod(number, 10)
    return ("", "ي", "ك", "ل", "م", "ن")[tens] + ("", "ا", "ب", "ج", "د", "ه", "و", "ز", "ح", "ط")[ones]


def words(text: str, *, red: bool = False) -> tuple[Word, ...]:
    """Return the words of *text*, where ``*stars*`` stand around what is written in red."""
    found: list[Word] = []
    inside = red
    for piece in re.split(r"(\*)", text):
        if piece == "*":
            inside = not inside
        else:
            found.extend(Word(word, inside) for word in piece.split())
    return tuple(found)


def chapters(subject: Subject, rng: np.random.Generator) -> Iterator[Chapter]:
    """Yield chapters without end; the same generator state gives the same chapters."""
    grammar = _grammar(subject)
    deck: list[int] = []  # every sentence is said once before any is said again
    while True:
        heading = words(_said(rng.choice(list(grammar.headings)), subject, rng), red=True)
        patterns = list(grammar.opening)
        for _ in range(int(rng.integers(7, 14))):
            deck = deck or [int(index) for index in rng.permutation(len(grammar.sentences))]
            patterns.append(grammar.sentences[deck.pop()])
        body: list[Word] = []
        for pattern in (*patterns, *grammar.closing):
            said = words(_said(pattern, subject, rng))
            body.extend((*said[:-1], Word(said[-1].text, said[-1].red, closes=True)))
        yield Chapter(heading, tuple(body))


def sentence(subject: Subject, rng: np.random.Generator) -> tuple[Word, ...]:
    """Return one sentence, for a note in the margin."""
    return words(_said(rng.choice(list(_grammar(subject).sentences)), subject, rng).replace("*", ""))


def _said(pattern: str, subject: Subject, rng: np.random.Generator) -> str:
    """Return *pattern* with its slots filled: words of the subject, or numbers that are true of each other."""
    a, b = (int(n) for n in rng.integers(3, 25, size=2))
    numbers = {"a": a, "b": b, "axb": a * b, "a+b": a + b, "axa": a * a, "tri": a * (a + 1) // 2}

    def fill(slot: re.Match[str]) -> str:
        name = slot[1]
        return digits(numbers[name]) if name in numbers else str(rng.choice(list(_grammar(subject).slots[name])))

    said = re.sub(r"\{([^}]+)\}", fill, pattern)
    return ajami(said) if subject == "ajami" else said
