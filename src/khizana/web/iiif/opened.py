"""What the doors remember of an open page image, and let go of with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from khizana.core.iiif.image_request import ImageRequest, Source
from khizana.core.imaging.pyramid import Pyramid
from khizana.web.iiif.http import Answer, Headers

MOST_REMEMBERED = 4_096  # addresses of one image; a page of 100 megapixels has 530 tiles, in two versions

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ReadyTile:
    """An address that asks for one whole tile: its bytes need no decoding."""

    level: int
    x: int
    y: int
    etag: str
    headers: Headers
    unchanged: Answer


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """An address whose image was made before, and may still lie in memory under *kept*."""

    kept: tuple[str, str]
    etag: str
    headers: Headers
    unchanged: Answer


@dataclass(frozen=True, slots=True)
class ReadyText:
    """An info.json as it is sent."""

    etag: str
    answer: Answer
    unchanged: Answer


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
    """Keep *value* under *key*; where a stranger has asked for too many addresses, begin anew."""
    if len(where) >= MOST_REMEMBERED:
        where.clear()
    where[key] = value
