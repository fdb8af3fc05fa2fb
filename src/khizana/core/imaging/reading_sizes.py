"""Ready-made sizes of a page image for reading: AVIF for all that know it, progressive JPEG for the rest.

The quality is set by eye on real pages (docs/explanation/access-copies.md) and bounded by bytes: a phone on a slow
line shall have its page in two seconds. The bytes of one width foretell those of the next, so that a second try
is the exception.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
from PIL import Image

from khizana.core.imaging.access_facts import ReadingSize
from khizana.core.imaging.decode import Rows
from khizana.core.imaging.scaling import shrunk

WIDTHS: Final = (480, 800, 1200, 2000)
"""Pixels; the names of the sizes. An image narrower than 480 has one size, 480, at its own width."""

_LONGEST: Final = 16_000
"""Pixels of the longest side of a reading size: browsers and codecs stop soon after."""

_AVIF_SPEED: Final = 9
"""Of 0 to 10. One step slower saves 5% of the bytes and takes three times as long."""

_AVIF_CODEC: Final = {"disable-trellis-quant": "1", "enable-qm": "0"}
"""Settings of libaom that save a fifth of the time; at equal bytes no difference is seen or measured (SSIM)."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    avif: int
    """AVIF quality, where the budget allows."""
    jpeg: int
    lowest: int = 0
    """The least AVIF quality: below it faint script begins to go."""
    budget: int = 0
    """Bytes the AVIF may have; 0 for any number."""


_RECIPES: Final = {
    480: _Recipe(avif=39, jpeg=58),
    800: _Recipe(avif=42, jpeg=50, lowest=25, budget=38_000),
    1200: _Recipe(avif=39, jpeg=45, lowest=19, budget=50_000),
    2000: _Recipe(avif=34, jpeg=45),
}

_AIM, _TOLERATED = 0.95, 1.04
"""A forecast aims below the budget; a size that lands a little over it is not encoded again."""

_GROWTH: Final = (1.1, 1.6, 1.8)
"""Bytes grow as the width to this power: least, usual and most, on the real pages measured."""

_STEP: Final = 0.04
"""Natural logarithm of what one step of AVIF quality multiplies the bytes by, on the same pages."""


@dataclass(frozen=True, slots=True)
class EncodedSize:
    """One ready-made size with its bytes."""

    size: ReadingSize
    avif: bytes
    jpeg: bytes


def planned(width: int, height: int) -> list[tuple[int, int, int]]:
    """Return (name, width, height) of the sizes that an image of *width* x *height* pixels gets, the least first."""
    plan: list[tuple[int, int, int]] = []
    for name in WIDTHS:
        if plan and name > width:
            break
        scale = min(1.0, name / width, _LONGEST / height)
        plan.append((name, max(1, round(width * scale)), max(1, round(height * scale))))
        if scale < min(1.0, name / width):
            break  # a scroll: every further size would have the same pixels
    return plan


def encode(
    levels: Sequence[Rows], plan: Sequence[tuple[int, int, int]], *, made: Sequence[ReadingSize] = ()
) -> Iterator[EncodedSize]:
    """Yield the planned sizes, made from the resolutions in *levels* (the largest first).

    *made* are the smaller sizes made before: what they took saves the first of the larger ones a second try.
    """
    forecast = _Forecast()
    for size in made:
        if size.avif_quality:
            forecast.remember(size.width, size.avif_bytes, size.avif_quality)
    for name, width, height in plan:
        source = next(level for level in reversed(levels) if level.shape[1] >= width and level.shape[0] >= height)
        rows = shrunk(source, width, height)
        avif, quality = _avif_within_budget(rows, _RECIPES[name], forecast)
        jpeg = _jpeg(rows, _RECIPES[name].jpeg)
        yield EncodedSize(ReadingSize(name, width, height, len(avif), len(jpeg), quality), avif, jpeg)


class _Forecast:
    """What the sizes made so far say of the bytes of the next."""

    def __init__(self) -> None:
        self._seen: list[tuple[int, float]] = []

    def remember(self, width: int, count: int, quality: int) -> None:
        """Keep that *width* took *count* bytes at *quality*."""
        self._seen.append((width, math.log(count) - _STEP * quality))

    def bytes_of(self, width: int, quality: int) -> float | None:
        """Return the bytes to expect of *width* at *quality*, or None at first."""
        if not self._seen:
            return None
        least, growth, most = _GROWTH
        last_width, last = self._seen[-1]
        if len(self._seen) > 1 and self._seen[-2][0] < last_width:
            first_width, first = self._seen[-2]
            growth = min(most, max(least, (last - first) / math.log(last_width / first_width)))
        return math.exp(last + growth * math.log(width / last_width) + _STEP * quality)


def _avif_within_budget(rows: Rows, recipe: _Recipe, forecast: _Forecast) -> tuple[bytes, int]:
    """Return the AVIF and its quality: the recipe's own, or lower where it would not come within the budget."""
    width, quality = rows.shape[1], recipe.avif
    expected = forecast.bytes_of(width, quality)
    if recipe.budget and expected is not None:
        quality = _lowered(recipe, quality, expected / _AIM)
    data = _avif(rows, quality)
    if recipe.budget and len(data) > recipe.budget * _TOLERATED and quality > recipe.lowest:
        quality = _lowered(recipe, quality, len(data))
        data = _avif(rows, quality)
    forecast.remember(width, len(data), quality)
    return data, quality


def _lowered(recipe: _Recipe, quality: int, expected: float) -> int:
    """Return the quality at which *expected* bytes at *quality* come within the budget, or the lowest."""
    steps = math.ceil(math.log(max(1.0, expected / recipe.budget)) / _STEP)
    return max(recipe.lowest, quality - steps)


def _picture(rows: Rows) -> Image.Image:
    return Image.fromarray(rows[:, :, 0] if rows.shape[2] == 1 else rows)


def _avif(rows: Rows, quality: int) -> bytes:
    with io.BytesIO() as out:
        _picture(rows).save(
            out,
            "AVIF",
            quality=quality,
            speed=_AVIF_SPEED,
            subsampling="4:2:0",
            codec="aom",
            max_threads=1,
            advanced=_AVIF_CODEC,
        )
        return out.getvalue()


def _jpeg(rows: Rows, quality: int) -> bytes:
    image = rows if rows.shape[2] == 1 else cv2.cvtColor(rows, cv2.COLOR_RGB2BGR)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    _, data = cv2.imencode(".jpg", image, options)
    return data.tobytes()
