"""The directories of a TIFF or BigTIFF file, read without decoding a pixel.

Only what a tiled JPEG pyramid needs is read (TIFF 6.0 sections 2 and 15, TIFF Technical Note 2, BigTIFF design).
A file may be hostile: no count in it is believed before it is held against the size of the file and a bound here.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from khizana.core.errors import Damaged

MOST_DIRECTORIES = 32  # a pyramid halves at every level: 32 levels are more than any address can ask for
MOST_ENTRIES = 512  # fields in one directory; ours have about 20
MOST_VALUES = 1 << 18  # values in one field: tiles of a level; 100 megapixels are 400
MOST_TABLE_BYTES = 1 << 16  # quantisation and Huffman tables; ours are 574 bytes

TAG_WIDTH, TAG_HEIGHT, TAG_BITS, TAG_COMPRESSION, TAG_PHOTOMETRIC = 256, 257, 258, 259, 262
TAG_SAMPLES, TAG_PLANAR, TAG_TILE_WIDTH, TAG_TILE_HEIGHT = 277, 284, 322, 323
TAG_OFFSETS, TAG_COUNTS, TAG_SUBDIRECTORIES, TAG_TABLES = 324, 325, 330, 347

_WANTED = frozenset(
    (
        *(TAG_WIDTH, TAG_HEIGHT, TAG_BITS, TAG_COMPRESSION, TAG_PHOTOMETRIC, TAG_SAMPLES, TAG_PLANAR),
        *(TAG_TILE_WIDTH, TAG_TILE_HEIGHT, TAG_OFFSETS, TAG_COUNTS, TAG_SUBDIRECTORIES, TAG_TABLES),
    )
)

_TYPES = {1: "B", 3: "H", 4: "I", 7: "B", 13: "I", 16: "Q", 18: "Q"}
"""Field types that hold unsigned whole numbers: BYTE, SHORT, LONG, UNDEFINED, IFD, LONG8, IFD8."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One image file directory: its whole-number fields by tag."""

    fields: dict[int, tuple[int, ...]]
    next: int
    """Where the next directory stands, or 0."""

    def one(self, tag: int, default: int = 0) -> int:
        """Return the first value of *tag*."""
        values = self.fields.get(tag)
        return values[0] if values else default


@dataclass(frozen=True, slots=True)
class _Shape:
    """How numbers are laid out: classic TIFF or BigTIFF, in one of two byte orders."""

    order: str
    count: str
    entry: int
    value: str
    inline: int


class TiffFile:
    """The directories of an open file. It reads with ``pread`` and never moves the descriptor's position."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor = descriptor
        self._name = name
        self.size = os.fstat(descriptor).st_size
        head = self._read(0, 16 if self.size >= 16 else 8)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        kind = struct.unpack(order + "H", head[2:4])[0] if order else 0
        if order and kind == 42:
            self._shape = _Shape(order, "H", 12, "I", 4)
            self._first: int = struct.unpack(order + "I", head[4:8])[0]
        elif order and kind == 43 and head[4:8] == struct.pack(order + "HH", 8, 0) and len(head) == 16:
            self._shape = _Shape(order, "Q", 20, "Q", 8)
            self._first = struct.unpack(order + "Q", head[8:16])[0]
        else:
            raise self._damaged()

    def directories(self) -> list[Directory]:
        """Return every directory of the chain and every subdirectory that one of them names.

        Raises ``Damaged`` where a directory is cut off, loops, or holds more than a pyramid can.
        """
        found: list[Directory] = []
        seen: set[int] = set()
        waiting = [self._first]
        while waiting:
            at = waiting.pop(0)
            if at == 0:
                continue
            if at in seen or len(seen) >= MOST_DIRECTORIES:
                raise self._damaged()
            seen.add(at)
            directory = self._directory(at)
            found.append(directory)
            children = directory.fields.get(TAG_SUBDIRECTORIES, ())
            if len(children) > MOST_DIRECTORIES:
                raise self._damaged()
            waiting.extend((*children, directory.next))
        return found

    def _directory(self, at: int) -> Directory:
        shape = self._shape
        width = struct.calcsize("=" + shape.count)
        (entries,) = struct.unpack(shape.order + shape.count, self._read(at, width))
        if not 0 < entries <= MOST_ENTRIES:
            raise self._damaged()
        body = self._read(at + width, entries * shape.entry + shape.inline)
        fields: dict[int, tuple[int, ...]] = {}
        for start in range(0, entries * shape.entry, shape.entry):
            tag, kind, count = struct.unpack_from(f"{shape.order}HH{shape.value}", body, start)
            if tag in _WANTED and kind in _TYPES:
                fields[tag] = self._values(kind, count, body[start + 4 + shape.inline : start + shape.entry])
        (following,) = struct.unpack_from(shape.order + shape.value, body, entries * shape.entry)
        return Directory(fields, following)

    def _values(self, kind: int, count: int, inline: bytes) -> tuple[int, ...]:
        size = struct.calcsize("=" + _TYPES[kind]) * count
        if count > MOST_VALUES or size > self.size:
            raise self._damaged()
        if size <= len(inline):
            data = inline[:size]
        else:
            data = self._read(struct.unpack(self._shape.order + self._shape.value, inline)[0], size)
        return struct.unpack(f"{self._shape.order}{count}{_TYPES[kind]}", data)

    def _read(self, at: int, size: int) -> bytes:
        if at < 0 or at + size > self.size:
            raise self._damaged()
        data = os.pread(self._descriptor, size, at)
        if len(data) != size:
            raise self._damaged()
        return data

    def _damaged(self) -> Damaged:
        return Damaged("PYRAMID_DAMAGED", file=self._name)
