"""Parsing a TEI file that anyone may have sent: nothing outside it is read, and nothing in it grows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from khizana.core.errors import BadInput
from khizana.core.findings import Finding, Severity
from khizana.core.tei.elements import Element, name_of

LARGEST = 32 * 1024 * 1024
"""Bytes; the largest of 12,433 public descriptions has under 1 MB."""

_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_IDENTIFIED = re.compile(rb"""xml:id\s*=\s*["']([^"']*)""")
_ARABIC = re.compile("[\u0621-\u064a]")
_LATIN_1 = frozenset(["iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "iso-8859-15"])


def parsed(data: bytes, file: str, *, whole: bool = False) -> Element:
    """Return the root of the XML document *data*: with comments and processing instructions where *whole*.

    Raises ``BadInput``, with file and line, for what is not XML, is not in the encoding that it declares, defines
    entities or is larger than 32 MiB. Never another error, and nothing outside *data* is read.
    """
    if len(data) > LARGEST:
        raise BadInput("TEI_TOO_LARGE", file=file, line=1, size=len(data), largest=LARGEST)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        collect_ids=False,  # an identifier that stands twice would else end the reading
        strip_cdata=not whole,
        remove_comments=not whole,
        remove_pis=not whole,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, _ = error.position
        if wrong := _wrong_encoding(data, file):
            raise wrong from error
        raise BadInput("TEI_NOT_XML", file=file, line=line or 1, problem=str(error.msg)) from error
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise BadInput("TEI_NOT_XML", file=file, line=1, problem=str(error)) from error
    definitions: Any = root.getroottree().docinfo.internalDTD
    # Entities are a way to make a small file huge or to read other files, and no description needs them.
    if definitions is not None and next(definitions.iterentities(), None) is not None:
        raise BadInput("TEI_ENTITIES", file=file, line=1)
    return root


def _wrong_encoding(data: bytes, file: str) -> BadInput | None:
    """Return what to say of bytes that are not in the encoding declared, or None where they are."""
    declared = encoding_of(data)
    if declared.lower() not in ("utf-8", "utf8"):
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < 2:  # no text at all: another kind of file
            return None
        line = data.count(b"\n", 0, error.start) + 1
        return BadInput("TEI_ENCODING", file=file, line=line, declared=declared, likely=_likely(data))
    return None


def _likely(data: bytes) -> str:
    # Of windows-1256 nearly all high bytes are Arabic letters; Latin-1 has one here and there among ASCII letters.
    high = bytes(byte for byte in data if byte > 0x7F)
    letters = len(_ARABIC.findall(high.decode("windows-1256", "replace")))
    runs = re.findall(rb"[\xc0-\xff]{3,}", data)
    return "windows-1256" if runs and 2 * letters > len(high) else "ISO-8859-1"


def encoding_of(data: bytes) -> str:
    """Return the encoding that *data* declares, or ``UTF-8``."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    found = _DECLARED.match(data[:400])
    return found[1].decode() if found else "UTF-8"


def oddities(data: bytes, root: Element, file: str) -> Iterator[Finding]:
    """Yield what there is to say of a file as a file: its names, its identifiers, its encoding."""
    name = name_of(root)
    if name == "TEI.2":
        yield Finding("TEI_P4", Severity.INFO, file, {"line": 1})
    elif not str(root.tag).startswith("{"):
        yield Finding("TEI_NO_NAMESPACE", Severity.INFO, file, {"line": 1})
    identifiers = _IDENTIFIED.findall(data)
    if len(set(identifiers)) < len(identifiers):
        seen: set[bytes] = set()
        twice = next(each for each in identifiers if each in seen or seen.add(each))  # type: ignore[func-returns-value] # adding gives None
        facts: dict[str, str | int] = {
            "line": _line_of_second(data, twice),
            "identifier": twice.decode("utf-8", "replace"),
        }
        yield Finding("TEI_SAME_IDENTIFIER", Severity.WARNING, file, facts)
    if b"&" in data and b"<!DOCTYPE" in data[:4096]:
        unknown = next(root.iter(etree.Entity), None)
        if unknown is not None:
            line = next((each.sourceline for each in unknown.iterancestors() if each.sourceline), 1)
            facts = {"line": line if isinstance(line, int) else 1, "entity": str(unknown.text)}
            yield Finding("TEI_UNKNOWN_ENTITY", Severity.WARNING, file, facts)
    yield from _doubtful_encoding(data, file)


def _line_of_second(data: bytes, identifier: bytes) -> int:
    starts = [found.start() for found in _IDENTIFIED.finditer(data) if found[1] == identifier]
    return data.count(b"\n", 0, starts[1]) + 1


def _doubtful_encoding(data: bytes, file: str) -> Iterator[Finding]:
    declared = encoding_of(data)
    if declared.lower() not in _LATIN_1 or data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return
    yield Finding("TEI_ENCODING_DOUBTFUL", Severity.WARNING, file, {"line": 1, "declared": declared})
