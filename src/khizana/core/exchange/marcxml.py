"""MARC 21 in and out: MARCXML (the slim schema of the Library of Congress) and ISO 2709, one record at a time."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import BinaryIO

import pymarc
from lxml import etree
from pymarc.exceptions import BadSubfieldCodeWarning, PymarcException

from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.errors import BadInput
from khizana.core.exchange.marc_entry import entry_of
from khizana.core.exchange.marc_record import DELIMITER, Field, Record
from khizana.core.exchange.marc_write import record_of
from khizana.core.exchange.oai_record import withdrawn
from khizana.core.findings import Finding, Severity
from khizana.core.xml import Element, line_of, local_name, parse_xml, writable, written
from khizana.core.xml_pieces import Broken, pieces

NAMESPACE = "http://www.loc.gov/MARC21/slim"
OTHER = "marcxml:"
"""Begins the name of what ``Entry.extra`` keeps of a record that is no field of MARC: the element, as XML."""
OPENING = f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{NAMESPACE}">\n'.encode()
CLOSING = b"</collection>\n"

_RECORD_END = b"\x1d"
_LONGEST = 100_000
"""Bytes of a record in ISO 2709, whose length has five digits."""
_CHUNK = 256 * 1024
_CONTROL = re.compile("00[0-9A-Za-z]")
_DATA = re.compile("(?!00)[0-9A-Za-z]{3}")
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
        if gone := withdrawn(element, file=file, line=piece.line):
            yield gone
            continue
        inner = next((each for each in element.iter("{*}record") if each is not element), element)
        record, others, findings = _record(inner, file, piece.line - line_of(element))
        found = _received(record, file, piece.line, findings)
        if others and isinstance(found, Incoming):
            found = replace(found, entry=replace(found.entry, extra=(*found.entry.extra, *others)))
        yield found


def read_marc(stream: BinaryIO, *, file: str) -> Iterator[Incoming | Reported]:
    """Yield the manuscript of every record in *stream*, in ISO 2709 (``.mrc``), as ``read_marcxml`` does.

    The letters are read as UTF-8 or MARC-8, as the record says. The number of a record, from 1, stands for its line.
    """
    for number, data in enumerate(_chunks(stream), start=1):
        try:
            record = _unpacked(data)
        except (PymarcException, Warning, ValueError, LookupError, TypeError, AttributeError) as error:
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
    root = record_element(record_of(entry, identifier=identifier))
    for key, text in entry.extra:
        if key.startswith(OTHER):
            with contextlib.suppress(BadInput):  # a person may have changed it
                root.append(parse_xml(text.encode(), file=key))
    return root


def record_element(record: Record) -> Element:
    """Return *record* as an element of MARCXML."""
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


def _record(element: Element, file: str, above: int) -> tuple[Record, list[tuple[str, str]], list[Finding]]:
    """Return the record in *element*, what in it is no field of MARC, and what is to be told of that."""
    leader, fields, others, findings = "", [], [], []
    for child in element:
        name, tag = local_name(child), child.get("tag", "")
        if name == "leader":
            leader = _text(child)
        elif name == "controlfield" and _CONTROL.fullmatch(tag):
            fields.append(Field(tag, _text(child)))
        elif name == "datafield" and (field := _data_field(child, tag)) is not None:
            fields.append(field)
        elif name:
            others.append((OTHER + name, _canonical(child)))
            # Library systems add elements of their own; only a field that is none is a mistake.
            if name in ("controlfield", "datafield"):
                facts: dict[str, str | int] = {"line": above + line_of(child), "field": tag or name}
                findings.append(Finding("MARC_FIELD_DAMAGED", Severity.WARNING, file, facts))
    return Record(leader, tuple(fields)), others, findings


def _data_field(element: Element, tag: str) -> Field | None:
    indicators = f"{element.get('ind1', ' ') or ' '}{element.get('ind2', ' ') or ' '}".replace("#", " ")
    subfields = tuple([(each.get("code", ""), _text(each)) for each in element])
    for code, _ in subfields:
        if len(code) != 1 or code == DELIMITER:
            return None
    if len(indicators) != 2 or not _DATA.fullmatch(tag):
        return None
    return Field(tag, "", indicators, subfields)


def _canonical(element: Element) -> str:
    """Return *element* as XML that is the same whatever it stands in, and whichever prefix it had for MARC."""
    holder = record_element(Record("", ()))
    holder.append(deepcopy(element))
    told: bytes = etree.tostring(holder[-1], method="c14n", exclusive=True, with_tail=False)
    return told.decode()


def _text(element: Element) -> str:
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""


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


def _unpacked(data: bytes) -> Record:
    with warnings.catch_warnings():
        # A subfield whose code is no letter would be warned of, and lost.
        warnings.simplefilter("error", BadSubfieldCodeWarning)
        read = pymarc.Record(data=data, to_unicode=True, hide_utf8_warnings=True)
    return Record(str(read.leader), tuple(map(_from_pymarc, read.fields)))


def _from_pymarc(field: pymarc.Field) -> Field:
    if field.control_field:
        return Field(field.tag, str(field.data or ""))
    indicators = "".join(field.indicators or (" ", " ")).replace("#", " ")
    return Field(field.tag, "", f"{indicators:2}"[:2], tuple((each.code, each.value) for each in field.subfields))
