"""What each field of a MARC record says, as statements that an entry is put together from, and compared with.

One table of tags: what is not in it says nothing here, and is kept as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from khizana.core.catalogue.entry import HistoryNote, NoteKind, Person, PersonKind, Phrase, Phrases, Text
from khizana.core.exchange.dimensions import size_of
from khizana.core.exchange.marc_linked import Linked
from khizana.core.exchange.marc_record import Field
from khizana.core.exchange.relators import role_of
from khizana.core.languages import in_arabic_script, tag_by_script

Value = Phrase | Phrases | Person | Text | HistoryNote | tuple[str, str] | tuple[int, int, int, int] | str


class Slot(StrEnum):
    """Where in an entry a statement stands."""

    TITLE = "title"
    PERSON = "person"
    TEXT = "text"
    LANGUAGES = "languages"
    DATE = "date"
    PLACE = "place"
    EXTENT = "extent"
    SIZE = "size"
    SUPPORT = "support"
    SUMMARY = "summary"
    NOTE = "note"
    HISTORY = "history"
    BINDING = "binding"
    SCRIPT = "script"
    LAYOUT = "layout"
    DECORATION = "decoration"
    COLLATION = "collation"
    RULING = "ruling"
    CONDITION = "condition"
    INCIPIT = "incipit"
    EXPLICIT = "explicit"
    COLOPHON = "colophon"
    SUBJECT = "subject"
    GENRE = "genre"
    HOLDING = "holding"
    CUSTODIAN = "custodian"
    SHELFMARK = "shelfmark"
    FORMER_SHELFMARK = "former shelfmark"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: a phrase, a person, a text, a note of history, or plain words."""

    slot: Slot
    value: Value

    @property
    def words(self) -> tuple[object, ...]:
        """What is said, without the languages that it is taken to be in: two that say the same have the same."""
        return (self.slot, *_words(self.value))


_STOPS = " /:;,="
_ABBREVIATED = re.compile(r"((?<![\w\u0300-\u036f])[A-Za-zÀ-ž]|\b(?:etc|Jr|Sr|ca|cent|b|d|fl|ff|fol|mm|cm))\.$")
LABELS: dict[str, Slot] = {
    "layout": Slot.LAYOUT,
    "script": Slot.SCRIPT,
    "decoration": Slot.DECORATION,
    "collation": Slot.COLLATION,
    "ruling": Slot.RULING,
    "support": Slot.SUPPORT,
    "condition": Slot.CONDITION,
    "binding": Slot.BINDING,
    "incipit": Slot.INCIPIT,
    "explicit": Slot.EXPLICIT,
    "colophon": Slot.COLOPHON,
    "shelfmark": Slot.SHELFMARK,
    "call number": Slot.SHELFMARK,
    "former shelfmark": Slot.FORMER_SHELFMARK,
    "dimensions": Slot.SIZE,
    "dimensions of original manuscript": Slot.SIZE,
}
"""What cataloguers of manuscripts write before a note (500), and a colon."""
_LABELLED = re.compile(rf"({'|'.join(sorted(LABELS, key=len, reverse=True))})\s*:\s*(?=\S)", re.IGNORECASE)
# What is said of the record, its reproductions, rights and care, and what has a place of its own.
_NO_NOTES = {505, 506, 516, 520, 522, 530, 533, 534, 535, 538, 540, 541, 542, 544, 546, 547, 561, 563, 583, 588}
_NOTES = frozenset(str(tag) for tag in range(500, 600) if tag not in _NO_NOTES)
_SUBJECTS = frozenset(
    f"6{end}" for end in ("00", "10", "11", "30", "47", "48", "50", "51", "53", "54", "56", "57", "90")
)
_PERSONS = {"100": PersonKind.PERSON, "110": PersonKind.ORGANISATION, "111": PersonKind.ORGANISATION}
_PERSONS |= {"700": PersonKind.PERSON, "710": PersonKind.ORGANISATION, "711": PersonKind.ORGANISATION}
_UNKNOWN_PLACE = re.compile(r"^\W*(s\.?\s*l|place of \w+ not identified|sine loco)\b", re.IGNORECASE)
_LOCUS = re.compile(
    r"^(?:\d+\.\s*)?\(?(?:ff?|fols?|folios?|leaves)\.?\s*(\d+[rvab]?(?:\s*[-–]\s*\d+[rvab]?)?)(?:\)[:.,]?|\s*[:.,])\s*"
)
_ENUMERATED = re.compile(r"^\(?\d{1,3}[.)]\s+")
_AUTHORITY = re.compile(r"https?://\S+")
_VIAF = re.compile(r"\(viaf\)\s*([0-9]+)", re.IGNORECASE)


