"""What a workbook would take to open, measured before it is opened.

A workbook is an archive: a few kilobytes may unpack to gigabytes, and two cells in far corners make a reader that keeps
whole sheets reserve room for every cell between them. Both are refused here, in little memory.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from khizana.core.errors import BadInput

LARGEST_UNPACKED: Final = 512 << 20
"""Bytes of all that is in one workbook: 100,000 rows of 60 full columns take about 300 MB."""
LARGEST_GRID: Final = 12_000_000
"""Cells from the first to the last row and column of one sheet that hold something; each takes 32 bytes to read."""

_CHUNK = 1 << 20
# No tag is looked for across the beginning of another: hostile text is read once, and not again from every place in it.
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s/>])([^<>]*)>")
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])([^<>]*)>")
_PLACE = re.compile(rb'\br="([A-Z]{1,4})([0-9]{1,9})"')
_LINE = re.compile(rb'\br="([0-9]{1,9})"')
_ODS = re.compile(rb"<(/?)[\w.-]+:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*)>")
_ACROSS = re.compile(rb'number-columns-repeated="([0-9]{1,9})"')
_DOWN = re.compile(rb'number-rows-repeated="([0-9]{1,9})"')


def check_archive(path: Path, name: str) -> None:
    """Return where the workbook at *path* (an archive) can be opened in bounded memory.

    Raises ``BadInput`` where it is damaged, encrypted, too large or spread too wide.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = 0
            for member in archive.infolist():
                if member.flag_bits & 1:
                    raise BadInput("SHEET_ENCRYPTED", file=name)
                # A worksheet may lie under any name: every file of the archive is looked at as one.
                grid = _Ods() if member.filename == "content.xml" else _Xlsx()
                for chunk in _whole_tags(archive, member):
                    unpacked += len(chunk)
                    if unpacked > LARGEST_UNPACKED:
                        raise BadInput("SHEET_TOO_LARGE", file=name, most=LARGEST_UNPACKED >> 20)
                    grid.take(chunk)
                    if grid.cells > LARGEST_GRID:
                        raise BadInput("SHEET_TOO_WIDE", file=name, most=LARGEST_GRID)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise BadInput("SHEET_DAMAGED", file=name) from error


def _whole_tags(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the bytes of *member*, cut only between tags."""
    with archive.open(member) as file:
        kept = b""
        while piece := file.read(_CHUNK):
            piece = kept + piece
            cut = piece.rfind(b"<")
            # A "tag" longer than a few chunks is text: it is handed on, so that it is counted and not kept.
            if cut <= 0 or len(piece) - cut > 4 * _CHUNK:
                cut = len(piece)
            kept = piece[cut:]
            yield piece[:cut]
        yield kept


class _Xlsx:
    """The room that the filled cells of one worksheet span."""

    def __init__(self) -> None:
        self.cells = 0
        self._rows = self._columns = self._counted = self._in_row = 0
        self._nameless = False

    def take(self, chunk: bytes) -> None:
        """Count the cells of *chunk*."""
        filled = [attributes for attributes in _CELL.findall(chunk) if not attributes.endswith(b"/")]
        places = _PLACE.findall(b"\n".join(filled))
        self._columns = max([self._columns, *map(_letters, {column for column, _ in places})])
        self._rows = max([self._rows, *map(int, {row for _, row in places})])
        self._nameless = self._nameless or len(places) < len(filled)
        if self._nameless:
            self._one_after_another(chunk)
        self.cells = self._rows * self._columns

    def _one_after_another(self, chunk: bytes) -> None:
        """Count the cells that do not say where they stand: each follows the one before, in the row that it is in."""
        rows = list(_ROW.finditer(chunk))
        self._counted += len(rows)
        ends = [*(row.start() for row in rows), len(chunk)]
        self._in_row += len(_CELL.findall(chunk[: ends[0]]))
        self._columns = max(self._columns, self._in_row)
        for row, end in zip(rows, ends[1:], strict=True):
            line = _LINE.search(row[1])
            self._rows = max(self._rows, self._counted, int(line[1]) if line else 0)
            self._in_row = len(_CELL.findall(chunk[row.end() : end]))
            self._columns = max(self._columns, self._in_row)


class _Ods:
    """The room that the filled cells of the tables span, with what is repeated."""

    def __init__(self) -> None:
        self.cells = 0
        self._width = self._down = self._rows = self._empty_rows = self._widest = 0
        self._filled = False

    def take(self, chunk: bytes) -> None:
        """Count the cells of *chunk*."""
        for closing, tag, attributes in _ODS.findall(chunk):
            if tag == b"table":
                self._rows = self._empty_rows = self._widest = 0
            elif tag == b"table-row":
                if closing or attributes.endswith(b"/"):
                    self._end_row(_repeated(_DOWN, attributes) if not closing else self._down)
                else:
                    self._width, self._filled, self._down = 0, False, _repeated(_DOWN, attributes)
            elif not closing:
                self._width += _repeated(_ACROSS, attributes)
                if not attributes.endswith(b"/"):
                    self._filled = True
                    self._widest = max(self._widest, self._width)

    def _end_row(self, times: int) -> None:
        if self._filled:
            self._rows += self._empty_rows + times
            self._empty_rows = 0
        else:
            self._empty_rows += times
        self._filled = False
        self.cells = max(self.cells, self._rows * self._widest)


def _repeated(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1]) if found else 1


def _letters(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number
