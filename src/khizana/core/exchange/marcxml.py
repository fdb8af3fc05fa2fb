"""MARC 21 in and out: MARCXML (the slim schema of the Library of Congress) and ISO 2709, one record at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import pymarc
from lxml import etree
from pymarc.exceptions import PymarcException

from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.exchange.marc_entry import entry_of
from khizana.core.exchange.marc_record import DELIMITER, Field, Record
from khizana.core.exchange.marc_write import record_of
from khizana.core.findings import Finding, Severity
from khizana.core.xml import Element, line_of, local_name, writable, written
from khizana.core.xml_pieces import Broken, pieces

NAMESPACE = "http://www.loc.gov/MARC21/slim"
OPENING = f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{NAMESPACE}">\n'.encode()
CLOSING = b"</collection>\n"

_RECORD_END = b"\x1d"
_LONGEST = 100_000
"""Bytes of a record in ISO 2709, whose length has five digits."""
_CHUNK = 256 * 1024
_MANUSCRIPT = frozenset("tdfpr ")
"""Leader, column 6: text, music and maps in manuscript, mixed material, things; or nothing stated."""
_DESCRIPTIONS = frozenset("acdefgijkmoprt ")


def read_marcxml(stream: BinaryIO, *, file: str) -> Iterator[Incoming | Reported]:
    """Yield the manuscript of every record in *stream*, a MARCXML file that *file* names, in their order.

    A record that cannot be read, and one of authorities or holdings, is yielded as ``Reported`` with its line, and the
    rest is read. Every field is kept in ``Entry.extra``, so that ``to_marcxml`` gives the record back. Nothing is
    raised for any bytes at all; memory is that of one record.
    """
    for piece in pieces(stream, frozenset({"record"}), file=file):
        if isinstance(piece, Broken):
            yield Reported(piece.finding, file, piece.line)
            continue
        element = piece.element
        inner = next((each for each in element.iter() if each is not element and local_name(each) == "record"), element)
        record, findings = _record(inner, file, piece.line - line_of(element))
        yield _received(record, file, piece.line, findings)


def read_marc(stream: BinaryIO, *, file: str) -> Iterator[Incoming | Reported]:
    """Yield the manuscript of every record in *stream*, in ISO 2709 (``.mrc``), as ``read_marcxml`` does.

    The letters are read as UTF-8 or MARC-8, as the record says. The number of a record, from 1, stands for its line.
    """
    for number, data in enumerate(_chunks(stream), start=1):
        try:
            read = pymarc.Record(data=data, to_unicode=True, hide_utf8_warnings=True)
            record = Record(str(read.leader), tuple(map(_from_pymarc, read.fields)))
        except (PymarcException, ValueError, LookupError, TypeError, AttributeError) as error:
            facts: dict[str, str | int] = {"line": number, "problem": str(error) or type(error).__name__}
            yield Reported(Finding("MARC_UNREADABLE", Severity.ERROR, file, facts), file, number)
            continue
        yield _received(record, file, number, [])


def to_marcxml(entry: Entry, *, identifier: str = "") -> bytes:
    """Return *entry* as a ``record`` of MARCXML in UTF-8, without an XML declaration.

    What the entry kept of a record that it came from stands as it was; *identifier* is the control number of one that
    came from none.
    """
    return written(marcxml_element(entry, identifier=identifier))


def marcxml_element(entry: Entry, *, identifier: str = "") -> Element:
    """Return what ``to_marcxml`` writes, as an element."""
    record = record_of(entry, identifier=identifier)
    root = etree.Element(f"{{{NAMESPACE}}}record", nsmap={None: NAMESPACE})  # type: ignore[dict-item] # the stubs know no default namespace
    _add(root, "leader", record.leader)
    for field in record.fields:
        if field.control:
            _add(root, "controlfield", field.value, tag=field.tag)
            continue
        indicators = {"ind1": field.indicators[:1] or " ", "ind2": field.indicators[1:2] or " "}
        element = _add(root, "datafield", None, tag=field.tag, **indicators)
        for code, value in field.subfields:
            _add(element, "subfield", value, code=code)
    return root


def write_marcxml(entries: Iterable[tuple[str, Entry]]) -> Iterator[bytes]:
    """Yield a MARCXML collection of *entries*, each with its identifier, piece by piece."""
    yield OPENING
    for identifier, entry in entries:
        yield to_marcxml(entry, identifier=identifier) + b"\n"
    yield CLOSING


def _add(parent: Element, name: str, text: str | None, **attributes: str) -> Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = None if text is None else writable(text)
    for key, value in attributes.items():
        element.set(key, writable(value))
    return element


def _record(element: Element, file: str, above: int) -> tuple[Record, list[Finding]]:
    leader, fields, findings = "", [], []
    for child in element:
        name, text, tag = local_name(child), "".join(map(str, child.itertext())), child.get("tag", "")
        if name == "leader":
            leader = text
        elif name == "controlfield" and re.fullmatch("00[0-9A-Za-z]", tag):
            fields.append(Field(tag, text))
        elif name == "datafield" and (field := _data_field(child, tag)) is not None:
            fields.append(field)
        elif name:
            facts: dict[str, str | int] = {"line": above + line_of(child), "field": tag or name}
            findings.append(Finding("MARC_FIELD_DAMAGED", Severity.WARNING, file, facts))
    return Record(leader, tuple(fields)), findings


def _data_field(element: Element, tag: str) -> Field | None:
    indicators = f"{element.get('ind1', ' ') or ' '}{element.get('ind2', ' ') or ' '}".replace("#", " ")
    subfields = tuple((each.get("code", ""), "".join(map(str, each.itertext()))) for each in element)
    damaged = any(len(code) != 1 or code == DELIMITER for code, _ in subfields) or len(indicators) != 2
    if damaged or not re.fullmatch("[0-9A-Za-z]{3}", tag) or tag.startswith("00"):
        return None
    return Field(tag, "", indicators, subfields)


def _received(record: Record, file: str, line: int, findings: list[Finding]) -> Incoming | Reported:
    kind = record.leader[6:7] or " "
    if not record.fields:
        return Reported(Finding("MARC_EMPTY", Severity.ERROR, file, {"line": line}), file, line)
    if kind not in _DESCRIPTIONS:
        facts: dict[str, str | int] = {"line": line, "kind": kind}
        return Reported(Finding("MARC_NO_DESCRIPTION", Severity.ERROR, file, facts), file, line)
    entry = entry_of(record)
    if kind not in _MANUSCRIPT:
        findings.append(Finding("MARC_NOT_MANUSCRIPT", Severity.WARNING, file, {"line": line, "kind": kind}))
    if not entry.shelfmark:
        findings.append(Finding("MARC_NO_SHELFMARK", Severity.WARNING, file, {"line": line}))
    if not entry.titles:
        findings.append(Finding("MARC_NO_TITLE", Severity.WARNING, file, {"line": line}))
    return Incoming(entry, file, line, findings=tuple(findings))


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what ends with the mark of a record: its own length may be wrong, and a wrong one would spoil the next."""
    data = b""
    while more := stream.read(_CHUNK):
        *whole, data = (data + more).split(_RECORD_END)
        for each in whole:
            if each.strip():
                yield each.lstrip(b"\r\n") + _RECORD_END
        if len(data) > 10 * _LONGEST:
            yield data
            data = b""
    if data.strip():
        yield data


def _from_pymarc(field: pymarc.Field) -> Field:
    if field.control_field:
        return Field(field.tag, str(field.data or ""))
    indicators = "".join(field.indicators or (" ", " ")).replace("#", " ")
    return Field(field.tag, "", f"{indicators:2}"[:2], tuple((each.code, each.value) for each in field.subfields))
