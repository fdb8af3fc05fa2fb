"""Image requests of the IIIF Image API 3.0 and 2.1: read strictly, answered with one canonical form.

Source: Image API 3.0 sections 4.1-4.7 and Image API 2.1.1 sections 4.1-4.7. Whatever the address holds, reading it
takes bounded work and ends in an ``ImageRequest`` or in ``RequestRefused``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from khizana.core.errors import BadInput

Version = Literal[2, 3]

MOST_PIXELS = 36_000_000
"""Area of the largest image made for a request: its pixels and its JPEG stay under 300 MB of memory."""
MOST_PIXELS_OF = {"tif": 25_000_000, "webp": 16_000_000, "gif": 16_000_000, "jp2": 4_000_000}
"""The same for formats whose encoders take more memory: 12 bytes a pixel for WebP, 40 for JPEG 2000."""

LONGEST_SIDE = 16_000
"""Longest side of an image made for a request; WebP ends at 16,383 pixels and JPEG at 65,500."""

FORMATS = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "tif": "image/tiff",
    "gif": "image/gif",
    "jp2": "image/jp2",
    "pdf": "application/pdf",
}
QUALITIES = ("default", "color", "gray", "bitonal")

_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}")
_SHOWN = 60  # characters of a refused parameter that its sentence repeats


class RequestRefused(BadInput):
    """The address is not an image request, or asks for an image that is never made (status 400)."""


class SmallerOnly(BadInput):
    """The agreement allows smaller images only (status 403)."""


@dataclass(frozen=True, slots=True)
class Source:
    """The image that is asked of, and how much of it may be shown."""

    width: int
    height: int
    grey: bool = False
    shown_side: int | None = None
    """Longest side, in pixels, at which the whole image may be shown; a region is held to the same scale."""

    @property
    def limited(self) -> bool:
        """Whether the whole image cannot be had at its full size."""
        return fitting(self, self.width, self.height) != (self.width, self.height)

    @property
    def shown_scale(self) -> float:
        """Scale, at most 1, at which any part of the image may be shown."""
        if self.shown_side is None:
            return 1.0
        return min(1.0, self.shown_side / max(self.width, self.height))


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One image asked for: which pixels, how large, turned how, in which colours and which format."""

    x: int
    y: int
    region_width: int
    region_height: int
    width: int
    """Pixels of the answer before it is turned."""
    height: int
    mirror: bool
    rotation: float
    """Degrees clockwise, 0 <= rotation < 360, after mirroring."""
    quality: str
    """``default``, ``gray`` or ``bitonal``: what is the same as the default is called so."""
    format: str
    canonical: str
    """The canonical form: ``full/max/0/default.jpg``."""

    @property
    def plain(self) -> bool:
        """Whether it is a JPEG, not turned and in its own colours."""
        return self.format == "jpg" and self.quality == "default" and self.rotation == 0 and not self.mirror


def parse(version: Version, parameters: tuple[str, str, str, str], source: Source) -> ImageRequest:
    """Return the request that (region, size, rotation, quality.format) make of *source*.

    Raises ``RequestRefused`` for anything else than a request that can be answered, and ``SmallerOnly`` for one
    that the agreement does not allow.
    """
    region, size, rotation, rest = parameters
    x, y, region_width, region_height = _region(region, source)
    if version == 3:
        width, height, size_form = _size_3(size, source, region_width, region_height)
    else:
        width, height, size_form = _size_2(size, source, region_width, region_height)
    mirror, degrees, rotation_form = _rotation(rotation)
    quality, image_format = _quality_and_format(rest, source)
    _check_turned(width, height, degrees, MOST_PIXELS_OF.get(image_format, MOST_PIXELS))
    whole = region_width == source.width and region_height == source.height
    region_form = "full" if whole else f"{x},{y},{region_width},{region_height}"
    return ImageRequest(
        x=x,
        y=y,
        region_width=region_width,
        region_height=region_height,
        width=width,
        height=height,
        mirror=mirror,
        rotation=degrees,
        quality=quality,
        format=image_format,
        canonical=f"{region_form}/{size_form}/{rotation_form}/{quality}.{image_format}",
    )


