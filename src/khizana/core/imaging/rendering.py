"""An image request made into a file: region and size, then mirror, rotation, quality and format, in that order.

Source for the order of operations: IIIF Image API 3.0, section 4.7.
"""

from __future__ import annotations

import io
import math
from typing import Any

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from khizana.core.iiif.image_request import ImageRequest, turned_size
from khizana.core.imaging.pyramid import Pyramid
from khizana.core.imaging.region import Pixels, read_region

RENDERING = 1
"""Counted up when the same request gives other bytes than before, so that caches let go of the old ones."""

JPEG_QUALITY = 85

_WITH_ALPHA = frozenset({"png", "webp", "tif"})
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_PILLOW: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("PNG", {"compress_level": 3}),
    "webp": ("WEBP", {"quality": 75, "method": 2}),
    "tif": ("TIFF", {"compression": "tiff_lzw"}),
    "gif": ("GIF", {}),
    "jp2": ("JPEG2000", {"quality_mode": "rates", "quality_layers": [16]}),
    "pdf": ("PDF", {"quality": JPEG_QUALITY}),
}


def render(pyramid: Pyramid, request: ImageRequest) -> bytes:
    """Return the file that *request* asks for. Raises ``Damaged`` or ``Unreadable``."""
    region = (request.x, request.y, request.region_width, request.region_height)
    grey = request.quality in {"gray", "bitonal"}
    pixels = read_region(pyramid, region, (request.width, request.height), grey=grey)
    if request.mirror:
        pixels = _flat(cv2.flip(pixels, 1), pixels)
    if request.rotation in _TURNS:
        pixels = _flat(cv2.rotate(pixels, _TURNS[int(request.rotation)]), pixels)
    if request.quality == "bitonal":
        # Otsu's threshold suits ink on paper; a fixed one turns a dark parchment black.
        pixels = _flat(cv2.threshold(pixels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], pixels)
    if request.rotation % 90:
        pixels = _turned(pixels, request.rotation, alpha=request.format in _WITH_ALPHA)
    return encode(pixels, request.format, bitonal=request.quality == "bitonal")


def encode(pixels: Pixels, image_format: str, *, bitonal: bool = False) -> bytes:
    """Return *pixels* (1, 3 or, with alpha, 2 or 4 channels) as a file of *image_format*."""
    channels = pixels.shape[2]
    if image_format == "jpg":
        pixels = np.ascontiguousarray(pixels)
        jpeg: bytes
        if channels == 1:
            jpeg = simplejpeg.encode_jpeg(pixels, JPEG_QUALITY, "GRAY", "Gray")
        else:
            jpeg = simplejpeg.encode_jpeg(pixels, JPEG_QUALITY, "RGB", "420")
        return jpeg
    image = Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels)
    if bitonal and channels == 1 and image_format in {"png", "tif", "gif"}:
        image = image.convert("1", dither=Image.Dither.NONE)
    name, options = _PILLOW[image_format]
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def _turned(pixels: Pixels, degrees: float, *, alpha: bool) -> Pixels:
    """Return *pixels* turned clockwise on the smallest upright canvas, its corners clear or else white."""
    rows, columns, channels = pixels.shape
    width, height = turned_size(columns, rows, degrees)
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    # Pixel centres: the middle of a row of n pixels is (n - 1) / 2.
    middle_x, middle_y = (columns - 1) / 2, (rows - 1) / 2
    shift_x = (width - 1) / 2 - (cosine * middle_x - sine * middle_y)
    shift_y = (height - 1) / 2 - (sine * middle_x + cosine * middle_y)
    matrix = np.array([[cosine, -sine, shift_x], [sine, cosine, shift_y]])
    if alpha:
        opaque = np.full((rows, columns, 1), 255, np.uint8)
        pixels = np.concatenate([pixels, opaque] if channels > 1 else [pixels] * 3 + [opaque], axis=2)
        border: tuple[int, ...] = (255, 255, 255, 0)
    else:
        border = (255,) * channels
    turned = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=border)
    return _flat(turned, pixels)


def _flat(made: Any, before: Pixels) -> Pixels:
    # OpenCV drops the axis of a single channel.
    return np.asarray(made.reshape(*made.shape[:2], before.shape[2]), dtype=np.uint8)
