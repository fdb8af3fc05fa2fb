"""Entries as a spreadsheet: csv, xlsx or ods, a row for each, written as they come.

What is written comes back as it was: every header bears the name of its column in brackets, by which it is known again
whatever the language of its label, and the values of a cell are parted as ``core.sheets.values`` joins them.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

import xlsxwriter

from khizana.core.catalogue.columns import COLUMNS, Column
from khizana.core.catalogue.entry import Entry
from khizana.core.errors import BadInput
from khizana.core.sheets.names import header_for
from khizana.core.sheets.ods import ODS_MEMBERS, ods_content_begins, ods_content_ends, ods_row
from khizana.core.sheets.safety import guarded
from khizana.core.sheets.values import joined

CSV: Final = "csv"
XLSX: Final = "xlsx"
ODS: Final = "ods"
KINDS: Final = (CSV, XLSX, ODS)

LONGEST_CELL: Final = 32_767
"""Characters in a cell of an xlsx workbook, as Excel counts them: code units of UTF-16."""
MOST_ROWS: Final = 1_048_575
"""Rows beside the header in one sheet of xlsx."""

# What no XML 1.0 document can hold, and so no catalogue either; a carriage return would come back as a line end.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_Row = Callable[[Sequence[str]], None]
_NARROW, _WIDE = 14, 36  # characters


def write_sheet(
    entries: Iterable[Entry], target: IO[bytes], kind: str, *, columns: Sequence[Column] = COLUMNS, language: str = "en"
) -> int:
    """Write *entries* to *target* in form *kind* and return how many rows there are, without the header.

    *target* is written from its beginning to its end and needs no seeking. Labels of headers are in *language*. Raises
    ``BadInput`` for a kind that is none, and where a form cannot hold a row; what *target* then holds is not whole.
    """
    writers = {CSV: _csv, XLSX: _xlsx, ODS: _ods}
    if kind not in writers:
        raise BadInput("SHEET_KIND_UNKNOWN", kind=kind, known=", ".join(KINDS))
    count = 0
    with writers[kind](target, [header_for(each.name, each.labels[language]) for each in columns]) as write:
        for count, entry in enumerate(entries, 1):
            if kind == XLSX and count > MOST_ROWS:
                raise BadInput("SHEET_TOO_MANY_ROWS", most=MOST_ROWS)
            cells = [joined(values, each.joint) if (values := each.get(entry)) else "" for each in columns]
            if _UNWRITABLE.search("".join(cells)):
                raise BadInput("SHEET_CELL_UNWRITABLE", shelfmark=entry.shelfmark)
            if kind == XLSX and any(len(cell) * 2 > LONGEST_CELL and _units(cell) > LONGEST_CELL for cell in cells):
                raise BadInput("SHEET_CELL_TOO_LONG", shelfmark=entry.shelfmark, most=LONGEST_CELL)
            write(cells)
    return count


def used_columns(entries: Iterable[Entry]) -> tuple[Column, ...]:
    """Return the columns that show something of any of *entries*, and the shelfmark: the others would stand empty."""
    unused = list(COLUMNS)
    used = {"shelfmark"}
    for entry in entries:
        found = {each.name for each in unused if each.get(entry)}
        if found:
            used |= found
            unused = [each for each in unused if each.name not in found]
    return tuple(each for each in COLUMNS if each.name in used)


def _units(cell: str) -> int:
    return len(cell.encode("utf-16-le", "surrogatepass")) // 2


@contextmanager
def _csv(target: IO[bytes], headers: Sequence[str]) -> Iterator[_Row]:
    # With the mark of UTF-8 in front, Excel opens it as what it is; every cell is quoted, so that a semicolon in one
    # parts nothing where semicolons part cells.
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(headers)
    try:
        yield lambda cells: writer.writerow([guarded(cell) for cell in cells])
        text.flush()
    finally:
        text.detach()


@contextmanager
def _xlsx(target: IO[bytes], headers: Sequence[str]) -> Iterator[_Row]:
    # Rows go to a file beside, so that 100,000 of them take no more memory than one.
    with TemporaryDirectory(prefix="khizana-sheet-") as beside:
        whole = Path(beside) / "whole.xlsx"
        book = xlsxwriter.Workbook(whole, {"constant_memory": True, "tmpdir": beside})
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, header in enumerate(headers):
            sheet.set_column(place, place, _WIDE if "title" in header else _NARROW)
            sheet.write_string(0, place, header, bold)
        line = 0

        def write(cells: Sequence[str]) -> None:
            nonlocal line
            line += 1
            for place, cell in enumerate(cells):
                if cell:
                    sheet.write_string(line, place, cell)

        yield write
        book.close()
        with whole.open("rb") as made:
            while piece := made.read(1 << 20):
                target.write(piece)


@contextmanager
def _ods(target: IO[bytes], headers: Sequence[str]) -> Iterator[_Row]:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, whole in ODS_MEMBERS:
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), whole, stored)
        member = zipfile.ZipInfo("content.xml")
        member.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(member, "w", force_zip64=True) as content:
            content.write(ods_content_begins())
            content.write(ods_row(headers))

            def write(cells: Sequence[str]) -> None:
                content.write(ods_row(cells))

            yield write
            content.write(ods_content_ends())
