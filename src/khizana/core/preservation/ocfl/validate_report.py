"""What the validation of one subject has found so far, bounded however much is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from khizana.core.findings import Finding, Severity

LONGEST_FACT = 240  # characters; a hostile inventory may hold a value of megabytes
MOST_OF_ONE_CODE = 200  # findings kept of one code in one report; the rest are counted

_SEVERITIES = {"E": Severity.ERROR, "W": Severity.WARNING, "O": Severity.ERROR}
_INFORMATION = frozenset({"OCFL_MORE", "OCFL_LAYOUT_UNCHECKED"})


class Subject(StrEnum):
    """What a verdict is about."""

    OBJECT = "object"
    HIERARCHY = "hierarchy"
    """The storage root itself: its declaration, its layout, and all that lies between its objects."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found about one object, or about the storage root that holds the objects."""

    path: str
    """Relative to the storage root where there is one, else as it was given."""
    subject: Subject
    identifier: str | None
    """The object's identifier, as far as its inventory can be read."""
    specification: str | None
    """The version of the specification that is declared: 1.0 or 1.1."""
    findings: tuple[Finding, ...]
    files: int = 0
    """Content files compared with their digests."""
    bytes: int = 0
    """Bytes of content read from disk."""

    @property
    def is_valid(self) -> bool:
        """Whether nothing found is an error: warnings leave an object valid."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


class Report:
    """Findings about one subject: an object or a storage root.

    Every finding carries the same four facts, empty where they say nothing: ``path`` (relative to the
    subject), ``version`` (a version directory name), ``found`` and ``expected``.
    """

    __slots__ = ("_counts", "_findings", "subject", "total")

    def __init__(self, subject: str) -> None:
        self.subject = plain(subject)
        self.total = 0
        """Number of findings."""
        self._findings: list[Finding] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, path: str = "", *, version: str = "", found: object = "", expected: object = "") -> None:
        """Note one finding: its severity is told by the first letter of its *code*."""
        self.total += 1
        count = self._counts.get(code, 0)
        self._counts[code] = count + 1
        if count >= MOST_OF_ONE_CODE:
            return
        facts = {"path": plain(path) or ".", "version": plain(version)}
        facts["found"] = shown(found)
        facts["expected"] = shown(expected)
        self._findings.append(Finding(code, severity(code), self.subject, facts))

    def count(self, code: str) -> int:
        """Return how often *code* was noted."""
        return self._counts.get(code, 0)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, and for each code found too often how many more there are."""
        if not self.total:
            return ()
        more = [
            Finding("OCFL_MORE", Severity.INFO, self.subject, {"found": code, "expected": count - MOST_OF_ONE_CODE})
            for code, count in self._counts.items()
            if count > MOST_OF_ONE_CODE
        ]
        return (*self._findings, *more)


def severity(code: str) -> Severity:
    """Return how much *code* matters: E and our own codes are errors, W warnings, two are information."""
    return Severity.INFO if code in _INFORMATION else _SEVERITIES[code[0]]


def plain(text: str) -> str:
    """Return *text* shortened, with what cannot be written in UTF-8 escaped.

    Names on disk need not be UTF-8, and JSON may hold halves of surrogate pairs: findings must be
    printable and storable whatever they speak of.
    """
    if len(text) > LONGEST_FACT:
        text = f"{text[: LONGEST_FACT - 1]}…"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(value: Any) -> str:
    """Return a JSON *value* as a short text: scalars as they are, objects and arrays by their kind."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list):
        return "[…]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return plain(str(value))
