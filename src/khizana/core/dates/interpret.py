"""From what the grammar read to days: ranges, bounds, lists, and dates in two calendars that judge each other."""

from __future__ import annotations

from dataclasses import replace

from khizana.core.dates.calendars import CHRISTIAN_CALENDARS, HIJRI_CALENDARS, LAST_HIJRI_YEAR, Calendar
from khizana.core.dates.days import Days, hull
from khizana.core.dates.grammar import List, Range
from khizana.core.dates.partial import Partial
from khizana.core.dates.reckon import NEVER, Impossible, Reckoned, Say, reckon
from khizana.core.dates.vocabulary import Kind

_ERAS_APART = range(300, 900)
"""Years between a Hijri year and its Christian one: 622 at first and 577 in 1500; wide, so that slips are seen too."""

_ERA_OF_CREATION = 3000
"""Years above this that name no calendar are of the Jewish or another era that is not converted."""


class Interpreter:
    """Reckons lists of dates; *assumed* is the calendar of dates that name none."""

    def __init__(self, assumed: Calendar, say: Say) -> None:
        self.assumed = assumed
        self.say = say

    def listed(self, found: List, assumed: Calendar | None = None) -> Reckoned:
        """Return the days of all dates of a list. Raises ``Impossible`` when none of them can be."""
        each: list[Reckoned] = []
        trouble: Impossible | None = None
        for item in _paired(found.items):
            try:
                each.append(self._item(item, assumed))
            except Impossible as impossible:
                trouble = trouble or impossible
        if not each:
            raise trouble or Impossible("DATE_NOT_UNDERSTOOD", part="")
        if trouble:
            self.say(trouble.code, **trouble.facts)
        if len(each) > 1:
            self.say("DATE_SEVERAL", count=len(each))
        return Reckoned(hull(one.days for one in each), each[0].calendar, max(one.slack for one in each))

    def _item(self, item: Range, assumed: Calendar | None) -> Reckoned:
        ours, theirs = self._calendars(item, assumed)
        try:
            known = self._range(item, ours)
        except Impossible as impossible:
            if not item.duals or impossible.code != "DATE_CALENDAR_NOT_CONVERTED":
                raise
            self.say(impossible.code, **impossible.facts)
            return self.listed(item.duals[0], theirs)
        for dual in item.duals:
            known = self._judged(item, known, dual, theirs)
        return replace(known, days=_bounded(item, known.days))

    def _calendars(self, item: Range, assumed: Calendar | None) -> tuple[Calendar | None, Calendar | None]:
        """Return what the calendars of a date and of its equivalent are where neither or one names its own."""
        if not item.duals:
            return assumed, None
        inner = item.duals[0].items[0].first
        main = item.last if item.last is not None and inner.calendar is None else item.first
        apart = _year(inner) - _year(main)
        ours, theirs = item.first.calendar or main.calendar, inner.calendar
        if ours is None and theirs is None:
            if apart in _ERAS_APART:
                return Calendar.HIJRI, Calendar.COMMON
            return (Calendar.COMMON, Calendar.HIJRI) if -apart in _ERAS_APART else (assumed, assumed)
        if ours is None:
            hijri = theirs in CHRISTIAN_CALENDARS and apart >= _ERAS_APART.start
            return (Calendar.HIJRI if hijri else Calendar.COMMON), theirs
        hijri = ours in CHRISTIAN_CALENDARS and -apart >= _ERAS_APART.start
        return ours, theirs or (Calendar.HIJRI if hijri else Calendar.COMMON)

    def _range(self, item: Range, assumed: Calendar | None) -> Reckoned:
        first = self._one(item.first, assumed)
        if item.last is not None:
            last = self._one(item.last, assumed)
            return replace(first, days=self._spanned(first.days, last.days), slack=max(first.slack, last.slack))
        return first

    def _spanned(self, first: Days, last: Days) -> Days:
        if first.earliest is not None and last.latest is not None and first.earliest > last.latest:
            self.say("DATE_RANGE_REVERSED")
            return hull((first, last))
        return Days(first.earliest, last.latest)

    def _one(self, one: Partial, assumed: Calendar | None) -> Reckoned:
        calendar = one.calendar
        if calendar is None:
            calendar, year = assumed or self.assumed, _year(one)
            if calendar in HIJRI_CALENDARS and (year > LAST_HIJRI_YEAR or one.before_christ):
                calendar = Calendar.COMMON
            elif assumed is None and 1 <= year <= LAST_HIJRI_YEAR and not one.before_christ:
                self.say("DATE_CALENDAR_ASSUMED", calendar=str(calendar))
            elif year > _ERA_OF_CREATION and one.calendar is None and year != NEVER:
                raise Impossible("DATE_CALENDAR_NOT_CONVERTED", calendar=str(year))
        return reckon(one, calendar, self.say)

    def _judged(self, item: Range, known: Reckoned, dual: List, assumed: Calendar | None) -> Reckoned:
        """Return what a date may mean of which *dual* is said to be the equivalent."""
        if split := _split_year(item, dual):
            return replace(known, days=hull((known.days, self._range(split, assumed).days)))
        try:
            other = self.listed(dual, assumed)
        except Impossible as impossible:
            self.say(impossible.code, **impossible.facts)
            return known
        against = known
        if item.last is not None and (item.first.calendar in HIJRI_CALENDARS) != (
            item.last.calendar in HIJRI_CALENDARS
        ):
            against = self._one(item.last, assumed)  # "between 1550 and A.H. 1029 (1619)"
        both = against.days.common(other.days)
        if both is None:
            both = against.days.widened(against.slack).common(other.days.widened(other.slack))
        if both is not None:
            days = both if against is known else Days(known.days.earliest, both.latest)
            return Reckoned(days, known.calendar, min(known.slack, other.slack))
        if known.calendar is other.calendar:
            self.say("DATE_SEVERAL", count=2)
        else:
            self.say("DATE_CALENDARS_DISAGREE", first=str(known.calendar), second=str(other.calendar))
        return replace(known, days=hull((known.days, other.days)), slack=max(known.slack, other.slack))


