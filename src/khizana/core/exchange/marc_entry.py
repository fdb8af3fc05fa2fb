"""A catalogue entry out of a MARC record, and what an entry says in the terms of MARC."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from khizana.core.catalogue.entry import (
    Entry,
    HistoryNote,
    Located,
    NoteKind,
    Origin,
    Person,
    Phrase,
    Phrases,
    Physical,
    Place,
    Text,
)
from khizana.core.dates import DateStatement, parse_date
from khizana.core.exchange.dimensions import leaves_of, material_of
from khizana.core.exchange.marc_languages import languages_of, years_of
from khizana.core.exchange.marc_linked import Linked, linked
from khizana.core.exchange.marc_record import Record, kept
from khizana.core.exchange.marc_said import Reader, Said, Slot, oclc_number
from khizana.core.exchange.relators import AUTHORS

OTHER_SHELFMARK = "shelfmark"
"""The kind of identifier of a call number beside the first: nothing says that it is a former one."""


@dataclass(frozen=True, slots=True)
class Told:
    """A record, and what each of its fields says."""

    record: Record
    languages: tuple[str, ...]
    fields: tuple[tuple[Linked, tuple[Said, ...]], ...]


def told(record: Record) -> Told:
    """Return what *record* says, field by field."""
    languages = languages_of(record)
    reader = Reader(languages[0] if languages else "")
    return Told(record, languages, tuple((each, tuple(reader.said(each))) for each in linked(record)))


def entry_of(record: Record) -> Entry:
    """Return the entry that *record* describes; all of the record is kept in ``Entry.extra``."""
    return _Gathered(told(record)).entry()


class _Gathered:
    def __init__(self, told: Told) -> None:
        self.record = told.record
        self.languages = told.languages
        said = [each for _, several in told.fields for each in several]
        self.said = list({each.words: each for each in said}.values())
        held = [each for one, several in told.fields if one.field.tag == "852" for each in several]
        # The holding library knows its own call number best.
        self.marks = [each.value for each in (*held, *said) if each.slot is Slot.SHELFMARK]

    def entry(self) -> Entry:
        texts = [each.value for each in self.said if isinstance(each.value, Text)]
        persons = [each.value for each in self.said if isinstance(each.value, Person)]
        titles = self._phrases(Slot.TITLE)
        listed = any(not text.persons or text.locus for text in texts)
        authors = () if listed else tuple(person for person in persons if person.role in AUTHORS)
        whole = [Text(titles=titles, persons=authors)] if (titles or authors) and not listed else []
        marks = list(dict.fromkeys(str(mark) for mark in self.marks))
        return Entry(
            shelfmark=marks[0] if marks else "",
            former_shelfmarks=tuple(self._plain(Slot.FORMER_SHELFMARK)),
            identifiers=(*dict.fromkeys(self._identifiers()), *((OTHER_SHELFMARK, mark) for mark in marks[1:])),
            titles=titles,
            languages=self.languages,
            custodian=self._phrases(Slot.CUSTODIAN)[:1],
            holding=next(iter(self._several(Slot.HOLDING)), ()),
            summary=self._phrases(Slot.SUMMARY),
            texts=self._with_words([*whole, *texts]),
            persons=tuple(person for person in persons if person not in authors),
            origin=Origin(tuple(self._dates()), tuple(Place(names) for names in self._several(Slot.PLACE))),
            physical=self._physical(),
            history=tuple(each.value for each in self.said if isinstance(each.value, HistoryNote)),
            subjects=self._phrases(Slot.SUBJECT),
            genres=self._phrases(Slot.GENRE),
            notes=self._phrases(Slot.NOTE),
            extra=tuple(kept(self.record)),
        )

    def _phrases(self, slot: Slot) -> Phrases:
        return tuple(each.value for each in self.said if each.slot is slot and isinstance(each.value, Phrase))

    def _several(self, slot: Slot) -> Iterator[Phrases]:
        for each in self.said:
            if each.slot is slot and isinstance(each.value, tuple):
                yield tuple(phrase for phrase in each.value if isinstance(phrase, Phrase))

    def _plain(self, slot: Slot) -> Iterator[str]:
        return (each.value for each in self.said if each.slot is slot and isinstance(each.value, str))

    def _identifiers(self) -> Iterator[tuple[str, str]]:
        number, source = self.record.control("001").strip(), self.record.control("003").strip()
        if number:
            oclc = number.startswith(("ocm", "ocn", "on1")) or source == "OCoLC"
            yield ("oclc", oclc_number(number)) if oclc else (source or "001", number)
        for each in self.said:
            if each.slot is Slot.IDENTIFIER and isinstance(each.value, tuple):
                kind, value = map(str, each.value)
                yield kind, value

    def _dates(self) -> Iterator[DateStatement]:
        words = [each for each in self._plain(Slot.DATE) if each] or [years_of(self.record)]
        return (_date(each) for each in words if each)

    def _with_words(self, texts: list[Text]) -> tuple[Text, ...]:
        """Return *texts*, the first with the opening and closing words that no place is stated of."""
        words = {slot: self._phrases(slot) for slot in (Slot.INCIPIT, Slot.EXPLICIT, Slot.COLOPHON)}
        if not texts or not any(words.values()):
            return tuple(texts)
        first = texts[0]
        opened = Text(
            titles=first.titles,
            locus=first.locus,
            persons=first.persons,
            incipit=words[Slot.INCIPIT],
            explicit=words[Slot.EXPLICIT],
            colophon=words[Slot.COLOPHON],
        )
        return (opened, *texts[1:])

    def _physical(self) -> Physical:
        extent, support = self._phrases(Slot.EXTENT), self._phrases(Slot.SUPPORT)
        sizes = [each.value for each in self.said if each.slot is Slot.SIZE and isinstance(each.value, tuple)]
        height, width, written_height, written_width = (
            (value if isinstance(value, int) and value else None) for value in (sizes or [(0, 0, 0, 0)])[0]
        )
        return Physical(
            extent=extent,
            leaves=next((count for phrase in extent if (count := leaves_of(phrase.text)) is not None), None),
            height=height,
            width=width,
            written_height=written_height,
            written_width=written_width,
            material=material_of([phrase.text for phrase in support]),
            support=support,
            collation=self._phrases(Slot.COLLATION),
            ruling=self._phrases(Slot.RULING),
            layout=self._phrases(Slot.LAYOUT),
            script=self._phrases(Slot.SCRIPT),
            decoration=tuple(Located((phrase,)) for phrase in self._phrases(Slot.DECORATION)),
            binding=self._phrases(Slot.BINDING),
            condition=self._phrases(Slot.CONDITION),
        )


_date = lru_cache(maxsize=4096)(parse_date)
"""Many records of one library bear the same date."""


def said_of(entry: Entry) -> list[Said]:
    """Return what *entry* says in the terms of MARC: less than it says, for MARC knows no parts of a manuscript."""
    return list({each.words: each for each in _said(entry)}.values())


def _said(entry: Entry) -> Iterator[Said]:
    texts = entry.all_texts()
    first = texts[0] if entry.texts else Text()
    # A text that begins somewhere is one of several, or one that does not fill the manuscript.
    whole = first if first.titles == entry.titles or not (entry.titles or first.locus) else None
    yield from _each(Slot.TITLE, entry.titles or (whole.titles if whole else ()))
    for person in (*(whole.persons if whole else ()), *entry.persons):
        yield Said(Slot.PERSON, person)
    for text in texts:
        if text is not whole:
            yield Said(Slot.TEXT, Text(titles=text.titles, locus=text.locus, persons=text.persons))
        yield from _each(Slot.INCIPIT, text.incipit)
        yield from _each(Slot.EXPLICIT, text.explicit)
        yield from _each(Slot.COLOPHON, text.colophon)
    yield from (Said(Slot.DATE, date.words) for date in entry.all_dates() if date.words)
    yield from (Said(Slot.PLACE, place.names) for place in entry.all_places() if place.names)
    for physical in (entry.physical, *(unit.physical for unit in entry.units)):
        yield from _described(physical)
    yield from _each(Slot.SUMMARY, entry.summary)
    yield from _each(Slot.NOTE, entry.notes)
    for note in (*entry.history, *(note for unit in entry.units for note in unit.history)):
        kind = NoteKind.ACQUISITION if note.kind is NoteKind.ACQUISITION else NoteKind.PROVENANCE
        if note.words:
            yield Said(Slot.HISTORY, HistoryNote(kind, note.words))
    yield from _each(Slot.SUBJECT, entry.subjects)
    yield from _each(Slot.GENRE, entry.genres)
    yield from _kept_where(entry)


def _kept_where(entry: Entry) -> Iterator[Said]:
    if entry.holding:
        yield Said(Slot.HOLDING, entry.holding)
    yield from _each(Slot.CUSTODIAN, entry.custodian)
    if entry.shelfmark:
        yield Said(Slot.SHELFMARK, entry.shelfmark)
    for kind, value in entry.identifiers:
        yield Said(Slot.SHELFMARK, value) if kind == OTHER_SHELFMARK else Said(Slot.IDENTIFIER, (kind, value))
    yield from (Said(Slot.FORMER_SHELFMARK, mark) for mark in entry.former_shelfmarks)


def _described(physical: Physical) -> Iterator[Said]:
    yield from _each(Slot.EXTENT, physical.extent)
    if physical.leaves is not None and not physical.extent:
        yield Said(Slot.EXTENT, Phrase(f"{physical.leaves} leaves", "en"))
    if physical.height is not None:
        inner = (physical.written_height or 0, physical.written_width or 0)
        yield Said(Slot.SIZE, (physical.height, physical.width or 0, *inner))
    yield from _each(
        Slot.SUPPORT, physical.support or ((Phrase(physical.material, "en"),) if physical.material else ())
    )
    yield from _each(Slot.COLLATION, physical.collation)
    yield from _each(Slot.RULING, physical.ruling)
    yield from _each(Slot.LAYOUT, physical.layout)
    yield from _each(Slot.SCRIPT, physical.script)
    for located in physical.decoration:
        yield from _each(Slot.DECORATION, located.words)
    yield from _each(Slot.BINDING, physical.binding)
    yield from _each(Slot.CONDITION, physical.condition)


def _each(slot: Slot, phrases: Phrases) -> Iterator[Said]:
    return (Said(slot, phrase) for phrase in phrases)
