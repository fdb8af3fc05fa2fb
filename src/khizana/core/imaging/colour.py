"""Colours to 8-bit sRGB: profiles, depths, inks, opacity.

Access copies are sRGB and carry no profile, which every reader shows alike and costs no bytes (CSS Color 4, 10.2:
an untagged image is sRGB).
"""

from __future__ import annotations

import io
import struct
from typing import Final

import pyvips
from PIL import ImageCms

from khizana.core.imaging.headers import Header

_SRGB_COLUMNS: Final = {
    b"rXYZ": (0.4360, 0.2225, 0.0139),
    b"gXYZ": (0.3851, 0.7169, 0.0971),
    b"bXYZ": (0.1431, 0.0606, 0.7141),
}
"""The red, green and blue of sRGB, adapted to D50 (IEC 61966-2-1 in ICC form)."""

_CLOSE_COLUMN: Final = 0.003
_CLOSE_CURVE: Final = 0.01


class ProfileUnusable(Exception):
    """The embedded profile is broken, or is not for this kind of image."""


def is_srgb(profile: bytes) -> bool:
    """Say whether an ICC *profile* is sRGB itself, to within what 8 bits can show (ICC.1:2022, 8.3, 10.6, 10.18)."""
    try:
        if profile[12:20] not in {b"mntrRGB ", b"scnrRGB ", b"spacRGB "} or profile[20:24] != b"XYZ ":
            return False
        tags = _tags(profile)
        if any(name in tags for name in (b"A2B0", b"A2B1")):
            return False
        columns = all(
            abs(found - wanted) <= _CLOSE_COLUMN
            for name, column in _SRGB_COLUMNS.items()
            for found, wanted in zip(_xyz(tags[name]), column, strict=True)
        )
        return columns and all(_is_srgb_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
    except (KeyError, struct.error, IndexError, ZeroDivisionError, OverflowError, ValueError):
        return False


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    found: dict[bytes, bytes] = {}
    for index in range(min(count, 100)):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * index)
        found[name] = profile[offset : offset + size]
    return found


def _xyz(tag: bytes) -> tuple[float, float, float]:
    x, y, z = struct.unpack_from(">iii", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _is_srgb_curve(tag: bytes) -> bool:
    return all(abs(_curve(tag, at) - _srgb_to_linear(at)) <= _CLOSE_CURVE for at in (0.05, 0.2, 0.4, 0.6, 0.8, 1.0))


def _srgb_to_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _curve(tag: bytes, at: float) -> float:
    """Return the value of a curve (``curv``) or parametric curve (``para``) at *at*, 0 to 1."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return at
        if count == 1:
            return float(at ** (struct.unpack_from(">H", tag, 12)[0] / 256))
        place = at * (count - 1)
        low = min(int(place), count - 2)
        first, second = struct.unpack_from(">HH", tag, 12 + 2 * low)
        return float(first + (second - first) * (place - low)) / 65535
    if tag[:4] == b"para":
        (kind,) = struct.unpack_from(">H", tag, 8)
        gamma, *rest = (value / 65536 for value in struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", tag, 12))
        if kind == 0:
            return float(at**gamma)
        if kind == 3:
            a, b, c, d = rest
            return float((a * at + b) ** gamma if at >= d else c * at)
    return -1.0


def to_srgb(image: pyvips.Image, header: Header) -> pyvips.Image:
    """Return *image* as sRGB or grey of 8 bits, without opacity; nothing is computed until its pixels are asked for.

    Raises ``ProfileUnusable`` where the embedded profile does not serve; call again with a header without it.
    """
    image = _without_opacity(image, header)
    colours = image.bands
    if header.profile is not None and not is_srgb(header.profile):
        image = _by_profile(image, header.profile)
    else:
        image = _without_profile(image)
    if colours == 1 and image.bands == 3:
        image = image.extract_band(1)
    if image.format != "uchar":
        image = image.cast("uchar")
    return image


def colour_bands(image: pyvips.Image) -> int:
    """Return how many of the bands of *image* are colours, by its interpretation."""
    by_interpretation = {"b-w": 1, "grey16": 1, "cmyk": 4}
    bands: int = image.bands
    return min(bands, by_interpretation.get(image.interpretation, 3 if bands >= 3 else 1))


def _without_opacity(image: pyvips.Image, header: Header) -> pyvips.Image:
    """Return *image* laid on white paper."""
    colours = colour_bands(image)
    if image.bands == colours:
        return image
    flat = image.extract_band(0, n=colours)
    if header.alpha == "unknown":
        return flat
    most = 65535 if image.format == "ushort" else 255
    white: list[float] = {"cmyk": [0.0] * 4, "lab": [100.0, 0.0, 0.0]}.get(
        image.interpretation, [float(most)] * colours
    )
    opacity = image.extract_band(colours)
    return flat.bandjoin(opacity).copy(interpretation=image.interpretation).flatten(background=white, max_alpha=most)


def _by_profile(image: pyvips.Image, profile: bytes) -> pyvips.Image:
    # libvips falls back without a word on a profile that does not serve, so it is tried here first.
    mode = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}.get(profile[16:20])
    if mode is None or {"L": 1, "RGB": 3, "CMYK": 4}[mode] != image.bands:
        raise ProfileUnusable
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
        image = image.copy()
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
        return image.icc_transform("srgb", embedded=True, intent="relative", black_point_compensation=True, depth=8)
    except (ImageCms.PyCMSError, OSError, pyvips.Error) as error:
        raise ProfileUnusable from error


def _without_profile(image: pyvips.Image) -> pyvips.Image:
    if image.interpretation == "cmyk":
        return image.copy().icc_transform("srgb", input_profile="cmyk", embedded=False, intent="relative", depth=8)
    if image.interpretation in {"lab", "labs", "labq", "xyz", "scrgb"}:
        return image.colourspace("srgb")
    if image.format == "ushort":
        return image.cast("uchar", shift=True)
    return image
