"""A catalogue entry: what a description says of one manuscript, taken apart as far as the model goes.

The description itself, a TEI document, stays the truth: what the model does not know stays in it as it stands. An entry
is read from it (``core.tei.entries``), and what is changed in an entry is written back in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from khizana.core.dates import DateStatement


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in one language and script."""

    text: str
    language: str = "none"
    """BCP 47 tag ("ar", "ar-Latn" for romanised Arabic, "ha-Arab" for Hausa in Ajami), or ``none``."""


Phrases = tuple[Phrase, ...]
"""The same thing said in several scripts or languages, or several things, in the order of the description."""


class PersonKind(StrEnum):
    """What bears a name."""

    PERSON = "person"
    FAMILY = "family"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Person:
    """A person, family or organisation, in one role."""

    names: Phrases
    """The same name in one or several scripts; the first is the preferred one."""
    role: str = ""
    """``author``, ``scribe``, ``owner``, ``patron``, ``translator``, ``commentator`` ..., or the role as written."""
    key: str = ""
    """The address of an authority record (VIAF, Wikidata ...), or nothing."""
    kind: PersonKind = PersonKind.PERSON


@dataclass(frozen=True, slots=True)
class Place:
    """A place, by its names in one or several scripts."""

    names: Phrases
    key: str = ""
    """The address of an authority record (GeoNames, Pleiades ...), or nothing."""


class NoteKind(StrEnum):
    """What an event in the history of a manuscript was."""

    ORIGIN = "origin"
    OWNERSHIP = "ownership"
    ENDOWMENT = "endowment"
    """Waqf, habus."""
    READING = "reading"
    TEACHING = "teaching"
    """Ijaza and sama."""
    PROVENANCE = "provenance"
    """Of a kind that is not stated."""
    ACQUISITION = "acquisition"


@dataclass(frozen=True, slots=True)
class HistoryNote:
    """An event in the history of the manuscript: who owned, endowed, read or taught it, when, and where it says so."""

    kind: NoteKind
    words: Phrases
    locus: str = ""
    """Where on the manuscript it is written: "1r"."""
    persons: tuple[Person, ...] = ()
    date: DateStatement | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One work or piece within the content."""

    titles: Phrases = ()
    work: str = ""
    """The address of the work's authority record, or nothing."""
    locus: str = ""
    persons: tuple[Person, ...] = ()
    languages: tuple[str, ...] = ()
    """BCP 47 tags, main one first."""
    rubric: Phrases = ()
    incipit: Phrases = ()
    explicit: Phrases = ()
    colophon: Phrases = ()
    notes: Phrases = ()


@dataclass(frozen=True, slots=True)
class Located:
    """A diagram, table, decoration or the like, and where it is."""

    words: Phrases
    locus: str = ""
    kind: str = ""
    """``diagram``, ``table``, ``decoration`` ..., as the description has it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and when it was made."""

    dates: tuple[DateStatement, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Physical:
    """What it is made of and how it is written."""

    extent: Phrases = ()
    leaves: int | None = None
    height: int | None = None
    """Millimetres, of the leaf."""
    width: int | None = None
    """Millimetres, of the leaf."""
    written_height: int | None = None
    written_width: int | None = None
    lines: str = ""
    """Lines on a page, as stated: "23", "21-25"."""
    material: str = ""
    """``paper``, ``parchment``, ``mixed`` ..., or nothing."""
    support: Phrases = ()
    collation: Phrases = ()
    ruling: Phrases = ()
    layout: Phrases = ()
    script: Phrases = ()
    """The hands, as described."""
    script_styles: tuple[str, ...] = ()
    """Known styles among them: ``sudani``, ``saharan``, ``suqi``, ``maghribi``, ``naskh`` ..."""
    decoration: tuple[Located, ...] = ()
    binding: Phrases = ()
    condition: Phrases = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """A codicological unit, or a fragment: a part with its own origin, kept or bound with others."""

    label: str = ""
    fragment: bool = False
    texts: tuple[Text, ...] = ()
    origin: Origin = Origin()
    physical: Physical = Physical()
    history: tuple[HistoryNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One manuscript as described."""

    shelfmark: str = ""
    former_shelfmarks: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    """Numbers under which others know it: kind ("oclc", "bibid") and value."""
    titles: Phrases = ()
    """Of the whole: its own name, or the title of its first text."""
    languages: tuple[str, ...] = ()
    """BCP 47 tags, main one first; Ajami ones with ``Arab``: ``ha-Arab``."""
    owner: Phrases = ()
    custodian: Phrases = ()
    """Institution that has it in keeping."""
    holding: Phrases = ()
    """Repository and collection, from the larger to the smaller."""
    present_location: Phrases = ()
    """Where it lies today: always restricted, never shown to a reader without an account."""
    country: str = ""
    settlement: str = ""
    summary: Phrases = ()
    texts: tuple[Text, ...] = ()
    units: tuple[Unit, ...] = ()
    persons: tuple[Person, ...] = ()
    """Of the manuscript as a whole: scribes, owners; authors stand with their texts."""
    origin: Origin = Origin()
    physical: Physical = Physical()
    history: tuple[HistoryNote, ...] = ()
    subjects: Phrases = ()
    genres: Phrases = ()
    notes: Phrases = ()
    extra: tuple[tuple[str, str], ...] = ()
    """Column and value of what came from elsewhere and has no place here: kept, and given back."""

    def all_texts(self) -> tuple[Text, ...]:
        """Return the texts of the manuscript and of its units, in their order."""
        return self.texts + tuple(text for unit in self.units for text in unit.texts)

    def all_persons(self) -> tuple[Person, ...]:
        """Return every person who is named: of the whole, of texts and of history notes."""
        notes = self.history + tuple(note for unit in self.units for note in unit.history)
        return (
            *self.persons,
            *(person for text in self.all_texts() for person in text.persons),
            *(person for note in notes for person in note.persons),
        )

    def all_dates(self) -> tuple[DateStatement, ...]:
        """Return when the manuscript and its units were made, as stated."""
        return self.origin.dates + tuple(date for unit in self.units for date in unit.origin.dates)

    def all_places(self) -> tuple[Place, ...]:
        """Return where the manuscript and its units were made."""
        return self.origin.places + tuple(place for unit in self.units for place in unit.origin.places)
