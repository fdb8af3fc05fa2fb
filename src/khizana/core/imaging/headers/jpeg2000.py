"""The header of a JPEG 2000 file (ITU-T T.800, annexes A and I): a JP2 or JPX file, or a bare codestream.

The tile-parts are followed to the end of the codestream, because decoders forgive a missing end:
a file that lacks its last byte decodes without a word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from khizana.core.imaging.headers import LONGEST_PROFILE, Alpha, Header, HeaderFault, Window, damaged, unsupported

SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
CODESTREAM = b"\xff\x4f\xff\x51"

_MOST_PARTS = 1_000_000
_BRANDS = {b"jp2 ": "jp2", b"jpx ": "jp2"}
_OTHER_BRANDS = {b"jpm ": "JPEG 2000 compound document (JPM)", b"mjp2": "Motion JPEG 2000", b"jph ": "HTJ2K"}


@dataclass(slots=True)
class _Boxes:
    profile: bytes | None = None
    space: int = 0
    palette: bool = False
    opacity: bool = False
    codestream: tuple[int, int] | None = None


def read(window: Window) -> Header:
    """Return what the boxes and the codestream's main header say."""
    if window.head(4) == CODESTREAM:
        header = _codestream(window, 0, window.size)
        return replace(header, extension="j2k", media_type="image/j2c")
    boxes = _Boxes()
    _walk(window, 0, window.size, boxes, depth=0)
    if boxes.codestream is None:
        raise HeaderFault("IMAGE_TRUNCATED")
    header = _codestream(window, *boxes.codestream)
    bands = header.bands
    if boxes.palette:
        bands = 3
    alpha: Alpha = "opacity" if boxes.opacity or (bands in {2, 4} and boxes.space in {16, 17}) else "none"
    return replace(header, bands=bands, profile=boxes.profile, alpha=alpha)


def _walk(window: Window, offset: int, end: int, boxes: _Boxes, depth: int) -> None:
    for _ in range(10_000):
        if offset + 8 > end or boxes.codestream:
            return
        head = window.at(offset, 8)
        length, kind, body = int.from_bytes(head[:4]), head[4:], offset + 8
        if length == 1:
            length, body = int.from_bytes(window.at(offset + 8, 8)), offset + 16
        stop = end if length == 0 else offset + length
        if stop < body:
            raise damaged()
        if kind == b"ftyp":
            brand = window.at(body, 4)
            if brand in _OTHER_BRANDS:
                raise unsupported(_OTHER_BRANDS[brand])
        elif kind == b"jp2h" and depth == 0:
            _walk(window, body, min(stop, end), boxes, depth=1)
        elif kind in {b"colr", b"pclr", b"cdef"}:
            _colours(kind, window.at(body, min(stop - body, LONGEST_PROFILE)), boxes)
        elif kind == b"jp2c":
            if stop > window.size:
                raise HeaderFault("IMAGE_TRUNCATED")
            boxes.codestream = (body, stop)
        offset = stop


def _colours(kind: bytes, box: bytes, boxes: _Boxes) -> None:
    if kind == b"pclr":
        boxes.palette = True
    elif kind == b"cdef":
        boxes.opacity = boxes.opacity or _has_opacity(box)
    elif len(box) < 3:
        return
    elif box[0] == 1 and len(box) >= 7 and not boxes.space:
        boxes.space = int.from_bytes(box[3:7])
    elif box[0] in {2, 3} and boxes.profile is None:
        boxes.profile = box[3:] or None


def _has_opacity(box: bytes) -> bool:
    count = int.from_bytes(box[:2])
    kinds = [int.from_bytes(box[at + 2 : at + 4]) for at in range(2, min(2 + 6 * count, len(box) - 5, 4096), 6)]
    return any(kind in {1, 2} for kind in kinds)


def _codestream(window: Window, start: int, end: int) -> Header:
    if window.at(start, 4) != CODESTREAM:
        raise damaged()
    size = window.at(start + 6, 36)
    if int.from_bytes(size[0:2]) & 0x4000:
        raise unsupported("HTJ2K")
    x1, y1, x0, y0 = (int.from_bytes(size[at : at + 4]) for at in (2, 6, 10, 14))
    bands = int.from_bytes(size[34:36])
    if x1 <= x0 or y1 <= y0 or not 1 <= bands <= 16384:
        raise damaged()
    if bands > 5:
        raise unsupported(f"JPEG 2000 {bands} components")
    depths = window.at(start + 42, 3 * bands)[::3]
    bits = max((depth & 0x7F) + 1 for depth in depths)
    if bits > 16 or any(depth & 0x80 for depth in depths):
        raise unsupported("JPEG 2000 with signed samples or more than 16 bits")
    _follow_tile_parts(window, start, end)
    return Header("image/jp2", "jp2", x1 - x0, y1 - y0, bits, bands)


def _follow_tile_parts(window: Window, start: int, end: int) -> None:
    """Raise IMAGE_TRUNCATED unless every tile-part and the end-of-codestream marker lie before *end*."""
    offset = start + 2
    for _ in range(_MOST_PARTS):
        if offset + 2 > end:
            raise HeaderFault("IMAGE_TRUNCATED")
        marker = window.at(offset, 2)
        if marker == b"\xff\xd9":
            return
        if marker[0] != 0xFF:
            raise damaged()
        length = int.from_bytes(window.at(offset + 2, 2))
        if marker == b"\xff\x90":  # SOT
            length = int.from_bytes(window.at(offset + 6, 4))
            if length == 0:  # this tile-part runs to the end of the codestream
                if window.at(end - 2, 2) != b"\xff\xd9":
                    raise HeaderFault("IMAGE_TRUNCATED")
                return
            if length < 14:
                raise damaged()
            offset += length
        else:
            if length < 2:
                raise damaged()
            offset += 2 + length
    raise damaged()