class Reader:
    """Reads fields, in a record whose *main* language is known or empty."""

    def __init__(self, main: str) -> None:
        self.main = main.split("-", 1)[0]

    def said(self, linked: Linked) -> list[Said]:
        """Return what *linked* says: nothing for a field that the model has no place for."""
        tag = linked.field.tag
        if tag in _PERSONS:
            return list(self._persons(linked))
        if tag in _NOTES:
            return [each for field in linked.all for each in self._note(field)]
        if tag in _SUBJECTS:
            return self.each(linked, Slot.SUBJECT, _subject)
        read = _READERS.get(tag)
        return [] if read is None else list(read(self, linked))

    def phrase(self, text: str, *, romanised: bool = False, titled: bool = False) -> Phrase:
        """Return *text* with the language that its script tells."""
        if not titled and (text.isascii() or not in_arabic_script(text)):
            return Phrase(text)
        return Phrase(text, tag_by_script(text, self.main, romanised=romanised))

    def titles(self, linked: Linked, codes: str) -> Phrases:
        """Return the title in the subfields *codes* of *linked*, in each script."""
        both = any(in_arabic_script(field.first(codes)) for field in linked.others)
        texts = (plain(" ".join(field.all(codes))) for field in linked.all)
        return tuple(self.phrase(text, romanised=both, titled=True) for text in texts if text)

    def each(self, linked: Linked, slot: Slot, words: Callable[[Field], str]) -> list[Said]:
        """Return what *words* finds in *linked*, in each script, for *slot*."""
        return [Said(slot, self.phrase(text)) for field in linked.all if (text := words(field))]

    def _persons(self, linked: Linked) -> Iterator[Said]:
        field = linked.field
        names = tuple(self.phrase(text) for each in linked.all if (text := _name(each)))
        if not names:
            return
        if field.first("t"):
            author = Person(names, "author", _key(field), _kind(field))
            yield Said(Slot.TEXT, Text(titles=self.titles(linked, "tnp"), persons=(author,)))
            return
        roles = dict.fromkeys(role_of(role) for role in (*field.all("e"), *field.all("4")))
        default = "author" if field.tag.startswith("1") else ""
        for role in roles or {default: None}:
            yield Said(Slot.PERSON, Person(names, role, _key(field), _kind(field)))

    def title(self, linked: Linked) -> Iterator[Said]:
        """Yield a title in each script."""
        codes = "abnpfgks" if linked.field.tag == "245" else "anp"
        for phrase in self.titles(linked, codes):
            yield Said(Slot.TITLE, phrase)

    def made(self, linked: Linked) -> Iterator[Said]:
        """Yield when and where it was made."""
        for field in linked.all:
            for date in field.all("cg"):
                words = plain(date, ends=" .,;")
                # A bracket that another subfield opens says nothing here.
                yield Said(Slot.DATE, words if words.count("[") == words.count("]") else words.strip("[]"))
        places = [tuple(map(_place, field.all("a"))) for field in linked.all]
        for names in _across(places):
            known = tuple(self.phrase(name) for name in names if name and not _UNKNOWN_PLACE.match(name))
            if known:
                yield Said(Slot.PLACE, known)

    def hierarchy(self, linked: Linked) -> Iterator[Said]:
        """Yield the place at the end of a hierarchy."""
        names = tuple(self.phrase(plain(field.all("abcdfgh")[-1])) for field in linked.all if field.all("abcdfgh"))
        if names:
            yield Said(Slot.PLACE, names)

    def extent(self, linked: Linked) -> Iterator[Said]:
        """Yield extent, size and what else 300 says."""
        for field in linked.all:
            if extent := plain(" ".join(field.all("af"))):
                yield Said(Slot.EXTENT, self.phrase(extent))
            if other := plain(" ".join(field.all("b"))):
                yield Said(Slot.SUPPORT, self.phrase(other))
            if dimensions := plain(" ".join(field.all("c"))):
                size = size_of(dimensions)
                yield Said(Slot.SIZE, size) if size else Said(Slot.EXTENT, self.phrase(dimensions))

    def medium(self, linked: Linked) -> Iterator[Said]:
        """Yield what it is written on."""
        for field in linked.all:
            yield from (Said(Slot.SUPPORT, self.phrase(plain(text))) for text in field.all("ac"))

    def _note(self, field: Field) -> Iterator[Said]:
        text = " ".join(field.all("abc"))
        label = _LABELLED.match(text) if field.tag in ("500", "590") else None
        if label is None:
            if text:
                yield Said(Slot.NOTE, self.phrase(text))
            return
        slot, rest = LABELS[label[1].lower()], text[label.end() :]
        if slot in (Slot.SHELFMARK, Slot.FORMER_SHELFMARK):
            yield Said(slot, plain(rest, ends=" .,;"))
        elif slot is Slot.SIZE:
            size = size_of(rest)
            yield Said(Slot.SIZE, size) if size else Said(Slot.NOTE, self.phrase(text))
        else:
            yield Said(slot, self.phrase(rest))

    def history(self, linked: Linked) -> Iterator[Said]:
        """Yield where it came from."""
        kind = NoteKind.ACQUISITION if linked.field.tag == "541" else NoteKind.PROVENANCE
        words = tuple(self.phrase(text) for field in linked.all if (text := " ".join(field.all("abcdefhno"))))
        if words:
            yield Said(Slot.HISTORY, HistoryNote(kind, words))

    def contents(self, linked: Linked) -> Iterator[Said]:
        """Yield the texts that a note lists."""
        parts = [re.split(r"\s+--\s*(?=\d{1,3}\.)|\s+--\s+", " ".join(field.all("agrt"))) for field in linked.all]
        for part in _across([tuple(each) for each in parts]):
            if (text := self._text(part)) != Text():
                yield Said(Slot.TEXT, text)

    def _text(self, parts: tuple[str, ...]) -> Text:
        locus, titles, authors = "", [], []
        for part in parts:
            place = _LOCUS.match(part)
            locus = locus or (re.sub(r"\s*[-–]\s*", "-", place[1]) if place else "")
            rest = part[place.end() :] if place else _ENUMERATED.sub("", part)
            title, _, author = rest.partition(" / ")
            titles += [self.phrase(plain(title), titled=True)] if plain(title) else []
            authors += [self.phrase(plain(author))] if plain(author) else []
        return Text(titles=tuple(titles), locus=locus, persons=(Person(tuple(authors), "author"),) if authors else ())

    def language_note(self, linked: Linked) -> Iterator[Said]:
        """Yield what is said of languages and of script."""
        yield from self.each(linked, Slot.NOTE, lambda field: " ".join(field.all("a")))
        yield from self.each(linked, Slot.SCRIPT, lambda field: plain(" ".join(field.all("b"))))

    def holding(self, linked: Linked) -> Iterator[Said]:
        """Yield who holds it, and under which number."""
        field = linked.field
        if holding := tuple(self.phrase(plain(text)) for text in field.all("abc")):
            yield Said(Slot.HOLDING, holding)
            yield Said(Slot.CUSTODIAN, holding[0])
        if mark := " ".join(field.all("khijlm") or field.all("p")):
            yield Said(Slot.SHELFMARK, mark)

    def local_number(self, linked: Linked) -> Iterator[Said]:
        """Yield a call number."""
        if mark := " ".join(linked.field.all("ab")):
            yield Said(Slot.SHELFMARK, mark)

    def number(self, linked: Linked) -> Iterator[Said]:
        """Yield the numbers under which others know it."""
        for text in linked.field.all("a"):
            source = re.match(r"\(([^)]+)\)\s*(.+)", text)
            kind, value = (source[1], source[2]) if source else (linked.field.first("2") or "035", text)
            oclc = kind == "OCoLC"
            yield Said(Slot.IDENTIFIER, ("oclc", oclc_number(value)) if oclc else (kind, value))


