"""What the validation of one bag has found so far, bounded however much is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from khizana.core.findings import Finding, Severity

LONGEST_FACT = 240  # characters; a hostile manifest may hold a name of megabytes
MOST_OF_ONE_CODE = 200  # findings kept of one code; the rest are counted

WARNINGS = frozenset(
    {
        "BAGIT_ALGORITHM_UNKNOWN",
        "BAGIT_ARCHIVE_ROOT",
        "BAGIT_BYTE_ORDER_MARK",
        "BAGIT_NAME_ASTERISK",
        "BAGIT_NAME_CASE",
        "BAGIT_NAME_DOT_SLASH",
        "BAGIT_NAME_FORM",
        "BAGIT_NAME_PERCENT",
        "BAGIT_NAME_SYSTEM",
        "BAGIT_NAME_UNPORTABLE",
        "BAGIT_OXUM_REPEATED",
        "BAGIT_OXUM_UNREADABLE",
    }
)
"""Codes that leave a bag valid."""

LENIENT_BEFORE_1_0 = frozenset({"BAGIT_LISTED_TWICE", "BAGIT_MANIFESTS_DISAGREE", "BAGIT_TAG_MANIFEST_LACKS"})
"""Codes of rules that came with BagIt 1.0: warnings about a bag of an older version."""


@dataclass(frozen=True, slots=True)
class BagVerdict:
    """All that was found about one bag."""

    path: str
    version: str | None
    """The version of BagIt that is declared: 0.93 to 0.97, or 1.0."""
    findings: tuple[Finding, ...]
    info: tuple[tuple[str, str], ...] = ()
    """Labels and values of bag-info.txt, in their order; a label may stand more than once."""
    files: int = 0
    """Payload files."""
    bytes: int = 0
    """Bytes of payload."""

    @property
    def is_valid(self) -> bool:
        """Whether nothing found is an error: warnings leave a bag valid."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    def value(self, label: str) -> str:
        """Return the first value of *label* in bag-info.txt, its case aside, or nothing."""
        return next((value for name, value in self.info if name.casefold() == label.casefold()), "")


class Report:
    """Findings about one bag. Every finding carries the facts ``path``, ``found`` and ``expected``, empty or not."""

    def __init__(self, subject: str) -> None:
        self.subject = plain(subject)
        self.is_older = False
        """Whether the bag is of a version before 1.0."""
        self._findings: list[Finding] = []
        self._counts: dict[str, int] = {}

    def add(self, code: str, path: str = "", *, found: object = "", expected: object = "") -> None:
        """Note one finding; its severity is that of its *code*."""
        count = self._counts[code] = self._counts.get(code, 0) + 1
        if count > MOST_OF_ONE_CODE:
            return
        facts = {"path": plain(path) or ".", "found": plain(str(found)), "expected": plain(str(expected))}
        self._findings.append(Finding(code, self._severity(code), self.subject, facts))

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, and for each code found too often how many more there are."""
        more = [
            Finding("BAGIT_MORE", Severity.INFO, self.subject, {"found": code, "expected": count - MOST_OF_ONE_CODE})
            for code, count in self._counts.items()
            if count > MOST_OF_ONE_CODE
        ]
        return (*self._findings, *more)

    def _severity(self, code: str) -> Severity:
        lenient = code in WARNINGS or (self.is_older and code in LENIENT_BEFORE_1_0)
        return Severity.WARNING if lenient else Severity.ERROR


def plain(text: str) -> str:
    """Return *text* shortened, with what cannot be written in UTF-8 escaped."""
    if len(text) > LONGEST_FACT:
        text = f"{text[: LONGEST_FACT - 1]}…"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
