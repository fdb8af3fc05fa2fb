"""What can be taken from a TEI description that another program or person wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from khizana.core.languages import in_arabic_script, language_tag, tag_by_script
from khizana.core.manuscript import Description, Words
from khizana.core.tei import fields
from khizana.core.tei.elements import Element, by_script
from khizana.core.tei.fields import XML_LANG
from khizana.core.tei.part import EXTRA

Tagged = tuple[str, str]
"""A language tag, or ``none``, and a string."""

_SPACES = re.compile(r"[ \t\r\n]+")
_SCRIBE = re.compile(r"\b(scribe|copyist|copiste|kātib|katib|ناسخ|كاتب)", re.IGNORECASE)
_SHELFMARK_TYPES = ("shelfmark", "call-number", "callnumber", "cote", "signature")
_NAMES = ("persName", "name", "orgName", "forename", "surname")


def foreign_description(root: Element, source: Element) -> Description:
    """Return the description in *source*, the ``msDesc`` of *root*; tags hold local names only.

    Words are kept as written, with runs of blanks and line ends made one space; nothing is invented: what has
    no language tag gets one only from its script and the manuscript's main language.
    """
    return _Foreign(root, source).description()


class _Foreign:
    def __init__(self, root: Element, source: Element) -> None:
        self.root = root
        self.source = source
        self.language = next((found for found in source.iter("textLang")), None)
        self.languages = tuple(dict.fromkeys(tag for code in self._codes() if (tag := language_tag(code))))
        self.main = self.languages[0] if self.languages else ""
        # A composite manuscript may describe its texts with its parts only.
        self.items = source.findall("msContents//msItem") or list(source.iter("msItem"))

    def description(self) -> Description:
        gathered: list[tuple[fields.Field, Iterable[Tagged]]] = [
            (fields.AUTHOR, self._authors()),
            (fields.SCRIBE, self._responsible(scribes=True)),
            (fields.PERSONS, self._responsible(scribes=False)),
            (fields.LANGUAGES, self._languages_as_described()),
            (fields.PLACE, self._prose("history/origin//origPlace")),
            (fields.ORIGIN, self._origin()),
            (fields.EXTENT, self._prose("physDesc//extent")),
            (fields.SUPPORT, self._support()),
            (fields.COLLATION, self._prose("physDesc//collation")),
            (fields.CONDITION, self._prose("physDesc//condition")),
            (fields.LAYOUT, self._prose("physDesc//layoutDesc/layout", "physDesc//layoutDesc/p")),
            (fields.SCRIPT, self._prose("physDesc/scriptDesc/*", "physDesc/handDesc/*")),
            (fields.DECORATION, self._decoration()),
            (fields.BINDING, self._prose("physDesc/bindingDesc/binding", "physDesc/bindingDesc/p")),
            (fields.PROVENANCE, self._prose("history/provenance", "history/p")),
            (fields.ACQUISITION, self._prose("history/acquisition")),
            (fields.TEXTS, self._texts()),
            (fields.SUBJECTS, self._tagged(self.root.iterfind("teiHeader/profileDesc/textClass/keywords//term"))),
            (fields.NOTES, self._notes()),
        ]
        details = ((field.label, _words(tagged)) for field, tagged in gathered)
        return Description(
            shelfmark=self._shelfmark(),
            titles=_words(self._titles()),
            languages=self.languages,
            date_as_written=self._date(),
            summary=_words(self._prose("msContents/summary")) or _words(self._prose("msContents/p", "head/p")),
            details=tuple((label, value) for label, value in details if value),
        )

    def _codes(self) -> list[str]:
        if self.language is not None and (self.language.get("mainLang") or self.language.get("otherLangs")):
            return f"{self.language.get('mainLang', '')} {self.language.get('otherLangs', '')}".split()
        used = self.root.iterfind("teiHeader/profileDesc/langUsage/language")
        return [code for language in used if (code := language.get("ident"))]

    def _shelfmark(self) -> str:
        marks = [mark for mark in self.source.findall("msIdentifier/idno") if _text(mark)]
        marks += [
            mark
            for other in self.source.findall("msIdentifier/altIdentifier")
            if (mark := other.find("idno")) is not None and other.get("type", "").lower() in _SHELFMARK_TYPES
        ]
        named = (mark for mark in marks if mark.get("type", "").lower() in _SHELFMARK_TYPES)
        chosen = next(named, marks[0] if marks else None)
        return "" if chosen is None else _text(chosen)

    def _titles(self) -> Iterator[Tagged]:
        found = self.source.findall("msIdentifier/msName") + self.source.findall("head/title")
        for item in self.items if not any(_text(title) for title in found) else ():
            if titles := [title for title in item.findall("title") if _text(title)]:
                found += titles
                break
        if not any(_text(title) for title in found):
            found = self.root.findall("teiHeader/fileDesc/titleStmt/title")
        # Library catalogues give a title as romanised and then in its own letters; a title beside an Arabic one that
        # is not marked so may as well be a translation.
        romanised = any(title.get("type") == "vernacular" and in_arabic_script(_text(title)) for title in found)
        for title in found:
            for part in by_script(_text(title)):
                yield _given(title) or tag_by_script(part, self.main, romanised=romanised), part

    def _authors(self) -> Iterator[Tagged]:
        for item in self.items:
            for author in item.iterfind("author"):
                yield from self._names(_named(author) or [author])

    def _names(self, names: list[Element]) -> Iterator[Tagged]:
        for name in names:
            for part in by_script(_text(name)):
                # A name in Latin letters may be of any language, so only Arabic script tells something.
                told = tag_by_script(part, self.main, romanised=False) if in_arabic_script(part) else "none"
                yield _given(name) or told, part

    def _responsible(self, *, scribes: bool) -> Iterator[Tagged]:
        for item in self.items:
            for statement in item.iterfind("respStmt"):
                role = " ".join(_text(resp) for resp in statement.iterfind("resp"))
                if bool(_SCRIBE.search(role)) is not scribes:
                    continue
                yield from self._in_role(statement, role, scribes=scribes)
        for person in self.root.iterfind("teiHeader/profileDesc/particDesc//*[@role]"):
            role = person.get("role", "")
            if bool(_SCRIBE.search(role)) is scribes:
                yield from self._in_role(person, role, scribes=scribes)

    def _in_role(self, holder: Element, role: str, *, scribes: bool) -> Iterator[Tagged]:
        for tag, name in self._names(_named(holder)):
            yield tag, name if scribes or not role or in_arabic_script(name) else f"{name} ({role})"

    def _languages_as_described(self) -> Iterator[Tagged]:
        if self.language is not None and len(_text(self.language).split()) > 1:
            yield _language_of(self.language), _text(self.language)

    def _origin(self) -> Iterator[Tagged]:
        for part in self.source.iterfind("history/origin"):
            for paragraph in _paragraphs(part):
                # A paragraph that only wraps the date or the place says nothing more than they do.
                if (paragraph.text or "").strip() or any((child.tail or "").strip() for child in paragraph):
                    yield _language_of(paragraph), _text(paragraph)

    def _support(self) -> Iterator[Tagged]:
        described = list(self._prose("physDesc//support", "physDesc//supportDesc/p"))
        yield from described
        for support in self.source.iterfind("physDesc//supportDesc") if not described else ():
            yield "none", support.get("material", "").strip()

    def _decoration(self) -> Iterator[Tagged]:
        notes = list(self.source.iterfind("physDesc/decoDesc/decoNote"))
        # Notes numbered by folio name single leaves; the entry shows what is said of the whole.
        general = [note for note in notes if not note.get("n") and note.find("locus") is None]
        yield from self._tagged(part for note in general for part in _paragraphs(note))
        yield from self._prose("physDesc/decoDesc/p")

    def _texts(self) -> Iterator[Tagged]:
        if len(self.items) < 2:
            return
        for item in self.items:
            place = item.find("locus")
            where = _text(place) if place is not None and _text(place) else item.get("n", "").strip()
            for title in item.findall("title"):
                if _text(title) and (where or item is not self.items[0]):
                    yield _given(title) or "none", f"{where}: {_text(title)}" if where else _text(title)

    def _notes(self) -> Iterator[Tagged]:
        yield from self._prose("physDesc/p")
        notes = self.root.iterfind("teiHeader/fileDesc/notesStmt/note")
        # Columns of tables that have no place in a description are kept for whoever exports them again.
        yield from self._tagged(note for note in notes if note.get("type") != EXTRA)

    def _date(self) -> str:
        written: dict[str, None] = {}
        for date in self.source.iterfind("history/origin//origDate"):
            bounds = [date.get(name, "") for name in ("notBefore", "from", "notAfter", "to")]
            interval = "–".join(dict.fromkeys(bound for bound in bounds if bound))
            if text := _text(date) or date.get("when", "").strip() or interval:
                written[text] = None
        return "; ".join(written)

    def _prose(self, *paths: str) -> Iterator[Tagged]:
        for path in paths:
            for element in self.source.iterfind(path):
                yield from self._tagged(_paragraphs(element))

    def _tagged(self, elements: Iterable[Element]) -> Iterator[Tagged]:
        for element in elements:
            yield _language_of(element), _text(element)


def _words(tagged: Iterable[Tagged]) -> Words:
    words: dict[str, tuple[str, ...]] = {}
    for tag, text in tagged:
        if text and text not in words.get(tag, ()):
            words[tag] = (*words.get(tag, ()), text)
    return words


def _text(element: Element) -> str:
    return _SPACES.sub(" ", "".join(map(str, element.itertext()))).strip()


def _named(person: Element) -> list[Element]:
    return [name for name in person.iterchildren(*_NAMES) if _text(name)]


def _paragraphs(element: Element) -> list[Element]:
    parts = element.findall("p") or element.findall("ab")
    # Segments with nothing beside them say the same in several languages.
    segments = [] if parts or (element.text or "").strip() else element.findall("seg") or element.findall("placeName")
    return parts or segments or [element]


def _given(element: Element) -> str:
    return language_tag(element.get(XML_LANG, ""))


def _language_of(element: Element) -> str:
    for holder in (element, *element.iterancestors()):
        if tag := _given(holder):
            return tag
    return "none"
