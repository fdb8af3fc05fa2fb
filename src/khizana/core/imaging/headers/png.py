"""The header of a PNG file (W3C PNG, third edition): IHDR, iCCP, eXIf, and whether the file goes on to its end."""

from __future__ import annotations

import zlib

from khizana.core.imaging.headers import LONGEST_PROFILE, Alpha, Header, Window, damaged, unsupported
from khizana.core.imaging.headers.exif import orientation

SIGNATURE = b"\x89PNG\r\n\x1a\n"

_MOST_CHUNKS = 4_000_000
_BANDS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}


def read(window: Window) -> Header:
    """Return what the chunks say; the chain of chunks is followed to IEND, so a cut file is found here."""
    if window.at(8, 8) != b"\0\0\0\x0dIHDR":
        raise damaged()
    fields = window.at(16, 13)
    width, height = int.from_bytes(fields[0:4]), int.from_bytes(fields[4:8])
    bits, colour, packing, filtering, interlace = fields[8:13]
    if colour not in _BANDS or bits not in {1, 2, 4, 8, 16} or packing or filtering or interlace > 1:
        raise damaged()
    if not width or not height:
        raise damaged()
    if window.at(29, 4) != zlib.crc32(b"IHDR" + fields).to_bytes(4):
        raise damaged()
    profile, turned, clear = _ancillary(window)
    alpha: Alpha = "opacity" if colour in {4, 6} or clear else "none"
    bands = _BANDS[colour] + (1 if clear and colour in {0, 2, 3} else 0)
    return Header(
        "image/png",
        "png",
        width,
        height,
        8 if colour == 3 else bits,
        bands,
        orientation=turned,
        profile=profile,
        alpha=alpha,
    )


def _ancillary(window: Window) -> tuple[bytes | None, int, bool]:
    """Return the profile, the orientation, and whether a tRNS chunk makes some colour clear."""
    profile: bytes | None = None
    turned, clear, pixels = 1, False, False
    offset = 33
    head = window.at(offset, 8)
    for _ in range(_MOST_CHUNKS):
        length, kind = int.from_bytes(head[:4]), head[4:]
        if length > 0x7FFFFFFF:
            raise damaged()
        if kind == b"IDAT":
            pixels = True
        elif kind == b"acTL":
            raise unsupported("animated PNG")
        elif kind == b"iCCP" and length <= LONGEST_PROFILE:
            profile = _profile(window.at(offset + 8, length))
        elif kind == b"eXIf" and length <= LONGEST_PROFILE:
            turned = orientation(window.at(offset + 8, length))
        elif kind == b"tRNS":
            clear = True
        if kind == b"IEND":
            window.at(offset + 8 + length, 4)  # its checksum must be there
            if not pixels:
                raise damaged()
            return profile, turned, clear
        offset += 12 + length
        head = window.at(offset - 4, 12)[4:]  # the checksum and the next chunk's head in one read
    raise damaged()


def _profile(chunk: bytes) -> bytes | None:
    _, _, rest = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], LONGEST_PROFILE) or None
    except zlib.error:
        return None
