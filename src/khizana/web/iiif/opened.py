"""An open page image, and what the doors remember of the addresses that were answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from khizana.core.iiif.image_request import ImageRequest, Source
from khizana.core.imaging.pyramid import Pyramid
from khizana.web.iiif.http import Answer, Headers

MOST_REMEMBERED = 16_384  # addresses, of about 1.5 kB each; a page of 100 megapixels has 530 tiles

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ReadyTile:
    """An address that asks for one whole tile: its bytes need no decoding."""

    tag: str
    """Of the pyramid that it is a tile of; a pyramid that was replaced has another."""
    level: int
    x: int
    y: int
    etag: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """An address whose image was made before, and may still lie in memory under *kept*."""

    tag: str
    kept: tuple[str, str]
    etag: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class ReadyText:
    """An info.json as it is sent."""

    tag: str
    etag: str
    answer: Answer


class OpenImage(Pyramid):
    """An open pyramid, with the addresses of it that were answered before."""

    __slots__ = ("reading_sizes", "ready", "texts")

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.ready: dict[str, ReadyTile | ReadyMade] = {}
        self.texts: dict[tuple[str, str | None, bool], ReadyText] = {}
        self.reading_sizes: dict[tuple[int, int], str] | None = None

    def source(self, shown_side: int | None = None) -> Source:
        """Return the image as requests are read against it."""
        return Source(self.width, self.height, grey=self.channels == 1, shown_side=shown_side)

    def whole_tile(self, request: ImageRequest) -> tuple[int, int, int] | None:
        """Return (level, column, row) where *request* asks for exactly one whole tile as it lies in the file."""
        if not request.plain or not request.width == request.height == self.tile:
            return None
        factor, rest = divmod(request.region_width, self.tile)
        if rest or request.region_height != request.region_width or factor & (factor - 1):
            return None
        level = factor.bit_length() - 1
        if level >= len(self.levels) or request.x % request.region_width or request.y % request.region_width:
            return None
        column, row = request.x // request.region_width, request.y // request.region_width
        step = self.levels[level]
        whole = (column + 1) * self.tile <= step.width and (row + 1) * self.tile <= step.height
        return (level, column, row) if whole else None


def remember(where: dict[Key, Value], key: Key, value: Value) -> None:
    """Keep *value* under *key*, and let go of the oldest: a stranger can ask for any number of addresses."""
    while len(where) >= MOST_REMEMBERED:
        del where[next(iter(where))]
    where[key] = value
