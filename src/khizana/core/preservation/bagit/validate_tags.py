"""Tag files: the declaration, ``bag-info.txt``, manifests and ``fetch.txt``, read line by line in any encoding.

Source: RFC 8493, 2.1.1 (declaration), 2.2.2 (bag-info.txt), 2.2.3 (fetch.txt), 2.1.3 and 2.2.1 (manifests).
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import BinaryIO

from khizana.core.preservation.bagit.validate_report import Report

DECLARATION = "bagit.txt"
FETCH = "fetch.txt"
INFO = ("bag-info.txt", "package-info.txt")
"""Its name since 0.96, and before."""

VERSIONS = ("0.93", "0.94", "0.95", "0.96", "0.97", "1.0")
LONGEST_LINE = 1 << 16  # characters; the longest path of any system has 4,096 bytes
MOST_LABELS = 10_000  # lines of bag-info.txt kept

_VERSION = re.compile(r"BagIt-Version: (\d+\.\d+)")
_OLD_VERSION = re.compile(r"BagIt-Version\s*:\s*(\d+\.\d+)\s*")
_ENCODING = re.compile(r"Tag-File-Character-Encoding: (\S+)")
_OLD_ENCODING = re.compile(r"Tag-File-Character-Encoding\s*:\s*(\S+)\s*")
_LABEL = re.compile(r"([^\s:][^:]*?)[ \t]*:[ \t]*(.*)")
_ENTRY = re.compile(r"([0-9A-Fa-f]+)[ \t]+(.+)", re.DOTALL)
_FETCH = re.compile(r"(\S+)[ \t]+([0-9]+|-)[ \t]+(.+)", re.DOTALL)
# Python also calls compression and escapes "encodings": a bag may name texts' encodings only.
_TEXT = re.compile(
    r"utf-(8|16|32)(-[bl]e)?|ascii|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|gb\w+|big5\w*|shift_jis\w*|euc_\w+|hz|johab|tis-620"
)


class Tangled(Exception):
    """A tag file cannot be read on: it was reported."""


def read_declaration(stream: BinaryIO, report: Report) -> tuple[str | None, str | None]:
    """Return the version and the encoding of tag files that ``bagit.txt`` declares, None where it does not."""
    try:
        text = stream.read(LONGEST_LINE).decode("utf-8")
    except UnicodeDecodeError:
        report.add("BAGIT_TAG_ENCODING", DECLARATION, found="UTF-8")
        return None, None
    lines = text.splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) != 2:
        report.add("BAGIT_DECLARATION_INVALID", DECLARATION, found=" ".join(lines[:3]))
    version = _declared(lines[:1], _VERSION, _OLD_VERSION, report)
    encoding = _declared(lines[1:2], _ENCODING, _OLD_ENCODING, report) if len(lines) > 1 else None
    if version is not None and version not in VERSIONS:
        report.add("BAGIT_VERSION_UNKNOWN", DECLARATION, found=version, expected=", ".join(VERSIONS))
        version = None
    if encoding is not None and not _is_text(encoding):
        report.add("BAGIT_ENCODING_UNKNOWN", DECLARATION, found=encoding)
        encoding = None
    report.is_older = version is not None and version != "1.0"
    return version, encoding


def _declared(lines: list[str], strict: re.Pattern[str], old: re.Pattern[str], report: Report) -> str | None:
    for line in lines:
        exact, loose = strict.fullmatch(line), old.fullmatch(line)
        if exact is None and (loose is None or not (report.is_older or loose[1].startswith("0."))):
            report.add("BAGIT_DECLARATION_INVALID", DECLARATION, found=line)
        if loose is not None:
            report.is_older = report.is_older or loose[1].startswith("0.")
            return loose[1]
    return None


def _is_text(encoding: str) -> bool:
    try:
        return len(encoding) <= 40 and _TEXT.fullmatch(codecs.lookup(encoding).name.replace("utf_", "utf-")) is not None
    except (LookupError, ValueError):
        return False


def lines_of(stream: BinaryIO, name: str, encoding: str, report: Report | None) -> Iterator[tuple[int, str]]:
    """Yield number and text of every line that is not blank; *stream* is closed at the end.

    What is wrong with the file is noted where *report* is given. Raises ``Tangled`` when it cannot be read on.
    """
    with closing(io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline=None)) as text:
        number = 0
        try:
            while line := text.readline(LONGEST_LINE):
                number += 1
                if number == 1 and line.startswith("\ufeff"):
                    if report:
                        report.add("BAGIT_BYTE_ORDER_MARK", name)
                    line = line[1:]
                if len(line) >= LONGEST_LINE and not line.endswith("\n"):
                    if report:
                        report.add("BAGIT_LINE_UNREADABLE", name, found=number)
                    while line and not line.endswith("\n"):
                        line = text.readline(LONGEST_LINE)
                    continue
                if line.strip():
                    yield number, line.removesuffix("\n")
        except UnicodeError as error:
            if report:
                report.add("BAGIT_TAG_ENCODING", name, found=encoding)
            raise Tangled from error


def entries_of(
    stream: BinaryIO,
    name: str,
    encoding: str,
    report: Report | None,
    *,
    is_wanted: Callable[[int], bool] = lambda _: True,
) -> Iterator[tuple[bytes, str]]:
    """Yield digest and name, as it is written, of every line of a manifest; two nothings for one that is neither.

    Lines that are not blank are counted from 0, and only those that *is_wanted* names are looked at.
    """
    for index, (number, line) in enumerate(lines_of(stream, name, encoding, report)):
        if not is_wanted(index):
            continue
        found = _ENTRY.fullmatch(line)
        if found is None or len(found[1]) % 2:
            if report:
                report.add("BAGIT_LINE_UNREADABLE", name, found=number)
            yield b"", ""
        else:
            yield bytes.fromhex(found[1]), found[2]


def fetched_of(stream: BinaryIO, encoding: str, report: Report | None) -> Iterator[str]:
    """Yield the name, as it is written, of every line of ``fetch.txt``. Nothing is ever fetched."""
    for number, line in lines_of(stream, FETCH, encoding, report):
        found = _FETCH.fullmatch(line)
        if found is None:
            if report:
                report.add("BAGIT_LINE_UNREADABLE", FETCH, found=number)
            continue
        yield found[3]


def read_info(stream: BinaryIO, name: str, encoding: str, report: Report) -> tuple[tuple[str, str], ...]:
    """Return labels and values of ``bag-info.txt``; a line that begins with white space goes on with the one before."""
    found: list[tuple[str, str]] = []
    try:
        for number, line in lines_of(stream, name, encoding, report):
            label = _LABEL.fullmatch(line)
            if line[0] in " \t" and found:
                before, value = found[-1]
                found[-1] = (before, f"{value} {line.strip()}"[:LONGEST_LINE])
            elif label is None:
                report.add("BAGIT_LINE_UNREADABLE", name, found=number)
            elif len(found) < MOST_LABELS:
                found.append((label[1], label[2]))
    except Tangled:
        pass
    return tuple(found)
