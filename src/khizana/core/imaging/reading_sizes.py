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

_QUALITY: Final = {480: 45, 800: 45, 1200: 42, 2000: 42}
_LOWEST: Final = 28
_BUDGET: Final = {800: 38_000, 1200: 50_000}
"""Bytes an AVIF may have where the lowest quality allows."""

_JPEG_QUALITY: Final = {480: 60, 800: 55, 1200: 50, 2000: 50}

_GROWTH: Final = 1.5
"""Bytes grow as the width to this power, on the real pages measured."""

_BYTES_PER_STEP: Final = 0.028
"""Natural logarithm of the bytes, per step of AVIF quality."""


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


def encode(levels: Sequence[Rows], plan: Sequence[tuple[int, int, int]]) -> Iterator[EncodedSize]:
    """Yield the planned sizes, made from the resolutions in *levels* (the largest first)."""
    before: tuple[int, float] | None = None
    for name, width, height in plan:
        source = next(level for level in reversed(levels) if level.shape[1] >= width and level.shape[0] >= height)
        rows = shrunk(source, width, height)
        avif, quality = _avif_within_budget(rows, name, before)
        before = (width, len(avif) * math.exp(_BYTES_PER_STEP * (_QUALITY[name] - quality)))
        jpeg = _jpeg(rows, _JPEG_QUALITY[name])
        yield EncodedSize(ReadingSize(name, width, height, len(avif), len(jpeg)), avif, jpeg)


def _avif_within_budget(rows: Rows, name: int, before: tuple[int, float] | None) -> tuple[bytes, int]:
    """Return the size as AVIF, and its quality; *before* has the width of the size before, and its bytes uncut."""
    quality, budget = _QUALITY[name], _BUDGET.get(name)
    if budget is None:
        return _avif(rows, quality), quality
    if before is not None:
        quality = _lowered(quality, before[1] * (rows.shape[1] / before[0]) ** _GROWTH, budget)
    data = _avif(rows, quality)
    if len(data) > budget and quality > _LOWEST:
        quality = min(quality - 1, _lowered(quality, len(data) * 1.02, budget))
        data = _avif(rows, quality)
    return data, quality


def _lowered(quality: int, expected: float, budget: int) -> int:
    if expected <= budget:
        return quality
    return max(_LOWEST, quality - math.ceil(math.log(expected / budget) / _BYTES_PER_STEP))


def _picture(rows: Rows) -> Image.Image:
    return Image.fromarray(rows[:, :, 0] if rows.shape[2] == 1 else rows)


def _avif(rows: Rows, quality: int) -> bytes:
    with io.BytesIO() as out:
        _picture(rows).save(out, "AVIF", quality=quality, speed=_AVIF_SPEED, subsampling="4:2:0", max_threads=1)
        return out.getvalue()


def _jpeg(rows: Rows, quality: int) -> bytes:
    image = rows if rows.shape[2] == 1 else cv2.cvtColor(rows, cv2.COLOR_RGB2BGR)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    _, data = cv2.imencode(".jpg", image, options)
    return data.tobytes()
