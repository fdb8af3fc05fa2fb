"""The header of a TIFF file (TIFF 6.0; BigTIFF; DNG 1.7 to tell camera raw apart)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from khizana.core.imaging.headers import LONGEST_PROFILE, Alpha, Header, HeaderFault, Window, damaged, unsupported

SIGNATURES: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_MOST_DIRECTORIES = 4096
_MOST_ENTRIES = 4096
_MOST_VALUES = 4_000_000
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_LETTERS: Final = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, LAB = 0, 1, 2, 3, 5, 6, 8
_COLOURS: Final = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, LAB: 3}
_OTHER_COLOURS: Final = {
    4: "TIFF transparency mask",
    9: "TIFF ICC Lab",
    10: "TIFF ITU Lab",
    32844: "TIFF LogL",
    32845: "TIFF LogLuv",
}
_COMPRESSIONS: Final = frozenset({1, 2, 3, 4, 5, 7, 8, 32773, 32946, 50000, 50001})
_OTHER_COMPRESSIONS: Final = {
    6: "TIFF old-style JPEG compression",
    33003: "TIFF JPEG 2000 compression",
    33005: "TIFF JPEG 2000 compression",
    34712: "TIFF JPEG 2000 compression",
    34661: "TIFF JBIG compression",
    34925: "TIFF LZMA compression",
    50002: "TIFF JPEG XL compression",
    52546: "TIFF JPEG XL compression",
}


@dataclass(frozen=True, slots=True)
class Directory:
    """One image file directory: where each tag's values stand."""

    window: Window
    order: str
    entries: Mapping[int, tuple[int, int, int]]
    """Tag to (type, count, offset of the values)."""

    def numbers(self, tag: int, most: int = _MOST_VALUES) -> tuple[int, ...]:
        """Return the whole numbers of *tag*, or none where the tag is absent or of another type."""
        kind, count, offset = self.entries.get(tag, (0, 0, 0))
        letter = _LETTERS.get(kind)
        if letter is None:
            return ()
        if count > most:
            raise damaged()
        return struct.unpack(f"{self.order}{count}{letter}", self.window.at(offset, count * _SIZES[kind]))

    def number(self, tag: int, default: int) -> int:
        """Return the first number of *tag*, or *default*."""
        values = self.numbers(tag, most=65536)
        return values[0] if values else default

    def data(self, tag: int, longest: int = LONGEST_PROFILE) -> bytes:
        """Return the bytes of *tag*, or none."""
        kind, count, offset = self.entries.get(tag, (0, 0, 0))
        if kind not in {1, 2, 7} or not 0 < count <= longest:
            return b""
        return self.window.at(offset, count)


class Directories:
    """The directories of one TIFF: the main chain, and those below one of them."""

    def __init__(self, window: Window) -> None:
        self._window = window
        head = window.at(0, 8)
        self.order = "<" if head[:2] == b"II" else ">"
        self._big = head[2:4] in {b"+\0", b"\0+"}
        if self._big:
            offset_size, zero = struct.unpack(self.order + "HH", head[4:8])
            if offset_size != 8 or zero:
                raise damaged()
            (self._first,) = struct.unpack(self.order + "Q", window.at(8, 8))
        else:
            (self._first,) = struct.unpack(self.order + "I", head[4:8])

    def chain(self) -> list[Directory]:
        """Return the directories of the main chain, in order."""
        found: list[Directory] = []
        seen: set[int] = set()
        offset = self._first
        while offset:
            if offset in seen or len(found) >= _MOST_DIRECTORIES:
                raise damaged()
            seen.add(offset)
            directory, offset = self._read(offset)
            found.append(directory)
        if not found:
            raise damaged()
        return found

    def below(self, directory: Directory) -> list[Directory]:
        """Return the sub-directories (tag 330) of *directory*."""
        return [self._read(offset)[0] for offset in directory.numbers(330, most=64) if offset]

    def _read(self, offset: int) -> tuple[Directory, int]:
        count_letter, count_size, entry_size, inline = ("Q", 8, 20, 8) if self._big else ("H", 2, 12, 4)
        (count,) = struct.unpack(self.order + count_letter, self._window.at(offset, count_size))
        if not 0 < count <= _MOST_ENTRIES:
            raise damaged()
        start = offset + count_size
        table = self._window.at(start, count * entry_size)
        value_letter = "Q" if self._big else "I"
        entries: dict[int, tuple[int, int, int]] = {}
        for index in range(count):
            at = index * entry_size
            tag, kind, length, value = struct.unpack_from(f"{self.order}HH{value_letter * 2}", table, at)
            fits = length * _SIZES.get(kind, 1 << 20) <= inline
            entries.setdefault(tag, (kind, length, start + at + entry_size - inline if fits else value))
        (after,) = struct.unpack(self.order + value_letter, self._window.at(start + count * entry_size, inline))
        return Directory(self._window, self.order, entries), after


