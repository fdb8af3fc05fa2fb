"""Page images for the image doors: pyramids made by code, and a register of a few of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyvips
import simplejpeg
from numpy.typing import NDArray

from khizana.core.identifiers import ImageId
from khizana.core.policy import Agreement, Level
from khizana.core.serving import ServedImage

OPEN = Agreement(Level.OPEN, published=True)
SMALLER = Agreement(Level.SMALLER, published=True)
STAFF_ONLY = Agreement(Level.STAFF, published=True)
UNPUBLISHED = Agreement(Level.OPEN, published=False)


def page_pixels(width: int, height: int, *, channels: int = 3, seed: int = 7) -> NDArray[np.uint8]:
    """Return paper that changes slowly in each direction, so that places can be told apart, with rows of strokes."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    paper = np.stack([120 + 120 * columns / width, 120 + 120 * rows / height, np.full_like(rows, 190)], axis=2)
    ink = ((rows % 40) > 24) & (((columns * 7 + rows * 3 + seed * 11) % 29) < 9)
    paper[ink] *= 0.45
    pixels = paper.astype(np.uint8)
    return pixels if channels == 3 else np.ascontiguousarray(pixels[:, :, :1])


def write_pyramid(path: Path, pixels: NDArray[np.uint8], **options: object) -> None:
    """Write *pixels* as a tiled JPEG pyramid, as the vips command line does."""
    image = pyvips.Image.new_from_array(pixels)
    image = image.copy(interpretation="srgb" if pixels.shape[2] == 3 else "b-w")
    settings: dict[str, object] = {"tile_width": 512, "tile_height": 512, "compression": "jpeg", "Q": 85}
    image.tiffsave(str(path), tile=True, pyramid=True, **(settings | options))


def make_access_folder(folder: Path, pixels: NDArray[np.uint8]) -> Path:
    """Make *folder* with a pyramid and one reading size of 480 px; the AVIF is not one, only named so."""
    folder.mkdir(parents=True)
    write_pyramid(folder / "pyramid.tif", pixels)
    height, width = pixels.shape[:2]
    small = pyvips.Image.new_from_array(pixels).thumbnail_image(480, height=round(480 * height / width), size="force")
    small_pixels = np.ascontiguousarray(small.numpy().reshape(small.height, small.width, pixels.shape[2]))
    colours = ("RGB", "420") if pixels.shape[2] == 3 else ("GRAY", "Gray")
    (folder / "480.jpg").write_bytes(simplejpeg.encode_jpeg(small_pixels, 60, *colours))
    (folder / "480.avif").write_bytes(b"not an image, but the bytes of one file")
    return folder


class FewImages:
    """Page images by identifier, all in memory or, where *remote*, only on a first meeting."""

    def __init__(self, images: dict[str, ServedImage], *, remote: bool = False) -> None:
        self.images = {ImageId(name): image for name, image in images.items()}
        self._met: set[ImageId] = set() if remote else set(self.images)

    def peek(self, image: ImageId) -> ServedImage | None:
        return self.images.get(image) if image in self._met else None

    async def load(self, image: ImageId) -> ServedImage | None:
        self._met.add(image)
        return self.images.get(image)
