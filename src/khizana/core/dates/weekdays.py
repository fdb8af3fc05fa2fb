"""A weekday judges the day that it is written beside."""

from __future__ import annotations

from khizana.core.dates.calendars import weekday
from khizana.core.dates.days import Days

_WEEK = 7


def judged_by_weekday(days: Days, slack: int, named: int) -> Days | None:
    """Return the days that can be meant when the weekday *named* is said (0 is Monday): None where none can.

    A day that the tabular calendar puts on another weekday is moved by its slack at most, as chronological tables are
    used (F. Wüstenfeld and E. Mahler, Vergleichungs-Tabellen, introduction). A longer interval stays as it is.
    """
    if days.earliest is None or days.latest is None or days.latest - days.earliest + 1 + 2 * slack >= _WEEK:
        return days
    fitting = [day for day in range(days.earliest - slack, days.latest + slack + 1) if weekday(day) == named]
    return Days(fitting[0], fitting[-1]) if fitting else None
