"""Calendars, and the days of their years and months.

The arithmetic is that of libraries: ``convertdate`` for the tabular Hijri, the Gregorian, the Julian and the Coptic
calendar, ``hijridate`` for Umm al-Qura, which is a table and no arithmetic.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from convertdate import coptic, gregorian, islamic, julian
from hijridate import Hijri, ummalqura

from khizana.core.dates.days import Days


class Calendar(StrEnum):
    """What a date was counted by.

    ``HIJRI`` is the tabular calendar of 30 years with 11 leap years (2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29) and the
    epoch of Friday, 16 July 622 Julian. ``UMM_AL_QURA`` is that of Saudi Arabia, known for the years 1343 to 1500.
    ``COMMON`` is the Christian era as histories write it where neither calendar is named: Julian until 14 October 1582
    and Gregorian from the 15th, the first day of the reform.
    """

    HIJRI = "hijri"
    UMM_AL_QURA = "umm-al-qura"
    COMMON = "common"
    GREGORIAN = "gregorian"
    JULIAN = "julian"
    COPTIC = "coptic"


HIJRI_CALENDARS = frozenset({Calendar.HIJRI, Calendar.UMM_AL_QURA})
CHRISTIAN_CALENDARS = frozenset({Calendar.COMMON, Calendar.GREGORIAN, Calendar.JULIAN})

MOON = 2
"""Days by which a Hijri date that was counted from a crescent seen may differ from the tabular one."""

LAST_HIJRI_YEAR = ummalqura.HIJRI_RANGE[1][0]
"""1500, of which the last day is 16 November 2077: whatever is later was not written by a scribe."""

REFORM = (1582, 10, 15)
_NOON = 0.5  # convertdate counts from midnight, and day numbers are those of the noon
_FOREIGN: dict[Calendar, Any] = {
    Calendar.HIJRI: islamic,
    Calendar.GREGORIAN: gregorian,
    Calendar.JULIAN: julian,
    Calendar.COPTIC: coptic,
}
_UMM_AL_QURA_YEARS = range(ummalqura.HIJRI_RANGE[0][0], ummalqura.HIJRI_RANGE[1][0] + 1)


def has_year(calendar: Calendar, year: int) -> bool:
    """Tell whether *calendar* can count *year*: eras begin with 1, and Umm al-Qura is a table of some years."""
    if calendar is Calendar.UMM_AL_QURA:
        return year in _UMM_AL_QURA_YEARS
    return year >= 1 or calendar in CHRISTIAN_CALENDARS


def months_of(calendar: Calendar) -> int:
    """Return how many months a year of *calendar* has: 13 in the Coptic one, the last of which is short."""
    return 13 if calendar is Calendar.COPTIC else 12


def day_number(calendar: Calendar, year: int, month: int, day: int) -> int:
    """Return the number of a day; years before 1 of the Christian era are astronomical (0 is 1 BC).

    Raises ``ValueError`` when there is no such day.
    """
    if not 1 <= day <= month_length(calendar, year, month):
        raise ValueError(f"{calendar} {year}-{month} has no day {day}")
    if calendar is Calendar.COMMON:
        return day_number(_christian(year, month, day), year, month, day)
    return _first_of_month(calendar, year, month) + day - 1


def month_length(calendar: Calendar, year: int, month: int) -> int:
    """Return how many days a month has. Raises ``ValueError`` when there is no such month."""
    if not 1 <= month <= months_of(calendar) or not has_year(calendar, year):
        raise ValueError(f"{calendar} has no month {year}-{month}")
    if calendar is Calendar.UMM_AL_QURA:
        return int(Hijri(year, month, 1).month_length())
    if calendar is Calendar.COMMON:
        # October 1582 keeps its 31 numbers: 5 to 14 were days of the Julian calendar wherever the reform came later.
        return month_length(_christian(year, month, 1), year, month)
    if calendar is Calendar.GREGORIAN:
        return int(gregorian.month_length(year % 400 + 400, month))  # the library asks the calendar of Python, from 1
    return int(_FOREIGN[calendar].month_length(year, month))


def month_days(calendar: Calendar, year: int, month: int) -> Days:
    """Return the days of one month. Raises ``ValueError`` when there is no such month."""
    length = month_length(calendar, year, month)
    return Days(day_number(calendar, year, month, 1), day_number(calendar, year, month, length))


def year_days(calendar: Calendar, first: int, last: int | None = None) -> Days:
    """Return the days of the years *first* to *last*. Raises ``ValueError`` when the calendar does not count one."""
    last_year = first if last is None else last
    return Days(
        month_days(calendar, first, 1).earliest,
        month_days(calendar, last_year, months_of(calendar)).latest,
    )


def date_of(calendar: Calendar, number: int) -> tuple[int, int, int]:
    """Return year, month and day of the day *number* in *calendar*.

    Raises ``ValueError`` where the calendar does not reach.
    """
    if calendar is Calendar.COMMON:
        reformed = number >= day_number(Calendar.GREGORIAN, *REFORM)
        return date_of(Calendar.GREGORIAN if reformed else Calendar.JULIAN, number)
    if calendar is Calendar.UMM_AL_QURA:
        year = date_of(Calendar.HIJRI, number)[0]
        near = [each for each in (year - 1, year, year + 1) if has_year(calendar, each)]
        for each in near:
            for month in range(1, 13):
                days = month_days(calendar, each, month)
                if days.earliest is not None and number in days:
                    return each, month, number - days.earliest + 1
        raise ValueError(f"{calendar} does not reach day {number}")
    year, month, day = _FOREIGN[calendar].from_jd(number - _NOON)
    if not has_year(calendar, year):
        raise ValueError(f"{calendar} does not reach day {number}")
    return int(year), int(month), int(day)


def weekday(number: int) -> int:
    """Return the day of the week of a day: 0 is Monday and 6 Sunday, as in ISO 8601 less one."""
    return number % 7


def _christian(year: int, month: int, day: int) -> Calendar:
    return Calendar.GREGORIAN if (year, month, day) >= REFORM else Calendar.JULIAN


def _first_of_month(calendar: Calendar, year: int, month: int) -> int:
    if calendar is Calendar.UMM_AL_QURA:
        return int(Hijri(year, month, 1).to_julian())
    if calendar is Calendar.COMMON:
        return _first_of_month(_christian(year, month, 1), year, month)
    return int(_FOREIGN[calendar].to_jd(year, month, 1) + _NOON)
