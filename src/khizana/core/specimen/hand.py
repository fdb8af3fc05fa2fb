"""One scribe's hand: words turned into ink by pango (inside libvips), never with a font of the system."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyvips
from PIL import ImageFont

Mask = npt.NDArray[np.uint8]
"""Ink, 0 for none and 255 for full, height x width."""

TATWEEL = "ـ"
_RIGHT_JOINING_ONLY = frozenset("اأإآدذرزوؤةىءٱ")
_LAM = "ل"
_MAGHRIBI = str.maketrans({"ف": "ڢ", "ق": "ڧ"})


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The ink of one word and where it stands by the pen: *left* and *top* from the baseline's start, in pixels."""

    ink: Mask
    left: int
    top: int

    @property
    def width(self) -> int:
        """Width of the ink in pixels."""
        return int(self.ink.shape[1])


@dataclass(frozen=True, slots=True)
class Hand:
    """How a scribe writes: the font, and whether fa and qaf are pointed as in the west."""

    font: Path
    maghribi: bool = False

    def drawn(self, text: str) -> str:
        """Return *text* in the letters that this hand draws."""
        return text.translate(_MAGHRIBI) if self.maghribi else text

    def write(self, text: str, size: int) -> Glyphs:
        """Return the ink of *text*, *size* pixels to the em. Raises ``ValueError`` when nothing can be drawn."""
        return _written(str(self.font), self.drawn(text), size)

    def width(self, text: str, size: int) -> int:
        """Return the width in pixels of *text* at *size*."""
        return self.write(text, size).width


@lru_cache(maxsize=8)
def _family(font: str) -> str:
    return ImageFont.truetype(font, 10).getname()[0] or ""


@lru_cache(maxsize=64)
def _baseline(font: str, size: int) -> int:
    # An alef stands on the baseline; its foot is where the layout's baseline lies.
    alef = pyvips.Image.text("ا", font=f"{_family(font)} {size}", fontfile=font, dpi=72)
    return int(alef.yoffset + alef.height)


@lru_cache(maxsize=20_000)
def _written(font: str, text: str, size: int) -> Glyphs:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    try:
        image = pyvips.Image.text(escaped, font=f"{_family(font)} {size}", fontfile=font, dpi=72)
    except pyvips.Error as error:
        raise ValueError(f"{font} draws nothing for {text!r}") from error
    ink = np.ascontiguousarray(image.numpy().reshape(image.height, image.width))
    return Glyphs(ink, int(image.xoffset), int(image.yoffset) - _baseline(font, size))


def stretchable(text: str) -> int:
    """Return the place in *text* where a lengthening stroke may stand, or 0 where there is none.

    The last joint of the word is preferred, as scribes do; never inside lam-alef or the name of God.
    """
    if "لله" in text or not any("\u0620" <= char <= "\u06ff" for char in text):
        return 0
    for place in range(len(text) - 1, 0, -1):
        after = text[place]
        if unicodedata.combining(after) or not unicodedata.category(after).startswith("L"):
            continue
        before = place - 1
        while before >= 0 and unicodedata.combining(text[before]):
            before -= 1
        if before < 0:
            return 0
        letter = text[before]
        if letter in _RIGHT_JOINING_ONLY or not unicodedata.category(letter).startswith("L") or after == "ء":
            continue
        if letter == _LAM and after in "اأإآ":
            continue
        return place
    return 0


def lengthened(text: str, strokes: int) -> str:
    """Return *text* with its best joint drawn longer by *strokes*."""
    place = stretchable(text)
    return text[:place] + TATWEEL * strokes + text[place:] if place else text
