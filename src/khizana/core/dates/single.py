"""One date without ranges: the tokens of its parts in whatever order they stand."""

from __future__ import annotations

from dataclasses import replace

from khizana.core.dates.calendars import Calendar
from khizana.core.dates.partial import Partial, century_years
from khizana.core.dates.tokens import Token
from khizana.core.dates.vocabulary import Kind

_LAST_CENTURY = 21


class SingleReader:
    """Takes tokens for one date as long as they can belong to it."""

    def __init__(self, tokens: list[Token], at: int, vague: Partial) -> None:
        self.tokens = tokens
        self.at = at
        self.found = vague
        self.fraction: int | None = None
        self.last = False

    def read(self) -> Partial:
        """Return what was read; ``at`` is then the first token that was not."""
        while self.at < len(self.tokens) and self._takes(self.tokens[self.at]):
            self.at += 1
        return self._finished()

    def _takes(self, token: Token) -> bool:  # noqa: PLR0911  # a line for each kind
        match token.kind:
            case Kind.NUMBER:
                return self._number(int(token.written) if token.written.isdigit() else _plain(token), token)
            case Kind.ORDINAL:
                return self._ordinal(_plain(token))
            case Kind.NUMERIC:
                return self._put("numeric", token.numbers[:3])
            case Kind.YEARS:
                return self._put("years", token.value)
            case Kind.DECADE:
                first = _plain(token)
                return self._put("years", (first, first + (99 if first % 100 == 0 else 9)))
            case Kind.MONTH:
                return self._month(token)
            case Kind.CALENDAR:
                return self._calendar(token)
            case Kind.FRACTION:
                return self._fraction(_plain(token))
            case Kind.TENS_OF_CENTURY:
                return self._put("portion", (_plain(token) // 10, 10))
            case _:
                return self._word(token)

    def _word(self, token: Token) -> bool:  # noqa: C901, PLR0911, PLR0912  # a line for each kind
        match token.kind:
            case Kind.WEEKDAY:
                return self._put("weekday", token.value)
            case Kind.SEASON:
                return self._put("season", token.value)
            case Kind.PORTION:
                return self._put("portion", token.value)
            case Kind.DAY_OF_MONTH:
                return self._put("days", (_plain(token), _plain(token)))
            case Kind.NIGHTS_GONE | Kind.NIGHTS_LEFT:
                return self._nights(left=token.kind is Kind.NIGHTS_LEFT)
            case Kind.CENTURY:
                return self._century()
            case Kind.CIRCA if token.written == "c" and (self.found.ordinal or self.found.bare) and self._ends_here():
                return self._century()
            case Kind.CIRCA:
                return self._put("approximate", True, again=True)
            case Kind.DOUBT:
                return self._put("uncertain", True, again=True)
            case Kind.BEFORE_CHRIST:
                return self._put("before_christ", True)
            case Kind.LAST:
                self.last = True
                return True
            case Kind.FROM:
                return token.written not in ("from", "depuis", "des")
            case _:
                return self._mark(token)

    def _put(self, name: str, value: object, *, again: bool = False) -> bool:
        known = getattr(self.found, name)
        if not again and known is not None and known is not False and known != "":
            return False
        self.found = replace(self.found, **{name: value})  # type: ignore[arg-type]  # the name says which field
        return True

    def _number(self, number: int, token: Token) -> bool:
        known = self.found
        if known.century and known.years is None and number <= 30:
            return self._put("years", century_years(number))
        year_like = number > 31 or len(token.written) >= 3 or known.days is not None
        if known.bare is None and known.years is None and not (known.months and not year_like):
            return self._put("bare", number)
        if not year_like and known.days is None:
            return self._put("days", (number, number))
        if known.bare is not None and known.bare <= 31 and known.days is None and known.months is not None:
            self.found = replace(known, days=(known.bare, known.bare), bare=number)
            return True
        return False

    def _ordinal(self, number: int) -> bool:
        known = self.found
        if known.century and known.years is None:
            return self._put("years", century_years(number))
        if self.fraction is not None and known.portion is None and not self.last and number <= self.fraction:
            return self._put("portion", (number - 1, self.fraction))
        if known.ordinal is not None and known.portion is None and self._fraction_next():
            return False
        return self._put("ordinal", number)

    def _fraction_next(self) -> bool:
        return self.at + 1 < len(self.tokens) and self.tokens[self.at + 1].kind is Kind.FRACTION

    def _fraction(self, parts: int) -> bool:
        if self.found.ordinal is not None:
            number = self.found.ordinal
            self.found = replace(self.found, ordinal=None, portion=(number - 1, parts))
            return number <= parts
        self.fraction = parts
        return self.found.portion is None

    def _month(self, token: Token) -> bool:
        if self.found.months is not None or not isinstance(token.value, tuple) or len(token.value) != 3:
            return False
        calendar, first, last = token.value
        known = self.found
        if known.calendar is None or calendar is not Calendar.COMMON:
            known = replace(known, calendar=known.calendar or calendar)
        if known.bare is not None and known.bare <= 31 and known.days is None:
            known = replace(known, bare=None, days=(known.bare, known.bare))
        self.found = replace(known, months=(first, last))
        return True

    def _calendar(self, token: Token) -> bool:
        value = token.value
        if token.written in ("m", "h", "am", "e m") and not (self.found.bare or self.found.years or self.found.numeric):
            return False
        if not isinstance(value, Calendar):
            return self._put("foreign", token.written) if not self.found.foreign else False
        known = self.found.calendar
        if known is None or known in (Calendar.COMMON, value) or (known is Calendar.HIJRI and "umm" in value):
            self.found = replace(self.found, calendar=value if known is None or value is not Calendar.COMMON else known)
            return known is not Calendar.COMMON or value is not Calendar.HIJRI
        return value is Calendar.COMMON and known is not Calendar.HIJRI

    def _nights(self, *, left: bool) -> bool:
        number = self.found.bare or self.found.ordinal or (self.found.days or (0, 0))[0]
        if not 1 <= number <= 15:
            return False
        # Whoever writes "three left" does not know yet whether the month will have 29 days or 30.
        days = (29 - number, 30 - number) if left else (number, number)
        self.found = replace(self.found, bare=None, ordinal=None, days=days)
        return True

    def _century(self) -> bool:
        known = self.found
        number = known.ordinal if known.ordinal is not None else known.bare
        if known.century or known.years is not None:
            return known.century
        if number is not None and number <= 30:
            known = replace(known, ordinal=None, bare=None, years=century_years(number))
        self.found = replace(known, century=True)
        return number is None or number <= 30

    def _ends_here(self) -> bool:
        after = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        return after is None or after.kind is not Kind.NUMBER

    def _mark(self, token: Token) -> bool:
        """Pass over a comma inside a date: "Friday, 3 Rajab, 1107", where the year is still to come."""
        if token.kind is not Kind.MARK or token.written not in (",", ".", "'", "]"):
            return False
        known = self.found
        if token.written == "]":  # "[1107] AH": what follows belongs to it
            after = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
            return after is not None and after.kind in (Kind.CALENDAR, Kind.DOUBT)
        waiting = known.years is None and known.bare is None and known.numeric is None
        return waiting and (known.months is not None or known.weekday is not None or known.days is not None)

    def _finished(self) -> Partial:
        known = self.found
        if self.fraction is not None and self.last:
            known = replace(known, portion=(self.fraction - 1, self.fraction))
        elif self.last and self.fraction is None and known.portion is None:
            known = replace(known, portion=(2, 3))
        beside_a_name = known.months is not None or (known.days is None and known.weekday is not None)
        if known.ordinal is not None and beside_a_name:
            known = replace(known, days=(known.ordinal, known.ordinal), ordinal=None)
        if known.ordinal is not None and known.portion is not None and known.ordinal <= _LAST_CENTURY:
            known = replace(known, ordinal=None, century=True, years=century_years(known.ordinal))  # "début XXe"
        return known


def _plain(token: Token) -> int:
    return token.value if isinstance(token.value, int) else 0