def is_reduced(directory: Directory) -> bool:
    """Say whether *directory* is a smaller copy or a mask of another image (NewSubfileType 1 and 4)."""
    return bool(directory.number(254, 0) & 5) or directory.number(255, 1) == 2


def read(window: Window) -> Header:
    """Return what the first full image of the file says.

    Camera raw files are TIFFs too: the caller has asked ``raw.kind_in_tiff`` before.
    """
    chain = Directories(window).chain()
    full = [index for index, directory in enumerate(chain) if not is_reduced(directory)]
    page = full[0] if full else 0
    return _image(window, chain[page], pages=max(1, len(full)), page=page)


def _image(window: Window, directory: Directory, *, pages: int, page: int) -> Header:
    width, height = directory.number(256, 0), directory.number(257, 0)
    if width <= 0 or height <= 0:
        raise damaged()
    colour = directory.number(262, -1)
    compression = directory.number(259, 1)
    if compression not in _COMPRESSIONS:
        raise unsupported(_OTHER_COMPRESSIONS.get(compression, f"TIFF compression {compression}"))
    if colour not in _COLOURS:
        raise unsupported(_OTHER_COLOURS.get(colour, f"TIFF photometric interpretation {colour}"))
    bits, bands = _samples(directory, colour)
    alpha = _alpha(directory, bands - _COLOURS[colour])
    _check_data(window, directory)
    profile = directory.data(34675) or None
    turned = directory.number(274, 1)
    return Header(
        "image/tiff",
        "tif",
        width,
        height,
        8 if colour == PALETTE else bits,
        bands + (2 if colour == PALETTE else 0),
        orientation=turned if 1 <= turned <= 8 else 1,
        profile=profile,
        alpha=alpha,
        pages=pages,
        page=page,
        lab=colour == LAB,
        lines=_lines(directory, width, height, bands) if _is_plain(directory, colour, bits, bands) else (),
    )


def _samples(directory: Directory, colour: int) -> tuple[int, int]:
    """Return the bits of a sample and the samples of a pixel; raises for what no decoder here turns into colours."""
    bands = directory.number(277, 1)
    depths = directory.numbers(258, most=65536) or (1,)
    bits = depths[0]
    if any(depth != bits for depth in depths):
        raise unsupported("TIFF with samples of different depths")
    if bits not in {1, 2, 4, 8, 16} or (bits < 8 and colour not in {WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE}):
        raise unsupported(f"TIFF {bits} bits")
    formats = directory.numbers(339, most=65536)
    if any(form not in {1, 4} for form in formats) and colour != LAB:
        raise unsupported("TIFF with signed or floating-point samples")
    if not _COLOURS[colour] <= bands <= 16:
        raise unsupported(f"TIFF {bands} bands")
    if colour == CMYK and directory.number(332, 1) != 1:
        raise unsupported("TIFF with inks other than CMYK")
    return bits, bands


def _alpha(directory: Directory, extra: int) -> Alpha:
    if extra <= 0:
        return "none"
    kinds = directory.numbers(338, most=65536)
    return "opacity" if kinds and kinds[0] in {1, 2} else "unknown"


def _check_data(window: Window, directory: Directory) -> None:
    """Raise IMAGE_TRUNCATED when a strip or tile reaches beyond the end of the file."""
    offsets = directory.numbers(324) or directory.numbers(273)
    counts = directory.numbers(325) or directory.numbers(279)
    if not offsets:
        raise damaged()
    if not counts:
        return  # allowed to old writers for one uncompressed strip; the decoder finds what is missing
    if len(counts) != len(offsets):
        raise damaged()
    if any(offset + count > window.size for offset, count in zip(offsets, counts, strict=True)):
        raise HeaderFault("IMAGE_TRUNCATED")


def _is_plain(directory: Directory, colour: int, bits: int, bands: int) -> bool:
    return (
        directory.number(259, 1) == 1
        and (colour, bits, bands) in {(RGB, 8, 3), (BLACK_IS_ZERO, 8, 1)}
        and directory.number(284, 1) == 1
        and directory.number(266, 1) == 1
        and 324 not in directory.entries
    )


def _lines(directory: Directory, width: int, height: int, bands: int) -> tuple[tuple[int, int], ...]:
    """Return the strips of an uncompressed image, or none when they do not add up to it."""
    offsets, counts = directory.numbers(273), directory.numbers(279)
    rows = min(directory.number(278, height), height)
    if rows <= 0 or len(offsets) != len(counts) or len(offsets) != -(-height // rows):
        return ()
    line = width * bands
    expected = [line * min(rows, height - top) for top in range(0, height, rows)]
    if any(count < length for count, length in zip(counts, expected, strict=True)):
        raise HeaderFault("IMAGE_TRUNCATED")
    return tuple(zip(offsets, expected, strict=True))
