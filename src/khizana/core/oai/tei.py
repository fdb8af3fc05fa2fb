"""The TEI description itself, with the manuscript's permanent address among its identifiers."""

from __future__ import annotations

from lxml import etree

from khizana.core.errors import BadInput
from khizana.core.oai.described import Described
from khizana.core.tei.elements import take_out
from khizana.core.xml import Element, parse_xml

NAMESPACE = "http://www.tei-c.org/ns/1.0"
PRESENT_LOCATION = "present-location"
_KIND = "ARK"
_WIDE = (b"\xfe\xff", b"\xff\xfe")
"""How a document in UTF-16 begins, in which the word would not be found."""


def tei(described: Described) -> Element:
    """Return the ``TEI`` element of the document, with ``altIdentifier/idno[@type="ARK"]`` in its ``msIdentifier``.

    Raises ``BadInput`` for what is no TEI document.
    """
    root = parse_xml(described.document, file=described.manuscript.id)
    if etree.QName(root).localname != "TEI":
        raise BadInput("TEI_NO_DESCRIPTION", file=described.manuscript.id, line=1)
    _take_out_location(root)
    identifier = next(root.iter(f"{{{NAMESPACE}}}msIdentifier"), None)
    if identifier is not None and all(each.text != described.ark for each in identifier.iter(f"{{{NAMESPACE}}}idno")):
        other = etree.Element(f"{{{NAMESPACE}}}altIdentifier")
        etree.SubElement(other, f"{{{NAMESPACE}}}idno", type=_KIND).text = described.ark
        # TEI P5 wants it after idno and msName alike, and before nothing.
        identifier.append(other)
    return root


def without_location(document: bytes, *, file: str) -> bytes:
    """Return *document* without where the manuscript lies today, which is told to no reader without an account.

    A document that does not tell it is returned byte for byte. Raises ``BadInput`` for one that does and is no XML.
    """
    if PRESENT_LOCATION.encode() not in document and document[:2] not in _WIDE:
        return document
    root = parse_xml(document, file=file)
    _take_out_location(root)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def _take_out_location(root: Element) -> None:
    for note in [each for each in root.iter("{*}note") if each.get("type") == PRESENT_LOCATION]:
        take_out(note)