_READERS: dict[str, Callable[[Reader, Linked], Iterator[Said]]] = {
    "024": Reader.number,
    "035": Reader.number,
    "090": Reader.local_number,
    "099": Reader.local_number,
    "240": Reader.title,
    "245": Reader.title,
    "246": Reader.title,
    "260": Reader.made,
    "264": Reader.made,
    "300": Reader.extent,
    "340": Reader.medium,
    "505": Reader.contents,
    "520": lambda reader, linked: iter(reader.each(linked, Slot.SUMMARY, lambda field: " ".join(field.all("ab")))),
    "541": Reader.history,
    "546": Reader.language_note,
    "561": Reader.history,
    "563": lambda reader, linked: iter(reader.each(linked, Slot.BINDING, lambda field: " ".join(field.all("a")))),
    "655": lambda reader, linked: iter(reader.each(linked, Slot.GENRE, _subject)),
    "752": Reader.hierarchy,
    "852": Reader.holding,
}


def oclc_number(written: str) -> str:
    """Return an OCLC number without the letters that show how long it may be (ocm, ocn, on)."""
    return re.sub("^(?:ocm|ocn|on)(?=[0-9])", "", written)


def _words(value: Value) -> Iterator[object]:
    match value:
        case Phrase():
            yield value.text
        case Person():
            yield from (*_words(value.names), value.role)
        case Text():
            yield from (*_words(value.titles), value.locus, *(word for each in value.persons for word in _words(each)))
        case HistoryNote():
            yield from (value.kind, *_words(value.words))
        case tuple():
            for each in value:
                yield each.text if isinstance(each, Phrase) else each
        case _:
            yield value


