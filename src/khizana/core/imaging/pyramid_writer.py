"""Writing a tiled pyramid: one TIFF directory for each resolution, JPEG tiles of 512 pixels.

Every tile is a whole JPEG stream with its own tables (TIFF Technical Note 2 allows it): the bytes of a tile can be
sent to a reader as they lie. The image passes once, from the top, in strips; each resolution is the two-by-two
mean of the one above; the sides of a resolution are rounded up, as IIIF rounds the sides of scaled tiles.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import numpy as np
import simplejpeg

from khizana.core.imaging.decode import STRIP, Rows
from khizana.core.imaging.scaling import halved, padded

TILE: Final = STRIP
QUALITY: Final = 85

_CLASSIC_LIMIT: Final = (1 << 32) - (1 << 24)
_SHORT, _LONG, _RATIONAL, _LONG8 = 3, 4, 5, 16


def level_sides(width: int, height: int) -> list[tuple[int, int]]:
    """Return (width, height) of every resolution, from the full image to the first that fits one tile."""
    sides = [(width, height)]
    while max(sides[-1]) > TILE:
        sides.append((-(-sides[-1][0] // 2), -(-sides[-1][1] // 2)))
    return sides


@dataclass(slots=True)
class _Level:
    width: int
    height: int
    offsets: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    buffer: Rows | None = None
    filled: int = 0
    kept: Rows | None = None
    rows_kept: int = 0


class PyramidWriter:
    """Writes one pyramid to *file* as strips come, and keeps the resolutions that the reading sizes are made from."""

    def __init__(self, file: BinaryIO, width: int, height: int, bands: int, *, keep_from: int) -> None:
        """Begin a pyramid of *width* x *height* pixels in *bands* (1 or 3); keep the levels from *keep_from* down."""
        self._file = file
        self._bands = bands
        self._levels = [_Level(*sides) for sides in level_sides(width, height)]
        for level in self._levels[keep_from:]:
            level.kept = np.empty((level.height, level.width, bands), np.uint8)
        self._at = file.write(bytes(16))

    def add(self, strip: Rows) -> None:
        """Take the next ``STRIP`` rows of the full image (fewer only at its end)."""
        self._add(0, strip)

    def finish(self) -> int:
        """Write the directories and the header; return the bytes of the file."""
        for index, level in enumerate(self._levels):
            if level.buffer is not None and level.filled:
                self._take(index, level.buffer[: level.filled])
        size = self._write_directories()
        self._file.flush()
        return size

    def kept(self) -> list[Rows]:
        """Return the resolutions kept, the largest first."""
        return [level.kept for level in self._levels if level.kept is not None]

    def _add(self, index: int, rows: Rows) -> None:
        level = self._levels[index]
        if level.buffer is None and len(rows) == TILE:
            self._take(index, rows)
            return
        if level.buffer is None:
            level.buffer = np.empty((TILE, level.width, self._bands), np.uint8)
        level.buffer[level.filled : level.filled + len(rows)] = rows
        level.filled += len(rows)
        if level.filled == TILE:
            level.filled = 0
            self._take(index, level.buffer)

    def _take(self, index: int, rows: Rows) -> None:
        """Write one row of tiles, and pass the rows on at half the size."""
        level = self._levels[index]
        level.filled = 0
        if level.kept is not None:
            level.kept[level.rows_kept : level.rows_kept + len(rows)] = rows
            level.rows_kept += len(rows)
        for left in range(0, level.width, TILE):
            data = _encoded(rows[:, left : left + TILE])
            level.offsets.append(self._at)
            level.counts.append(len(data))
            self._at += self._file.write(data)
        if index + 1 < len(self._levels):
            self._add(index + 1, halved(rows))

    def _write_directories(self) -> int:
        big = self._at > _CLASSIC_LIMIT
        start = self._at + self._at % 2
        tail = bytearray(self._at % 2)
        for index, level in enumerate(self._levels):
            last = index + 1 == len(self._levels)
            tail += _directory(level, self._bands, at=self._at + len(tail), big=big, reduced=index > 0, last=last)
        self._file.write(tail)
        self._file.seek(0)
        self._file.write(
            struct.pack("<2sHHHQ", b"II", 43, 8, 0, start) if big else struct.pack("<2sHI", b"II", 42, start)
        )
        return self._at + len(tail)


def _encoded(tile: Rows) -> bytes:
    grey = tile.shape[2] == 1
    data: bytes = simplejpeg.encode_jpeg(
        # The last row and column go on under the padding: a hard edge there would ring into the picture.
        np.ascontiguousarray(padded(tile, TILE, TILE)),
        quality=QUALITY,
        colorspace="GRAY" if grey else "RGB",
        colorsubsampling="Gray" if grey else "420",
    )
    return data


def _directory(level: _Level, bands: int, *, at: int, big: bool, reduced: bool, last: bool) -> bytes:
    """Return one image file directory with its values behind it, to stand at *at* (TIFF 6.0, sections 2, 15, 22)."""
    long = _LONG8 if big else _LONG
    entries: list[tuple[int, int, list[int]]] = [
        (254, _LONG, [1 if reduced else 0]),
        (256, _LONG, [level.width]),
        (257, _LONG, [level.height]),
        (258, _SHORT, [8] * bands),
        (259, _SHORT, [7]),
        (262, _SHORT, [6 if bands == 3 else 1]),
        (277, _SHORT, [bands]),
        (284, _SHORT, [1]),
        (322, _SHORT, [TILE]),
        (323, _SHORT, [TILE]),
        (324, long, level.offsets),
        (325, _LONG, level.counts),
    ]
    if bands == 3:
        entries.append((530, _SHORT, [2, 2]))
        entries.append((532, _RATIONAL, [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1]))
    count_format, head, inline = ("<Q", "<HHQ", 8) if big else ("<H", "<HHI", 4)
    length = struct.calcsize(count_format) + len(entries) * (struct.calcsize(head) + inline) + inline
    table = bytearray(struct.pack(count_format, len(entries)))
    values = bytearray()
    for tag, kind, numbers in entries:
        letter = {_SHORT: "H", _LONG: "I", _RATIONAL: "I", _LONG8: "Q"}[kind]
        packed = struct.pack(f"<{len(numbers)}{letter}", *numbers)
        table += struct.pack(head, tag, kind, len(numbers) // (2 if kind == _RATIONAL else 1))
        if len(packed) <= inline:
            table += packed.ljust(inline, b"\0")
        else:
            table += struct.pack("<Q" if big else "<I", at + length + len(values))
            values += packed.ljust(-(-len(packed) // 8) * 8, b"\0")
    following = 0 if last else at + length + len(values)
    return bytes(table + struct.pack("<Q" if big else "<I", following) + values)
