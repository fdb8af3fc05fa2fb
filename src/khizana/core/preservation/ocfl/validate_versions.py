"""Version directory names: how each is formed, and how they follow one another (OCFL 1.1, 3.3)."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from khizana.core.preservation.ocfl.validate_report import Report

if TYPE_CHECKING:
    from collections.abc import Iterable

# Ten digits are more versions than any disk holds, and keep a hostile name from costing time to read.
_NAME = re.compile(r"v(0*)([1-9][0-9]{0,9})")
_LONGEST_NAME = 64


_FIRST = ("v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9")
"""How the versions of nearly every object are named: in order, without a gap, as the convention has it."""


def number(name: str) -> int | None:
    """Return the version number that *name* gives, or None when it names no version."""
    return None if len(name) > _LONGEST_NAME else _number(name)


@lru_cache(maxsize=1024)
def _number(name: str) -> int | None:
    match = _NAME.fullmatch(name)
    return int(match[2]) if match else None


def in_order(names: Iterable[str]) -> list[str]:
    """Return those of *names* that name versions, by their numbers."""
    names = tuple(names)
    if names == _FIRST[: len(names)]:
        return list(names)
    numbered = [(value, name) for name in names if (value := number(name)) is not None]
    return [name for _, name in sorted(numbered)]


def latest(names: Iterable[str]) -> str | None:
    """Return the one of *names* with the highest version number, or None."""
    highest, found = 0, None
    for name in names:
        value = number(name) or 0
        if value > highest or (value == highest and found is not None and name > found):
            highest, found = value, name
    return found


def check_names(report: Report, names: Iterable[str], path: str, spec: str) -> None:
    """Note every one of the inventory's version *names* that is no version directory name."""
    for name in names:
        if number(name) is None:
            code = "E046" if spec == "1.0" else "E105" if name.startswith("v") else "E104"
            report.add(code, path, version=name, found=name)


def check_sequence(report: Report, names: Iterable[str], path: str) -> None:
    """Note every break in the sequence of version *names*: its start, its gaps, its naming convention."""
    ordered = in_order(names)
    if not ordered:
        report.add("E008", path)
        return
    if tuple(ordered) == _FIRST[: len(ordered)]:
        return
    numbers = sorted({value for name in ordered if (value := number(name)) is not None})
    if numbers[0] != 1:
        report.add("E009", path, version=ordered[0], found=ordered[0], expected="v1")
    for before, after in pairwise(numbers):
        if after != before + 1:
            report.add("E010", path, version=f"v{after}", found=f"v{before}, v{after}", expected=f"v{before + 1}")
    _check_convention(report, ordered, path)


def _check_convention(report: Report, ordered: list[str], path: str) -> None:
    first = ordered[0]
    padded = first[1] == "0"
    for name in ordered[1:]:
        if padded and len(name) == len(first) and name[1] != "0":
            report.add("E011", path, version=name, found=name, expected=first)
            report.add("E013", path, version=name, found=name, expected=first)
        elif (len(name) != len(first) if padded else name[1] == "0") or number(name) == number(first):
            report.add("E012", path, version=name, found=name, expected=first)
            report.add("E013", path, version=name, found=name, expected=first)
    if padded or any(name[1] == "0" for name in ordered):
        report.add("W001", path, version=first, found=first)
