"""A specimen manuscript before it is drawn: its look, and what stands on each side of each leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from khizana.core.specimen.figures import Figure
from khizana.core.specimen.hand import Hand
from khizana.core.specimen.paper import Colour, Stock
from khizana.core.specimen.sheet import Align, fill
from khizana.core.specimen.texts import (
    BASMALA,
    COLOPHON,
    OPENING,
    PRAYER,
    SHORT_COLOPHON,
    Subject,
    Word,
    chapters,
    sentence,
    words,
)
from khizana.core.specimen.truth import Kind

Names = Literal["camera", "label"]
Format = Literal["jpg", "tif", "png"]


@dataclass(frozen=True, slots=True)
class Look:
    """Measures of the page in pixels, and its colours. One pixel is about a twelfth of a millimetre."""

    stock: Stock
    ink: Colour = (38, 30, 26)
    red: Colour = (158, 42, 28)
    yellow: Colour = (206, 160, 72)
    board: Colour = (58, 58, 60)
    leaf: tuple[int, int] = (1480, 2060)
    """Width and height."""
    measure: int = 960
    """Width of the lines."""
    lines: int = 18
    pitch: int = 86
    size: int = 60
    top: int = 250
    """From the head of the leaf to the first baseline."""
    inner: int = 200
    """Margin on the side of the spine."""
    framed: bool = False
    """A red frame round the text."""


@dataclass(frozen=True, slots=True)
class Book:
    """One specimen manuscript, as decided."""

    number: int
    subject: Subject
    titles: Mapping[str, str]
    """By language: ar, ar-Latn, fr, en."""
    title_written: str
    """The title as it stands on its first page."""
    sides: int
    look: Look
    bound: bool = False
    opens: bool = True
    """False for leaves from the middle of a text."""
    maghribi: bool = False
    figures: Mapping[int, Figure] = field(default_factory=dict)
    """By index of the side, from 0."""
    names: Names = "label"
    format: Format = "jpg"
    sideways: bool = False
    """Stored as the camera was held, with the EXIF orientation that sets it upright."""

    @property
    def shelfmark(self) -> str:
        """Shelfmark within the specimen library."""
        return f"KHZ {self.number:03d}"

    @property
    def slug(self) -> str:
        """Name of the manuscript's folder."""
        return f"khz-{self.number:03d}"


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line as set: its words, not yet justified."""

    words: tuple[Word, ...]
    kind: Kind = "text"
    align: Align = "justify"
    scale: float = 1.0
    """Of the size of the text."""
    measure: float = 1.0
    """Of the measure of the page."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side of one leaf holds."""

    index: int
    label: str
    lines: tuple[SetLine, ...]
    title: bool = False
    """A page with the title alone."""
    headpiece: str = ""
    figure: Figure | None = None
    catchword: str = ""
    notes: tuple[tuple[Word, ...], ...] = ()

    @property
    def verso(self) -> bool:
        """True for the back of a leaf."""
        return self.index % 2 == 1


FIGURE_LINES = 11
"""Lines of text that a figure takes the place of."""
HEADPIECE_LINES = 3


def folio_label(index: int) -> str:
    """Return the label of the side with *index* from 0: 1r, 1v, 2r ..."""
    return f"{index // 2 + 1}{'rv'[index % 2]}"


def _flow(book: Book, hand: Hand, rng: np.random.Generator) -> Iterator[SetLine]:
    """Yield the lines of the text without end."""
    look = book.look
    if book.opens and book.subject != "ajami":
        title = words(book.title_written, red=True)
        this = words("فهذه" if title[0].text.endswith("ة") else "فهذا")
        opening = (*words(OPENING), *this, *title)
        yield from _paragraph(opening, look, hand)
    for chapter in chapters(book.subject, rng):
        yield SetLine(chapter.heading, "rubric", "centre", 1.22)
        yield from _paragraph(chapter.body, look, hand)


