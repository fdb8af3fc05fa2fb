"""A date statement: the words as written, and the days that they may mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from khizana.core.dates.calendars import Calendar
from khizana.core.dates.days import Days
from khizana.core.findings import Finding


class Sureness(StrEnum):
    """How sure a statement says that it is, as EDTF marks it (ISO 8601-2): nothing, ``~``, ``?`` or ``%``."""

    STATED = ""
    APPROXIMATE = "~"
    UNCERTAIN = "?"
    BOTH = "%"


@dataclass(frozen=True, slots=True)
class DateStatement:
    """What was written, and what it may mean.

    ``days`` is the interval of days, or None where the words were not understood; a text that says that there is no
    date may be any day. ``slack`` is how many days either end may lie beside it, because months were seen and not
    reckoned. ``calendar`` is the one that the words were counted by: of two, the first written.
    """

    words: str
    calendar: Calendar | None = None
    days: Days | None = None
    sureness: Sureness = Sureness.STATED
    slack: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def understood(self) -> bool:
        """Whether the words were understood, be it as saying that there is no date."""
        return self.days is not None

    @property
    def dated(self) -> bool:
        """Whether the interval has a bound."""
        return self.days is not None and self.days != Days()

    @property
    def possible(self) -> Days | None:
        """The interval with the slack on either side: what other statements are judged against."""
        return None if self.days is None else self.days.widened(self.slack)


def sureness(*, approximate: bool, uncertain: bool) -> Sureness:
    """Return how sure a statement is that is *approximate*, *uncertain*, both or neither."""
    if approximate and uncertain:
        return Sureness.BOTH
    if approximate:
        return Sureness.APPROXIMATE
    return Sureness.UNCERTAIN if uncertain else Sureness.STATED
