"""Data as classic scripts: the only way in which a page that was opened from a disk can read more than itself.

Browsers let a page from ``file:`` fetch nothing, and run no module. A script hands its data to ``khizana()`` with its
own name and the CRC-32 of the data, so that the page notices and names one that was damaged.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any, Final

from khizana.core.text.fold import fold

_ESCAPED: Final = str.maketrans({"<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_HANGUL: Final = range(0xAC00, 0xD7A4)
_SURROGATES: Final = range(0xD800, 0xE000)


def data_script(name: str, value: Any) -> bytes:
    """Return the script that hands on *value*, which JSON can write; *name* is its path in the edition."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    checked = zlib.crc32(text)
    literal = json.dumps(text.decode(), ensure_ascii=False).translate(_ESCAPED)
    return f'khizana({json.dumps(name)},"{checked:08x}",{literal});\n'.encode()


def folding_table() -> dict[str, str]:
    """Return what folding makes of every character that it changes: the result to all characters that become it.

    Made from ``core.text.fold`` itself, so that an edition folds as the library does. Hangul syllables are left out:
    they fold to their parts, which every browser knows.
    """
    found: dict[str, list[str]] = {}
    for point in _points():
        char = chr(point)
        folded = fold(char).text
        if folded != char:
            found.setdefault(folded, []).append(char)
    return {folded: "".join(chars) for folded, chars in found.items()}


def _points() -> Iterable[int]:
    return (point for point in range(0x110000) if point not in _HANGUL and point not in _SURROGATES)
