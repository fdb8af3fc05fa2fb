"""What every form is made from: the manuscript, its entry, and the addresses under which it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from khizana.core.ark import ark_of
from khizana.core.catalogue.entry import Entry, Person, Phrase, Phrases, Physical
from khizana.core.dates import parse_date
from khizana.core.iiif.addresses import Addresses
from khizana.core.manuscript import LibraryCard, Manuscript, Words
from khizana.core.oai.identifier import identifier_of
from khizana.core.tei import fields


@dataclass(frozen=True, slots=True)
class Described:
    """A manuscript to hand on; of its pages, the first is enough."""

    manuscript: Manuscript
    document: bytes
    """The TEI document that describes it, as its preservation object keeps that."""
    card: LibraryCard

    @property
    def entry(self) -> Entry:
        """Its catalogue entry, with its permanent address and that of its page among the identifiers."""
        entry = _entry(self.manuscript)
        page = self.addresses.reading_room("en", self.manuscript.id)
        return replace(entry, identifiers=(("", self.ark), ("", page), *entry.identifiers))

    @property
    def addresses(self) -> Addresses:
        """The public addresses of the library."""
        return Addresses(self.card.base_url)

    @property
    def ark(self) -> str:
        """Its ARK."""
        return ark_of(self.card.naan, self.manuscript.blade)

    @property
    def identifier(self) -> str:
        """Its identifier in a harvest."""
        return identifier_of(self.card.name, self.manuscript.id)

    @property
    def address(self) -> str:
        """Its permanent address: its ARK at this library."""
        return self.addresses.permanent(self.ark)


def _entry(manuscript: Manuscript) -> Entry:
    about = manuscript.description
    details = {tuple(label.get("en", ())): value for label, value in about.details}

    def said(field: fields.Field) -> Phrases:
        return _phrases(details.get(tuple(field.label["en"]), {}))

    persons = tuple(
        Person(names, role) for field, role in ((fields.AUTHOR, "author"), (fields.SCRIBE, "scribe")) if (names := said(field))
    )
    return Entry(
        shelfmark=about.shelfmark,
        titles=_phrases(about.titles),
        languages=about.languages,
        summary=_phrases(about.summary),
        persons=persons,
        origin=replace(Entry().origin, dates=(parse_date(about.date_as_written),) if about.date_as_written else ()),
        physical=Physical(extent=said(fields.EXTENT), support=said(fields.SUPPORT)),
        subjects=said(fields.SUBJECTS),
        notes=said(fields.NOTES),
    )


def _phrases(words: Words) -> Phrases:
    return tuple(Phrase(text, tag) for tag, texts in words.items() for text in texts)
