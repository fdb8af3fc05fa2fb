"""Reading the headers of image files in plain Python: no codec sees a byte before the header is believed.

One module per family of formats. Each offers ``read(window) -> Header`` and raises ``HeaderFault`` for what
cannot be used. Nothing here allocates by a number found in the file without a bound.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Literal

Alpha = Literal["none", "opacity", "unknown"]
"""What the bands beyond the colours are: none there, opacity (libvips divides what was multiplied in), or unknown."""

LONGEST_PROFILE = 16 << 20
"""Bytes of the longest colour profile that is read; a CMYK press profile has 0.5 to 3 MB."""


class HeaderFault(Exception):
    """What a header says cannot be used; *code* is a message code, and the file's name is added by the caller."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of an image file says, in the order its pixels are stored."""

    media_type: str
    extension: str
    width: int
    """Pixels as stored, before the orientation is applied."""
    height: int
    bits: int
    """Bits of one sample."""
    bands: int
    """Samples of one pixel, opacity included; 3 for a palette image that unfolds to colours."""
    orientation: int = 1
    """EXIF orientation, 1 to 8."""
    profile: bytes | None = field(default=None, repr=False)
    """The ICC profile found, still to be understood."""
    alpha: Alpha = "none"
    pages: int = 1
    """Full images in the file; a reduced copy or thumbnail is not a page."""
    page: int = 0
    """Which image of the file is read, from 0."""
    lab: bool = False
    """The samples are CIE L*a*b*."""
    lines: tuple[tuple[int, int], ...] = ()
    """(offset, bytes) of the runs that hold the samples just as numpy would: 8 bits, bands side by side."""


class Window:
    """Bounded reading of one open file, by its descriptor."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self.size = size

    def at(self, offset: int, length: int) -> bytes:
        """Return *length* bytes at *offset*; raises ``HeaderFault`` IMAGE_TRUNCATED when the file ends before."""
        if offset < 0 or length < 0 or offset + length > self.size:
            raise HeaderFault("IMAGE_TRUNCATED")
        data = os.pread(self._descriptor, length, offset)
        if len(data) != length:
            raise HeaderFault("IMAGE_TRUNCATED")
        return data

    def head(self, length: int) -> bytes:
        """Return the first *length* bytes, or the whole of a shorter file."""
        return self.at(0, min(length, self.size))


def unsupported(kind: str) -> HeaderFault:
    """Return the fault for an image of a *kind* (a technical name, the same in every language) we cannot read."""
    return HeaderFault("IMAGE_KIND_UNSUPPORTED", kind=kind)


def damaged() -> HeaderFault:
    """Return the fault for a header that contradicts itself or its format."""
    return HeaderFault("IMAGE_DAMAGED")
