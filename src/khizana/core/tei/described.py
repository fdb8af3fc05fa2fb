"""What an ``msDesc`` says, as the model has it: texts, origin, history, the object, and the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

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
    Unit,
)
from khizana.core.dates import DateStatement
from khizana.core.tei.datings import Told, dated, parsed_date
from khizana.core.tei.elements import Element, child, children, name_of, paragraphs, words_of, words_without
from khizana.core.tei.languages import language_tag
from khizana.core.tei.measures import Measures, lines_in, measured, millimetres
from khizana.core.tei.part import EXTRA, Carried, Header, Part, phrases
from khizana.core.tei.people import address, listed, person, place, responsible
from khizana.core.tei.vocabulary import OF_THE_MANUSCRIPT, material_in, note_kind, styles_in

OF_THE_TEXT = "text"
"""Number of a ``respStmt`` whose person had to do with this text, though the role is one of the manuscript."""
_SHELFMARKS = ("shelfmark", "call-number", "callnumber", "cote", "signature")
_FORMER = ("former", "old", "ancien", "previous")
_GENRE = re.compile(r"genre|form\b", re.IGNORECASE)
_LEAF = ("leaf", "folio", "page", "")
_WRITTEN = ("written", "text", "textblock", "text-block", "writtenarea")
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
            extra=tuple((label, value) for _, label, value in self.extra()),
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
        found: list[tuple[Element, str, str]] = []
        for number in self.part.at.get("msIdentifier/idno", ()):
            if number is not mark and (words := words_of(number)):
                found.append((number, number.get("type", ""), words))
        for other in self.part.at.get("msIdentifier/altIdentifier", ()):
            number = child(other, "idno")
            if number is not None and number is not mark and (words := words_of(number)):
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
        found = []
        for each in children(self.part.items[0], "respStmt") if self.part.items else ():
            if each.get("n") != OF_THE_TEXT and (one := responsible(self.header, each)) and one.role in OF_THE_MANUSCRIPT:
                found.append((each, one))
        return found + listed(self.header)

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
            for each in origin.iter("{*}origPlace"):
                if where := place(self.header, each):
                    found.append((each, where))
        return found

    def history(self, part: Part) -> list[tuple[Element, HistoryNote]]:
        """Return what happened to *part*, in the order of the description."""
        at = part.at
        found = []
        for origin in at.get("history/origin", ()):
            for prose in paragraphs(origin):
                # A paragraph that only wraps the date or the place says nothing more than they do.
                if (prose.text or "").strip() or any((each.tail or "").strip() for each in prose):
                    found.append((prose, NoteKind.ORIGIN))
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
            kind, words, "" if where is None else _place_of(where), self._named(element), self._dated(element, typed, words)
        )

    def _named(self, element: Element) -> tuple[Person, ...]:
        found = []
        for each in element.iter("{*}persName", "{*}orgName", "{*}person", "{*}personGrp", "{*}org"):
            held = name_of(each.getparent()) if each.getparent() is not None else ""
            if held in ("person", "personGrp", "org", "persName", "orgName"):
                continue
            names = children(each, "persName", "orgName", "name") if name_of(each).islower() or "Grp" in name_of(each) else None
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
        found = _DATED.search(words)
        if not found:
            return None
        return parsed_date(found[0])

    def terms(self, *, genres: bool) -> Carried:
        """Return the keywords: *genres*, or what the manuscript is about."""
        found: Carried = []
        for keywords in self.header.keywords:
            kind = f"{keywords.get('n', '')} {keywords.get('scheme', '')}"
            if bool(_GENRE.search(kind)) is genres:
                for each in keywords.iter("{*}term", "{*}item"):
                    if not len(each) and (words := words_of(each)):
                        found.append((each, (self.header.tongue.phrase(each, words),)))
        return found

    def notes(self) -> Carried:
        """Return the notes on the whole."""
        plain = [note for note in self.header.notes if note.get("type") != EXTRA]
        return self.part.told(plain) + self.part.prose("notes")

    def extra(self) -> list[tuple[Element, str, str]]:
        """Return the columns that have no place of their own: element, column and value of each."""
        kept = [note for note in self.header.notes if note.get("type") == EXTRA]
        return [(note, _words(child(note, "label")), _words(child(note, "seg"))) for note in kept]


def former(kind: str) -> bool:
    """Tell whether a number of this *kind* is an earlier shelfmark."""
    return kind.lower().startswith(_FORMER)


def physical(part: Part) -> Physical:
    """Return what *part* is made of and how it is written."""
    extent = phrases(part.prose("extent"))
    sizes = _sizes(part, extent)
    support, layout, script = (phrases(part.prose(name)) for name in ("support", "layout", "script"))
    return Physical(
        extent=extent,
        leaves=sizes.leaves,
        height=sizes.height,
        width=sizes.width,
        written_height=sizes.written_height,
        written_width=sizes.written_width,
        lines=_lines(part, layout),
        material=_material(part, support),
        support=support,
        collation=phrases(part.prose("collation")),
        ruling=phrases(part.prose("ruling")),
        layout=layout,
        script=script,
        script_styles=tuple(dict.fromkeys(style for each in script for style in styles_in(each.text))),
        decoration=tuple(one for _, one in decoration(part)),
        binding=phrases(part.prose("binding")),
        condition=phrases(part.prose("condition")),
    )


def decoration(part: Part) -> list[tuple[Element, Located]]:
    """Return what is drawn, painted or gilt in *part*, and where."""
    found = []
    for path in ("decoDesc/summary", "decoDesc/decoNote", "decoDesc/p"):
        for element in part.at.get(path, ()):
            kind = element.get("type", "")
            if not len(element):
                if text := words_of(element):
                    found.append((element, Located((part.tongue.phrase(element, text),), "", kind)))
                continue
            where = child(element, "locus")
            held = children(element, "seg", "p")
            words: tuple[Phrase, ...]
            if held and not (element.text or "").strip():
                words = phrases(part.told(held))
            else:
                text = words_without(element, "locus") if where is not None else words_of(element)
                words = (part.tongue.phrase(element, text),) if text else ()
            if words or where is not None:
                found.append((element, Located(words, "" if where is None else _place_of(where), kind)))
    return found


def locus(item: Element) -> str:
    """Return where on the manuscript the text of *item* stands."""
    found = [_place_of(each) for each in children(item, "locus")]
    for group in children(item, "locusGrp"):
        found += [_place_of(each) for each in children(group, "locus")]
    return ", ".join(filter(None, found))


def _place_of(where: Element) -> str:
    if words := words_of(where):
        return words
    return "-".join(dict.fromkeys(bound for name in ("from", "to") if (bound := where.get(name, ""))))


def _sizes(part: Part, extent: Phrases) -> Measures:
    found = Measures()
    for phrase in extent:
        more = measured(phrase.text)
        found = Measures(
            found.leaves if found.leaves is not None else more.leaves,
            *((found.height, found.width, found.written_height, found.written_width) if found.height
              else (more.height, more.width, more.written_height, more.written_width)),
        )  # fmt: skip
    for element in part.at.get("supportDesc/extent", []) + part.at.get("physDesc/extent", []):
        if len(element):
            found = _stated_sizes(element, found)
    return found


def _stated_sizes(extent: Element, found: Measures) -> Measures:
    leaves, height, width = found.leaves, found.height, found.width
    written_height, written_width = found.written_height, found.written_width
    for each in extent.iter("{*}measure", "{*}dimensions"):
        kind = each.get("type", "").lower()
        if name_of(each) == "measure":
            quantity = each.get("quantity", "")
            if quantity.isdecimal() and "leaf leaves folio folios composition".find(each.get("unit") or kind) >= 0:
                leaves = int(quantity) if len(quantity) < 7 else leaves
            continue
        size = {name: _dimension(each, name) for name in ("height", "width")}
        if kind in _LEAF:
            height, width = size["height"] or height, size["width"] or width
        elif kind in _WRITTEN:
            written_height, written_width = size["height"] or written_height, size["width"] or written_width
    return Measures(leaves, height, width, written_height, written_width)


def _dimension(dimensions: Element, name: str) -> int | None:
    size = child(dimensions, name)
    if size is None:
        return None
    return millimetres(size.get("quantity") or words_of(size), size.get("unit") or dimensions.get("unit") or "")


def _lines(part: Part, layout: Phrases) -> str:
    for element in part.at.get("layoutDesc/layout", ()):
        if written := element.get("writtenLines") or "":
            return "-".join(dict.fromkeys(written.split()))
    return next((found for phrase in layout if (found := lines_in(phrase.text))), "")


def _material(part: Part, support: Phrases) -> str:
    for path in ("objectDesc/supportDesc", "physDesc/support"):
        for element in part.at.get(path, ()):
            if written := element.get("material", "").strip(" ."):
                return written
    found = [material for phrase in support if (material := material_in(phrase.text))]
    return found[0] if found and len(set(found)) == 1 else "mixed" if found else ""


def _words(element: Element | None) -> str:
    return "" if element is None else words_of(element)


def _tags(language: Element) -> tuple[str, ...]:
    codes = f"{language.get('mainLang', '')} {language.get('otherLangs', '')}".split()
    return tuple(dict.fromkeys(tag for code in codes if (tag := language_tag(code))))
