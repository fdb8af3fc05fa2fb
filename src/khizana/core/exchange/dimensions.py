"""Leaves, millimetres and material, out of the words in which catalogues give them."""

from __future__ import annotations

import re

_NUMBER = r"(\d{1,4}(?:[.,]\d)?)"
_BY = r"\s*(?:mm|cm)?\.?\s*[x×X*]\s*"
_PAIR = re.compile(rf"{_NUMBER}{_BY}{_NUMBER}")
_ONE = re.compile(rf"\b{_NUMBER}\s*(mm|cm)\b")
_LEAVES = re.compile(
    r"\b(\d{1,4})\s*(?:(?:unfoliated|loose|unnumbered|folded) )?"
    r"(?:leaves|leaf|ff?\b|fols?\b|folios?|feuillets?|(?:ال)?ورقات|(?:ال)?ورقة|أوراق|ق\b)",
    re.IGNORECASE,
)
_MATERIALS = (
    ("parchment", re.compile(r"\b(parchment|vellum|parchemin|vélin)\b|رق\b", re.IGNORECASE)),
    ("paper", re.compile(r"\b(paper|papier)\b|ورق\b|كاغد", re.IGNORECASE)),
    ("papyrus", re.compile(r"\bpapyrus\b|بردي", re.IGNORECASE)),
)


def size_of(text: str) -> tuple[int, int, int, int] | None:
    """Return height and width of the leaf and of the written area in millimetres, 0 where not stated, or None.

    ``197 x 155 (134 x 92) mm`` is 197, 155, 134, 92; ``22 cm`` is 220, 0, 0, 0. What follows ``bound to`` is
    the binding.
    """
    leaf = re.split(r"\bbound to\b|\bbinding\b|\breliure\b", " ".join(text.split()), maxsplit=1)[0]
    times = 10 if re.search(r"\bcm\b|سم", leaf) and not re.search(r"\bmm\b|مم", leaf) else 1
    pairs = [(_millimetres(a, times), _millimetres(b, times)) for a, b in _PAIR.findall(leaf)]
    if not pairs:
        one = _ONE.search(leaf)
        return (_millimetres(one[1], times), 0, 0, 0) if one else None
    height, width = pairs[0]
    inner = pairs[1] if len(pairs) > 1 and pairs[1][0] < height else (0, 0)
    return height, width, *inner


def size_words(size: tuple[int, int, int, int]) -> str:
    """Return *size* in the words that ``size_of`` reads."""
    height, width, inner_height, inner_width = size
    leaf = f"{height} x {width}" if width else str(height)
    written = f" ({inner_height} x {inner_width})" if inner_height and inner_width else ""
    return f"{leaf}{written} mm"


def leaves_of(text: str) -> int | None:
    """Return how many leaves *text* says that there are, or None."""
    found = _LEAVES.search(text)
    return int(found[1]) if found else None


def material_of(texts: list[str]) -> str:
    """Return ``paper``, ``parchment``, ``papyrus``, ``mixed`` where there are two of them, or nothing."""
    found = [name for name, words in _MATERIALS if any(map(words.search, texts))]
    return "mixed" if len(found) > 1 else "".join(found)


def _millimetres(written: str, times: int) -> int:
    return round(float(written.replace(",", ".")) * times)
