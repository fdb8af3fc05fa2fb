"""Any workbook as sheets of rows: xlsx, xls, ods, and text parted by commas, semicolons or tabs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from khizana.core.errors import BadInput, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.sheets.cells import cell_text
from khizana.core.sheets.decoding import wide_encoding
from khizana.core.sheets.delimited import read_delimited
from khizana.core.sheets.guard import check_archive

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
LARGEST_OLD = 64 << 20
"""Bytes of a workbook in the old format of Excel, which cannot be measured before it is opened."""


class Kind(StrEnum):
    """In what form a workbook is."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"


_EXTENSIONS = {
    ".xlsx": Kind.XLSX,
    ".xlsm": Kind.XLSX,
    ".xls": Kind.XLS,
    ".ods": Kind.ODS,
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
    ".tab": Kind.CSV,
    ".txt": Kind.CSV,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, from 1, and its cells as text."""

    line: int
    cells: tuple[str, ...]

    @property
    def blank(self) -> bool:
        """Whether no cell holds more than space."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook; its rows can be read as often as is wanted."""

    file: str
    """Name of the workbook, as a person gave it."""
    name: str
    """Of the sheet; nothing in a text file."""
    opened: Callable[[], Iterator[Row]]
    findings: tuple[Finding, ...] = ()
    """What was to be said of the file and of this sheet: its encoding, that it is hidden, merged cells."""

    def rows(self) -> Iterator[Row]:
        """Yield every row from the first to the last that is not blank."""
        waiting: list[Row] = []
        for row in self.opened():
            waiting.append(row)
            # A hole of blank rows larger than that is read as it stands, and not kept.
            if not row.blank or len(waiting) > _MOST_WAITING:
                yield from waiting
                waiting = []


_MOST_WAITING = 100_000


def read_workbook(path: Path, name: str = "", *, encoding: str = "") -> Iterator[Sheet]:
    """Yield the sheets of the workbook at *path*, hidden ones too, in their order; *name* is what findings call it.

    What it is, is told by its content; *encoding* is that of a text file, where a person knows it. Formulas give the
    values they had when it was saved; a cell merged over several rows is in each of them. Raises ``Unreadable`` where
    the file cannot be read and ``BadInput`` where it is no workbook, is damaged, encrypted, or larger than ``guard``
    allows.
    """
    name = name or path.name
    try:
        kind = kind_of(path, name)
        different = _EXTENSIONS.get(path.suffix.lower(), kind) is not kind
        about = (_told("SHEET_KIND_DIFFERS", Severity.INFO, name, kind=kind.upper()),) if different else ()
        if kind is Kind.CSV:
            yield _text_sheet(path, name, about, encoding)
        else:
            yield from _binary_sheets(path, name, kind, about)
    except OSError as error:
        raise Unreadable("SHEET_UNREADABLE", file=name) from error


def kind_of(path: Path, name: str) -> Kind:
    """Return in what form the file at *path* is, by its content; raise ``BadInput`` where it is no workbook."""
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if not head.strip(b"\x00 \t\r\n"):
        raise BadInput("SHEET_EMPTY", file=name)
    if head.startswith(_OLD):
        return _old_kind(path, name)
    if head.startswith(b"PK"):
        return _archive_kind(path, name)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"{\\rtf", b"%pdf-")):
        raise BadInput("SHEET_OTHER_FORM", file=name)
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and not wide_encoding(head):
        controls = sum(head.count(bytes([control])) for control in (*range(9), *range(14, 27)))
        if controls > len(head) // 100:
            raise BadInput("SHEET_OTHER_FORM", file=name)
    return Kind.CSV


def _old_kind(path: Path, name: str) -> Kind:
    if path.stat().st_size > LARGEST_OLD:
        raise BadInput("SHEET_TOO_LARGE", file=name, most=LARGEST_OLD >> 20)
    if _ENCRYPTED in path.read_bytes():
        raise BadInput("SHEET_ENCRYPTED", file=name)
    return Kind.XLS