def _paragraph(body: tuple[Word, ...], look: Look, hand: Hand) -> Iterator[SetLine]:
    start = 0
    while start < len(body):
        end = fill(body, start, hand, measure=look.measure, size=look.size)
        line = body[start:end]
        full = end < len(body) or _share(line, look, hand) > 0.8
        yield SetLine(line, align="justify" if full else "centre")
        start = end


def _share(line: tuple[Word, ...], look: Look, hand: Hand) -> float:
    taken = sum(hand.width(word.text, look.size) + 0.26 * look.size for word in line)
    return float(taken / look.measure)


def _closing(look: Look, hand: Hand) -> tuple[SetLine, ...]:
    """Return the colophon as a taper: each line narrower than the one before."""
    body = words(COLOPHON if look.lines > 12 else SHORT_COLOPHON)
    start, share, lines = 0, 0.86, []
    while start < len(body):
        end = fill(body, start, hand, measure=look.measure * share, size=look.size)
        lines.append(SetLine(body[start:end], align="centre", measure=share))
        start, share = end, max(share - 0.09, 0.42)
    return tuple(lines)


def plan(book: Book, hand: Hand) -> tuple[Side, ...]:
    """Return what stands on every side of *book*, in reading order."""
    rng = np.random.default_rng([1447, book.number])
    flow = _flow(book, hand, rng)
    waiting: list[SetLine] = []
    closing = _closing(book.look, hand)
    sides: list[Side] = []
    for index in range(book.sides):
        label = folio_label(index)
        if book.opens and book.bound and index == 0:
            title = (SetLine(words(book.title_written, red=True), "heading", "centre", 1.5),)
            sides.append(Side(index, label, (*title, *_title_note()), title=True))
            continue
        first = book.opens and index == (1 if book.bound else 0)
        figure = book.figures.get(index)
        room = book.look.lines - (FIGURE_LINES if figure else 0) - (HEADPIECE_LINES if first else 0)
        lines: list[SetLine] = []
        if first:
            lines.append(SetLine(words(BASMALA), "heading", "centre", 1.35))
            lines.append(
                SetLine(words(PRAYER), align="centre", scale=min(1.0, 0.99 / _share(words(PRAYER), book.look, hand)))
            )
        ends = index == book.sides - 1
        while len(lines) < room - (len(closing) + 1 if ends else 0):
            line = waiting.pop() if waiting else next(flow)
            if line.kind == "rubric" and len(lines) + 1 == room:
                waiting.append(line)  # no heading stands alone at the foot of a page
                break
            lines.append(line)
        if ends:
            lines = [*_whole_sentences(lines), *closing]
        notes = tuple(sentence(book.subject, rng) for _ in range(int(rng.choice([0, 0, 1, 1, 2]))))
        headpiece = book.title_written if first else ""
        sides.append(Side(index, label, tuple(lines), headpiece=headpiece, figure=figure, notes=notes))
    return tuple(_with_catchword(side, sides) for side in sides)


def _whole_sentences(lines: list[SetLine]) -> list[SetLine]:
    """Return *lines* up to the last end of a sentence, so that nothing breaks off before the colophon."""
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        ends = [place for place, word in enumerate(line.words, 1) if word.closes]
        if ends:
            whole = ends[-1] == len(line.words)
            return [*lines[:number], line if whole else SetLine(line.words[: ends[-1]], align="centre")]
    return lines


def _title_note() -> tuple[SetLine, ...]:
    return (
        SetLine(words("هذا نموذج صنعته خزانة"), align="centre", measure=0.7),
        SetLine(words("لتجربة العرض والحفظ والقراءة"), align="centre", measure=0.6),
        SetLine(words("وليس بمخطوط قديم"), align="centre", measure=0.5),
    )


def _with_catchword(side: Side, sides: list[Side]) -> Side:
    if not side.verso or side.index + 1 >= len(sides):
        return side
    return Side(
        side.index, side.label, side.lines, side.title, side.headpiece, side.figure,
        sides[side.index + 1].lines[0].words[0].text, side.notes,
    )  # fmt: skip
