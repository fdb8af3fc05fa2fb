"""Dates of TEI elements: the words, and the attributes that bound or repeat them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

from khizana.core.dates import Calendar, DateStatement, Days, parse_date, read_edtf
from khizana.core.dates.calendars import date_of
from khizana.core.findings import Finding, Severity
from khizana.core.tei.elements import Element, line_of, words_of

_CALENDARS = {
    "hijri": Calendar.HIJRI,
    "hijriqamari": Calendar.HIJRI,
    "islamic": Calendar.HIJRI,
    "muslim": Calendar.HIJRI,
    "ah": Calendar.HIJRI,
    "hegira": Calendar.HIJRI,
    "gregorian": Calendar.GREGORIAN,
    "julian": Calendar.JULIAN,
    "coptic": Calendar.COPTIC,
    "christian": Calendar.COMMON,
    "ce": Calendar.COMMON,
    "ad": Calendar.COMMON,
}
_LAST_YEAR = 2200
_REMEMBERED = 300  # characters
_YEAR = re.compile(r"-?\d{1,6}")
_ATTRIBUTES = ("when", "notBefore", "from", "notAfter", "to")

Told = list[Finding]
"""Where findings go; their subject is the file."""


def dated(element: Element, file: str, told: Told, *, worded: bool = True) -> DateStatement | None:
    """Return what *element* states of a time by its words and attributes; None where it states nothing.

    Words that are understood are the statement. Attributes are, where there are no words or none that are understood;
    where both are and no day is common to both, that is a finding and the words stand. Without *worded* the words of
    *element* are prose, and only its attributes are read.
    """
    words = words_of(element) if worded else ""
    if not len(element.attrib):
        return parsed_date(words, None) if words else None
    bounds = [_bound(element, name, file, told) for name in _ATTRIBUTES]
    if not words:
        words = bounds[0] or "\u2013".join(dict.fromkeys(bound for bound in bounds[1:] if bound))
    if not words and not (words := (element.get("when-custom") or "").strip()):
        return None
    calendar = _calendar(element, file, told)
    statement = parsed_date(words, calendar)
    stated = _between(*bounds)
    if stated is None:
        return statement
    if not statement.dated:
        return DateStatement(words, Calendar.GREGORIAN, stated, findings=statement.findings)
    if statement.possible is not None and statement.possible.common(stated) is None:
        facts: dict[str, str | int] = {"line": line_of(element), "words": words, "stated": _joined(*bounds)}
        told.append(Finding("TEI_DATE_DISAGREES", Severity.WARNING, file, facts))
    return statement


def parsed_date(words: str, calendar: Calendar | None = None) -> DateStatement:
    """Return what ``parse_date`` returns; catalogues write the same words again and again."""
    return _parsed(words, calendar) if len(words) <= _REMEMBERED else parse_date(words, assume=calendar)


@lru_cache(maxsize=65536)
def _parsed(words: str, calendar: Calendar | None) -> DateStatement:
    return parse_date(words, assume=calendar)


def _bound(element: Element, name: str, file: str, told: Told) -> str:
    written = element.get(name)
    if not written:
        return ""
    written = written.strip()
    year = _YEAR.match(written)
    if year and abs(int(year[0])) > _LAST_YEAR:
        facts: dict[str, str | int] = {"line": line_of(element), "attribute": name, "written": written}
        told.append(Finding("TEI_DATE_PLACEHOLDER", Severity.WARNING, file, facts))
        return ""
    return written


def _joined(when: str, *others: str) -> str:
    return when or "/".join(dict.fromkeys(other for other in others if other))


@lru_cache(maxsize=65536)
def _between(when: str, not_before: str, start: str, not_after: str, end: str) -> Days | None:
    if when:
        return read_edtf(when).days
    first, last = not_before or start, not_after or end
    if not (first or last):
        return None
    days = Days(
        _days(first).earliest if first else None,
        _days(last).latest if last else None,
    )
    if days.earliest is not None and days.latest is not None and days.earliest > days.latest:
        return None
    return None if days == Days() else days


def _days(written: str) -> Days:
    return read_edtf(written).days or Days()


def _calendar(element: Element, file: str, told: Told) -> Calendar | None:
    written = element.get("calendar") or element.get("datingMethod") or ""
    name = re.sub(r"[^a-z]", "", written.rpartition("#")[2].lower())
    if not name:
        return None
    if name in _CALENDARS:
        return _CALENDARS[name]
    near = get_close_matches(name, [known for known in _CALENDARS if len(known) > 3], n=1, cutoff=0.7)
    facts: dict[str, str | int] = {"line": line_of(element), "written": written, "read": near[0] if near else "?"}
    code = "TEI_CALENDAR_SPELLING" if near else "TEI_CALENDAR_UNKNOWN"
    told.append(Finding(code, Severity.WARNING, file, facts))
    return _CALENDARS[near[0]] if near else None


def attributes_of(statement: DateStatement) -> dict[str, str]:
    """Return the attributes that say the days of *statement* to other programs, in the proleptic Gregorian calendar."""
    days = statement.days
    if days is None:
        return {}
    ends = (("notBefore", days.earliest), ("notAfter", days.latest))
    found = {name: _iso(day) for name, day in ends if day is not None}
    found = {name: day for name, day in found.items() if day}
    if statement.calendar is Calendar.HIJRI and parsed_date(statement.words, None) != statement:
        found["calendar"] = "#hijri"
    return found


def _iso(day: int) -> str:
    try:
        year, month, number = date_of(Calendar.GREGORIAN, day)
    except (ValueError, OverflowError, ArithmeticError):
        return ""
    return f"{year:04}-{month:02}-{number:02}" if 0 < year <= _LAST_YEAR else ""
