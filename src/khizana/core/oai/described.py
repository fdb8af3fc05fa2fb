"""What every form is made from: the manuscript, its entry, and the addresses under which it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from khizana.core.ark import ark_of
from khizana.core.catalogue.entry import Entry, Phrase, Phrases
from khizana.core.dates import parse_date
from khizana.core.errors import BadInput
from khizana.core.iiif.addresses import Addresses
from khizana.core.manuscript import Description, LibraryCard, Manuscript, Words
from khizana.core.oai.identifier import identifier_of
from khizana.core.tei.entries import read_entry


@dataclass(frozen=True, slots=True)
class Described:
    """A manuscript to hand on; of its pages, the first is enough."""

    manuscript: Manuscript
    document: bytes
    """The TEI document that describes it, as its preservation object keeps that; nothing where it cannot be read."""
    card: LibraryCard
    entry: Entry
    """Its catalogue entry, with its permanent address and that of its page among the identifiers."""

    @classmethod
    def of(cls, manuscript: Manuscript, document: bytes, card: LibraryCard) -> Described:
        """Return *manuscript* with the entry that *document* holds; without one, with what its rows say."""
        page = Addresses(card.base_url).reading_room("en", manuscript.id)
        own = (("", ark_of(card.naan, manuscript.blade)), ("", page))
        entry = entry_of(document, manuscript.description)
        return cls(manuscript, document, card, replace(entry, identifiers=(*own, *entry.identifiers)))

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


def entry_of(document: bytes, description: Description) -> Entry:
    """Return the entry in the TEI *document*, under the shelfmark that it has here, and never where it lies today.

    Where that cannot be read, *description*, which was read before, says what it can.
    """
    try:
        entry = read_entry(document)
    except BadInput:
        dates = (parse_date(description.date_as_written),) if description.date_as_written else ()
        entry = Entry(
            titles=_phrases(description.titles),
            languages=description.languages,
            summary=_phrases(description.summary),
            origin=replace(Entry().origin, dates=dates),
        )
    return replace(entry, shelfmark=description.shelfmark, present_location=())


def _phrases(words: Words) -> Phrases:
    return tuple(Phrase(text, tag) for tag, texts in words.items() for text in texts)
