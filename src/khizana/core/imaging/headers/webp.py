"""The header of a WebP file (RFC 9649, section 2)."""

from __future__ import annotations

from khizana.core.imaging.headers import LONGEST_PROFILE, Header, Window, damaged
from khizana.core.imaging.headers.exif import orientation

_MOST_CHUNKS = 100_000


def read(window: Window) -> Header:
    """Return what the chunks say; a file shorter than its RIFF header promises is found here."""
    end = 8 + int.from_bytes(window.at(4, 4), "little")
    window.at(end - 1, 1)
    width = height = frames = 0
    alpha = False
    profile: bytes | None = None
    turned = 1
    offset = 12
    for _ in range(_MOST_CHUNKS):
        if offset + 8 > end:
            break
        head = window.at(offset, 8)
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        body = offset + 8
        if kind == b"VP8X":
            flags = window.at(body, 10)
            alpha = bool(flags[0] & 0x10)
            width = 1 + int.from_bytes(flags[4:7], "little")
            height = 1 + int.from_bytes(flags[7:10], "little")
        elif kind == b"VP8 " and not width:
            frame = window.at(body, 10)
            if frame[3:6] != b"\x9d\x01\x2a":
                raise damaged()
            width = int.from_bytes(frame[6:8], "little") & 0x3FFF
            height = int.from_bytes(frame[8:10], "little") & 0x3FFF
        elif kind == b"VP8L" and not width:
            bits = window.at(body, 5)
            if bits[0] != 0x2F:
                raise damaged()
            fields = int.from_bytes(bits[1:5], "little")
            width, height = 1 + (fields & 0x3FFF), 1 + (fields >> 14 & 0x3FFF)
            alpha = bool(fields >> 28 & 1)
        elif kind == b"ANMF":
            frames += 1
        elif kind == b"ICCP" and length <= LONGEST_PROFILE:
            profile = window.at(body, length) or None
        elif kind == b"EXIF" and length <= LONGEST_PROFILE:
            turned = orientation(window.at(body, length))
        offset = body + length + (length & 1)
    if not width or not height:
        raise damaged()
    return Header(
        "image/webp",
        "webp",
        width,
        height,
        8,
        4 if alpha else 3,
        orientation=turned,
        profile=profile,
        alpha="opacity" if alpha else "none",
        pages=max(1, frames),
    )
