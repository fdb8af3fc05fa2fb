"""Folio labels: from file names, and as addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# "0007_12r", "tb42-f012v": a number with recto or verso closes the name and is set off from what precedes.
_FOLIO_SIDE = re.compile(r"(?:^|[^0-9A-Za-z])(?:ff?\.?|fol\.?|folio)?[ _-]?0*([1-9][0-9]{0,3})([rv])$", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d+)")
LONGEST_NAME = 80  # characters


def label_from_file_name(stem: str) -> str | None:
    """Return the folio side that a file name (without extension) states ("12r"), or None."""
    found = _FOLIO_SIDE.search(stem)
    return f"{found[1]}{found[2].lower()}" if found else None


def natural_key(text: str) -> tuple[tuple[int, int | str, str], ...]:
    """Return a sort key that reads numbers as numbers: "page 2" before "page 10"."""
    parts = _NUMBERS.split(unicodedata.normalize("NFKC", text).casefold())
    key = tuple((0, int(part), "") if part.isdecimal() else (1, part, "") for part in parts if part)
    return (*key, (2, "", text))


def page_names(labels: Iterable[str]) -> list[str]:
    """Return one address name per label, each once: "12r", "front-cover", and "12r-2" for a second "12r"."""
    taken: set[str] = set()
    names = []
    for label in labels:
        kept = "".join(
            char if char.isalnum() or unicodedata.category(char).startswith("M") else "-"
            for char in unicodedata.normalize("NFKC", label)
        )
        plain = "-".join(part for part in kept.split("-") if part)[:LONGEST_NAME] or "page"
        name, count = plain, 1
        while name.casefold() in taken:
            count += 1
            name = f"{plain}-{count}"
        taken.add(name.casefold())
        names.append(name)
    return names
