"""Entries into TEI documents: changed where they stand, or new."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lxml import etree

from khizana.core.catalogue.entry import Entry
from khizana.core.errors import BadInput
from khizana.core.manuscript import LibraryCard
from khizana.core.tei.changes import Writing
from khizana.core.tei.elements import Element, take_out
from khizana.core.tei.entries import described_in, descriptions, read_entry
from khizana.core.tei.fields import NAMESPACE, XML_LANG
from khizana.core.tei.kept import difference
from khizana.core.tei.parsing import parsed
from khizana.core.tei.part import ENTRY
from khizana.core.tei.places import made, put_in, say
from khizana.core.tei.write import publication


def changed_document(data: bytes, before: Entry, after: Entry, *, file: str = "description.xml") -> bytes:
    """Return the TEI document *data*, which says *before*, so that it says *after*.

    Where both are the same, *data* itself. Else only the elements that carry what changed are written; all others stay
    as they are in canonical form (comments, processing instructions, what the model does not know, order, blanks). What
    the description cannot say goes into an ``xenoData`` of this program, field by field.

    ``read_entry`` of the result gives *after*. Raises ``BadInput`` as ``read_entry`` does, and for text that XML cannot
    hold.
    """
    if before == after:
        return data
    root = parsed(data, file, whole=True)
    if not descriptions(root):
        described_in(root, file, tagged=True)
    return _written(root, before, after, file)


def new_document(entry: Entry, card: LibraryCard | None = None) -> bytes:
    """Return *entry* as a TEI P5 document, UTF-8, the same bytes for the same values.

    ``read_entry`` gives the same entry back. *card* names the library that publishes it. Raises ``BadInput`` for text
    that XML cannot hold.
    """
    try:
        root = _skeleton(entry, card)
    except ValueError as error:
        raise BadInput("TEI_UNWRITABLE", shelfmark=entry.shelfmark, problem=str(error)) from error
    return _written(root, Entry(), entry, "description.xml", new=True)


def public_document(data: bytes, *, file: str = "description.xml") -> bytes:
    """Return the TEI document *data* without what no reader may see: where the manuscript lies today.

    *data* itself where it does not say that. Raises ``BadInput`` as ``read_entry`` does.
    """
    entry = read_entry(data, file=file)
    return changed_document(data, entry, replace(entry, present_location=()), file=file)


def _written(root: Element, before: Entry, after: Entry, file: str, *, new: bool = False) -> bytes:
    try:
        writing = Writing(root, descriptions(root)[0], file)
        if before.units != after.units:
            writing.units(after.units)
        writing.apply(before, after)
        if new:
            etree.indent(root, space=" ")
        _keep(writing, after, file, new=new)
        return _bytes(root) + (b"\n" if new else b"")
    except ValueError as error:
        raise BadInput("TEI_UNWRITABLE", shelfmark=after.shelfmark, problem=str(error)) from error


def _keep(writing: Writing, after: Entry, file: str, *, new: bool) -> None:
    """Keep beside the description what it does not say, and nothing that it does."""
    read = described_in(parsed(_bytes(writing.root), file), file, tagged=True).entry()
    kept = difference(read, after)
    header = writing.described().header
    element = header.kept
    if element is not None and not kept:
        take_out(element)
    elif element is not None:
        say(element, kept)
    elif kept:
        holder = header.header if header.header is not None else writing.root
        element = made(holder, "xenoData", type=ENTRY)
        say(element, kept)
        put_in(holder, element)
        if new:
            element.tail = "\n  "


def _bytes(root: Element) -> bytes:
    tree = root.getroottree()
    encoding = tree.docinfo.encoding or "UTF-8"
    written: Any = etree.tostring(tree, encoding=encoding, xml_declaration=True, standalone=tree.docinfo.standalone)  # type: ignore[arg-type] # None is the default
    return bytes(written)


def _skeleton(entry: Entry, card: LibraryCard | None) -> Element:
    root = etree.Element(f"{{{NAMESPACE}}}TEI", nsmap={None: NAMESPACE})  # type: ignore[dict-item] # the stubs know no default namespace
    header = _add(root, "teiHeader")
    described = _add(header, "fileDesc")
    statement = _add(described, "titleStmt")
    for title in entry.titles:
        element = _add(statement, "title", type="entry")
        say(element, title.text)
        if title.language != "none":
            element.set(XML_LANG, title.language)
    if not entry.titles:
        say(_add(statement, "title", type="entry"), entry.shelfmark)
    publication(described, card)
    source = _add(_add(described, "sourceDesc"), "msDesc")
    _add(source, "msIdentifier")
    application = _add(_add(_add(header, "encodingDesc"), "appInfo"), "application", ident=ENTRY, version="1")
    say(_add(application, "label"), "Khizana")
    say(_add(_add(_add(root, "text"), "body"), "p"), "")
    return root


def _add(holder: Element, name: str, **attributes: str) -> Element:
    element = made(holder, name, **attributes)
    holder.append(element)
    return element
