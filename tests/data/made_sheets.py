"""Workbooks made by code: inventories as they are found in the field, and files that mean harm."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from khizana.core.sheets.ods import ODS_MEMBERS, ods_content_begins, ods_content_ends, ods_row

TITLES = (
    "كتاب في أحكام السفر",
    "شرح منظومة في الحساب",
    "قصيدة في ذكر الأنهار",
    "رسالة إلى أهل القرية",
    "مجموع في الأدعية",
)
SUBJECTS = ("فقه", "حساب", "شعر", "وثيقة", "دعاء")
STATES = ("جيدة", "ناقصة البداية", "متآكلة الأطراف", "عليها أثر الماء", "ممزقة")
OWNER = "أسرة القلم"
HEADER = ("رقم الحفظ", "العنوان", "الموضوع", "عدد الأوراق", "الحالة", "المالك")


def inventory_rows(count: int, seed: int = 1) -> list[list[Any]]:
    """Return *count* rows of an inventory with no header: identifier, title, subject, leaves, state, owner."""
    chance = Random(seed)
    return [
        [
            f"QLM{number:06}",
            f"{chance.choice(TITLES)} {chance.choice(TITLES)}",
            chance.choice(SUBJECTS),
            chance.randint(1, 40),
            chance.choice(STATES),
            OWNER,
        ]
        for number in range(1, count + 1)
    ]


def xlsx(path: Path, rows: Iterable[Sequence[Any]], change: Callable[[Any, Any], None] | None = None) -> Path:
    """Write *rows* as an xlsx workbook of one sheet; *change* may do more to the workbook and the sheet."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_numbers": False})
    sheet = book.add_worksheet("Inventaire")
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif cell is not None:
                sheet.write(line, place, cell)
    if change is not None:
        change(book, sheet)
    book.close()
    return path


def ods(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """Write *rows* as an ods workbook of one sheet."""
    return ods_of(path, b"".join(ods_row([str(cell) for cell in row]) for row in rows))


def ods_of(path: Path, body: bytes, manifest: str = "") -> Path:
    """Write an ods workbook whose rows are the XML *body*."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ODS_MEMBERS:
            archive.writestr(name, manifest if manifest and name.endswith("manifest.xml") else content)
        archive.writestr("content.xml", ods_content_begins() + body + ods_content_ends())
    return path


def delimited(path: Path, rows: Iterable[Sequence[Any]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write *rows* as a text file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def xlsx_of(path: Path, sheet_data: bytes, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write an xlsx workbook whose one sheet has *sheet_data* as its rows in XML."""
    xlsx(path, [["x"]])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    begin, end = sheet.index(b"<sheetData>") + len(b"<sheetData>"), sheet.index(b"</sheetData>")
    members["xl/worksheets/sheet1.xml"] = sheet[:begin] + sheet_data + sheet[end:]
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path
