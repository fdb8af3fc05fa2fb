"""The header of a JPEG file (ITU-T T.81, annex B; ICC.1:2022 annex B.4 for profiles in several segments)."""

from __future__ import annotations

from khizana.core.imaging.headers import LONGEST_PROFILE, Header, HeaderFault, Window, damaged, unsupported
from khizana.core.imaging.headers.exif import orientation

_MOST_SEGMENTS = 4096
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_OTHER_FRAMES = {
    0xC3: "JPEG lossless",
    0xC5: "JPEG hierarchical",
    0xC6: "JPEG hierarchical",
    0xC7: "JPEG hierarchical",
    0xC9: "JPEG arithmetic coding",
    0xCA: "JPEG arithmetic coding",
    0xCB: "JPEG lossless",
    0xCD: "JPEG hierarchical",
    0xCE: "JPEG hierarchical",
    0xCF: "JPEG hierarchical",
    0xF7: "JPEG-LS",
}


def read(window: Window) -> Header:
    """Return what the segments before the first scan say."""
    offset = 2
    turned = 1
    parts: dict[int, bytes] = {}
    for _ in range(_MOST_SEGMENTS):
        offset, marker = _next_marker(window, offset)
        if marker in _ALONE:
            continue
        if marker in {0xD8, 0xD9, 0xDA}:  # a scan or the end before any frame
            raise damaged()
        length = int.from_bytes(window.at(offset, 2))
        if length < 2:
            raise damaged()
        body = window.at(offset + 2, length - 2)
        offset += length
        if marker == 0xE1 and body[:6] == b"Exif\0\0":
            turned = orientation(body)
        elif marker == 0xE2 and body[:12] == b"ICC_PROFILE\0" and len(body) > 14:
            parts.setdefault(body[12], body[14:])
        elif marker in _OTHER_FRAMES:
            raise unsupported(_OTHER_FRAMES[marker])
        elif marker in _FRAMES:
            parts |= _later_profile(window, offset, parts)
            return _frame(body, turned, parts)
    raise damaged()


def _next_marker(window: Window, offset: int) -> tuple[int, int]:
    if window.at(offset, 1) != b"\xff":
        raise damaged()
    for _ in range(_MOST_SEGMENTS):  # any number of fill bytes may stand before a marker
        offset += 1
        code = window.at(offset, 1)[0]
        if code != 0xFF:
            return offset + 1, code
    raise damaged()


def _later_profile(window: Window, offset: int, parts: dict[int, bytes]) -> dict[int, bytes]:
    """Return the parts of the profile between the frame and the first scan; some encoders write them there."""
    found: dict[int, bytes] = {}
    try:
        for _ in range(_MOST_SEGMENTS):
            offset, marker = _next_marker(window, offset)
            if marker in {0xDA, 0xD9}:
                break
            if marker in _ALONE:
                continue
            length = int.from_bytes(window.at(offset, 2))
            if length < 2:
                break
            body = window.at(offset + 2, length - 2)
            offset += length
            if marker == 0xE2 and body[:12] == b"ICC_PROFILE\0" and len(body) > 14 and body[12] not in parts:
                found[body[12]] = body[14:]
    except HeaderFault:
        return found  # a fault after the frame is for the decoder to judge
    return found


def _frame(body: bytes, turned: int, parts: dict[int, bytes]) -> Header:
    if len(body) < 6:
        raise damaged()
    bits, height, width, bands = body[0], int.from_bytes(body[1:3]), int.from_bytes(body[3:5]), body[5]
    if bits != 8:
        raise unsupported(f"JPEG {bits} bits")
    if not width or not height:
        raise unsupported("JPEG without its height")
    if bands not in {1, 3, 4}:
        raise unsupported(f"JPEG {bands} components")
    profile = b"".join(parts[number] for number in sorted(parts))
    return Header(
        "image/jpeg",
        "jpg",
        width,
        height,
        bits,
        bands,
        orientation=turned,
        profile=profile if 0 < len(profile) <= LONGEST_PROFILE else None,
    )
