"""The answers of OAI-PMH 2.0 as XML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from khizana.core.manuscript import Words
from khizana.core.oai.formats import FORMATS
from khizana.core.oai.request import Refused
from khizana.core.xml import Element, writable

OAI = "http://www.openarchives.org/OAI/2.0/"
_SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class Header:
    """Who a description is of, and when it changed last."""

    identifier: str
    datestamp: str
    sets: tuple[str, ...] = ()
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A header, with the description where it is not deleted."""

    header: Header
    metadata: Element | None = None


@dataclass(frozen=True, slots=True)
class Resumption:
    """Where a list goes on: a token, or nothing at its end; and how many were given before it."""

    token: str
    cursor: int


class Answer:
    """One answer, begun with its time and the request that it answers."""

    def __init__(self, *, when: str, address: str, arguments: Mapping[str, str]) -> None:
        self._root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap={None: OAI, "xsi": _XSI})  # type: ignore[dict-item]  # lxml's own form of the default namespace
        self._root.set(f"{{{_XSI}}}schemaLocation", f"{OAI} {_SCHEMA}")
        _add(self._root, "responseDate", when)
        self._request = _add(self._root, "request", address)
        for name, value in arguments.items():
            self._request.set(name, writable(value))

    def to_bytes(self) -> bytes:
        """Return the answer in UTF-8."""
        return etree.tostring(self._root, xml_declaration=True, encoding="UTF-8")

    def refuse(self, refused: Refused) -> None:
        """Answer with an error; of a request that was not understood the arguments are not given back (3.6)."""
        if refused.code in ("badVerb", "badArgument"):
            self._request.attrib.clear()
        _add(self._root, "error", refused.words).set("code", refused.code)

    def identify(self, *, name: str, address: str, earliest: str, email: str) -> None:
        """Answer what repository this is."""
        about = _add(self._root, "Identify")
        _add(about, "repositoryName", name)
        _add(about, "baseURL", address)
        _add(about, "protocolVersion", "2.0")
        _add(about, "adminEmail", email)
        _add(about, "earliestDatestamp", earliest)
        _add(about, "deletedRecord", "persistent")
        _add(about, "granularity", "YYYY-MM-DDThh:mm:ssZ")
        _add(about, "compression", "gzip")

    def formats(self) -> None:
        """Answer in what forms descriptions can be had."""
        listed = _add(self._root, "ListMetadataFormats")
        for prefix, form in FORMATS.items():
            each = _add(listed, "metadataFormat")
            _add(each, "metadataPrefix", prefix)
            _add(each, "schema", form.schema)
            _add(each, "metadataNamespace", form.namespace)

    def sets(self, sets: Iterable[tuple[str, Words]], resumption: Resumption | None) -> None:
        """Answer what sets there are."""
        listed = _add(self._root, "ListSets")
        for spec, names in sets:
            each = _add(listed, "set")
            _add(each, "setSpec", spec)
            _add(each, "setName", " · ".join(dict.fromkeys(text for texts in names.values() for text in texts)))
        _resume(listed, resumption)

    def record(self, record: Record) -> None:
        """Answer with one description."""
        _record(_add(self._root, "GetRecord"), record)

    def records(self, records: Sequence[Record], resumption: Resumption | None, *, headers_only: bool) -> None:
        """Answer with one stretch of a list."""
        listed = _add(self._root, "ListIdentifiers" if headers_only else "ListRecords")
        for each in records:
            if headers_only:
                _header(listed, each.header)
            else:
                _record(listed, each)
        _resume(listed, resumption)


def _record(parent: Element, record: Record) -> None:
    element = _add(parent, "record")
    _header(element, record.header)
    if record.metadata is not None:
        _add(element, "metadata").append(record.metadata)


def _header(parent: Element, header: Header) -> None:
    element = _add(parent, "header")
    if header.is_deleted:
        element.set("status", "deleted")
    _add(element, "identifier", header.identifier)
    _add(element, "datestamp", header.datestamp)
    for spec in header.sets:
        _add(element, "setSpec", spec)


def _resume(parent: Element, resumption: Resumption | None) -> None:
    if resumption is not None:
        _add(parent, "resumptionToken", resumption.token).set("cursor", str(resumption.cursor))


def _add(parent: Element, name: str, text: str = "") -> Element:
    element = etree.SubElement(parent, f"{{{OAI}}}{name}")
    element.text = writable(text) or None
    return element
