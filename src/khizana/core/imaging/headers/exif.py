"""The orientation in an EXIF block, which is a small TIFF of its own (CIPA DC-008, 4.6.4, tag 274)."""

from __future__ import annotations

import struct


def orientation(block: bytes) -> int:
    r"""Return the orientation, 1 to 8, that an EXIF *block* asks for; 1 where it says nothing usable.

    *block* may begin with ``Exif\0\0``. A broken block never stops an image: cameras write many.
    """
    if block[:6] == b"Exif\0\0":
        block = block[6:]
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return 1
    (start,) = struct.unpack_from(order + "I", block, 4)
    if start + 2 > len(block):
        return 1
    (count,) = struct.unpack_from(order + "H", block, start)
    for index in range(count):
        at = start + 2 + 12 * index
        if at + 12 > len(block):
            break
        tag, kind, _, value = struct.unpack_from(order + "HHIH", block, at)
        if tag == 274:
            return value if kind == 3 and 1 <= value <= 8 else 1
    return 1
