"""Any region of a pyramid at any size: the smallest level that is sharp enough, only the tiles that it touches.

Measured on manuscript pages, 512 px tiles: decoding a tile takes 0.9 ms. Scaling while decoding costs more than it
saves between a half and the whole (7/8: 2.2 ms, 5/8: 1.4 ms, because only the 8 x 8 and 4 x 4 transforms have vector
code), and below a half the next level of the pyramid is there already: so tiles are decoded whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from khizana.core.errors import Damaged
from khizana.core.imaging.pyramid import Level, Pyramid

Pixels = NDArray[np.uint8]
"""Rows x columns x channels (3: red, green, blue; 1: grey)."""

BAND_PIXELS = 6_000_000  # source pixels held at a time beside the answer: 18 MB
# Against Lanczos on manuscript pages: cubic alone 45-51 dB from 0.75 to 0.9 (area 41-45, linear 41-46); softened first,
# 39-46 dB from 0.51 to 0.66 (area 40-45 in three times the time, linear 37-46, cubic alone 34-44).
_ALIASES = 0.72  # scale below which fine strokes would break up unless softened
_COARSE = 0.48  # scale below which only the mean of all pixels is fair; levels halve, so that only slivers come here
_SOFTER = np.array([1, 6, 1], np.float32) / 8
_SPARE = 2_000_000  # source pixels that are decoded whatever the size of the answer


@dataclass(frozen=True, slots=True)
class _Part:
    """A rectangle of one level, in its pixels."""

    index: int
    level: Level
    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)


def read_region(
    pyramid: Pyramid, region: tuple[int, int, int, int], size: tuple[int, int], *, grey: bool = False
) -> Pixels:
    """Return *region* (x, y, width, height in pixels of the full image) scaled to *size* (width, height).

    With *grey*, or from a grey pyramid, one channel. Memory is the answer and about 40 MB; work is bounded by the
    size of the answer. Raises ``Damaged`` or ``Unreadable``.
    """
    grey = grey or pyramid.channels == 1
    part = _part(pyramid, region, size)
    width, height = size
    if part.area <= BAND_PIXELS:
        return _resized(_decoded(pyramid, part, grey=grey), width, height)
    out: Pixels = np.empty((height, width, 1 if grey else 3), np.uint8)
    for first, last, top, bottom in _bands(part, height):
        band = _Part(part.index, part.level, part.left, part.top + top, part.right, part.top + bottom)
        out[first:last] = _resized(_decoded(pyramid, band, grey=grey), width, last - first)
    return out


def _part(pyramid: Pyramid, region: tuple[int, int, int, int], size: tuple[int, int]) -> _Part:
    """Return the rectangle to decode: of the smallest level at least as large as *size*, or a coarser one.

    A coarser one where an answer squeezed to a sliver would cost far more pixels than it has.
    """
    parts = [_scaled(pyramid, index, region) for index in range(len(pyramid.levels))]
    chosen = parts[0]
    for part in parts[1:]:
        # Levels are rounded down, so that a level of 440 pixels stands for the 441 that a viewer computes.
        sharp = part.right - part.left >= size[0] - 1 and part.bottom - part.top >= size[1] - 1
        if not sharp and chosen.area <= 8 * size[0] * size[1] + _SPARE:
            break
        chosen = part
    return chosen


def _scaled(pyramid: Pyramid, index: int, region: tuple[int, int, int, int]) -> _Part:
    level = pyramid.levels[index]
    x, y, width, height = region
    # Each level is exactly half of the one above but for its last column and row.
    factor = 1 << index
    left, top = min(level.width - 1, round(x / factor)), min(level.height - 1, round(y / factor))
    right = level.width if x + width == pyramid.width else min(level.width, round((x + width) / factor))
    bottom = level.height if y + height == pyramid.height else min(level.height, round((y + height) / factor))
    return _Part(index, level, left, top, max(left + 1, right), max(top + 1, bottom))


def _decoded(pyramid: Pyramid, part: _Part, *, grey: bool) -> Pixels:
    tile = pyramid.tile
    out: Pixels = np.empty((part.bottom - part.top, part.right - part.left, 1 if grey else 3), np.uint8)
    for row in range(part.top // tile, -(-part.bottom // tile)):
        top, bottom = max(part.top, row * tile), min(part.bottom, (row + 1) * tile)
        for column in range(part.left // tile, -(-part.right // tile)):
            left, right = max(part.left, column * tile), min(part.right, (column + 1) * tile)
            pixels = decode_tile(pyramid, part.index, column, row, grey=grey)
            out[top - part.top : bottom - part.top, left - part.left : right - part.left] = pixels[
                top - row * tile : bottom - row * tile, left - column * tile : right - column * tile
            ]
    return out


def decode_tile(pyramid: Pyramid, level: int, x: int, y: int, *, grey: bool = False) -> Pixels:
    """Return the pixels of one tile, ``tile`` x ``tile`` with its padding. Raises ``Damaged`` or ``Unreadable``."""
    data = pyramid.tile_jpeg(level, x, y)
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(data)
        if (width, height) == (pyramid.tile, pyramid.tile):
            pixels: Pixels = simplejpeg.decode_jpeg(data, "GRAY" if grey else "RGB")
            return pixels
    except ValueError as error:
        raise Damaged("PYRAMID_DAMAGED", file=pyramid.path) from error
    # Larger than the directory says is a bomb, smaller is damage.
    raise Damaged("PYRAMID_DAMAGED", file=pyramid.path)


def _bands(part: _Part, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (first, last) rows of the answer with the (top, bottom) rows of the part that make them.

    Bands end where a row of the answer begins nearly on a row of the source, so that no seam shows.
    """
    source_rows, row_pixels = part.bottom - part.top, part.right - part.left
    ratio = source_rows / height
    step = max(1, int(BAND_PIXELS / row_pixels / ratio))
    search = min(step - 1, 48)
    first = top = 0
    while first < height:
        last = min(height, first + step)
        if last < height:
            last = min(range(last - search, last + 1), key=lambda row: (abs(row * ratio - round(row * ratio)), -row))
        bottom = source_rows if last == height else max(top + 1, round(last * ratio))
        yield first, last, top, min(bottom, source_rows)
        first, top = last, min(bottom, source_rows - 1)


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    rows, columns = pixels.shape[:2]
    if (columns, rows) == (width, height):
        return pixels
    scale = min(width / columns, height / rows)
    method = cv2.INTER_CUBIC
    if scale < _COARSE or (scale < 1 < max(width / columns, height / rows)):
        method = cv2.INTER_AREA
    elif scale < _ALIASES:
        pixels = np.asarray(cv2.sepFilter2D(pixels, -1, _SOFTER, _SOFTER), np.uint8).reshape(pixels.shape)
    resized = cv2.resize(pixels, (width, height), interpolation=method)
    # OpenCV drops the axis of a single channel.
    return np.asarray(resized.reshape(height, width, pixels.shape[2]), dtype=np.uint8)