def plain(text: str, *, ends: str = "") -> str:
    """Return *text* without the punctuation of ISBD at its end: ``Title /`` and ``Title.``, not ``etc.``."""
    text = text.strip().rstrip(_STOPS)
    if ends:
        return text.strip(ends)
    return text if not text.endswith(".") or text.endswith("...") or _ABBREVIATED.search(text) else text[:-1].rstrip()


def _across(columns: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield what stands at the same place in each script; where their counts differ, each for itself."""
    if len({len(column) for column in columns}) == 1:
        yield from zip(*columns, strict=True)
    else:
        yield from ((value,) for column in columns for value in column)


def _subject(field: Field) -> str:
    heading = plain(" ".join(field.all("abcdnpqt")))
    return " -- ".join([heading, *(plain(text) for text in field.all("vxyz"))] if heading else [])


def _name(field: Field) -> str:
    return plain(" ".join(field.all("abcq")))


def _place(text: str) -> str:
    return plain(text).strip("[]() ?")


def _kind(field: Field) -> PersonKind:
    if field.tag in ("100", "700") and field.indicators[:1] == "3":
        return PersonKind.FAMILY
    return _PERSONS[field.tag]


def _key(field: Field) -> str:
    for text in field.all("10"):
        if address := _AUTHORITY.search(text):
            return address[0]
        if viaf := _VIAF.search(text):
            return f"https://viaf.org/viaf/{viaf[1]}"
    return ""