def _archive_kind(path: Path, name: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            # Some programs write capitals and backslashes there, and spreadsheet programs open what they write.
            if "xl/workbook.xml" in {each.lower().replace("\\", "/") for each in names}:
                return Kind.XLSX
            if "content.xml" in names:
                if "META-INF/manifest.xml" in names:
                    with archive.open("META-INF/manifest.xml") as manifest:
                        if b"encryption-data" in manifest.read(1 << 20):
                            raise BadInput("SHEET_ENCRYPTED", file=name)
                return Kind.ODS
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadInput("SHEET_DAMAGED", file=name) from error
    raise BadInput("SHEET_OTHER_FORM", file=name)


def _text_sheet(path: Path, name: str, about: tuple[Finding, ...], encoding: str) -> Sheet:
    read = read_delimited(path, name, encoding)
    return Sheet(
        name,
        "",
        lambda: (Row(line, cells) for line, cells in read.records()),
        (*about, *read.findings),
    )


def _binary_sheets(path: Path, name: str, kind: Kind, about: tuple[Finding, ...]) -> Iterator[Sheet]:
    if kind is not Kind.XLS:
        check_archive(path, name)
    opened = _careful(lambda: _opened(path, kind), name)
    for described in opened.sheets_metadata:
        if described.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = _careful(lambda title=described.name: opened.get_sheet_by_name(title), name)  # type: ignore[misc] # mypy cannot type a default of a lambda
        found = list(about)
        if described.visible is not SheetVisibleEnum.Visible:
            found.append(_told("SHEET_HIDDEN", Severity.WARNING, described.name, file=name))
        merged = [area for area in sheet.merged_cell_ranges or () if area[0][0] != area[1][0]]
        if merged:
            found.append(_told("SHEET_MERGED", Severity.INFO, described.name, file=name, count=len(merged)))
        yield Sheet(name, described.name, lambda sheet=sheet, merged=merged: _rows(sheet, merged), tuple(found))  # type: ignore[misc] # the same
        about = ()


def _opened(path: Path, kind: Kind) -> CalamineWorkbook:
    if _EXTENSIONS.get(path.suffix.lower()) is kind:
        return CalamineWorkbook.from_path(path)
    # By a path the library goes by the extension, by bytes it looks at them.
    return CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))


def _rows(sheet: Any, merged: list[tuple[tuple[int, int], tuple[int, int]]]) -> Iterator[Row]:
    """Yield the rows of *sheet*; what is merged over rows is filled in, in its first column."""
    if sheet.start is None:
        return
    before = ("",) * sheet.start[1]
    starts = {area[0]: area[1][0] for area in merged}
    held: dict[int, tuple[int, str]] = {}  # column: last row, text
    for number, values in enumerate(sheet.iter_rows()):
        cells = (*before, *map(cell_text, values))
        if starts:
            filled = list(cells)
            for column, (last, text) in list(held.items()):
                if number > last:
                    del held[column]
                elif column < len(filled) and not filled[column]:
                    filled[column] = text
            for column, text in enumerate(cells):
                if (number, column) in starts:
                    held[column] = (starts[number, column], text)
            cells = tuple(filled)
        yield Row(number + 1, cells)


def _careful(opening: Callable[[], Any], name: str) -> Any:
    """Return what *opening* gives; whatever a broken workbook makes of the library, it is one sentence here."""
    try:
        return opening()
    except PasswordError as error:
        raise BadInput("SHEET_ENCRYPTED", file=name) from error
    except CalamineError as error:
        raise BadInput("SHEET_DAMAGED", file=name) from error
    except BaseException as error:
        # The library is compiled: where it gives up on its own assumptions it raises what is no Exception.
        if type(error).__name__ == "PanicException" or isinstance(error, ValueError):
            _damaged(name, error)
        raise


def _damaged(name: str, error: BaseException) -> NoReturn:
    raise BadInput("SHEET_DAMAGED", file=name) from error


def _told(code: str, severity: Severity, subject: str, **facts: str | int) -> Finding:
    return Finding(code, severity, subject, facts)
