"""A sheet to write on: black and red ink as masks, and the truth of what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from khizana.core.specimen.hand import Glyphs, Hand, Mask, lengthened, stretchable
from khizana.core.specimen.texts import Word
from khizana.core.specimen.truth import Kind, Points, TrueLine, TrueWord, moved

Align = Literal["justify", "right", "centre"]

GAP = 0.26
"""Least space between words, in ems."""
WIDEST_GAP = 0.46
STOP = 0.42
"""Space that the dot at the end of a sentence takes, in ems."""


@dataclass(slots=True)
class Sheet:
    """Ink on a sheet of *width* x *height* pixels."""

    width: int
    height: int
    black: Mask = field(init=False)
    red: Mask = field(init=False)
    yellow: Mask = field(init=False)
    """A thin wash of ochre under what is drawn."""
    strength: Mask = field(init=False)
    """How full the pen was, at a quarter of the size: 255 for freshly dipped."""
    lines: list[TrueLine] = field(init=False, default_factory=list)
    _dip: float = field(init=False, default=1.0)

    def __post_init__(self) -> None:
        self.black = np.zeros((self.height, self.width), np.uint8)
        self.red = np.zeros((self.height, self.width), np.uint8)
        self.yellow = np.zeros((self.height, self.width), np.uint8)
        self.strength = np.full((self.height // 4 + 1, self.width // 4 + 1), 255, np.uint8)

    def write(
        self,
        words: Sequence[Word],
        hand: Hand,
        rng: np.random.Generator,
        *,
        right: float,
        baseline: float,
        measure: float,
        size: int,
        kind: Kind = "text",
        align: Align = "justify",
        wander: float = 1.0,
    ) -> None:
        """Write one line that starts at *right* on *baseline* and is *measure* wide, all in pixels.

        *wander* scales how far the hand strays from the line. Words beyond the edges of the sheet are cut.
        """
        spelled, gap = _justified(words, hand, size, measure, rng, stretch=align == "justify")
        glyphs = [hand.write(text, size) for text in spelled]
        taken = _natural(words, glyphs, size) + (gap - GAP * size) * (len(words) - 1)
        pen = right - (measure - taken) / 2 if align == "centre" else right
        slope = float(rng.normal(0, 0.0012)) * wander
        placed: list[TrueWord] = []
        feet: list[tuple[float, float]] = []
        start = pen
        for word, text, glyph in zip(words, spelled, glyphs, strict=True):
            pen -= glyph.width
            foot = baseline + (start - pen) * slope + float(rng.normal(0, 0.9)) * wander
            outline = self._ink(glyph, round(pen), round(foot), word.red, rng)
            feet.append((pen + glyph.width, foot))
            placed.append(TrueWord(word.text, hand.drawn(text), word.red, outline))
            if word.closes:
                self._stop(pen - STOP * size / 2, foot - 0.22 * size, size)
                pen -= STOP * size
            pen -= gap
        feet.append((pen + gap, feet[-1][1]))
        self.lines.append(TrueLine(kind, tuple(placed), _around([word.outline for word in placed]), np.array(feet)))

    def lay(self, other: Sheet, matrix: np.ndarray) -> None:
        """Lay *other* on this sheet through the 2 x 3 affine *matrix*, its ink and its truth."""
        size = (self.width, self.height)
        for mine, theirs in ((self.black, other.black), (self.red, other.red)):
            np.maximum(mine, cv2.warpAffine(theirs, matrix, size, flags=cv2.INTER_LINEAR), out=mine)
        self.lines.extend(moved(other.lines, lambda points: points @ matrix[:, :2].T + matrix[:, 2]))

    def _ink(self, glyph: Glyphs, x: int, y: int, red: bool, rng: np.random.Generator) -> Points:  # noqa: FBT001
        """Put *glyph* with its left edge at *x* on the baseline *y*; return the corners of its ink."""
        top = y + glyph.top
        height, width = glyph.ink.shape
        x0, y0 = max(x, 0), max(top, 0)
        x1, y1 = min(x + width, self.width), min(top + height, self.height)
        if x0 < x1 and y0 < y1:
            target = (self.red if red else self.black)[y0:y1, x0:x1]
            np.maximum(target, glyph.ink[y0 - top : y1 - top, x0 - x : x1 - x], out=target)
            self._dip = 1.0 if self._dip < rng.uniform(0.74, 0.84) else self._dip - float(rng.uniform(0.0, 0.045))
            self.strength[y0 // 4 : y1 // 4 + 1, x0 // 4 : x1 // 4 + 1] = int(255 * self._dip)
        return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float64)

    def _stop(self, x: float, y: float, size: int) -> None:
        centre = (round(x * 16), round(y * 16))
        cv2.circle(self.red, centre, round(size * 0.085 * 16), 255, -1, cv2.LINE_AA, 4)


def _around(outlines: Sequence[Points]) -> Points:
    """Return one outline around word outlines in reading order: along their tops, then back along their feet."""
    leftward = list(outlines)[::-1]
    tops = [point for outline in leftward for point in (outline[0], outline[1])]
    feet = [point for outline in outlines for point in (outline[2], outline[3])]
    return np.array(tops + feet)


def _natural(words: Sequence[Word], glyphs: Sequence[Glyphs], size: int) -> float:
    stops = sum(word.closes for word in words) * STOP * size
    return sum(glyph.width for glyph in glyphs) + GAP * size * (len(words) - 1) + stops


def fill(words: Sequence[Word], start: int, hand: Hand, *, measure: float, size: int) -> int:
    """Return the end of the run of *words* from *start* that fits on a line of *measure* pixels; one at least."""
    taken = 0.0
    for index in range(start, len(words)):
        taken += hand.width(words[index].text, size)
        if taken > measure and index > start:
            return index
        taken += GAP * size + (STOP * size if words[index].closes else 0)
    return len(words)


def _justified(
    words: Sequence[Word], hand: Hand, size: int, measure: float, rng: np.random.Generator, *, stretch: bool
) -> tuple[list[str], float]:
    """Return the words as spelled on a line of *measure* pixels, and the gap between them in pixels."""
    spelled = [word.text for word in words]
    gap = GAP * size
    if not stretch or len(words) < 2:
        return spelled, gap
    slack = measure - _natural(words, [hand.write(text, size) for text in spelled], size)
    strokes = [0] * len(words)
    stroke = hand.width(lengthened("من", 2), size) - hand.width(lengthened("من", 1), size)
    room = (WIDEST_GAP - GAP) * size * (len(words) - 1) * 0.45
    candidates = [i for i in rng.permutation(len(words)) if stretchable(spelled[i])]
    for most in (2, 4, 6):
        for i in candidates:
            while slack - stroke > room and strokes[i] < most:
                strokes[i] += 1
                slack -= stroke
    spelled = [lengthened(text, n) if n else text for text, n in zip(spelled, strokes, strict=True)]
    slack = measure - _natural(words, [hand.write(text, size) for text in spelled], size)
    return spelled, gap + slack / (len(words) - 1)
