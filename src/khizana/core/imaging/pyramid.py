"""A tiled JPEG pyramid, read tile by tile without decoding.

The access copy of a page image is a TIFF whose tiles are JPEG streams without their tables (TIFF Technical Note 2,
"abbreviated" streams). ``Pyramid.tile_jpeg`` puts the tables in front of a tile's bytes: a whole JPEG, at the
price of one read and one copy.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, NamedTuple, TypeVar

from khizana.core.errors import Damaged, NotFound, Unreadable
from khizana.core.imaging import tiff

MOST_TILE_BYTES = 1 << 24  # a 512 px JPEG tile of pure noise at the best quality is under 1 MiB
LARGEST_TILE = 2048
LARGEST_SIDE = 1 << 20  # pixels

_START, _END = b"\xff\xd8", b"\xff\xd9"
_PLAIN_RGB = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
"""An Adobe marker that says "no colour transform": without it a reader takes three channels for YCbCr."""

_NOWAIT: int = getattr(os, "RWF_NOWAIT", 0)


@dataclass(frozen=True, slots=True)
class Level:
    """One resolution of the pyramid: level 0 is the full image, each next one half of it."""

    width: int
    height: int
    columns: int
    rows: int
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    head: bytes
    """What stands before a tile's data to make a whole JPEG: start of image and tables."""


class TilePlace(NamedTuple):
    """Where a tile lies in an open file: *head*, then *length* bytes from *offset* on, are a whole JPEG."""

    descriptor: int
    head: bytes
    offset: int
    length: int


class Pyramid:
    """An open pyramid. Its descriptor is closed when the last user lets go of it, so a read never meets a closed one.

    ``tag`` names this very file and state (device, inode, time, size), for strong entity tags.
    """

    __slots__ = ("_descriptor", "channels", "height", "key", "levels", "looked_at", "path", "tag", "tile", "width")

    def __init__(self, path: str) -> None:
        self.path = path
        self.looked_at = 0.0
        self._descriptor = -1
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            stat = os.fstat(self._descriptor)
            self.key = file_key(stat)
            self.tag = file_tag(stat)
            self._read_levels()
        except FileNotFoundError as error:
            raise NotFound("PYRAMID_MISSING", file=path) from error
        except OSError as error:
            raise Unreadable("PYRAMID_UNREADABLE", file=path, reason=error.strerror or str(error)) from error

    def __del__(self) -> None:
        if self._descriptor >= 0:
            with suppress(OSError):
                os.close(self._descriptor)

    def tile_jpeg(self, level: int, x: int, y: int) -> bytes:
        """Return the tile in column *x* and row *y* of *level* as a whole JPEG file, ``tile`` pixels a side.

        Tiles at the right and bottom edges are padded. Raises ``IndexError`` for a tile that is not there,
        ``Damaged`` when its bytes are not a JPEG stream, ``Unreadable`` when the disk does not give them.
        """
        tile = self._read_tile(level, x, y, 0)
        if tile is None:  # pragma: no cover - only a read with RWF_NOWAIT gives up
            raise Unreadable("PYRAMID_UNREADABLE", file=self.path, reason="short read")
        return bytes(tile)

    def tile_size(self, level: int, x: int, y: int) -> int:
        """Return the bytes of ``tile_jpeg``, without reading them. The tile must be there."""
        step = self.levels[level]
        return len(step.head) - 2 + step.counts[y * step.columns + x]

    def tile_jpeg_now(self, level: int, x: int, y: int) -> bytearray | None:
        """Return ``tile_jpeg`` if the bytes lie in memory, or None where the disk must be waited for.

        One thread answers every reader, so it must not stand still behind a slow or failing disk.
        """
        return self._read_tile(level, x, y, _NOWAIT)

    def tile_place_now(self, level: int, x: int, y: int) -> TilePlace | None:
        """Return where the bytes of a tile lie if they lie in memory, for ``os.sendfile``; else None.

        None too where they are not a JPEG stream, which ``tile_jpeg`` then says. The tile must be there.
        """
        step = self.levels[level]
        index = y * step.columns + x
        offset, count = step.offsets[index], step.counts[index]
        # Both ends are looked at: what was read as a whole and is still there at both ends is there between them.
        edges = bytearray(4)
        start, end = memoryview(edges)[:2], memoryview(edges)[2:]
        try:
            got = os.preadv(self._descriptor, (start,), offset, _NOWAIT)
            got += os.preadv(self._descriptor, (end,), offset + count - 2, _NOWAIT)
        except OSError:
            return None
        if got != 4 or start != _START:
            return None
        return TilePlace(self._descriptor, step.head, offset + 2, count - 2)

    def _read_tile(self, level: int, x: int, y: int, flags: int) -> bytearray | None:
        step = self.levels[level]
        if not (0 <= x < step.columns and 0 <= y < step.rows):
            raise IndexError(f"no tile {x},{y} in level {level}")
        index = y * step.columns + x
        count = step.counts[index]
        start = len(step.head) - 2
        # The tile's own start-of-image lands on the last two bytes of the head, is looked at, and is written over.
        buffer = bytearray(start + count)
        try:
            got = os.preadv(self._descriptor, [memoryview(buffer)[start:]], step.offsets[index], flags)
        except BlockingIOError:
            return None
        except OSError as error:
            if flags:  # this file system knows no RWF_NOWAIT
                return self._read_tile(level, x, y, 0)
            raise Unreadable("PYRAMID_UNREADABLE", file=self.path, reason=error.strerror or str(error)) from error
        if got != count and flags:
            return None
        if got != count or buffer[start : start + 2] != _START:
            raise Damaged("PYRAMID_DAMAGED", file=self.path)
        buffer[: len(step.head)] = step.head
        return buffer

    def _read_levels(self) -> None:
        file = tiff.TiffFile(self._descriptor, self.path)
        damaged = Damaged("PYRAMID_DAMAGED", file=self.path)
        directories = [d for d in file.directories() if d.one(tiff.TAG_TILE_WIDTH)]
        if not directories:
            raise damaged
        directories.sort(key=lambda d: d.one(tiff.TAG_WIDTH), reverse=True)
        first = directories[0]
        self.tile = first.one(tiff.TAG_TILE_WIDTH)
        self.channels = first.one(tiff.TAG_SAMPLES, 1)
        levels: list[Level] = []
        for directory in directories:
            if not _is_jpeg_level(directory, self.tile, self.channels):
                raise damaged
            level = _level(directory, self.tile, file.size)
            if level is None or (levels and not _is_half(level, levels[-1])):
                raise damaged
            levels.append(level)
        self.levels = tuple(levels)
        self.width, self.height = levels[0].width, levels[0].height


