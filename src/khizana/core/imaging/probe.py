"""What a file is, found from its bytes and never from its name.

Only the headers are read, in plain Python, in well under a millisecond: a disguised, cut, bombing or
hostile file is refused here, before any codec has seen it. What only decoding can find (a photograph whose
last rows are missing) is found by ``access_copy``.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from khizana.core.errors import BadInput, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.imaging.headers import Alpha, Header, HeaderFault, Window, jpeg, jpeg2000, png, raw, tiff, webp

LARGEST = 1_000_000_000
"""Pixels of the largest image taken, unless told otherwise: a 1 gigapixel scroll."""

DENSEST: Final = 400
"""Pixels a byte of the densest image taken beyond 64 megapixels. A blank page in PNG has 340, a photograph under 50."""

_ALWAYS_TAKEN: Final = 64_000_000
_LONGEST_SIDE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Probed:
    """What one image file is."""

    media_type: str
    """``image/tiff``, ``image/jpeg`` ..."""
    extension: str
    """The plain file name ending for it: tif, jpg, png, jp2, j2k, webp, dng, cr2 ..."""
    width: int
    """Pixels, after the EXIF orientation is applied."""
    height: int
    bits: int
    """Bits of one sample."""
    bands: int
    """Samples of one pixel, opacity included."""
    has_profile: bool
    orientation: int
    """EXIF orientation, 1 to 8; 1 is upright."""
    pages: int = 1
    """Full images in the file; only the first is made into access copies."""
    header: Header = field(kw_only=True, repr=False)
    """All that the decoder needs."""

    def findings(self, subject: str) -> Iterator[Finding]:
        """Yield what a person should know of a file that is taken all the same."""
        if self.pages > 1:
            yield Finding("IMAGE_SEVERAL_PAGES", Severity.WARNING, subject, {"pages": self.pages})


def probe(path: Path, *, largest: int = LARGEST) -> Probed:
    """Return what the file at *path* is, from its bytes alone.

    Raises ``BadInput`` IMAGE_EMPTY, IMAGE_DISGUISED, IMAGE_NOT_RECOGNISED, IMAGE_TRUNCATED, IMAGE_DAMAGED,
    IMAGE_KIND_UNSUPPORTED, IMAGE_TOO_LARGE or IMAGE_TOO_DENSE, and ``Unreadable`` IMAGE_UNREADABLE.
    """
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise BadInput("IMAGE_EMPTY", name=path.name)
            header = _header(path, Window(file.fileno(), size))
    except HeaderFault as fault:
        raise BadInput(fault.code, **{"name": path.name, **fault.facts}) from fault
    except (struct.error, OverflowError) as error:
        raise BadInput("IMAGE_DAMAGED", name=path.name) from error
    except OSError as error:
        raise Unreadable("IMAGE_UNREADABLE", name=path.name, reason=error.strerror or str(error)) from error
    _refuse_bombs(path.name, header, size, largest)
    lying = header.orientation >= 5
    return Probed(
        header.media_type,
        header.extension,
        header.height if lying else header.width,
        header.width if lying else header.height,
        header.bits,
        header.bands,
        header.profile is not None,
        header.orientation,
        header.pages,
        header=header,
    )


def _header(path: Path, window: Window) -> Header:
    head = window.head(4096)
    kind = raw.kind_by_head(head)
    if kind is None and head[:4] in tiff.SIGNATURES:
        kind = raw.kind_in_tiff(window)
    if kind is not None:
        return raw.read(path, kind)
    for is_it, read in _READERS:
        if is_it(head):
            return read(window)
    other = next((name for is_it, name in _OTHER_IMAGES if is_it(head)), None)
    if other is not None:
        raise HeaderFault("IMAGE_KIND_UNSUPPORTED", kind=other)
    found = _disguise(head)
    if found is not None:
        raise HeaderFault("IMAGE_DISGUISED", found=found)
    raise HeaderFault("IMAGE_NOT_RECOGNISED")


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


_READERS: Final[tuple[tuple[Callable[[bytes], bool], Callable[[Window], Header]], ...]] = (
    (_begins(*tiff.SIGNATURES), tiff.read),
    (_begins(b"\xff\xd8\xff"), jpeg.read),
    (_begins(png.SIGNATURE), png.read),
    (_begins(jpeg2000.SIGNATURE, jpeg2000.CODESTREAM), jpeg2000.read),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", webp.read),
)

_OTHER_IMAGES: Final[tuple[tuple[Callable[[bytes], bool], str], ...]] = (
    (_begins(b"GIF87a", b"GIF89a"), "GIF"),
    (lambda head: head[:2] == b"BM" and head[6:10] == b"\0\0\0\0", "BMP"),
    (lambda head: head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"mif1", b"msf1", b"hevc"}, "HEIC"),
    (lambda head: head[4:8] == b"ftyp" and head[8:12] in {b"avif", b"avis"}, "AVIF"),
    (_begins(b"8BPS"), "Photoshop (PSD)"),
    (_begins(b"\xff\x0a", b"\0\0\0\x0cJXL "), "JPEG XL"),
    (_begins(b"AT&TFORM"), "DjVu"),
    (_begins(b"v/1\x01"), "OpenEXR"),
    (_begins(b"\xff\x4f"), "JPEG 2000 codestream without its size"),
)

_DISGUISES: Final[tuple[tuple[Callable[[bytes], bool], str], ...]] = (
    (_begins(b"%PDF"), "PDF"),
    (_begins(b"PK\x03\x04", b"PK\x05\x06"), "ZIP"),
    (_begins(b"\x1f\x8b"), "gzip"),
    (_begins(b"Rar!"), "RAR"),
    (_begins(b"7z\xbc\xaf"), "7z"),
    (_begins(b"MZ"), "EXE"),
    (_begins(b"\x7fELF"), "ELF"),
    (_begins(b"\xd0\xcf\x11\xe0"), "MS Office"),
    (_begins(b"SQLite format 3"), "SQLite"),
    (lambda head: head[4:8] == b"ftyp", "MP4"),
    (lambda head: b"<svg" in head[:1024].lower(), "SVG"),
    (lambda head: any(tag in head[:1024].lower() for tag in (b"<!doctype html", b"<html", b"<body")), "HTML"),
    (lambda head: head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"), "XML"),
)


def _disguise(head: bytes) -> str | None:
    for is_it, name in _DISGUISES:
        if is_it(head):
            return name
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # a letter cut at the end of what was read is no evidence
            return None
        text = head[: error.start].decode("utf-8")
    return "text" if text and all(c.isprintable() or c in "\t\r\n\f" for c in text) else None


def _refuse_bombs(name: str, header: Header, size: int, largest: int) -> None:
    pixels = header.width * header.height
    facts: dict[str, str | int] = {"name": name, "width": header.width, "height": header.height}
    if pixels > largest or max(header.width, header.height) > _LONGEST_SIDE:
        raise BadInput("IMAGE_TOO_LARGE", **facts, megapixels=largest // 1_000_000)
    if pixels > _ALWAYS_TAKEN and pixels > size * DENSEST:
        raise BadInput("IMAGE_TOO_DENSE", **facts, size=size)


__all__ = ["DENSEST", "LARGEST", "Alpha", "Probed", "probe"]
