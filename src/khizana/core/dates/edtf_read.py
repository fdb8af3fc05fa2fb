"""EDTF (ISO 8601-2:2019; Library of Congress, EDTF specification, levels 0 to 2) into days."""

from __future__ import annotations

import re
from collections.abc import Iterator

from khizana.core.dates.calendars import Calendar, month_days, year_days
from khizana.core.dates.days import Days, hull
from khizana.core.dates.statement import DateStatement, Sureness, sureness
from khizana.core.findings import Finding, Severity

_LONGEST = 200  # characters
_FURTHEST = 100_000  # years, either way: day numbers go on, but the libraries count in floating point
_DATE = re.compile(
    r"(?P<year>Y?-?\d{1,9}(?:E\d)?|-?[\dX]{4})(?:S(?P<digits>\d{1,2}))?(?:-(?P<month>[\dX]{2})(?:-(?P<day>[\dX]{2}))?)?"
)
_TIME = re.compile(r"T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d(?::?\d\d)?)?$")
_QUALIFIERS = "?~%"
# Months 21 to 41 are seasons, quarters and others; first and last month of each, the last of a year after.
_SEASONS: dict[int, tuple[int, int]] = {
    21: (3, 5), 22: (6, 8), 23: (9, 11), 24: (12, 14), 25: (3, 5), 26: (6, 8), 27: (9, 11), 28: (12, 14),
    29: (9, 11), 30: (12, 14), 31: (3, 5), 32: (6, 8), 33: (1, 3), 34: (4, 6), 35: (7, 9), 36: (10, 12),
    37: (1, 4), 38: (5, 8), 39: (9, 12), 40: (1, 6), 41: (7, 12),
}  # fmt: skip


def read_edtf(text: str) -> DateStatement:
    """Return the days of an EDTF text, in the proleptic Gregorian calendar that it is defined in; nothing is raised.

    An end that is open ("..") or unknown (nothing) has no bound; "X" stands for any digit; of a set the days from the
    first to the last are given. What is no EDTF is said by the finding DATE_EDTF_UNUSABLE.
    """
    text_read = text.strip()
    try:
        days = _statement(text_read)
    except ValueError:
        return DateStatement(text, findings=(Finding("DATE_EDTF_UNUSABLE", Severity.WARNING, text_read),))
    return DateStatement(text, Calendar.GREGORIAN, days, _sureness(text_read))


def _sureness(text: str) -> Sureness:
    both = "%" in text
    return sureness(approximate=both or "~" in text, uncertain=both or "?" in text)


def _statement(text: str) -> Days:
    if not text or len(text) > _LONGEST:
        raise ValueError(text)
    if text[0] in "[{":
        closing = {"[": "]", "{": "}"}[text[0]]
        if not text.endswith(closing):
            raise ValueError(text)
        return hull(_set_member(each.strip()) for each in text[1:-1].split(","))
    first, stroke, last = text.partition("/")
    if stroke:
        return _between(first, last)
    return _date(first)


def _set_member(text: str) -> Days:
    first, dots, last = text.partition("..")
    return _between(first, last) if dots else _date(text)


def _between(first: str, last: str) -> Days:
    earliest = None if first in ("", "..") else _date(first).earliest
    latest = None if last in ("", "..") else _date(last).latest
    if earliest is not None and latest is not None and earliest > latest:
        raise ValueError(f"{first}/{last}")
    return Days(earliest, latest)


def _date(text: str) -> Days:
    plain = _TIME.sub("", text).translate(dict.fromkeys(map(ord, _QUALIFIERS)))
    found = _DATE.fullmatch(plain)
    if found is None:
        raise ValueError(text)
    first, last = _years(found["year"], found["digits"])
    if not -_FURTHEST <= first <= last <= _FURTHEST:
        raise ValueError(text)
    if found["month"] is None:
        return year_days(Calendar.GREGORIAN, first, last)
    months = list(_places(found["month"], 1, 41))
    ends = [_part(year, month, found["day"]) for year in {first, last} for month in (months[0], months[-1])]
    return hull(ends)


def _years(year: str, digits: str | None) -> tuple[int, int]:
    if "X" in year:
        if year.startswith("-"):
            return -int(year[1:].replace("X", "9")), -int(year[1:].replace("X", "0"))
        return int(year.replace("X", "0")), int(year.replace("X", "9"))
    if not year.startswith("Y") and len(year.lstrip("-")) != 4:
        raise ValueError(year)
    number, _, exponent = year.lstrip("Y").partition("E")
    value = int(number) * 10 ** int(exponent or 0)
    if digits is None:
        return value, value
    size = 10 ** max(len(str(abs(value))) - int(digits), 0)
    return value - value % size, value - value % size + size - 1


def _places(text: str, least: int, most: int) -> Iterator[int]:
    """Yield the numbers from *least* to *most* that *text* may be, where "X" is any digit."""
    pattern = re.compile(text.replace("X", r"\d"))
    found = [number for number in range(least, (12 if "X" in text else most) + 1) if pattern.fullmatch(f"{number:02}")]
    if not found:
        raise ValueError(text)
    yield from found


def _part(year: int, month: int, day: str | None) -> Days:
    if 12 < month < 21:
        raise ValueError(str(month))
    if month > 12:
        if day is not None:
            raise ValueError(day)
        first, last = _SEASONS[month]
        end = month_days(Calendar.GREGORIAN, year + (last > 12), last - 12 * (last > 12))
        return Days(month_days(Calendar.GREGORIAN, year, first).earliest, end.latest)
    days = month_days(Calendar.GREGORIAN, year, month)
    if day is None or days.earliest is None or days.latest is None:
        return days
    pattern = re.compile(day.replace("X", r"\d"))
    length = days.latest - days.earliest + 1
    fitting = [number for number in range(1, length + 1) if pattern.fullmatch(f"{number:02}")]
    if not fitting:
        raise ValueError(day)
    return Days(days.earliest + fitting[0] - 1, days.earliest + fitting[-1] - 1)