def _bounded(item: Range, days: Days) -> Days:
    """Return the days before, after or from *days* on: what a bound is of is judged first."""
    match item.bound:
        case Kind.BEFORE if days.earliest is not None:
            return Days(None, days.earliest - 1)
        case Kind.AFTER if item.last is not None:  # "after 1550-1560" may be after either
            return Days(days.earliest, None)
        case Kind.AFTER if days.latest is not None:
            return Days(days.latest + 1, None)
        case Kind.NOT_BEFORE:
            return Days(days.earliest, None)
        case Kind.NOT_AFTER:
            return Days(None, days.latest)
        case _:
            return days


def _paired(items: list[Range]) -> list[Range]:
    """Give each date of a list its own equivalent: "A.H. 1224, 1259 (1809, 1843)"."""
    last = items[-1]
    alone = not any(item.duals for item in items[:-1]) and len(last.duals) == 1
    if len(items) > 1 and alone and len(last.duals[0].items) == len(items):
        return [replace(item, duals=[List([dual])]) for item, dual in zip(items, last.duals[0].items, strict=True)]
    return items


def _year(one: Partial) -> int:
    if one.numeric is not None:
        return max(one.numeric[0], one.numeric[2])
    return one.years[1] if one.years else 0


def _split_year(item: Range, dual: List) -> Range | None:
    """Return the second year of "1695/6" or "1695/96", or None where the stroke is no such thing."""
    other = dual.items[0]
    years, short = item.first.years, other.first.years
    if len(dual.items) > 1 or item.last or other.last or not years or not short or other.first.months:
        return None
    size = 10 ** len(str(short[0]))
    full = years[0] - years[0] % size + short[0]
    if short[0] != short[1] or short[0] >= years[0] or full != years[0] + 1 or other.first.calendar:
        return None
    return Range(replace(item.first, years=(full, full)))
