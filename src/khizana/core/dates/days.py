"""An interval of days, by chronological Julian day numbers.

The number of a day is the Julian day at its noon: 2451545 is Saturday, 1 January 2000 (Gregorian).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Days:
    """From *earliest* to *latest*, both included; None where there is no bound."""

    earliest: int | None = None
    latest: int | None = None

    def __contains__(self, day: int) -> bool:
        """Tell whether *day* is one of them."""
        return (self.earliest is None or self.earliest <= day) and (self.latest is None or day <= self.latest)

    def within(self, other: Days) -> bool:
        """Tell whether every one of these days is one of *other*."""
        starts = other.earliest is None or (self.earliest is not None and self.earliest >= other.earliest)
        return starts and (other.latest is None or (self.latest is not None and self.latest <= other.latest))

    def widened(self, days: int) -> Days:
        """Return these with *days* more on either side."""
        return Days(
            None if self.earliest is None else self.earliest - days,
            None if self.latest is None else self.latest + days,
        )

    def common(self, other: Days) -> Days | None:
        """Return the days that are in both, or None where there are none."""
        earliest = max((each.earliest for each in (self, other) if each.earliest is not None), default=None)
        latest = min((each.latest for each in (self, other) if each.latest is not None), default=None)
        if earliest is not None and latest is not None and earliest > latest:
            return None
        return Days(earliest, latest)


def hull(several: Iterable[Days]) -> Days:
    """Return the smallest interval that holds all of *several*, of which there is at least one."""
    intervals = list(several)
    earliest = [each.earliest for each in intervals if each.earliest is not None]
    latest = [each.latest for each in intervals if each.latest is not None]
    return Days(
        min(earliest) if len(earliest) == len(intervals) else None,
        max(latest) if len(latest) == len(intervals) else None,
    )