def fitting(source: Source, width: int, height: int, *, enlarge: bool = False) -> tuple[int, int]:
    """Return the largest size, in pixels, at which a region of *width* x *height* is given."""
    scale = min(LONGEST_SIDE / width, LONGEST_SIDE / height, math.sqrt(MOST_PIXELS / (width * height)))
    if not enlarge:
        scale = min(scale, 1.0)
    scale = min(scale, source.shown_scale) if source.shown_side is not None else scale
    if scale == 1.0:
        return width, height
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def _region(text: str, source: Source) -> tuple[int, int, int, int]:
    if text == "full":
        return 0, 0, source.width, source.height
    if text == "square":
        side = min(source.width, source.height)
        return (source.width - side) // 2, (source.height - side) // 2, side, side
    if text.startswith("pct:"):
        shares = _numbers(text[4:], _DECIMAL)
        if shares is None:
            raise RequestRefused("IMAGE_REGION_MALFORMED", given=text[:_SHOWN])
        across, down = source.width / 100, source.height / 100
        x, y = _round(shares[0] * across), _round(shares[1] * down)
        width, height = _round(shares[2] * across), _round(shares[3] * down)
        # A share of more than nothing is never less than one pixel.
        width, height = max(width, int(shares[2] > 0)), max(height, int(shares[3] > 0))
    else:
        pixels = _numbers(text, _WHOLE)
        if pixels is None:
            raise RequestRefused("IMAGE_REGION_MALFORMED", given=text[:_SHOWN])
        x, y, width, height = (int(value) for value in pixels)
    if width == 0 or height == 0 or x >= source.width or y >= source.height:
        raise RequestRefused("IMAGE_REGION_OUTSIDE", given=text[:_SHOWN], width=source.width, height=source.height)
    return x, y, min(width, source.width - x), min(height, source.height - y)


def _numbers(text: str, pattern: re.Pattern[str]) -> list[float] | None:
    parts = text.split(",", 4)
    if len(parts) != 4 or not all(pattern.fullmatch(part) for part in parts):
        return None
    return [float(part) for part in parts]


def _size_3(text: str, source: Source, region_width: int, region_height: int) -> tuple[int, int, str]:
    enlarge = text.startswith("^")
    wanted = text[1:] if enlarge else text
    largest = fitting(source, region_width, region_height)
    if wanted == "max":
        # An image that no limit touches has no larger "maximum" than itself (and the validator asks for that).
        most = enlarge and source.limited
        width, height = fitting(source, region_width, region_height, enlarge=True) if most else largest
    else:
        width, height = _wanted_size(text, wanted, source, region_width, region_height, enlarge=enlarge)
    upscaled = width > region_width or height > region_height
    if upscaled and not enlarge:
        raise RequestRefused("IMAGE_SIZE_ABOVE", given=text[:_SHOWN], width=region_width, height=region_height)
    _check_size(text, source, (region_width, region_height), (width, height))
    if (width, height) == largest:
        return width, height, "max"
    mark = "^" if upscaled else ""
    if upscaled and wanted == "max":
        return width, height, "^max"
    return width, height, f"{mark}{width},{height}"


def _size_2(text: str, source: Source, region_width: int, region_height: int) -> tuple[int, int, str]:
    if text == "full":
        width, height = region_width, region_height
    elif text == "max":
        width, height = fitting(source, region_width, region_height)
    else:
        width, height = _wanted_size(text, text, source, region_width, region_height, enlarge=False)
    _check_size(text, source, (region_width, region_height), (width, height))
    if (width, height) == (region_width, region_height):
        return width, height, "full"
    if height == max(1, _round(region_height * width / region_width)):
        return width, height, f"{width},"
    return width, height, f"{width},{height}"


