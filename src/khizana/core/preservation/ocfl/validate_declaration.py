"""Declarations of conformance: the small files that say what a folder is (OCFL 1.1, 3.2 and 4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from khizana.core.preservation.ocfl.validate_disk import FILE, LINK, Kind, TooLarge, read_whole, reason
from khizana.core.preservation.ocfl.validate_report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping

LATEST = "1.1"
_SPECIFICATIONS = ("1.0", "1.1")
_LONGEST = 1024  # bytes; a declaration has about twenty


@dataclass(frozen=True, slots=True)
class Declaring:
    """What declares one kind of folder, and the code for each way of getting it wrong."""

    value: str
    """What the specification version is written after."""
    form: str
    """Code: no regular file."""
    count: str
    """Code: more than one."""
    absent: str
    """Code: none."""
    pattern: str
    """Code: the name has no ``=``."""
    tag: str
    """Code: the name does not start with 0."""
    known: str
    """Code: what follows the ``=`` is not the value and a known version."""
    text: str
    """Code: the text is not the value and a newline."""

    def names(self, entries: Mapping[str, Kind]) -> list[str]:
        """Return the names among *entries* that are, or are meant as, such a declaration."""
        loose, exact = _loose(self.value), f"0={self.value}"
        return [name for name in entries if loose.fullmatch(name) or name.startswith(exact)]


@cache
def _loose(value: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[0-9A-Za-z]?=)?{re.escape(value)}(?!object_)[0-9.]*", re.IGNORECASE)


OBJECT = Declaring("ocfl_object_", "E002", "E003", "E003", "E004", "E005", "E006", "E007")
ROOT = Declaring("ocfl_", "E075", "E076", "E069", "E077", "E078", "E079", "E080")


def is_object(entries: Mapping[str, Kind]) -> bool:
    """Tell whether a folder with *entries* declares itself an OCFL object."""
    for name in entries:  # noqa: SIM110 - asked of every folder, and a generator costs as much again
        if name.startswith("0=ocfl_object_"):
            return True
    return False


def is_root(entries: Mapping[str, Kind]) -> bool:
    """Tell whether a folder with *entries* declares itself an OCFL storage root."""
    return any(name.startswith("0=ocfl_") and not name.startswith("0=ocfl_object_") for name in entries)


def check_declaration(
    report: Report, folder: str, entries: Mapping[str, Kind], declaring: Declaring
) -> tuple[str | None, set[str]]:
    """Return the specification version that *folder* declares, and the names that were taken as declarations.

    The version is None when there is no declaration that can be understood.
    """
    taken = {name for name in declaring.names(entries) if declaring is OBJECT or not name.startswith("0=ocfl_object_")}
    declared: list[str] = []
    for name in sorted(taken):
        version = _check_one(report, folder, name, entries[name], declaring)
        if version is not None:
            declared.append(version)
    right = [name for name in taken if name.startswith(f"0={declaring.value}")]
    if not right:
        report.add(declaring.absent, expected=f"0={declaring.value}{LATEST}")
    elif len(right) > 1:
        report.add(declaring.count, found=", ".join(sorted(right)))
    return (declared[-1] if declared else None), taken


def _check_one(report: Report, folder: str, name: str, kind: Kind, declaring: Declaring) -> str | None:
    expected = f"0={declaring.value}{LATEST}"
    tag, equals, value = name.partition("=")
    version = value.removeprefix(declaring.value)
    if not equals:
        code = declaring.pattern
    elif tag != "0":
        code = declaring.tag
    elif value == version or version not in _SPECIFICATIONS:
        code = declaring.known
    else:
        _check_text(report, folder, name, kind, declaring)
        return version
    report.add(code, name, found=name, expected=expected)
    return None


def _check_text(report: Report, folder: str, name: str, kind: Kind, declaring: Declaring) -> None:
    expected = name.partition("=")[2]
    if kind is not FILE:
        report.add("E090" if kind is LINK else declaring.form, name, found=kind.value, expected=expected)
        return
    try:
        text = read_whole(f"{folder}/{name}", at_most=_LONGEST)
    except TooLarge:
        report.add(declaring.text, name, found="…", expected=expected)
    except OSError as error:
        report.add("OCFL_UNREADABLE", name, found=reason(error))
    else:
        if text != f"{expected}\n".encode():
            report.add(declaring.text, name, found=text[:80].decode("utf-8", "replace"), expected=expected)
