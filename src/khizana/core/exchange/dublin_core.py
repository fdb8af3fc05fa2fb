"""Dublin Core out of a catalogue entry: the fifteen elements (ISO 15836-1), and the form that OAI-PMH asks for.

Where a manuscript lies today is never among them: that is told to no harvester.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from khizana.core.catalogue.entry import Entry, HistoryNote, Person, Phrase, Phrases, Physical, Text
from khizana.core.dates import write_edtf
from khizana.core.exchange.relators import AUTHORS, HOLDERS
from khizana.core.xml import Element, writable, written

DC = "http://purl.org/dc/elements/1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
OAI_DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TERMS = (
    "title",
    "creator",
    "contributor",
    "subject",
    "description",
    "publisher",
    "date",
    "type",
    "format",
    "identifier",
    "source",
    "language",
    "relation",
    "coverage",
    "rights",
)

_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class Statement:
    """One value of one element."""

    term: str
    """One of ``TERMS``."""
    text: str
    language: str = "none"
    """BCP 47 tag of *text*, or ``none``."""


def statements(entry: Entry) -> tuple[Statement, ...]:
    """Return what Dublin Core can say of *entry*, each thing once, in the order of ``TERMS``.

    A name in two scripts gives two statements. Who owned the manuscript made nothing of it, and is told in a
    description rather than as a contributor. A date is given as written, and again as EDTF where it was understood.
    Languages are BCP 47 tags; type begins with the word ``Text`` of the DCMI Type Vocabulary.
    """
    found = dict.fromkeys(each for each in _all(entry) if each.text)
    return tuple(sorted(found, key=lambda each: TERMS.index(each.term)))


def to_oai_dc(entry: Entry, *, identifier: str, rights: str = "") -> bytes:
    """Return *entry* as an ``oai_dc:dc`` document in UTF-8, without an XML declaration, ready to stand in a response.

    *identifier*, the address under which the manuscript is read, comes first of its identifiers; *rights* is the
    address or the words of a licence.
    """
    return written(oai_dc_element(entry, identifier=identifier, rights=rights))


def oai_dc_element(entry: Entry, *, identifier: str, rights: str = "") -> Element:
    """Return what ``to_oai_dc`` writes, as an element."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {OAI_DC_SCHEMA}")
    own = [Statement("identifier", identifier), Statement("rights", rights)]
    told = dict.fromkeys((*(each for each in own if each.text), *statements(entry)))
    for each in sorted(told, key=lambda each: TERMS.index(each.term)):
        element = etree.SubElement(root, f"{{{DC}}}{each.term}")
        element.text = writable(each.text)
        if each.language != "none" and _TAG.fullmatch(each.language):
            element.set(XML_LANG, each.language)
    return root


def _all(entry: Entry) -> Iterator[Statement]:
    texts = entry.all_texts()
    titles = entry.titles or (texts[0].titles if texts else ())
    yield from _each("title", titles)
    for person in entry.all_persons():
        yield from _person(person)
    yield from _each("subject", entry.subjects)
    yield from _each("description", _descriptions(entry, titles))
    yield from _each("publisher", entry.custodian or entry.holding[:1])
    for date in entry.all_dates():
        yield Statement("date", date.words.strip())
        yield Statement("date", write_edtf(date))
    yield Statement("type", "Text")
    yield Statement("type", "manuscript", "en")
    yield from _each("type", entry.genres)
    for physical in (entry.physical, *(unit.physical for unit in entry.units)):
        yield from _each("format", _formats(physical))
    yield from _identified(entry)
    yield Statement("source", _source(entry))
    languages = (*entry.languages, *(tag for text in texts for tag in text.languages))
    yield from (Statement("language", tag) for tag in languages)
    yield from (Statement("relation", text.work) for text in texts)
    for place in entry.all_places():
        yield from _each("coverage", place.names)


def _each(term: str, phrases: Iterable[Phrase]) -> Iterator[Statement]:
    return (Statement(term, phrase.text.strip(), phrase.language or "none") for phrase in phrases)


def _person(person: Person) -> Iterator[Statement]:
    if person.role in HOLDERS:
        return
    author = person.role in AUTHORS
    for name in person.names:
        told = name.text.strip() if author or not person.role else f"{name.text.strip()} ({person.role})"
        yield Statement("creator" if author else "contributor", told, name.language or "none")


def _descriptions(entry: Entry, titles: Phrases) -> Iterator[Phrase]:
    yield from entry.summary
    texts = entry.all_texts()
    for text in texts:
        if len(texts) > 1 or text.titles != titles:
            yield from _contents(text)
        yield from text.colophon
    yield from entry.notes
    for note in (*entry.history, *(note for unit in entry.units for note in unit.history)):
        yield from note.words or _who(note)
    yield from (
        Phrase(f"{name.text} ({person.role})", name.language)
        for person in entry.persons
        if person.role in HOLDERS
        for name in person.names
    )


def _contents(text: Text) -> Iterator[Phrase]:
    for title in text.titles:
        yield Phrase(f"{text.locus}: {title.text}" if text.locus else title.text, title.language)


def _who(note: HistoryNote) -> Iterator[Phrase]:
    for person in note.persons:
        yield from person.names


def _formats(physical: Physical) -> Iterator[Phrase]:
    yield from physical.extent
    if physical.leaves is not None and not physical.extent:
        yield Phrase(f"{physical.leaves} ff.")
    if physical.height is not None:
        width = "" if physical.width is None else f" × {physical.width}"
        yield Phrase(f"{physical.height}{width} mm")
    if physical.support:
        yield from physical.support
    elif physical.material:
        yield Phrase(physical.material, "en")


def _identified(entry: Entry) -> Iterator[Statement]:
    yield Statement("identifier", entry.shelfmark.strip())
    yield from (Statement("identifier", mark.strip()) for mark in entry.former_shelfmarks)
    for kind, value in entry.identifiers:
        yield Statement("identifier", f"{kind}:{value}" if kind and ":" not in value else value)


def _source(entry: Entry) -> str:
    """Return the manuscript as it is cited: settlement, the holding from the larger to the smaller, shelfmark."""
    holding = _in_one_language(entry.holding or entry.custodian)
    parts = (entry.settlement, *holding, entry.shelfmark)
    return ", ".join(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _in_one_language(phrases: Phrases) -> Iterator[str]:
    return (phrase.text for phrase in phrases if phrase.language == phrases[0].language)
