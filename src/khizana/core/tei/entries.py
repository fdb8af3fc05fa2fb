"""Catalogue entries from TEI files: of this program, of others, of any age, one or many to a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.incoming import Incoming
from khizana.core.errors import BadInput
from khizana.core.findings import Finding, Severity
from khizana.core.tei.described import Described
from khizana.core.tei.elements import Element, line_of, name_of, take_out
from khizana.core.tei.kept import restored
from khizana.core.tei.parsing import encoding_of, oddities, parsed
from khizana.core.tei.part import Header, Part
from khizana.core.tei.surfaces import remote_images

MOST = 512 * 1024 * 1024
"""Bytes of all documents that one file may become: a long header stands in each of them."""


@dataclass(frozen=True, slots=True)
class EntriesReading:
    """The manuscripts that a file describes, and what there is to say of the file."""

    entries: tuple[Incoming, ...]
    findings: tuple[Finding, ...]
    """Of the file as a whole; those of a manuscript stand with it."""


def read_entries(data: bytes, *, file: str) -> EntriesReading:
    """Return every manuscript that the TEI file *data* describes; *file* names it in findings.

    The document of an only manuscript is *data* itself. Where there are several ``msDesc``, none in another, each gets
    a document that is the whole file without the other ones: header, keywords, persons, facsimile and comments stand in
    each, so that all of them together say all that the file said.

    Nothing is raised: a file that cannot be read gives no manuscript and a finding that is an error, with its line.
    """
    try:
        root = parsed(data, file)
        sources = descriptions(root)
        if not sources:
            raise BadInput("TEI_NO_DESCRIPTION", file=file, line=line_of(root))  # noqa: TRY301 - told as the others are
        findings = tuple(oddities(data, root, file))
        images, told = remote_images(data, root, file)
        documents = [data] if len(sources) == 1 else list(_documents(data, file))
        several = len(sources) > 1
        entries = []
        for source, document in zip(sources, documents, strict=True):
            header = Header(root, source, tagged=tagged(data))
            described = Described(header, Part(header, source), file)
            entry = _entry(described)
            about = (*described.told, *_lacking(entry, source, file), *(() if several else told))
            entries.append(Incoming(entry, file, line_of(source), document, () if several else images, about))
    except BadInput as refused:
        finding = Finding(refused.code, Severity.ERROR, file, {"file": file, **refused.facts})
        return EntriesReading((), (finding,))
    return EntriesReading(tuple(entries), findings)


def read_entry(data: bytes, *, file: str = "description.xml") -> Entry:
    """Return the entry of the first manuscript that the TEI document *data* describes.

    Raises ``BadInput``, with file and line, for what is not XML, is not in the encoding it declares, holds no
    ``msDesc``, defines entities or is larger than 32 MiB.
    """
    return entry_in(parsed(data, file), file, tagged=tagged(data))


def entry_in(root: Element, file: str, *, tagged: bool) -> Entry:
    """Return the entry of the first description in *root*; *tagged* as ``tagged`` says. Raises as ``described_in``."""
    return _entry(described_in(root, file, tagged=tagged))


def described_in(root: Element, file: str, *, tagged: bool) -> Described:
    """Return the first description in *root*, in its parts.

    Raises ``BadInput`` where there is none.
    """
    sources = descriptions(root)
    if not sources:
        raise BadInput("TEI_NO_DESCRIPTION", file=file, line=line_of(root))
    header = Header(root, sources[0], tagged=tagged)
    return Described(header, Part(header, sources[0]), file)


def descriptions(root: Element) -> list[Element]:
    """Return every description of a manuscript in *root* that is in no other."""
    found = list(root.iter("{*}msDesc", "{*}msDescription"))
    if len(found) < 2:
        return found
    return [each for each in found if not any(name_of(outer) == name_of(each) for outer in each.iterancestors())]


def tagged(data: bytes) -> bool:
    """Tell whether any element of *data* may say which language it is in."""
    return b"xml:lang" in data or encoding_of(data).upper().startswith(("UTF-16", "UTF-32", "UCS"))


def _entry(described: Described) -> Entry:
    entry = described.entry()
    kept = described.header.kept
    if kept is None:
        return entry
    try:
        return restored(entry, kept.text or "")
    except ValueError:
        # Someone edited what this program keeps there: the description itself still stands.
        facts: dict[str, str | int] = {"line": line_of(kept)}
        described.told.append(Finding("TEI_KEPT_UNREADABLE", Severity.WARNING, described.file, facts))
        return entry


def _lacking(entry: Entry, source: Element, file: str) -> Iterator[Finding]:
    line = line_of(source)
    if not entry.shelfmark:
        yield Finding("TEI_NO_SHELFMARK", Severity.ERROR, file, {"line": line})
    if not entry.titles:
        yield Finding("TEI_NO_TITLE", Severity.WARNING, file, {"line": line})


def _documents(data: bytes, file: str) -> Iterator[bytes]:
    """Yield a document for each description of *data*: the whole file without the other descriptions."""
    root = parsed(data, file, whole=True)
    places = []
    for source in descriptions(root):
        holder = source.getparent()
        if holder is None:
            return
        places.append((source, holder, holder.index(source)))  # what was taken out before it is no more counted
        take_out(source)
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    size = 0
    for source, holder, place in places:
        holder.insert(place, source)
        if size > MOST:
            raise BadInput("TEI_TOO_LARGE", file=file, line=line_of(source), size=size, largest=MOST)
        written: Any = etree.tostring(root.getroottree(), encoding=encoding, xml_declaration=True)
        size += len(written)
        yield written
        take_out(source)