def file_key(stat: os.stat_result) -> tuple[int, int, int, int]:
    """Return what changes when a file is replaced or rewritten: device, inode, time and size."""
    return (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)


def file_tag(stat: os.stat_result) -> str:
    """Return ``file_key`` as 16 hexadecimal digits, which tell nothing about the disk."""
    return blake2b(repr(file_key(stat)).encode(), digest_size=8).hexdigest()


def _is_jpeg_level(directory: tiff.Directory, tile: int, channels: int) -> bool:
    bits = directory.fields.get(tiff.TAG_BITS, (0,))
    return (
        directory.one(tiff.TAG_COMPRESSION) == 7
        and directory.one(tiff.TAG_TILE_WIDTH) == directory.one(tiff.TAG_TILE_HEIGHT) == tile
        and 0 < tile <= LARGEST_TILE
        and tile % 16 == 0
        and directory.one(tiff.TAG_SAMPLES, 1) == channels
        and channels in {1, 3}
        and set(bits) == {8}
        and directory.one(tiff.TAG_PLANAR, 1) == 1
        and directory.one(tiff.TAG_PHOTOMETRIC) in ({1} if channels == 1 else {2, 6})
    )


def _level(directory: tiff.Directory, tile: int, file_size: int) -> Level | None:
    width, height = directory.one(tiff.TAG_WIDTH), directory.one(tiff.TAG_HEIGHT)
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        return None
    columns, rows = -(-width // tile), -(-height // tile)
    offsets = directory.fields.get(tiff.TAG_OFFSETS, ())
    counts = directory.fields.get(tiff.TAG_COUNTS, ())
    tables = bytes(directory.fields.get(tiff.TAG_TABLES, ()) or _START + _END)
    if not (len(offsets) == len(counts) == columns * rows) or len(tables) > tiff.MOST_TABLE_BYTES:
        return None
    if tables[:2] != _START or tables[-2:] != _END:
        return None
    for offset, count in zip(offsets, counts, strict=True):
        if not 4 <= count <= MOST_TILE_BYTES or offset + count > file_size:
            return None
    marker = _PLAIN_RGB if directory.one(tiff.TAG_PHOTOMETRIC) == 2 else b""
    return Level(width, height, columns, rows, offsets, counts, _START + marker + tables[2:-2])


def _is_half(level: Level, above: Level) -> bool:
    return abs(level.width * 2 - above.width) <= 1 and abs(level.height * 2 - above.height) <= 1


Kind = TypeVar("Kind", bound=Pyramid)


class OpenPyramids(Generic[Kind]):
    """The pyramids used last, kept open. At most *limit* descriptors, besides those of reads under way.

    Whether a file was replaced is looked at once in *every* seconds, as *clock* (seconds, monotonic) tells them.
    """

    def __init__(
        self,
        kind: Callable[[str], Kind],
        *,
        limit: int = 256,
        every: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind = kind
        self._limit = limit
        self._every = every
        self._clock = clock
        self._open: OrderedDict[str, Kind] = OrderedDict()
        self._lock = threading.Lock()

    def peek(self, path: str) -> Kind | None:
        """Return the pyramid if it is open and its file is still the same one."""
        pyramid = self._open.get(path)
        if pyramid is None:
            return None
        now = self._clock()
        if now - pyramid.looked_at < self._every:
            return pyramid
        try:
            # Path.stat takes twice as long.
            if file_key(os.stat(path)) != pyramid.key:  # noqa: PTH116
                return None
        except OSError:
            return None
        pyramid.looked_at = now
        with self._lock, suppress(KeyError):
            self._open.move_to_end(path)
        return pyramid

    def get(self, path: str) -> Kind:
        """Return the open pyramid at *path*; a file that was replaced is opened anew.

        Raises ``NotFound``, ``Unreadable`` or ``Damaged``.
        """
        pyramid = self.peek(path)
        if pyramid is not None:
            return pyramid
        pyramid = self._kind(path)
        pyramid.looked_at = self._clock()
        with self._lock:
            self._open[path] = pyramid
            self._open.move_to_end(path)
            while len(self._open) > self._limit:
                self._open.popitem(last=False)
        return pyramid
