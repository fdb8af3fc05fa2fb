"""What became of the rows: counted by reason, and row by row in a file that a spreadsheet program opens."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.findings import Finding, sentence
from khizana.core.sheets.safety import guarded

HEADERS = ("file", "line", "shelfmark", "code", "severity", "sentence")


@dataclass(slots=True)
class Tally:
    """How many rows became manuscripts, how many did not and why, and what was said of the cells."""

    entries: int = 0
    reported: Counter[str] = field(default_factory=Counter)
    """Rows, by the code of the reason."""
    findings: Counter[str] = field(default_factory=Counter)
    """What was said of rows that became manuscripts, by code."""

    @property
    def rows(self) -> int:
        """Rows in: those that became manuscripts and those reported."""
        return self.entries + self.reported.total()

    def add(self, item: Incoming | Reported) -> None:
        """Count *item*."""
        if isinstance(item, Incoming):
            self.entries += 1
            self.findings.update(finding.code for finding in item.findings)
        else:
            self.reported[item.finding.code] += 1


def counted(items: Iterable[Incoming | Reported], tally: Tally) -> Iterator[Incoming | Reported]:
    """Yield *items* as they are, counting them in *tally*."""
    for item in items:
        tally.add(item)
        yield item


def reporting(
    items: Iterable[Incoming | Reported], stream: TextIO, language: str = "en"
) -> Iterator[Incoming | Reported]:
    """Yield *items* as they are, and write every finding with its file and line to *stream*, as csv.

    The stream is opened with ``newline=""``. Sentences are in *language* (ar, fr or en).
    """
    writer = csv.writer(stream)
    writer.writerow(HEADERS)
    for item in items:
        shelfmark = item.entry.shelfmark if isinstance(item, Incoming) else ""
        for finding in item.findings if isinstance(item, Incoming) else (item.finding,):
            writer.writerow(_line(item.file, item.line, shelfmark, finding, language))
        yield item


def _line(file: str, line: int, shelfmark: str, finding: Finding, language: str) -> tuple[str | int, ...]:
    said = sentence(finding.code, {"subject": finding.subject, **finding.facts}, language)
    return guarded(file), line, guarded(shelfmark), finding.code, str(finding.severity), guarded(said)
