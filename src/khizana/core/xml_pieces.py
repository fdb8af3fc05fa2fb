"""A long XML file, one record at a time: each parsed alone, so that memory stays flat and a broken one spoils no other.

In XML, a ``<`` stands as itself only in a tag, a comment, a CDATA section, a processing instruction or a DOCTYPE (XML
1.0, 2.4): whoever steps over the last four finds the tags of records without parsing what lies between.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast
from xml.sax.saxutils import quoteattr

from lxml import etree

from khizana.core.errors import BadInput
from khizana.core.findings import Finding, Severity
from khizana.core.xml import LARGEST, Element, parse_xml, safe_parser

_CHUNK = 256 * 1024
_LONGEST_NAME = 512
"""Bytes of a tag up to the end of its name: the end of a chunk is looked at again with the next."""
_LONGEST_TAG = 64 * 1024
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]+)[\"'][^>]*\?>")
_STATED = re.compile(r"\s*<\?xml[^>]*\?>")
_ENDINGS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_REST_OF_TAG = re.compile(rb"(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*>")
_WRAP = "khizana-piece"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Piece:
    """One record of the file, parsed alone with the namespaces of what it stands in."""

    element: Element
    line: int
    """On which it begins, from 1."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A record, or the rest of the file, that cannot be read, and why."""

    finding: Finding
    line: int


def pieces(stream: BinaryIO, names: frozenset[str], *, file: str) -> Iterator[Piece | Broken]:
    """Yield every outermost element of *stream* whose name without prefix is one of *names*, in their order.

    What is not well-formed, is cut off, or has more than ``LARGEST`` bytes is yielded as ``Broken``, and the next
    element is read. A file that defines entities is yielded as one ``Broken`` and no more. No bytes make it raise.
    Not more than one element, at most ``LARGEST`` bytes, is held in memory.
    """
    reader = _Pieces(stream, names, file)
    try:
        yield from reader.read()
    except _Cut as cut:
        yield reader.broken(cut.code)
    except (UnicodeError, LookupError) as error:
        yield reader.broken("XML_ENCODING", problem=str(error))


class _Cut(Exception):
    """What begins at a place has no end, or too late a one."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Tag:
    name: bytes
    """With its prefix."""
    start: int
    opens: bool
    closes: bool


class _Window:
    """The part of the file that is looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self.chunks = _utf8(stream)
        self.data = bytearray()
        self.at = 0
        self.line = 1
        """Of the first byte of the data."""

    def tag(self, marks: re.Pattern[bytes], *, keep: bool) -> _Tag | None:
        """Return the next tag that *marks* knows, and stand behind it; None at the end of the file.

        Unless they are to be kept, the bytes before the tag are dropped. Raises ``_Cut`` where too many are kept.
        """
        while True:
            found = marks.search(self.data, self.at)
            if found is None:
                self.at = max(self.at, len(self.data) - _LONGEST_NAME)
                if not self._more(keep=keep):
                    self.at = len(self.data)
                    return None
                continue
            start, end, ending = found.start(), found.end(), _ENDINGS.get(found[0])
            if ending is not None:
                self.at = end
                self._past(ending, keep=keep)
                continue
            name, closes = bytes(found["name"]), bool(found["close"])
            if not keep:
                self.forget(start)
                start, end = 0, end - start
            return _Tag(name, start, not closes, self._empty(end) or closes)

    def forget(self, count: int) -> None:
        """Drop the first *count* bytes."""
        self.line += self.data.count(b"\n", 0, count)
        del self.data[:count]
        self.at = max(self.at - count, 0)

    def _more(self, *, keep: bool) -> bool:
        if not keep:
            self.forget(self.at)
        elif len(self.data) > LARGEST:
            raise _Cut("XML_TOO_LARGE")
        chunk = next(self.chunks, b"")
        self.data += chunk
        return bool(chunk)

    def _past(self, ending: bytes, *, keep: bool) -> None:
        while (found := self.data.find(ending, self.at)) < 0:
            self.at = max(self.at, len(self.data) - len(ending) + 1)
            if not self._more(keep=keep):
                self.at = len(self.data)
                return
        self.at = found + len(ending)

    def _empty(self, end: int) -> bool:
        """Stand behind the tag whose name ends at *end*, and tell whether it is one of an empty element."""
        while (rest := _REST_OF_TAG.match(self.data, end)) is None and len(self.data) - end < _LONGEST_TAG:
            if not self._more(keep=True):
                break
        # What is no tag after all is for the parser to refuse.
        self.at = rest.end() if rest else end
        return bool(rest) and self.data[self.at - 2 : self.at] == b"/>"


