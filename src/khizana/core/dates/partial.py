"""What one date says of itself, before its days are reckoned."""

from __future__ import annotations

from dataclasses import dataclass, replace

from khizana.core.dates.calendars import HIJRI_CALENDARS, LAST_HIJRI_YEAR, Calendar

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Partial:
    """The parts of one date that are written; what is missing may stand in the date beside it.

    ``years``, ``months`` and ``days`` are first and last. ``days`` may count from the end of the month: -1 is its last
    day. ``portion`` is which part of how many of the smallest unit said. ``bare`` is a number that may be a year, a day
    or the number of a century, and ``ordinal`` one that is a day or the number of a century. ``numeric`` are the three
    numbers of a date in figures.
    """

    calendar: Calendar | None = None
    foreign: str = ""
    years: Span | None = None
    months: Span | None = None
    days: Span | None = None
    portion: tuple[int, int] | None = None
    season: int | None = None
    weekday: int | None = None
    bare: int | None = None
    ordinal: int | None = None
    numeric: tuple[int, int, int] | None = None
    century: bool = False
    before_christ: bool = False
    approximate: bool = False
    uncertain: bool = False

    def says_something(self) -> bool:
        """Tell whether it says any day, month, year or century."""
        said = (self.years, self.months, self.days, self.bare, self.ordinal, self.numeric, self.season, self.weekday)
        return any(each is not None for each in said)


def beside(first: Partial, last: Partial) -> tuple[Partial, Partial]:
    """Return two ends of a range, each with what only the other says: "3-7 Rajab 1107", "1494-98", "11th-12th c."."""
    first, last = with_century(first, last), with_century(last, first)
    if not _beyond(first, last):
        first = replace(first, calendar=first.calendar or last.calendar)
    if not _beyond(last, first):
        last = replace(last, calendar=last.calendar or first.calendar)
    if last.before_christ and not first.before_christ:
        first = replace(first, before_christ=True)
    if first.bare is not None and first.bare <= 31 and last.days is not None and last.months is not None:
        first = replace(first, bare=None, days=(first.bare, first.bare))
    if first.ordinal is not None and last.days is not None:
        first = replace(first, ordinal=None, days=(first.ordinal, first.ordinal))
    if first.months is None and first.days is not None and last.months is not None:
        first = replace(first, months=last.months)
    if first.years is None and first.bare is None and first.numeric is None and last.bare is None:
        first = replace(first, years=last.years)
    return first, _completed(last, first)


def _beyond(one: Partial, other: Partial) -> bool:
    """Tell whether *one* is no year of the Hijri calendar of *other*: "between 1550 and A.H. 1029"."""
    year = one.years[0] if one.years else one.bare or 0
    return other.calendar in HIJRI_CALENDARS and year > LAST_HIJRI_YEAR


def with_century(one: Partial, other: Partial) -> Partial:
    """Return *one* with its number read as that of a century where *other* is one: "11th/17th c."."""
    number = one.ordinal if one.ordinal is not None else one.bare
    if number is None and one.years is not None and one.years[0] == one.years[1] and not one.months:
        number = one.years[0]
    if other.century and not one.century and number is not None and number <= 30:
        return replace(one, ordinal=None, bare=None, century=True, years=century_years(number))
    return one


def _completed(last: Partial, first: Partial) -> Partial:
    """Complete the year of the last end from the first: "1494-98", "1785 or 6"."""
    number = last.bare if last.bare is not None else (last.years or (0, 0))[0]
    single = last.years is None or last.years[0] == last.years[1]
    if not first.years or not 0 < number < first.years[0] or not single or last.months or last.before_christ:
        return last
    size = 10 ** len(str(number))
    year = first.years[0] - first.years[0] % size + number
    return replace(last, bare=None, years=(year, year)) if first.years[0] < year and size < first.years[0] else last


def century_years(number: int) -> Span:
    """Return the years of a century: the 11th is 1001 to 1100."""
    return (number - 1) * 100 + 1, number * 100


def settled(one: Partial) -> Partial:
    """Return *one* with a bare number read as a year and an ordinal beside a month as its day."""
    if one.bare is not None and one.years is None:
        one = replace(one, bare=None, years=(one.bare, one.bare))
    if one.days == (15, 15) and one.months is None:  # "the middle of", of a century or year
        one = replace(one, days=None, portion=(1, 3))
    return one