def _wanted_size(
    text: str, wanted: str, source: Source, region_width: int, region_height: int, *, enlarge: bool
) -> tuple[int, int]:
    """Return the size that *wanted* (any form but ``max`` and ``full``) makes of the region."""
    if wanted.startswith("pct:"):
        if not _DECIMAL.fullmatch(wanted[4:]) or float(wanted[4:]) == 0:
            raise RequestRefused("IMAGE_SIZE_MALFORMED", given=text[:_SHOWN])
        share = float(wanted[4:]) / 100
        return max(1, _round(region_width * share)), max(1, _round(region_height * share))
    confined = wanted.startswith("!")
    across, comma, down = wanted[confined:].partition(",")
    for number in (across, down):
        if number and (not _WHOLE.fullmatch(number) or int(number) == 0):
            raise RequestRefused("IMAGE_SIZE_MALFORMED", given=text[:_SHOWN])
    if not comma or not (across or down) or (confined and not (across and down)):
        raise RequestRefused("IMAGE_SIZE_MALFORMED", given=text[:_SHOWN])
    if confined:
        box = int(across), int(down)
        scale = min(box[0] / region_width, box[1] / region_height)
        most = fitting(source, region_width, region_height, enlarge=enlarge)
        if scale >= 1.0 and not enlarge:
            return most
        width = min(box[0], most[0], max(1, _round(region_width * scale)))
        height = min(box[1], most[1], max(1, _round(region_height * scale)))
        # Where a limit binds, both sides follow the side that it binds more.
        return most if width == most[0] or height == most[1] else (width, height)
    if across and down:
        return int(across), int(down)
    if across:
        return int(across), max(1, _round(region_height * int(across) / region_width))
    return max(1, _round(region_width * int(down) / region_height)), int(down)


def _check_size(text: str, source: Source, region: tuple[int, int], size: tuple[int, int]) -> None:
    if source.shown_side is not None:
        scale = source.shown_scale
        if size[0] > math.ceil(region[0] * scale) or size[1] > math.ceil(region[1] * scale):
            raise SmallerOnly("SMALLER_ONLY", longest=source.shown_side)
    if max(size) > LONGEST_SIDE or size[0] * size[1] > MOST_PIXELS:
        raise RequestRefused("IMAGE_SIZE_TOO_LARGE", given=text[:_SHOWN], area=MOST_PIXELS, side=LONGEST_SIDE)


def _rotation(text: str) -> tuple[bool, float, str]:
    mirror = text.startswith("!")
    degrees_text = text[mirror:]
    if not _DECIMAL.fullmatch(degrees_text) or float(degrees_text) > 360:
        raise RequestRefused("IMAGE_ROTATION_MALFORMED", given=text[:_SHOWN])
    degrees = float(degrees_text) % 360
    form = f"{degrees:.9f}".rstrip("0").rstrip(".")
    return mirror, degrees, ("!" if mirror else "") + form


def _check_turned(width: int, height: int, degrees: float, most: int) -> None:
    # A long thin strip turned by 45 degrees needs a canvas hundreds of times its own area.
    turned_width, turned_height = turned_size(width, height, degrees)
    if max(turned_width, turned_height) > LONGEST_SIDE or turned_width * turned_height > most:
        raise RequestRefused("IMAGE_TURNED_TOO_LARGE", area=most, side=LONGEST_SIDE)


def turned_size(width: int, height: int, degrees: float) -> tuple[int, int]:
    """Return the size of the smallest upright canvas that holds the image turned by *degrees*."""
    if degrees % 90 == 0:
        return (width, height) if degrees % 180 == 0 else (height, width)
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    # The hair's breadth taken off keeps a float's last digit from adding a row of pixels.
    return math.ceil(width * cosine + height * sine - 1e-6), math.ceil(width * sine + height * cosine - 1e-6)


def _quality_and_format(text: str, source: Source) -> tuple[str, str]:
    quality, dot, image_format = text.rpartition(".")
    if not dot or image_format not in FORMATS:
        raise RequestRefused("IMAGE_FORMAT_UNKNOWN", given=text[:_SHOWN], known=", ".join(FORMATS))
    if quality not in QUALITIES:
        raise RequestRefused("IMAGE_QUALITY_UNKNOWN", given=quality[:_SHOWN], known=", ".join(QUALITIES))
    if quality == "color" or (quality == "gray" and source.grey):
        quality = "default"
    return quality, image_format


def _round(value: float) -> int:
    """Round half up: Python's own rounding takes 0.5 to the even side, which no other server does."""
    return math.floor(value + 0.5)