class _Pieces:
    def __init__(self, stream: BinaryIO, names: frozenset[str], file: str) -> None:
        self.window = _Window(stream)
        self.file = file
        self.names = frozenset(name.encode() for name in names)
        self.marks = _marks(self.names)
        self.root = b""
        self.opening, self.closing = b"", b""
        self.nested = 0
        """Where in the record that is being read the first one begins that stands within it."""
        self.closed = False
        """Whether the end of the outermost element was seen."""
        self.parser = safe_parser()

    def read(self) -> Iterator[Piece | Broken]:
        window = self.window
        tag = window.tag(self.marks, keep=True)
        broken = self._enter(bytes(window.data[: tag.start if tag else None]), alone=tag is None)
        if broken is not None:
            yield broken
            return
        while tag is not None:
            if tag.opens and tag.name.rpartition(b":")[2] in self.names:
                window.forget(tag.start)
                yield self._one(tag)
            self.closed = self.closed or (not tag.opens and tag.name == self.root)
            tag = window.tag(self.marks, keep=False)
        if self.root and not self.closed:
            yield self.broken("XML_CUT_OFF")

    def broken(self, code: str, **facts: str | int) -> Broken:
        """Return that what the window begins with cannot be read."""
        line = self.window.line
        finding = Finding(
            code, Severity.ERROR, self.file, {"file": self.file, "line": line, "largest": LARGEST, **facts}
        )
        return Broken(finding, line)

    def _one(self, tag: _Tag) -> Piece | Broken:
        """Return the element that the window begins with, and drop it there."""
        window = self.window
        try:
            end = self._end(tag)
        except _Cut as cut:
            broken = self.broken(cut.code)
            # A record that lacks its end would take with it all that follow: these are looked at for themselves.
            window.forget(self.nested or window.at)
            window.at = 0
            return broken
        one = self._parsed(bytes(window.data[:end]))
        window.forget(end)
        return one

    def _end(self, tag: _Tag) -> int:
        """Return where the element of *tag* ends; raise ``_Cut`` where it does not."""
        depth, inner, self.nested = 0 if tag.closes else 1, 0, 0
        while depth:
            mark = self.window.tag(self.marks, keep=True)
            if mark is None:
                self.closed = self.closed or not self.nested  # this is said once
                raise _Cut("XML_CUT_OFF")
            if mark.name != tag.name:
                continue
            if mark.opens:
                inner, self.nested = inner + 1, self.nested or mark.start
                # A record of OAI-PMH holds one record of MARC; no record holds two.
                if inner > 1:
                    raise _Cut("XML_CUT_OFF")
            depth += int(mark.opens) - int(mark.closes)
        return self.window.at

    def _parsed(self, data: bytes) -> Piece | Broken:
        line = self.window.line
        try:
            root = etree.fromstring(self.opening + data + self.closing, self.parser)
        except etree.XMLSyntaxError as error:
            return self.broken("XML_NOT_WELL_FORMED", problem=str(error.msg), line=line + (error.position[0] or 1) - 1)
        return Piece(root[0] if self.closing else root, line)

    def _enter(self, head: bytes, *, alone: bool) -> Broken | None:
        """Take the namespaces of what the first record stands in, or say why the file is not read."""
        if alone:  # no record at all: then the whole file may at least be told to be no XML
            try:
                parse_xml(head, file=self.file)
            except BadInput as bad:
                return self.broken(bad.code, **bad.facts)
            return None
        if b"<!ENTITY" in head:
            return self.broken("XML_ENTITIES", line=1)
        parser = etree.XMLPullParser(("start", "end"), resolve_entities=False, load_dtd=False, no_network=True)
        open_elements: list[Element] = []
        try:
            parser.feed(head + f"<{_WRAP}>  ".encode())
            for event, element in parser.read_events():
                if event == "end":
                    open_elements.pop()
                else:
                    open_elements.append(cast("Element", element))
        except etree.XMLSyntaxError as error:
            return self.broken("XML_NOT_WELL_FORMED", problem=str(error.msg), line=error.position[0] or 1)
        if open_elements:
            self._wrap(open_elements[:-1], open_elements[-1])
        return None

    def _wrap(self, outer: list[Element], wrap: Element) -> None:
        """Make one tag that declares all that *outer*, the elements around a record, declare for it."""
        if not outer:
            return
        attributes = "".join(
            f" {'xmlns:' + prefix if prefix else 'xmlns'}={quoteattr(address)}"
            for prefix, address in wrap.nsmap.items()
        )
        languages = [language for element in outer if (language := element.get(_XML_LANG))]
        attributes += f" xml:lang={quoteattr(languages[-1])}" if languages else ""
        self.opening, self.closing = f"<{_WRAP}{attributes}>".encode(), f"</{_WRAP}>".encode()
        root = outer[0]
        name = etree.QName(root).localname
        self.root = (f"{root.prefix}:{name}" if root.prefix else name).encode()
        self.marks = _marks(self.names | {name.encode()})


def _marks(names: frozenset[bytes]) -> re.Pattern[bytes]:
    """Return what finds tags with *names*, whatever their prefix, and what may hold a ``<`` that is no tag."""
    alternatives = b"|".join(re.escape(name) for name in sorted(names))
    tag = rb"<(?P<close>/?)(?P<name>(?:[^\s<>/:!?\"'=]{1,128}:)?(?:" + alternatives + rb"))(?=[\s/>])"
    return re.compile(rb"<!--|<!\[CDATA\[|<\?|" + tag)


def _utf8(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what *stream* holds, in UTF-8; raises ``UnicodeError`` or ``LookupError`` for an unknown encoding."""
    first = stream.read(_CHUNK)
    encoding = "utf-8"
    for mark, name in _BYTE_ORDER_MARKS.items():
        if first.startswith(mark):
            first, encoding = first[len(mark) :], name
            break
    else:
        if declared := _DECLARATION.match(first[:_LONGEST_NAME]):
            encoding = declared[1].decode("ascii")
    if codecs.lookup(encoding).name in ("utf-8", "ascii"):
        while first:  # as it stands: what is no UTF-8 spoils one record and not the file
            yield first
            first = stream.read(_CHUNK)
        return
    if not codecs.lookup(encoding)._is_text_encoding:  # noqa: SLF001 - "zip" is a codec too
        raise LookupError(encoding)
    decoder = codecs.getincrementaldecoder(encoding)()
    text = decoder.decode(first)
    if stated := _STATED.match(text[:_LONGEST_NAME]):  # it says what is no longer so
        text = text[stated.end() :]
    while first:
        yield text.encode()
        first = stream.read(_CHUNK)
        text = decoder.decode(first, final=not first)
    yield text.encode()
