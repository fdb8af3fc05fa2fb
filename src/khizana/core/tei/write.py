"""Write a description as TEI P5 ``msDesc``, the form in which it is kept for ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from khizana.core.errors import BadInput
from khizana.core.manuscript import Description, LibraryCard, Range, Words
from khizana.core.tei.fields import (
    APPLICATION,
    BY_ELEMENT,
    NAMESPACE,
    PAGE_ORDER,
    XML_ID,
    XML_LANG,
    Field,
)

Element = etree._Element  # noqa: SLF001 - the only name lxml has for the type of its elements


def description_tei(description: Description, *, card: LibraryCard | None = None) -> bytes:
    """Return *description* as a TEI P5 document, UTF-8, the same bytes for the same values.

    ``read_description`` gives the same description back. *card* names the library that keeps and publishes it.

    Raises ``BadInput`` for text that XML cannot hold (control characters, lone surrogates).
    """
    try:
        root = _document(description, card)
    except ValueError as error:
        raise BadInput("TEI_UNWRITABLE", shelfmark=description.shelfmark, problem=str(error)) from error
    etree.indent(root, space=" ")
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written + b"\n"


def _document(description: Description, card: LibraryCard | None) -> Element:
    root = etree.Element(f"{{{NAMESPACE}}}TEI", nsmap={None: NAMESPACE})  # type: ignore[dict-item] # the stubs know no default namespace
    header = _add(root, "teiHeader")
    file_description = _add(header, "fileDesc")
    statement = _add(file_description, "titleStmt")
    _add_words(statement, "title", description.titles or {"none": (description.shelfmark,)})
    publication(file_description, card)
    notes = etree.SubElement(file_description, f"{{{NAMESPACE}}}notesStmt")
    source = _add(_add(file_description, "sourceDesc"), "msDesc")
    _identifier(source, description.shelfmark, card)
    slots = _slots(description, notes)
    _contents(source, description, slots)
    _physical(source, slots, counted=bool(description.ranges))
    _history(source, description.date_as_written, slots)
    if not len(notes):
        file_description.remove(notes)
    application = _add(_add(_add(header, "encodingDesc"), "appInfo"), "application", ident=APPLICATION, version="1")
    _add(application, "label", "Khizana")
    # A TEI document must hold a text; the text itself is another document's matter.
    _add(_add(_add(root, "text"), "body"), "p")
    return root


Slots = dict[str, list[tuple[int, Words]]]
"""Details that have an element of their own: element name to their numbers and values."""


def _slots(description: Description, notes: Element) -> Slots:
    slots: Slots = {}
    for number, (label, value) in enumerate(description.details, 1):
        field = _known(label)
        if field is None or field.element in slots or not any(value.values()):
            note = _add(notes, "note", type="detail", n=str(number))
            _add_words(note, "label", label)
            _add_words(note, "seg", value)
        else:
            slots[field.element] = [(number, value)]
    return slots


def _known(label: Words) -> Field | None:
    return next((field for field in BY_ELEMENT.values() if field.label == label), None)


def publication(file_description: Element, card: LibraryCard | None) -> None:
    """Add the statement that the library of *card* publishes this, or nobody."""
    statement = _add(file_description, "publicationStmt")
    names = _name(card)
    if not names:
        _add(statement, "p", "Not published.")
        return
    _add_words(statement, "publisher", names)
    if card and card.rights:
        _add(_add(statement, "availability"), "licence", target=card.rights)


def _name(card: LibraryCard | None) -> Words:
    return card.titles or {"none": (card.name,)} if card else {}


def _identifier(source: Element, shelfmark: str, card: LibraryCard | None) -> None:
    identifier = _add(source, "msIdentifier")
    # One name only is allowed here; the others stand with the publisher.
    for tag, names in list(_name(card).items())[:1]:
        _add_words(identifier, "repository", {tag: names[:1]})
    _add(identifier, "idno", shelfmark, type="shelfmark")


def _contents(source: Element, description: Description, slots: Slots) -> None:
    contents = _add(source, "msContents")
    if description.summary:
        # One summary only is allowed; in several languages it has a paragraph for each.
        _add_words(_add(contents, "summary"), "p", description.summary)
    if description.languages:
        main, *others = description.languages
        attributes = {"mainLang": main} | ({"otherLangs": " ".join(others)} if others else {})
        _add(contents, "textLang", **attributes)
    if description.titles or "author" in slots or "respStmt" in slots:
        item = _add(contents, "msItem")
        for leaf in _leaves(slots, "author"):
            item.append(leaf)
        _add_words(item, "title", description.titles)
        if "respStmt" in slots:
            responsible = _add(item, "respStmt")
            _add(responsible, "resp", "scribe")
            for leaf in _leaves(slots, "respStmt", "name"):
                responsible.append(leaf)
    for part in description.ranges:
        _range(contents, part)


def _range(contents: Element, part: Range) -> None:
    item = _add(contents, "msItem")
    first, last = str(part.first + 1), str(part.last + 1)
    _add(item, "locus", **{"scheme": f"#{PAGE_ORDER}", "from": first, "to": last})
    _add_words(item, "title", part.label)


def _physical(source: Element, slots: Slots, *, counted: bool) -> None:
    physical = _Branch(source, ("physDesc",))
    for element, path, inner in (
        ("support", ("physDesc", "objectDesc", "supportDesc", "support"), "p"),
        ("extent", ("physDesc", "objectDesc", "supportDesc", "extent"), "seg"),
        ("foliation", ("physDesc", "objectDesc", "supportDesc"), ""),
        ("collation", ("physDesc", "objectDesc", "supportDesc", "collation"), "p"),
        ("condition", ("physDesc", "objectDesc", "supportDesc", "condition"), "p"),
        ("layout", ("physDesc", "objectDesc", "layoutDesc"), ""),
        ("scriptNote", ("physDesc", "scriptDesc"), ""),
        ("decoNote", ("physDesc", "decoDesc"), ""),
        ("binding", ("physDesc", "bindingDesc", "binding"), "p"),
    ):
        if element == "foliation" and counted:
            foliation = _add(physical.at(path), "foliation", **{XML_ID: PAGE_ORDER})
            _add(foliation, "p", "Page images in reading order, counted from 1.")
        for leaf in _leaves(slots, element, inner or element):
            physical.at(path).append(leaf)


def _history(source: Element, date_as_written: str, slots: Slots) -> None:
    history = _Branch(source, ("history",))
    for leaf in _leaves(slots, "origPlace"):
        history.at(("history", "origin", "p")).append(leaf)
    if date_as_written:
        _add(history.at(("history", "origin", "p")), "origDate", date_as_written)
    for leaf in _leaves(slots, "origin", "p"):
        history.at(("history", "origin")).append(leaf)
    for leaf in _leaves(slots, "provenance"):
        history.at(("history",)).append(leaf)
    for leaf in _leaves(slots, "acquisition", "p"):
        history.at(("history", "acquisition")).append(leaf)


class _Branch:
    """Elements under one parent, made when first needed and in the order of first need."""

    def __init__(self, parent: Element, root: Sequence[str]) -> None:
        self._parent = parent
        self._root = root
        self._made: dict[tuple[str, ...], Element] = {}

    def at(self, path: tuple[str, ...]) -> Element:
        if path not in self._made:
            above = self.at(path[:-1]) if len(path) > 1 else self._parent
            self._made[path] = _add(above, path[-1])
        return self._made[path]


def _leaves(slots: Slots, element: str, tag: str = "") -> Iterator[Element]:
    for number, value in slots.get(element, ()):
        for language, strings in value.items():
            for string in strings:
                leaf = etree.Element(f"{{{NAMESPACE}}}{tag or element}", n=str(number))
                leaf.text = string
                _tag(leaf, language)
                yield leaf


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    element.text = text
    return element


def _add_words(parent: Element, tag: str, words: Words) -> None:
    for language, strings in words.items():
        for string in strings:
            _tag(_add(parent, tag, string), language)


def _tag(element: Element, language: str) -> None:
    if language != "none":
        element.set(XML_LANG, language)
