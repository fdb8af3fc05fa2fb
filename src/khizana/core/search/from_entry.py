"""The search document of a catalogue entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from khizana.core.catalogue.entry import Entry, HistoryNote, Person, Phrases, Physical, Place, Text
from khizana.core.dates import Calendar, DateStatement, Days
from khizana.core.dates.calendars import date_of
from khizana.core.dates.days import hull
from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import Agreement
from khizana.core.search.document import LONGEST_PASSAGE, MOST_PASSAGES, Facet, Line, Part, Passage, SearchDocument

_MOST_CENTURIES = 3
"""An interval of more centuries than these says little of any."""
_LONGEST_VALUE = 80
"""Characters of a facet's value: what is longer is prose."""


def search_document(
    entry: Entry,
    *,
    manuscript: ManuscriptId,
    agreement: Agreement,
    pages: int = 0,
    lines: Sequence[Line] = (),
) -> SearchDocument:
    """Return what is searched of *entry*; ``present_location`` is left out, whoever asks."""
    days = _days(entry.all_dates())
    return SearchDocument(
        manuscript=manuscript,
        shelfmark=entry.shelfmark,
        passages=tuple(_distinct(_passages(entry)))[:MOST_PASSAGES],
        agreement=agreement,
        facets=_facets(entry, days, pages=pages, lines=bool(lines)),
        days=days,
        languages=entry.languages,
        lines=tuple(lines),
    )


def _distinct(passages: Iterable[Passage]) -> Iterator[Passage]:
    seen = set()
    for each in passages:
        text = each.text[:LONGEST_PASSAGE]
        if text.strip() and (each.part, text) not in seen:
            seen.add((each.part, text))
            yield Passage(each.part, text, each.language, each.kind)


def _passages(entry: Entry) -> Iterator[Passage]:
    yield from _said(Part.TITLE, entry.titles)
    for text in entry.all_texts():
        yield from _of_text(text)
    for person in entry.all_persons():
        yield from _named(person)
    for place in entry.all_places():
        yield from _said(Part.PLACE, place.names, "origin")
    yield from (Passage(Part.PLACE, name, kind="holding") for name in (entry.settlement, entry.country))
    yield from _said(Part.SUBJECT, entry.subjects)
    yield from _said(Part.SUBJECT, entry.genres, "genre")
    marks = (entry.shelfmark, *entry.former_shelfmarks, *(value for _, value in entry.identifiers))
    yield from (Passage(Part.SHELFMARK, mark) for mark in marks)
    for kind, words in (
        ("summary", entry.summary),
        ("owner", entry.owner),
        ("custodian", entry.custodian),
        ("holding", entry.holding),
        ("note", entry.notes),
    ):
        yield from _said(Part.NOTE, words, kind)
    yield from (Passage(Part.NOTE, date.words, kind="date") for date in entry.all_dates())
    for physical in (entry.physical, *(unit.physical for unit in entry.units)):
        yield from _of_physical(physical)
    for note in (*entry.history, *(each for unit in entry.units for each in unit.history)):
        yield from _of_history(note)
    yield from (Passage(Part.NOTE, value, kind=column) for column, value in entry.extra)


def _of_text(text: Text) -> Iterator[Passage]:
    yield from _said(Part.TITLE, text.titles)
    yield from _said(Part.TEXT, text.rubric, "rubric")
    yield from _said(Part.TEXT, text.incipit, "incipit")
    yield from _said(Part.TEXT, text.explicit, "explicit")
    yield from _said(Part.TEXT, text.colophon, "colophon")
    yield from _said(Part.NOTE, text.notes, "note")


def _of_physical(physical: Physical) -> Iterator[Passage]:
    for kind, words in (
        ("extent", physical.extent),
        ("support", physical.support),
        ("collation", physical.collation),
        ("ruling", physical.ruling),
        ("layout", physical.layout),
        ("script", physical.script),
        ("binding", physical.binding),
        ("condition", physical.condition),
        *((each.kind or "decoration", each.words) for each in physical.decoration),
    ):
        yield from _said(Part.NOTE, words, kind)


def _of_history(note: HistoryNote) -> Iterator[Passage]:
    yield from _said(Part.NOTE, note.words, note.kind.value)
    if note.date:
        yield Passage(Part.NOTE, note.date.words, kind="date")


def _named(person: Person) -> Iterator[Passage]:
    return _said(Part.PERSON, person.names, person.role)


def _said(part: Part, words: Phrases, kind: str = "") -> Iterator[Passage]:
    return (Passage(part, each.text, each.language, kind) for each in words)


def _days(dates: Sequence[DateStatement]) -> Days | None:
    possible = [date.possible for date in dates if date.dated]
    return hull([each for each in possible if each is not None]) if possible else None


def _facets(entry: Entry, days: Days | None, *, pages: int, lines: bool) -> dict[Facet, tuple[str, ...]]:
    physicals = (entry.physical, *(unit.physical for unit in entry.units))
    found = {
        Facet.LANGUAGE: entry.languages or tuple(tag for text in entry.all_texts() for tag in text.languages),
        Facet.SUBJECT: _values(entry.subjects),
        Facet.HIJRI_CENTURY: centuries(days, Calendar.HIJRI),
        Facet.CENTURY: centuries(days, Calendar.COMMON),
        Facet.PLACE: _places(entry.all_places()) or ((entry.settlement,) if entry.settlement else ()),
        Facet.SCRIPT: tuple(style for each in physicals for style in each.script_styles),
        Facet.CUSTODIAN: _values(entry.custodian or entry.holding)[:1],
        Facet.CONDITION: tuple(value for each in physicals for value in _values(each.condition)),
        Facet.IMAGES: ("yes" if pages else "no",),
        Facet.TEXT: ("yes" if lines else "no",),
    }
    return {facet: tuple(dict.fromkeys(values)) for facet, values in found.items() if values}


def _values(words: Phrases) -> tuple[str, ...]:
    plain = (" ".join(each.text.split()).rstrip(" .") for each in words)
    return tuple(each for each in plain if 0 < len(each) <= _LONGEST_VALUE)


def _places(places: Sequence[Place]) -> tuple[str, ...]:
    return tuple(value for place in places for value in _values(place.names)[:1])


def centuries(days: Days | None, calendar: Calendar) -> tuple[str, ...]:
    """Return the centuries of *calendar* that *days* lie in, by their ordinals; none where a bound is open."""
    if days is None or days.earliest is None or days.latest is None:
        return ()
    try:
        first, last = (date_of(calendar, day)[0] for day in (days.earliest, days.latest))
    except ValueError:
        return ()
    ordinals = range((first - 1) // 100 + 1, (last - 1) // 100 + 2)
    return tuple(map(str, ordinals)) if ordinals[0] > 0 and len(ordinals) <= _MOST_CENTURIES else ()
