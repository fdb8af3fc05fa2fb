"""Where in an ``msDesc``, an ``msPart`` or an ``msFrag`` each thing is said: the elements, and the phrases in them.

The reader takes the phrases and the writer the elements, so that what is changed is what was read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from khizana.core.catalogue.entry import Phrases
from khizana.core.languages import in_arabic_script, language_tag
from khizana.core.tei.elements import (
    Element,
    Tongue,
    child,
    children,
    descend,
    name_of,
    paragraphs,
    words_of,
    words_without,
)
from khizana.core.tei.fields import XML_ID

Carried = list[tuple[Element, Phrases]]
"""Elements in their order, each with the phrases that it says."""

ENTRY = "khizana-entry"
"""Type of what this program adds to a description of others, and its identifier in a description it made."""
EXTRA = "khizana-extra"
"""Type of the notes that keep columns of tables for which there is no element."""
COUNTED = "#page-order"
"""Scheme of the items that name runs of page images, and no text."""

_HOLDERS = frozenset(
    [
        "msIdentifier",
        "head",
        "msHeading",
        "msContents",
        "physDesc",
        "objectDesc",
        "supportDesc",
        "layoutDesc",
        "scriptDesc",
        "handDesc",
        "decoDesc",
        "bindingDesc",
        "history",
        "additional",
        "adminInfo",
    ]
)
_MEASURES = ("dimensions", "dim", "height", "width", "depth")

_Places = tuple[tuple[str, ...], ...]
PROSE: dict[str, _Places] = {
    "custodian": (("msIdentifier/institution",),),
    "holding": (("msIdentifier/repository", "msIdentifier/collection"),),
    "summary": (("msContents/summary",), ("msContents/p", "msContents/ab", "head/p")),
    "extent": (("supportDesc/extent", "physDesc/extent"),),
    "support": (("supportDesc/support", "physDesc/support"), ("supportDesc/p",)),
    "collation": (("supportDesc/collation", "physDesc/collation"),),
    "condition": (("supportDesc/condition", "physDesc/condition"),),
    "layout": (("layoutDesc/layout", "layoutDesc/summary"), ("layoutDesc/p",)),
    "ruling": (("layoutDesc/layout",),),
    "script": (
        (
            *(f"scriptDesc/{name}" for name in ("summary", "scriptNote", "p")),
            *(f"handDesc/{name}" for name in ("summary", "handNote", "p")),
        ),
    ),
    "binding": (("bindingDesc/binding", "physDesc/binding"), ("bindingDesc/p",)),
    "notes": (("physDesc/p", "physDesc/ab"),),
}
"""Where each kind of prose stands: the first of several places that says anything."""
_INNER = {"custodian": ("name", "orgName", "seg"), "holding": ("name", "orgName", "seg"), "support": ("p", "watermark")}


class Header:
    """What the description is part of: its TEI header and the persons that it lists."""

    def __init__(self, root: Element, source: Element, *, tagged: bool) -> None:
        self.root = root
        self.header = _header(root, source)
        self.tagged = tagged
        self.languages = tuple(dict.fromkeys(tag for code in _codes(self, source) if (tag := language_tag(code))))
        self.tongue = Tongue(self.languages[0] if self.languages else "", tagged=tagged)

    @property
    def keywords(self) -> Iterator[Element]:
        """Yield the lists of keywords."""
        for profile in children(self.header, "profileDesc") if self.header is not None else ():
            for each in children(profile, "textClass"):
                yield from children(each, "keywords")

    @property
    def notes(self) -> list[Element]:
        """Notes on the whole."""
        statement = child(self.header, "fileDesc", "notesStmt") if self.header is not None else None
        return [] if statement is None else children(statement, "note")

    @cached_property
    def listed(self) -> dict[str, Element]:
        """Persons and organisations of the lists of the file, by identifier or, without one, by number."""
        found: dict[str, Element] = {}
        for place in self._lists:
            for person in place.iter("{*}person", "{*}personGrp", "{*}org"):
                found[person.get(XML_ID) or person.get("id") or str(len(found))] = person
        return found

    @property
    def _lists(self) -> Iterator[Element]:
        for profile in children(self.header, "profileDesc") if self.header is not None else ():
            yield from children(profile, "particDesc")
        yield from children(self.root, "standOff")

    @cached_property
    def kept(self) -> Element | None:
        """The element that keeps what TEI has no place for, or None."""
        holder = self.header if self.header is not None else self.root
        return next((each for each in children(holder, "xenoData") if each.get("type") == ENTRY), None)


def _header(root: Element, source: Element) -> Element | None:
    for holder in source.iterancestors():
        if name_of(holder) in ("teiHeader", "TEI", "TEI.2", "teiCorpus"):
            return holder if name_of(holder) == "teiHeader" else child(holder, "teiHeader")
    return child(root, "teiHeader")


def _codes(header: Header, source: Element) -> list[str]:
    language = next(source.iter("{*}textLang"), None)
    if language is not None:
        main, others = (language.get("mainLang") or language.get("langKey") or "", language.get("otherLangs") or "")
        if main or others:
            return f"{main} {others}".split()
    used = child(header.header, "profileDesc", "langUsage") if header.header is not None else None
    every = [] if used is None else children(used, "language")
    return [code for each in every if (code := each.get("ident") or each.get("id"))]


class Part:
    """A manuscript, a codicological unit or a fragment, by the places in its description."""

    def __init__(self, header: Header, element: Element) -> None:
        self.header = header
        self.tongue = header.tongue
        self.element = element
        self.at: dict[str, list[Element]] = {}
        for path, found in descend(element, _HOLDERS):
            self.at.setdefault(path, []).append(found)

    def first(self, path: str) -> Element | None:
        """Return the first element at *path* (two names), or None."""
        found = self.at.get(path)
        return found[0] if found else None

    def prose(self, field: str) -> Carried:
        """Return the elements that carry the prose called *field*, with their phrases."""
        inner = _INNER.get(field, ())
        for places in PROSE[field]:
            found: Carried = []
            for path in places:
                for element in self.at.get(path, ()):
                    if path == "layoutDesc/layout" and (element.get("n") == "ruling") is not (field == "ruling"):
                        continue
                    held = _held(element, inner) if inner else None
                    for each in held or paragraphs(element):
                        text = words_without(each, *_MEASURES) if len(each) and field == "extent" else words_of(each)
                        if text:
                            found.append((each, (self.tongue.phrase(each, text),)))
            if found:
                return found
        return []

    @cached_property
    def items(self) -> list[Element]:
        """The texts described here, nested ones after what they are part of."""
        return list(_items(self.element, self.at))

    @property
    def parts(self) -> list[Element]:
        """The units and fragments, nested ones after what they are part of."""
        return list(_parts(self.element))

    def names(self) -> Carried:
        """Return the elements that carry the name of the whole."""
        found = self.at.get("msIdentifier/msName", []) + self.at.get("head/title", [])
        return self.titles(found)

    def titles(self, elements: list[Element]) -> Carried:
        """Return the *elements*, each a title, with their phrases."""
        # Library catalogues give a title as romanised and then in its own letters; a title beside an Arabic one that
        # is not marked so may as well be a translation.
        romanised = any(each.get("type") == "vernacular" and in_arabic_script(words_of(each)) for each in elements)
        pairs = ((each, self.tongue.title(each, romanised=romanised)) for each in elements)
        return [(each, phrases) for each, phrases in pairs if phrases]

    def typed_notes(self, kind: str) -> Carried:
        """Return the notes of *kind* among the remarks on keeping."""
        notes = self.at.get("adminInfo/note", [])
        every = [each for note in notes for each in (note, *children(note, "note")) if each.get("type") == kind]
        return self.told(every)

    def told(self, elements: list[Element]) -> Carried:
        """Return the *elements* with their words as phrases."""
        pairs = ((each, words_of(each)) for outer in elements for each in paragraphs(outer))
        return [(each, (self.tongue.phrase(each, text),)) for each, text in pairs if text]


def _held(element: Element, names: tuple[str, ...]) -> list[Element]:
    """Return the children of *names*, where *element* has no words beside them."""
    if not len(element) or (element.text and not element.text.isspace()):
        return []
    return children(element, *names)


def _items(holder: Element, at: dict[str, list[Element]] | None = None) -> Iterator[Element]:
    contents = at.get(f"{name_of(holder)}/msContents", []) if at is not None else [holder]
    for content in contents:
        for each in children(content, "msItem", "msItemStruct"):
            where = child(each, "locus")
            if where is None or where.get("scheme") != COUNTED:
                yield each
                yield from _items(each)


def _parts(holder: Element) -> Iterator[Element]:
    for each in children(holder, "msPart", "msFrag"):
        yield each
        yield from _parts(each)


def phrases(carried: Carried) -> Phrases:
    """Return what is *carried*, one phrase after the other."""
    return tuple(phrase for _, held in carried for phrase in held)
