"""Days into EDTF (ISO 8601-2:2019; level 1)."""

from __future__ import annotations

from khizana.core.dates.calendars import Calendar, date_of, month_days, year_days
from khizana.core.dates.days import Days
from khizana.core.dates.statement import DateStatement, sureness

_OPEN = ".."


def write_edtf(statement: DateStatement) -> str:
    """Return the days of *statement* as EDTF, in the proleptic Gregorian calendar, or "" where no day is known.

    The coarsest form that says exactly these days is written: 1695, 169X, 16XX, 1695-08, 1695/1697, else days. A day
    that the moon may move, and all that is said to be approximate or uncertain, is marked so.
    """
    days = statement.days
    if days is None or days == Days():
        return ""
    approximate, uncertain = statement.sureness in ("~", "%"), statement.sureness in ("?", "%")
    mark = sureness(approximate=approximate or statement.slack > 0, uncertain=uncertain).value
    if days.earliest is not None and days.latest is not None:
        whole = _whole(days)
        if whole:
            return whole + mark
    return f"{_end(days.earliest, last=False, mark=mark)}/{_end(days.latest, last=True, mark=mark)}"


def _whole(days: Days) -> str:
    """Return one date that says exactly *days*, or "" where there is none."""
    year, month, day = date_of(Calendar.GREGORIAN, days.earliest or 0)
    if days.earliest == days.latest:
        return f"{_year(year)}-{month:02}-{day:02}"
    if days == month_days(Calendar.GREGORIAN, year, month):
        return f"{_year(year)}-{month:02}"
    for size, unknown in ((1, ""), (10, "X"), (100, "XX")):
        if year % size == 0 and days == year_days(Calendar.GREGORIAN, year, year + size - 1):
            if not unknown:
                return _year(year)
            return f"{year // size:0{4 - len(unknown)}}{unknown}" if 0 <= year <= 9999 else ""
    return ""


def _end(number: int | None, *, last: bool, mark: str) -> str:
    """Return an end of an interval: the year or month where it begins or ends with it, else the day."""
    if number is None:
        return _OPEN
    year, month, day = date_of(Calendar.GREGORIAN, number)
    year_of, month_of = year_days(Calendar.GREGORIAN, year), month_days(Calendar.GREGORIAN, year, month)
    if number == (year_of.latest if last else year_of.earliest):
        return _year(year) + mark
    if number == (month_of.latest if last else month_of.earliest):
        return f"{_year(year)}-{month:02}{mark}"
    return f"{_year(year)}-{month:02}-{day:02}{mark}"


def _year(year: int) -> str:
    if abs(year) > 9999:
        return f"Y{year}"
    return f"-{-year:04}" if year < 0 else f"{year:04}"
