"""What an ``msDesc`` says, as the model has it: texts, origin, history, the object, and the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from khizana.core.catalogue.entry import (
    Entry,
    HistoryNote,
    NoteKind,
    Origin,
    Person,
    Phrases,
    Place,
    Text,
    Unit,
)
from khizana.core.dates import DateStatement
from khizana.core.languages import language_tag
from khizana.core.tei import fields
from khizana.core.tei.datings import Told, dated, parsed_date
from khizana.core.tei.elements import Element, child, children, name_of, paragraphs, words_of
from khizana.core.tei.part import EXTRA, Carried, Header, Part, phrases
from khizana.core.tei.people import address, listed, person, place, responsible
from khizana.core.tei.physical import locus, physical, written_place
from khizana.core.tei.vocabulary import LONGEST, OF_THE_MANUSCRIPT, note_kind

DETAIL = "detail"
"""Type of the notes in which this program kept details before it had entries: a label, and what there is to say."""
OF_THE_TEXT = "text"
"""Number of a ``respStmt`` whose person had to do with this text, though the role is one of the manuscript."""
_SHELFMARKS = ("shelfmark", "call-number", "callnumber", "cote", "signature")
_FORMER = ("former", "old", "ancien", "previous")
_GENRE = re.compile(r"genre|form\b", re.IGNORECASE)
_DATED = re.compile(
    r"(?:\d{1,2}\s+)?(?:[^\W\d_]+\s+)?\d{3,4}\s*(?:A\.\s?H\.|AH\b|هـ)(?:\s*[/(]\s*\d{4}\)?)?|A\.?H\.?\s+\d{3,4}(?:\s*[/(]\s*\d{4}\)?)?"
)


@dataclass(slots=True)
class Described:
    """An entry as it is read, and the parts of the document that it was read from."""

    header: Header
    part: Part
    file: str
    told: Told = field(default_factory=list)

    def entry(self) -> Entry:
        """Return what the description says, without what is kept beside it."""
        part = self.part
        texts = tuple(self.text(item) for item in part.items)
        units = tuple(self.unit(element) for element in part.parts)
        return Entry(
            shelfmark=self.shelfmark(),
            former_shelfmarks=tuple(words for element, kind, words in self.numbers() if former(kind)),
            identifiers=tuple((kind, words) for element, kind, words in self.numbers() if not former(kind)),
            titles=self.titles(texts, units),
            languages=self.header.languages,
            owner=phrases(part.typed_notes("owner")),
            custodian=phrases(part.prose("custodian")),
            holding=phrases(part.prose("holding")),
            present_location=phrases(part.typed_notes("present-location")),
            country=_words(part.first("msIdentifier/country")),
            settlement=_words(part.first("msIdentifier/settlement")),
            summary=phrases(part.prose("summary")),
            texts=texts,
            units=units,
            persons=tuple(one for _, one in self.persons()),
            origin=self.origin(part),
            physical=physical(part),
            history=tuple(note for _, note in self.history(part)),
            subjects=phrases(self.terms(genres=False)),
            genres=phrases(self.terms(genres=True)),
            notes=phrases(self.notes()),
            extra=tuple((label, value) for _, label, value in self.columns()),
        )

    def mark(self) -> Element | None:
        """Return the element that bears the shelfmark."""
        marks = [mark for mark in self.part.at.get("msIdentifier/idno", ()) if words_of(mark)]
        for other in self.part.at.get("msIdentifier/altIdentifier", ()):
            number = child(other, "idno")
            if number is not None and other.get("type", "").lower() in _SHELFMARKS and words_of(number):
                marks.append(number)
        named = (mark for mark in marks if mark.get("type", "").lower() in _SHELFMARKS)
        return next(named, marks[0] if marks else None)

    def shelfmark(self) -> str:
        """Return the shelfmark, or nothing."""
        return _words(self.mark())

    def numbers(self) -> list[tuple[Element, str, str]]:
        """Return the other numbers: element, kind and value of each."""
        mark = self.mark()
        plain = [each for each in self.part.at.get("msIdentifier/idno", ()) if each is not mark]
        found = [(each, each.get("type", ""), words) for each in plain if (words := words_of(each))]
        for other in self.part.at.get("msIdentifier/altIdentifier", ()):
            number = child(other, "idno")
            if number is None or number is mark or not (words := words_of(number)):
                continue
            found.append((other, other.get("n") or other.get("type") or number.get("type") or "", words))
        return found

    def titles(self, texts: tuple[Text, ...], units: tuple[Unit, ...]) -> Phrases:
        """Return the name of the whole: its own, that of its first text, or that of the file."""
        if own := phrases(self.part.names()):
            return own
        for text in (*texts, *(text for unit in units for text in unit.texts)):
            if text.titles:
                return text.titles
        statement = child(self.header.header, "fileDesc", "titleStmt") if self.header.header is not None else None
        every = [] if statement is None else children(statement, "title")
        return phrases(self.part.titles([each for each in every if each.get("type") != "entry"]))

    def unit(self, element: Element) -> Unit:
        """Return the codicological unit or fragment that *element* describes."""
        part = Part(self.header, element)
        label = ""
        for path in ("msIdentifier/idno", "msPart/altIdentifier", "msFrag/altIdentifier", "msIdentifier/altIdentifier"):
            label = label or _words(part.first(path))
        texts = tuple(self.text(item) for item in part.items)
        notes = tuple(note for _, note in self.history(part))
        label = label or element.get("n", "")
        return Unit(label, name_of(element) == "msFrag", texts, self.origin(part), physical(part), notes)

    def text(self, item: Element) -> Text:
        """Return the text that *item* describes."""
        told: dict[str, list[Element]] = {}
        for each in item:
            told.setdefault(name_of(each), []).append(each)
        part = self.part
        language = told["textLang"][0] if "textLang" in told else None
        titles = told.get("title", [])
        work = next((found for each in titles if (found := address(self.header, each))), "") if titles else ""
        return Text(
            titles=phrases(part.titles(titles)),
            work=work,
            locus=locus(item),
            persons=tuple(one for _, one in self.text_persons(item)),
            languages=_tags(language) if language is not None else (),
            **{
                name: phrases(part.told(told[name])) if name in told else ()
                for name in ("rubric", "incipit", "explicit", "colophon")
            },
            notes=phrases(part.told(told["note"])) if "note" in told else (),
        )

    def text_persons(self, item: Element) -> list[tuple[Element, Person]]:
        """Return the persons who had to do with the text of *item*."""
        first = bool(self.part.items) and item is self.part.items[0]
        found = []
        for each in item:
            one = None
            if name_of(each) == "author":
                one = person(self.header, each, "author")
            elif name_of(each) == "respStmt":
                one = responsible(self.header, each)
                if one and first and one.role in OF_THE_MANUSCRIPT and each.get("n") != OF_THE_TEXT:
                    one = None
            if one:
                found.append((each, one))
        return found

    def persons(self) -> list[tuple[Element, Person]]:
        """Return the persons of the whole: those of the first text's scribe and owners, and those listed."""
        first = children(self.part.items[0], "respStmt") if self.part.items else []
        pairs = ((each, responsible(self.header, each)) for each in first if each.get("n") != OF_THE_TEXT)
        return [(each, one) for each, one in pairs if one and one.role in OF_THE_MANUSCRIPT] + listed(self.header)

    def origin(self, part: Part) -> Origin:
        """Return when and where *part* was made."""
        return Origin(tuple(date for _, date in self.dates(part)), tuple(each for _, each in self.places(part)))

    def dates(self, part: Part) -> list[tuple[Element, DateStatement]]:
        """Return the dates of origin of *part*."""
        found = []
        for origin in part.at.get("history/origin", ()):
            every = list(origin.iter("{*}origDate"))
            for each in every or [origin]:
                if each is origin and not len(origin.attrib):
                    continue
                date = dated(each, self.file, self.told, worded=each is not origin)
                if date is not None:
                    found.append((each, date))
        return found

    def places(self, part: Part) -> list[tuple[Element, Place]]:
        """Return the places of origin of *part*."""
        found = []
        for origin in part.at.get("history/origin", ()):
            places = ((each, place(self.header, each)) for each in origin.iter("{*}origPlace"))
            found += [(each, where) for each, where in places if where]
        return found

    def history(self, part: Part) -> list[tuple[Element, HistoryNote]]:
        """Return what happened to *part*, in the order of the description."""
        at = part.at
        # A paragraph of the origin that only wraps the date or the place says nothing more than they do.
        proses = [prose for origin in at.get("history/origin", ()) for prose in paragraphs(origin)]
        found = [(prose, NoteKind.ORIGIN) for prose in proses if _has_words(prose)]
        provenance = [*at.get("history/provenance", ()), *at.get("history/p", ()), *at.get("history/ab", ())]
        for custody in at.get("adminInfo/custodialHist", ()):
            provenance += children(custody, "custEvent") or [custody]
        found += [(each, NoteKind.PROVENANCE) for each in provenance]
        found += [(each, NoteKind.ACQUISITION) for each in at.get("history/acquisition", ())]
        pairs = ((element, self.note(element, kind)) for element, kind in found)
        return [(element, note) for element, note in pairs if note is not None]

    def note(self, element: Element, otherwise: NoteKind) -> HistoryNote | None:
        """Return what *element* says happened, or None where it says nothing."""
        words = phrases(self.part.told([element]))
        if not words:
            return None
        typed = element.get("type", "")
        kind = otherwise
        if otherwise is NoteKind.PROVENANCE:
            kind = note_kind(typed, words[0].text, otherwise)
        if not len(element):
            return HistoryNote(kind, words, "", (), self._date_in(words[0].text) if not typed else None)
        where = next(element.iter("{*}locus"), None)
        return HistoryNote(
            kind,
            words,
            "" if where is None else written_place(where),
            self._named(element),
            self._dated(element, typed, words),
        )

    def _named(self, element: Element) -> tuple[Person, ...]:
        found = []
        for each in element.iter("{*}persName", "{*}orgName", "{*}person", "{*}personGrp", "{*}org"):
            holder = each.getparent()
            held = "" if holder is None else name_of(holder)
            if held in ("person", "personGrp", "org", "persName", "orgName"):
                continue
            names = (
                children(each, "persName", "orgName", "name")
                if name_of(each).islower() or "Grp" in name_of(each)
                else None
            )
            one = person(self.header, each, each.get("role", ""), names)
            if one:
                kind = {"personGrp": "family", "org": "organisation"}.get(name_of(each), one.kind)
                found.append(Person(one.names, one.role, one.key, type(one.kind)(kind)))
        return tuple(found)

    def _dated(self, element: Element, typed: str, words: Phrases) -> DateStatement | None:
        date = next(element.iter("{*}date"), None)
        if date is not None:
            return dated(date, self.file, self.told)
        return None if typed else self._date_in(words[0].text)

    def _date_in(self, words: str) -> DateStatement | None:
        found = _DATED.search(words[:LONGEST])
        if not found:
            return None
        return parsed_date(found[0])

    def terms(self, *, genres: bool) -> Carried:
        """Return the keywords: *genres*, or what the manuscript is about."""
        found: Carried = []
        for keywords in self.header.keywords:
            kind = f"{keywords.get('n', '')} {keywords.get('scheme', '')}"
            if bool(_GENRE.search(kind)) is genres:
                terms = [each for each in keywords.iter("{*}term", "{*}item") if not len(each)]
                found += self.part.told(terms)
        return found if genres else found + self._detailed(fields.SUBJECTS)

    def notes(self) -> Carried:
        """Return the notes on the whole."""
        plain = [note for note in self.header.notes if note.get("type") not in (EXTRA, DETAIL)]
        return self.part.told(plain) + self.part.prose("notes") + self._detailed(fields.NOTES)

    def columns(self) -> list[tuple[Element, str, str]]:
        """Return the columns that have no place of their own: element, column and value of each."""
        kept = [note for note in self.header.notes if note.get("type") in (EXTRA, DETAIL)]
        pairs = ((note, _words(child(note, "label")), children(note, "seg")) for note in kept)
        return [
            (note, label, "; ".join(map(words_of, values)))
            for note, label, values in pairs
            if note.get("type") == EXTRA or label not in _PLACED
        ]

    def _detailed(self, kind: fields.Field) -> Carried:
        """Return what this program once wrote as a detail of *kind* for which it had no element."""
        notes = [note for note in self.header.notes if note.get("type") == DETAIL]
        found = [note for note in notes if _words(child(note, "label")) in _labels(kind)]
        return self.part.told([each for note in found for each in children(note, "seg")])


def _labels(kind: fields.Field) -> tuple[str, ...]:
    return tuple(label for labels in kind.label.values() for label in labels)


_PLACED = frozenset((*_labels(fields.SUBJECTS), *_labels(fields.NOTES)))


def former(kind: str) -> bool:
    """Tell whether a number of this *kind* is an earlier shelfmark."""
    return kind.lower().startswith(_FORMER)


def _has_words(prose: Element) -> bool:
    return bool((prose.text or "").strip()) or any((each.tail or "").strip() for each in prose)


def _words(element: Element | None) -> str:
    return "" if element is None else words_of(element)


def _tags(language: Element) -> tuple[str, ...]:
    codes = f"{language.get('mainLang', '')} {language.get('otherLangs', '')}".split()
    return tuple(dict.fromkeys(tag for code in codes if (tag := language_tag(code))))
