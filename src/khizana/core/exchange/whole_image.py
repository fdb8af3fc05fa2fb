"""How another library is asked for the whole of an image that it serves, and whether it gave it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from khizana.core.catalogue.incoming import RemoteImage

LONGEST_LABEL = 200
"""Letters of a canvas' label that become the label of its page."""
_SAME_SHAPE = 0.02
"""Part by which the proportions may differ: servers round, and some crop a line."""


_PART = re.compile(r"/(?:square|pct:[\d.,]+|\d+,\d+,\d+,\d+)/[^/]+/!?\d+/\w+\.\w{3,4}$")
"""Ends the address of a part of an image: the size that is stated of it is none of the whole."""


def known_as(image: RemoteImage) -> str:
    """Return the address by which *image* is known again: of its service, which stays when sizes change."""
    return image.service or image.address


def requests_of(image: RemoteImage) -> tuple[str, ...]:
    """Return the addresses of the whole of *image*, the best first, each once.

    ``max`` is the size of version 3 (Image API 3.0, section 4.2) and of 2.1; 2.0 and 1.1 know ``full`` alone, and 1.1
    calls its quality ``native``. Version 2 does not tell which of its minor ones it is, so both are asked in turn.
    Services of level 0 have the files that they have: the address in the manifest comes last.
    """
    sizes = {
        1: ("full/full/0/native.jpg", "full/full/0/default.jpg"),
        2: ("full/max/0/default.jpg", "full/full/0/default.jpg"),
        3: ("full/max/0/default.jpg",),
    }.get(image.version, ("full/max/0/default.jpg", "full/full/0/default.jpg", "full/full/0/native.jpg"))
    of_service = [f"{image.service}/{size}" for size in sizes] if image.service else []
    return tuple(dict.fromkeys((*of_service, image.address)))


def is_smaller(image: RemoteImage, width: int, height: int) -> bool:
    """Return whether *width* and *height*, in pixels, are less than is stated of *image*, turned or not."""
    stated, given = sorted((image.width, image.height)), sorted((width, height))
    return all(stated) and not _PART.search(image.address) and (given[0] < stated[0] or given[1] < stated[1])


def is_another_shape(image: RemoteImage, width: int, height: int) -> bool:
    """Return whether an image of *width* and *height* cannot be *image*: servers send a placard for a lost one."""
    if not (image.width and image.height and width and height) or _PART.search(image.address):
        return False
    stated, given = sorted((image.width, image.height)), sorted((width, height))
    # A pixel more or less is much of the side of a small image.
    tolerance = max(_SAME_SHAPE, 1.5 / given[0])
    return abs((stated[0] / stated[1]) / (given[0] / given[1]) - 1) > tolerance


def labelled(images: Sequence[RemoteImage]) -> Iterator[tuple[RemoteImage, str]]:
    """Yield *images* with the labels of their pages: of the canvas, and what is shown beside its first image."""
    canvas_label = ""
    for number, image in enumerate(images, 1):
        if not image.beside:
            canvas_label = image.label
        stated = f"{canvas_label}, {image.beside}" if image.beside and canvas_label else image.label
        plain = "".join(char for char in stated if char.isprintable() or unicodedata.category(char) == "Cf")
        yield image, plain.strip()[:LONGEST_LABEL] or str(number)
