"""Read a TEI description: the ones this program wrote, exactly; those of others, with tolerance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from khizana.core.catalogue.entry import Entry
from khizana.core.errors import BadInput
from khizana.core.findings import Finding, Severity
from khizana.core.manuscript import Description, Range, Words
from khizana.core.tei.elements import Element, line_of, name_of
from khizana.core.tei.entries import entry_in, tagged
from khizana.core.tei.fields import APPLICATION, BY_ELEMENT, PAGE_ORDER, XML_LANG, Field
from khizana.core.tei.foreign import foreign_description
from khizana.core.tei.parsing import LARGEST, parsed

__all__ = ["LARGEST", "Reading", "read", "read_description", "read_with_entry"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A description as read, and what there is to say about the reading."""

    description: Description
    findings: tuple[Finding, ...]


def read_description(data: bytes, *, file: str = "description.xml") -> Description:
    """Return the manuscript description in the TEI document *data*; *file* names it in errors.

    Raises ``BadInput``, with file and line, for what is not XML, holds no ``msDesc``, defines entities or is
    larger than 32 MiB. Never another error, and nothing outside *data* is read.
    """
    return read(data, file=file).description


def read(data: bytes, *, file: str = "description.xml") -> Reading:
    """Return what ``read_description`` returns, with findings on what the description lacks.

    Raises ``BadInput`` as ``read_description`` does.
    """
    return _reading(parsed(data, file), file)


def read_with_entry(data: bytes, *, file: str = "description.xml") -> tuple[Description, Entry]:
    """Return what ``read_description`` and ``entries.read_entry`` return, from one reading of *data*.

    Raises ``BadInput`` as these do.
    """
    root = parsed(data, file)
    entry = entry_in(root, file, tagged=tagged(data))
    return _reading(root, file).description, entry


def _reading(root: Element, file: str) -> Reading:
    """Return what *root* describes; the names of its elements lose their namespaces."""
    for element in root.iter(etree.Element):
        # P4 files have no namespace and some P5 files the wrong one; the names are what matters here.
        element.tag = name_of(element)
    sources = list(root.iter("msDesc"))
    if not sources:
        raise BadInput("TEI_NO_DESCRIPTION", file=file, line=line_of(root))
    source = sources[0]
    own = any(element.get("ident") == APPLICATION for element in root.iter("application"))
    description = _own(root, source) if own else foreign_description(root, source)
    return Reading(description, tuple(_findings(description, sources, file)))


def _findings(description: Description, sources: list[Element], file: str) -> Iterator[Finding]:
    line = line_of(sources[0])
    if not description.shelfmark:
        yield Finding("TEI_NO_SHELFMARK", Severity.ERROR, file, {"line": line})
    if not description.titles:
        yield Finding("TEI_NO_TITLE", Severity.WARNING, file, {"line": line})
    if len(sources) > 1:
        facts: dict[str, str | int] = {"line": line_of(sources[1]), "count": len(sources)}
        yield Finding("TEI_SEVERAL_DESCRIPTIONS", Severity.WARNING, file, facts)


def _own(root: Element, source: Element) -> Description:
    contents = source.find("msContents")
    items = [] if contents is None else contents.findall("msItem")
    counted = f"#{PAGE_ORDER}"
    ranges = [item for item in items if (locus := item.find("locus")) is not None and locus.get("scheme") == counted]
    texts = [item for item in items if item not in ranges]
    language = source.find("msContents/textLang")
    return Description(
        shelfmark=source.findtext("msIdentifier/idno") or "",
        titles=_verbatim(source.findall("msIdentifier/msName"))
        or (_verbatim(texts[0].findall("title")) if texts else {}),
        languages=_tags(language) if language is not None else (),
        date_as_written=source.findtext("history/origin/p/origDate") or "",
        summary=_verbatim(source.findall("msContents/summary/p")),
        details=tuple(_own_details(root, source)),
        ranges=tuple(_own_range(item) for item in ranges),
    )


def _own_details(root: Element, source: Element) -> Iterator[tuple[Words, Words]]:
    details: dict[int, tuple[Words, Words]] = {}
    for note in root.iterfind("teiHeader/fileDesc/notesStmt/note"):
        details[_number(note.get("n"))] = (_verbatim(note.findall("label")), _verbatim(note.findall("seg")))
    leaves: dict[int, tuple[Field, list[Element]]] = {}
    for leaf in source.iter(etree.Element):
        kind = _kind(leaf) if leaf.get("n") else None
        if kind is not None:
            leaves.setdefault(_number(leaf.get("n")), (kind, []))[1].append(leaf)
    details |= {number: (kind.label, _verbatim(found)) for number, (kind, found) in leaves.items()}
    for number in sorted(details):
        yield details[number]


def _kind(leaf: Element) -> Field | None:
    for element in (leaf, *leaf.iterancestors()):
        if kind := BY_ELEMENT.get(str(element.tag)):
            return kind
    return None


def _own_range(item: Element) -> Range:
    locus = item.find("locus")
    first, last = (_number(locus.get(name)) if locus is not None else 1 for name in ("from", "to"))
    return Range(_verbatim(item.findall("title")), first - 1, last - 1)


def _number(written: str | None) -> int:
    # A file of ours that someone edited by hand may hold anything here.
    return int(written) if written and re.fullmatch(r"[0-9]{1,9}", written) else 1


def _tags(language: Element) -> tuple[str, ...]:
    return tuple(f"{language.get('mainLang', '')} {language.get('otherLangs', '')}".split())


def _verbatim(elements: list[Element]) -> Words:
    words: dict[str, tuple[str, ...]] = {}
    for element in elements:
        tag = element.get(XML_LANG) or "none"
        words[tag] = (*words.get(tag, ()), "".join(map(str, element.itertext())))
    return words
