"""Real dates of a union of libraries: the pairs in two calendars, and what is written in every ``origDate``."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from khizana.core.dates import parse_date

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from dates import origin_dates  # found by the line above

FLOOR = 0.99
"""Share of the dates in Arabic-script manuscripts that is read: the measured share less a little."""


def _folder(shared_data: Path) -> Path:
    folder = shared_data / "open" / "openn-tei"
    if not folder.is_dir():
        pytest.skip(f"no OPenn descriptions at {folder}")
    return folder


def test_every_pair_of_hijri_and_gregorian_years_is_judged_rightly(shared_data: Path) -> None:
    with (_folder(shared_data) / "hijri-gregorian-pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    wrong = [pair["text"] for pair in pairs if (pair["agree"] == "True") is not _agrees(pair["text"])]
    assert wrong == []
    assert len(pairs) > 100
    assert not all(_agrees(pair["text"]) for pair in pairs)  # there is one that is wrong, and it is found


def _agrees(words: str) -> bool:
    found = parse_date(words)
    assert found.dated
    return not any(finding.code == "DATE_CALENDARS_DISAGREE" for finding in found.findings)


def test_the_dates_of_manuscripts_in_arabic_script_are_read(shared_data: Path) -> None:
    archive = _folder(shared_data) / "openn-tei-arabic-script-1036.tar.xz"
    words = [date for date in origin_dates(archive) if date.strip()]
    found = [parse_date(each) for each in words]
    assert len(words) > 300
    assert sum(each.understood for each in found) >= FLOOR * len(words)
    assert all(each.understood or each.findings for each in found)
