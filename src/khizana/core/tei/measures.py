"""Leaves, sizes and lines in the words of catalogues: "58 leaves : 197 x 155 (134 x 92) mm"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LARGEST = 5000
"""Millimetres: what is larger is no leaf."""
_MOST = 100_000
_LONGEST = 2000
"""Characters that are searched: what is longer is no measure, and might be made to take for ever."""
_LEAVES = re.compile(
    # Flyleaves are counted in Roman numerals around the leaves: "ii, 192, i paginated leaves", "i + 45 + i leaves".
    r"(?<![\d.,])(\d{1,6})(?![\d.,]\d)\]?(?:\s*[+,]\s*(?:[ivxl]{1,6}|\d{1,2})\b)*,?\s*(?:\([^()]{1,20}\)\s*)?"
    r"(?:(?:un|foli|pagin|number|loose|parchment|paper|vellum)\w{0,12}\s+){0,2}"
    r"(?:leaves|leaf|folios?|folia|feuillets?|ff|fols?|ورقات|ورقة|أوراق|اوراق|ق)(?![^\W\d_])",
    re.IGNORECASE,
)
_NUMBER = r"(\d{1,4}(?:[.,]\d{1,2})?)"
_UNIT = r"(?:\s*(mm|cm|millimetres|centimetres|مم|ملم|سم))?"
_SIZE = re.compile(
    rf"(?<![\d.,]){_NUMBER}{_UNIT}\s*[x×*]\s*{_NUMBER}{_UNIT}(?:\s*\(\s*{_NUMBER}\s*[x×*]\s*{_NUMBER}{_UNIT}\s*\))?{_UNIT}",
    re.IGNORECASE,
)
_LINES = re.compile(
    r"(?<![\d-])(\d{1,3}(?:\s*[-\u2013]\s*\d{1,3})?)\s*(?:long\s+|full\s+)?(?:lines|lignes|سطرا|سطراً|سطر|أسطر|اسطر)(?![^\W\d_])"
    r"|(?:lines|lignes|الأسطر|عدد الأسطر)\s*:\s*(\d{1,3}(?:\s*[-\u2013]\s*\d{1,3})?)",
    re.IGNORECASE,
)
_CENTIMETRES = ("cm", "centimetres", "سم")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


@dataclass(frozen=True, slots=True)
class Measures:
    """Leaves, and millimetres of the leaf and of what is written on it; None where nothing is said."""

    leaves: int | None = None
    height: int | None = None
    width: int | None = None
    written_height: int | None = None
    written_width: int | None = None


def measured(words: str) -> Measures:
    """Return what *words* of an extent say; height stands before width, as catalogues have it."""
    words = words[:_LONGEST].translate(_DIGITS)
    leaves = _LEAVES.search(words)
    count = int(leaves[1]) if leaves else None
    if count is not None and count > _MOST:
        count = None
    for size in _SIZE.finditer(words):
        unit = next((size[place] for place in (8, 4, 7, 2) if size[place]), "")
        if not unit:
            continue
        height, width = (_millimetres(size[place], unit) for place in (1, 3))
        written_height, written_width = (_millimetres(size[place], unit) for place in (5, 6))
        if height and width:
            return Measures(count, height, width, written_height, written_width)
    return Measures(count)


def _millimetres(number: str | None, unit: str) -> int | None:
    if not number:
        return None
    found = round(float(number.replace(",", ".")) * (10 if unit.lower() in _CENTIMETRES else 1))
    return found if 0 < found <= _LARGEST else None


def millimetres(quantity: str, unit: str) -> int | None:
    """Return *quantity* in millimetres, or None where it is no number; without a *unit* it is taken as written."""
    found = re.fullmatch(_NUMBER + r"(?:\s*(mm|cm))?", quantity.strip())
    return _millimetres(found[1], unit or found[2] or "mm") if found else None


def lines_in(words: str) -> str:
    """Return the lines on a page that *words* of a layout state ("23", "21-25"), or nothing."""
    found = _LINES.search(words[:_LONGEST].translate(_DIGITS))
    if not found:
        return ""
    return re.sub(r"\s*[-\u2013]\s*", "-", found[1] or found[2])
