"""The grammar of written dates: which tokens make a date, a range, a list, and a date in two calendars.

list    = item { ("or" | "and" | "," | ";") item }
item    = range { "(" list ")" | "/" range | "=" range }
range   = [ "before" | "after" | ... ] single [ ("-" | "to" | "and") single ]
single  = any order of day, month, year, century, weekday, season, calendar and doubt
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from khizana.core.dates.partial import Partial, beside, settled, with_century
from khizana.core.dates.single import SingleReader
from khizana.core.dates.tokens import Token
from khizana.core.dates.vocabulary import Kind

_BOUNDS = (Kind.BEFORE, Kind.AFTER, Kind.NOT_BEFORE, Kind.NOT_AFTER)
_DEEPEST = 4  # brackets within brackets: no written date has more, and recursion ends


class NotUnderstood(Exception):
    """The words are no date that the grammar knows; *at* is what stands where it gave up."""

    def __init__(self, at: str) -> None:
        super().__init__(at)
        self.at = at


@dataclass(slots=True)
class Range:
    """One date or a range of two, what bounds it, and what it is said to be in other calendars."""

    first: Partial
    last: Partial | None = None
    bound: Kind | None = None
    duals: list[List] = field(default_factory=list)


@dataclass(slots=True)
class List:
    """Dates that are all meant, or one of which is."""

    items: list[Range]


class Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def whole(self) -> List:
        """Return everything as one list. Raises ``NotUnderstood`` where a token has no place."""
        found = self._list(0)
        while self._mark(".", ",", ";", ":", "]", ")", "!"):
            pass
        if self.at < len(self.tokens):
            raise NotUnderstood(self.tokens[self.at].written)
        return found

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _mark(self, *written: str) -> str:
        token = self._peek()
        if token is not None and token.kind is Kind.MARK and token.written in written:
            self.at += 1
            return token.written
        return ""

    def _take(self, *kinds: Kind) -> Token | None:
        token = self._peek()
        if token is not None and token.kind in kinds:
            self.at += 1
            return token
        return None

    def _list(self, depth: int) -> List:
        items = [self._item(depth)]
        while self._take(Kind.OR, Kind.AND) or self._separator():
            items.append(self._item(depth))
        return List(_shared(items))

    def _separator(self) -> bool:
        begun = self.at
        if self._mark(",", ";", "|", "+"):
            self._take(Kind.OR, Kind.AND)
            if self._peek() is not None and not self._closing():
                return True
        self.at = begun
        return False

    def _closing(self) -> bool:
        token = self._peek()
        return token is not None and token.kind is Kind.MARK and token.written in ")].;,"

    def _item(self, depth: int) -> Range:
        found = self._range(depth)
        while True:
            begun = self.at
            if opened := self._mark("(", "["):
                found.duals.append(self._bracketed(opened, depth))
            elif self._mark("/", "=", ":") and self._peek() is not None:
                found.duals.append(List([self._equivalent(found, depth)]))
            else:
                self.at = begun
                return found

    def _equivalent(self, found: Range, depth: int) -> Range:
        """Read what stands after a stroke; either side may say for both that it is a century."""
        other = self._range(depth)
        for one, beside_it in ((found, other.last or other.first), (other, found.last or found.first)):
            one.first = with_century(one.first, beside_it)
            one.last = None if one.last is None else with_century(one.last, beside_it)
        return other

    def _bracketed(self, opened: str, depth: int) -> List:
        if depth >= _DEEPEST:
            raise NotUnderstood(opened)
        self._mark("=", ":")
        found = self._list(depth + 1)
        self._mark(".", ",")
        self._mark(")" if opened == "(" else "]")  # a bracket that is never closed closes at the end
        return found

    def _range(self, depth: int) -> Range:
        while self._mark("[", "(", ":", ".", ",", '"', "«", "»"):  # "[1107]": supplied by the cataloguer
            pass
        vague = self._doubts(Partial())
        if self._take(Kind.BETWEEN):
            return self._between(depth, vague)
        bound = self._take(*_BOUNDS, Kind.TO)
        begun = self._take(Kind.FROM)
        vague = self._doubts(vague)
        first, duals = self._end(depth, vague)
        found = Range(first, None, _bound_of(bound), duals)
        if self._to(allow_and=False):
            if self._peek() is None or self._closing():
                return replace(found, first=settled(first), bound=Kind.NOT_BEFORE)  # "1908-"
            last, found.duals = self._last_end(depth, found)
            found.first, found.last = _pair(first, replace(last, approximate=last.approximate or vague.approximate))
            return found
        found.first = settled(first)
        if begun and begun.written in ("from", "depuis", "des"):
            found.bound = Kind.NOT_BEFORE
        return found

    def _between(self, depth: int, vague: Partial) -> Range:
        first, duals = self._end(depth, self._doubts(vague))
        if not self._to(allow_and=True):
            raise NotUnderstood("between")
        found = Range(first, None, None, duals)
        last, found.duals = self._last_end(depth, found)
        found.first, found.last = _pair(first, last)
        return found

    def _last_end(self, depth: int, found: Range) -> tuple[Partial, list[List]]:
        """Read the second end; a range whose ends are both told in two calendars is judged as two ranges."""
        if not found.duals:
            return self._single(self._doubts(Partial())), []
        last = self._single(self._doubts(Partial()))
        opened = self._mark("(", "[", "/")
        if not opened:
            return last, []  # the first end alone is told twice: its own words are kept
        other = self._range_end() if opened == "/" else self._bracketed(opened, depth).items[0]
        first_end, last_end = _pair(found.duals[0].items[0].first, other.last or other.first)
        return last, [List([Range(first_end, last_end)])]

    def _end(self, depth: int, vague: Partial) -> tuple[Partial, list[List]]:
        """Read one end of a range, and what brackets or a stroke straight after it say before the range goes on."""
        single = self._single(vague)
        begun = self.at
        duals: list[List] = []
        opened = self._mark("(", "[", "/")
        if opened:
            try:
                duals = [List([self._range_end()])] if opened == "/" else [self._bracketed(opened, depth)]
            except NotUnderstood:
                duals = []
            if not duals or not self._goes_on(stroke=opened == "/"):
                self.at = begun
                return single, []
        return single, duals

    def _range_end(self) -> Range:
        return Range(settled(self._single(self._doubts(Partial()))))

    def _goes_on(self, *, stroke: bool) -> bool:
        """Tell whether a range goes on here, without moving: after a stroke, only if its other end has one too."""
        begun = self.at
        found = self._to(allow_and=True) and self._peek() is not None
        if found and stroke:
            try:
                self._single(self._doubts(Partial()))
                found = self._mark("/") != ""
            except NotUnderstood:
                found = False
        self.at = begun
        return found

    def _to(self, *, allow_and: bool) -> bool:
        if self._mark("-", "/") == "/" and not allow_and:
            self.at -= 1
            return False
        if self.at and self.tokens[self.at - 1].written == "-":
            return True
        return self._take(Kind.TO, *((Kind.AND,) if allow_and else ())) is not None

    def _doubts(self, vague: Partial) -> Partial:
        while token := self._take(Kind.CIRCA, Kind.DOUBT):
            vague = replace(
                vague,
                approximate=vague.approximate or token.kind is Kind.CIRCA,
                uncertain=vague.uncertain or token.kind is Kind.DOUBT,
            )
        return vague

    def _single(self, vague: Partial) -> Partial:
        reader = SingleReader(self.tokens, self.at, vague)
        found = reader.read()
        if not found.says_something():
            token = self._peek() if reader.at >= len(self.tokens) else self.tokens[reader.at]
            raise NotUnderstood(token.written if token else "")
        self.at = reader.at
        return found


def _bound_of(token: Token | None) -> Kind | None:
    if token is None:
        return None
    return Kind.NOT_AFTER if token.kind is Kind.TO else token.kind


def _pair(first: Partial, last: Partial) -> tuple[Partial, Partial]:
    if last.months is not None:
        last = settled(last)
    a_day = first.bare is not None and first.bare <= 31 and last.days is not None and last.months is not None
    if not a_day and not last.century:
        first = settled(first)
    one, other = beside(first, last)
    return settled(one), settled(other)


def _shared(items: list[Range]) -> list[Range]:
    """Give the items of a list what only their neighbours say: "A.H. 1224, 1259", "17th or 18th century"."""
    for earlier, later in pairwise(items):
        end = earlier.last or earlier.first
        one, other = _pair(end, later.first)
        if earlier.last is None:
            earlier.first = one
        if other.calendar is None or later.first.calendar is not None or not later.duals:
            later.first = other
        if later.last is not None and later.last.calendar is None:
            later.last = replace(later.last, calendar=later.first.calendar)
    return items
