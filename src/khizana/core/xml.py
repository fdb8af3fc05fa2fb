"""XML from elsewhere, read safely: no entities, no network, no file beside it, no more memory than a record needs."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from khizana.core.errors import BadInput

Element = etree._Element  # noqa: SLF001 - the only name lxml has for the type of its elements

LARGEST = 32 * 1024 * 1024
"""Bytes of a document, or of one record of a longer file."""

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe_parser() -> etree.XMLParser:
    """Return a parser that expands no entities, reads nothing from elsewhere and drops comments."""
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def parse_xml(data: bytes, *, file: str, line: int = 1) -> Element:
    """Return the root of the document *data*, which begins on *line* of *file*.

    Raises ``BadInput``, with file and line, for what is larger than 32 MiB, is no XML, or defines entities.
    """
    if len(data) > LARGEST:
        raise BadInput("XML_TOO_LARGE", file=file, line=line, largest=LARGEST)
    try:
        root = etree.fromstring(data, safe_parser())
    except etree.XMLSyntaxError as error:
        at = (error.position[0] or 1) + line - 1
        raise BadInput("XML_NOT_WELL_FORMED", file=file, line=at, problem=str(error.msg)) from error
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise BadInput("XML_NOT_WELL_FORMED", file=file, line=line, problem=str(error)) from error
    definitions: Any = root.getroottree().docinfo.internalDTD
    # Entities are a way to make a small file huge or to read other files, and no description needs them.
    if definitions is not None and next(definitions.iterentities(), None) is not None:
        raise BadInput("XML_ENTITIES", file=file, line=line)
    return root


def local_name(element: Element) -> str:
    """Return the name of *element* without its namespace; nothing for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def line_of(element: Element) -> int:
    """Return the line, from 1, on which *element* begins in what was parsed."""
    line: Any = element.sourceline  # the stubs know no line numbers
    return int(line or 1)


def writable(text: str) -> str:
    """Return *text* with the sign of the unknown (U+FFFD) for each character that XML cannot hold."""
    return _UNWRITABLE.sub("\ufffd", text)


def written(root: Element) -> bytes:
    """Return *root* in UTF-8, without an XML declaration."""
    text: str = etree.tostring(root, encoding="unicode")
    return text.encode()
