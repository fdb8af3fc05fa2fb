"""From the parts of one date to its days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from khizana.core.dates.calendars import (
    CHRISTIAN_CALENDARS,
    HIJRI_CALENDARS,
    LAST_HIJRI_YEAR,
    MOON,
    Calendar,
    date_of,
    day_number,
    has_year,
    month_days,
    month_length,
    months_of,
    year_days,
)
from khizana.core.dates.days import Days, hull
from khizana.core.dates.partial import Partial, Span
from khizana.core.dates.weekdays import judged_by_weekday

NEVER = 9999
"""The year that catalogues write for "no end" (MARC 21, field 008, positions 11-14)."""

_LAST_DAY = year_days(Calendar.HIJRI, LAST_HIJRI_YEAR).latest or 0
_CIRCA_YEARS = 5
_CIRCA_DAYS = 5 * 365 + 2  # around a part of a year or century
_CIRCA_MONTH, _CIRCA_DAY = 31, 7
_SEASONS = ((3, 5), (6, 8), (9, 11))

Say = Callable[..., None]
"""Takes the code of a finding and its facts."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The days of a date, the calendar it was counted by, and how far either end may lie beside."""

    days: Days
    calendar: Calendar | None = None
    slack: int = 0


class Impossible(Exception):
    """The date is understood and cannot be: *code* is the finding that says why."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def reckon(one: Partial, calendar: Calendar, say: Say) -> Reckoned:
    """Return the days of *one* in *calendar*; *say* is told what a person should know of it.

    Raises ``Impossible`` when no day can be meant.
    """
    if one.foreign:
        raise Impossible("DATE_CALENDAR_NOT_CONVERTED", calendar=one.foreign)
    if one.numeric is not None:
        return _weekday(one, _finished(one, calendar, _numeric(one, calendar, say), _CIRCA_DAY), say)
    if one.years is None:
        if one.months is None and one.weekday is None and one.season is None and one.days is None:
            raise Impossible("DATE_NOT_UNDERSTOOD", part=str(one.ordinal))
        say("DATE_NO_YEAR")
        return Reckoned(Days(), calendar)
    one = replace(one, years=_years(one, calendar))
    if one.years in ((NEVER, NEVER), (0, 0)) and not one.before_christ:
        say("DATE_PLACEHOLDER", year=f"{one.years[0]:04}" if one.years else "")
        return Reckoned(Days(), calendar)
    calendar = _able(one, calendar, say)
    return _weekday(one, _finished(one, calendar, *_days(one, calendar, say)), say)


def _years(one: Partial, calendar: Calendar) -> Span:
    first, last = one.years or (0, 0)
    if one.before_christ and calendar in CHRISTIAN_CALENDARS:
        return 1 - last, 1 - first
    return first, last


def _able(one: Partial, calendar: Calendar, say: Say) -> Calendar:
    """Return a calendar that can count the years. Raises ``Impossible`` where there is none."""
    first, last = one.years or (0, 0)
    if calendar is Calendar.UMM_AL_QURA and not (has_year(calendar, first) and has_year(calendar, last)):
        say("DATE_UMM_AL_QURA_UNKNOWN", year=first)
        calendar = Calendar.HIJRI
    if calendar is Calendar.COPTIC or calendar in HIJRI_CALENDARS:
        first = max(first, 1)  # the first century and the first decade begin with the era
    if not has_year(calendar, first) or abs(last) >= NEVER or (year_days(calendar, last).earliest or 0) > _LAST_DAY:
        raise Impossible("DATE_YEAR_BEYOND", year=last, calendar=str(calendar))
    return calendar


def _days(one: Partial, calendar: Calendar, say: Say) -> tuple[Days, int]:
    """Return the days of *one*, and by how many of them "circa" widens."""
    first, last = one.years or (0, 0)
    if first < 1 and calendar not in CHRISTIAN_CALENDARS:
        first = 1
    if one.months is not None and first == last:
        if one.months[0] != one.months[1]:
            say("DATE_AMBIGUOUS")
        months = [month for month in range(one.months[0], one.months[1] + 1) if month <= months_of(calendar)]
        if not months:
            raise Impossible("DATE_NOT_UNDERSTOOD", part=str(one.months[0]))
        each = [_in_month(one, calendar, (first, month), say) for month in months]
        return hull(each), _CIRCA_MONTH if one.days is None else _CIRCA_DAY
    if one.season is not None and first == last and calendar in CHRISTIAN_CALENDARS:
        return _season(one.season, calendar, first, say), _CIRCA_MONTH
    if one.days is not None or one.months is not None:
        raise Impossible("DATE_NOT_UNDERSTOOD", part=str((one.days or one.months or (0, 0))[0]))
    if one.approximate and one.portion is None:
        first, last = _widened(calendar, first, last)
        return year_days(calendar, first, last), 0
    return _in_years(one.portion, calendar, first, last), _CIRCA_DAYS


def _widened(calendar: Calendar, first: int, last: int) -> Span:
    """Return a span of years with five more on either side, as far as the calendar counts."""
    years = range(_CIRCA_YEARS + 1)
    return (
        min(first - each for each in years if has_year(calendar, first - each)),
        max(last + each for each in years if has_year(calendar, last + each)),
    )


def _in_month(one: Partial, calendar: Calendar, place: tuple[int, int], say: Say) -> Days:
    year, month = place
    length = month_length(calendar, year, month)
    first, last = one.days or (1, length)
    if last < 0:
        first = last = length + 1 + last
    elif one.days is None and one.portion is not None:
        first, last = _portion_of_month(one.portion, length)
    if last == length + 1 == 30 and calendar in HIJRI_CALENDARS:
        # A month that the table gives 29 days had 30 wherever the crescent was not seen.
        start = day_number(calendar, year, month, min(first, length)) + (first > length)
        return Days(start, day_number(calendar, year, month, length) + 1)
    if not 1 <= first <= last <= length:
        say("DATE_DAY_IMPOSSIBLE", day=last, length=length)
        return month_days(calendar, year, month)
    return Days(day_number(calendar, year, month, first), day_number(calendar, year, month, last))


def _portion_of_month(portion: tuple[int, int], length: int) -> Span:
    index, parts = portion
    if parts == 3:  # the three tens of a month; the last has what is left
        return index * 10 + 1, length if index == 2 else index * 10 + 10
    return length * index // parts + 1, length * (index + 1) // parts


def _in_years(portion: tuple[int, int] | None, calendar: Calendar, first: int, last: int) -> Days:
    if portion is None:
        return year_days(calendar, first, last)
    index, parts = portion
    if first == last:
        months = 12  # the short thirteenth month of the Coptic year belongs to its end
        start, end = months * index // parts + 1, months * (index + 1) // parts
        end = months_of(calendar) if end == months else end
        return Days(month_days(calendar, first, start).earliest, month_days(calendar, first, end).latest)
    length = last - first + 1
    return year_days(calendar, first + length * index // parts, first + length * (index + 1) // parts - 1)


def _season(season: int, calendar: Calendar, year: int, say: Say) -> Days:
    if season < len(_SEASONS):
        first, last = _SEASONS[season]
        return Days(month_days(calendar, year, first).earliest, month_days(calendar, year, last).latest)
    say("DATE_AMBIGUOUS")  # the winter of a year is that which begins in it, or that which ends in it
    return Days(month_days(calendar, year - 1, 12).earliest, month_days(calendar, year + 1, 2).latest)


def _numeric(one: Partial, calendar: Calendar, say: Say) -> Days:
    """Return the days of "7/3/1107": both orders of day and month where both can be."""
    a, b, c = one.numeric or (0, 0, 0)
    readings = [(a, b, c)] if a > 31 else [(c, b, a), (c, a, b)]
    if NEVER in (a, c):
        say("DATE_PLACEHOLDER", year=str(NEVER))
        return Days()
    found: list[Days] = []
    for year, month, day in readings:
        if year > 31 and 1 <= month <= months_of(calendar) and 1 <= day <= 31 and has_year(calendar, year):
            known = replace(one, years=(year, year), months=(month, month), days=(day, day), numeric=None)
            _able(known, calendar, say)
            found.append(_in_month(known, calendar, (year, month), say))
    if not found:
        raise Impossible("DATE_NOT_UNDERSTOOD", part=f"{a}/{b}/{c}")
    if len(set(found)) > 1:
        say("DATE_AMBIGUOUS")
    return hull(found)


def _finished(one: Partial, calendar: Calendar, days: Days, circa: int) -> Reckoned:
    slack = MOON if calendar is Calendar.HIJRI else 0
    return Reckoned(days.widened(circa) if one.approximate else days, calendar, slack)


def _weekday(one: Partial, found: Reckoned, say: Say) -> Reckoned:
    if one.weekday is None or found.days.earliest is None or found.days.latest is None:
        return found
    chosen = judged_by_weekday(found.days, found.slack, one.weekday)
    if chosen is None:
        say("DATE_WEEKDAY_DISAGREES")
        return found
    if chosen == found.days:
        return found if found.days.earliest != found.days.latest else replace(found, slack=0)
    year, month, day = date_of(found.calendar or Calendar.HIJRI, chosen.earliest or 0)
    say("DATE_WEEKDAY_CHOSE", date=f"{year}-{month:02}-{day:02}")
    return replace(found, days=chosen, slack=0)
