"""Any workbook is read as rows of text, whatever wrote it; what means harm or is broken is one sentence."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.made_sheets import HEADER, delimited, inventory_rows, ods, ods_of, xlsx, xlsx_of
from khizana.core.errors import BadInput, KhizanaError, Unreadable
from khizana.core.sheets.cells import cell_text
from khizana.core.sheets.guard import LARGEST_UNPACKED
from khizana.core.sheets.safety import guarded, unguarded
from khizana.core.sheets.workbook import Row, Sheet, read_workbook

ROWS = [list(HEADER), *inventory_rows(5)]
FRENCH = [
    ["Cote", "Titre", "État"],
    ["A 1", "Traité élémentaire d'arithmétique", "Abîmé"],
    ["A 2", "Élégie", "Déchiré"],
]


def sheets(path: Path) -> list[Sheet]:
    return list(read_workbook(path))


def cells(path: Path) -> list[tuple[str, ...]]:
    (sheet,) = sheets(path)
    return [row.cells for row in sheet.rows()]


def written(rows: list[list[Any]]) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in rows]


def codes(path: Path) -> list[str]:
    return [finding.code for sheet in sheets(path) for finding in sheet.findings]


def read_through(path: Path) -> None:
    for sheet in read_workbook(path):
        list(sheet.rows())


def told(path: Path) -> str:
    """Return the sentence of the error that reading *path* ends with, or the name of the file where it does not."""
    try:
        read_through(path)
    except KhizanaError as error:
        return str(error)
    return path.name


def refusal(path: Path) -> str:
    with pytest.raises(BadInput) as refused:
        read_through(path)
    for language in ("ar", "fr", "en"):
        assert path.name in refused.value.sentence(language)
    return refused.value.code


def test_the_same_rows_come_out_of_every_form_of_workbook(tmp_path: Path) -> None:
    assert cells(xlsx(tmp_path / "a.xlsx", ROWS)) == written(ROWS)
    assert cells(ods(tmp_path / "a.ods", ROWS)) == written(ROWS)
    assert cells(delimited(tmp_path / "a.csv", ROWS)) == written(ROWS)


def test_a_sheet_can_be_read_again_and_its_rows_know_their_lines(tmp_path: Path) -> None:
    for path in (
        xlsx(tmp_path / "a.xlsx", [[], ["", "x"], [], ["y"], []]),
        delimited(tmp_path / "a.csv", [[""], ["", "x"], [""], ["y"], [""]]),
    ):
        (sheet,) = sheets(path)
        lines = [(row.line, [cell for cell in row.cells if cell]) for row in sheet.rows()]
        assert lines == [(1, []), (2, ["x"]), (3, []), (4, ["y"])]
        assert [row.line for row in sheet.rows()] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (-3.0, "-3"),
        (0.5, "0.5"),
        (1e300, "1e+300"),
        (True, "TRUE"),
        ("12.0", "12.0"),
        (dt.datetime(2020, 1, 2, tzinfo=None), "2020-01-02"),  # noqa: DTZ001 spreadsheets know no time zones
        (dt.datetime(2020, 1, 2, 3, 4, tzinfo=None), "2020-01-02 03:04:00"),  # noqa: DTZ001 the same
        (dt.date(1999, 12, 31), "1999-12-31"),
        (dt.time(12, 30), "12:30:00"),
        (dt.timedelta(hours=30, minutes=5), "30:05:00"),
    ],
)
def test_a_cell_is_the_text_that_a_person_would_write(value: Any, text: str) -> None:
    assert cell_text(value) == text


def test_formulas_give_their_values_dates_are_dates_and_merged_cells_are_in_each_of_their_rows(tmp_path: Path) -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.write_formula(0, 0, '="a"&"b"', None, "ab")
        sheet.write_datetime(0, 1, dt.datetime(1957, 8, 3), book.add_format({"num_format": "dd/mm/yyyy"}))  # noqa: DTZ001 the same
        sheet.merge_range(1, 0, 3, 0, "three")
        sheet.write_string(3, 1, "last")
        sheet.merge_range(4, 0, 4, 2, "wide")

    path = xlsx(tmp_path / "a.xlsx", [], change)
    found = [tuple(cell for cell in row if cell) for row in cells(path)]
    assert found == [("ab", "1957-08-03"), ("three",), ("three",), ("three", "last"), ("wide",)]
    assert codes(path) == ["SHEET_MERGED"]


def test_hidden_sheets_are_read_and_told_of(tmp_path: Path) -> None:
    def change(book: Any, _: Any) -> None:
        hidden = book.add_worksheet("caché")
        hidden.write_string(0, 0, "x")
        hidden.hide()

    found = sheets(xlsx(tmp_path / "a.xlsx", [["a"]], change))
    assert [(sheet.name, [row.cells for row in sheet.rows()]) for sheet in found] == [
        ("Inventaire", [("a",)]),
        ("caché", [("x",)]),
    ]
    assert [finding.code for finding in found[1].findings] == ["SHEET_HIDDEN"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1256"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_arabic_text_files_are_read_in_the_encoding_they_are_in(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = delimited(tmp_path / "a.csv", ROWS, encoding=encoding, delimiter=delimiter)
    assert cells(path) == written(ROWS)
    assert codes(path)[0] in ("SHEET_ENCODING", "SHEET_ENCODING_GUESSED")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_french_accents_are_told_from_arabic_letters(tmp_path: Path, encoding: str) -> None:
    path = delimited(tmp_path / "a.csv", FRENCH, encoding=encoding, delimiter=";")
    assert cells(path) == written(FRENCH)


def test_the_arabic_semicolon_parts_cells_where_it_is_what_does(tmp_path: Path) -> None:
    assert cells(delimited(tmp_path / "a.txt", ROWS, delimiter="؛")) == written(ROWS)


def test_line_ends_within_a_cell_make_no_row_and_the_line_is_that_of_the_file(tmp_path: Path) -> None:
    (sheet,) = sheets(delimited(tmp_path / "a.csv", [["a", "one\ntwo"], ["b", "c"]]))
    assert list(sheet.rows()) == [Row(1, ("a", "one\ntwo")), Row(3, ("b", "c"))]


def test_a_few_broken_bytes_do_not_make_a_utf_8_file_another(tmp_path: Path) -> None:
    path = delimited(tmp_path / "a.csv", [list(HEADER), *inventory_rows(50)])
    path.write_bytes(path.read_bytes()[:-3] + b"\xff\r\n")
    assert codes(path) == ["SHEET_ENCODING", "SHEET_BYTES_LOST"]
    assert cells(path)[0] == HEADER


@pytest.mark.parametrize("name", ["a.csv", "a.xls", "a.ods"])
def test_a_wrong_extension_is_told_and_does_not_matter(tmp_path: Path, name: str) -> None:
    path = xlsx(tmp_path / "right.xlsx", ROWS).rename(tmp_path / name)
    assert cells(path) == written(ROWS)
    assert codes(path) == ["SHEET_KIND_DIFFERS"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "SHEET_EMPTY"),
        (b" \r\n\n", "SHEET_EMPTY"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "SHEET_OTHER_FORM"),
        (b"%PDF-1.7\n...", "SHEET_OTHER_FORM"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x02\x03\x04\x05" * 9, "SHEET_OTHER_FORM"),
        (b"PK\x03\x04 and no more", "SHEET_DAMAGED"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "SHEET_DAMAGED"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "SHEET_ENCRYPTED"),
        (b'a,"b\n' + b"c,d\n" * 60_000, "SHEET_CELL_NEVER_ENDS"),
    ],
)
def test_what_is_no_workbook_is_refused_with_its_reason(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert refusal(path) == code


def test_a_file_that_is_not_there_is_unreadable_and_not_bad(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="nothing"):
        sheets(tmp_path / "nothing.csv")


def test_an_encrypted_ods_is_refused(tmp_path: Path) -> None:
    path = ods_of(tmp_path / "a.ods", b"", manifest="<manifest><encryption-data/></manifest>")
    assert refusal(path) == "SHEET_ENCRYPTED"


def test_a_truncated_workbook_is_damaged_wherever_it_was_cut(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "whole.xlsx", ROWS).read_bytes()
    for length in range(4, len(whole), 97):
        cut = tmp_path / "cut.xlsx"
        cut.write_bytes(whole[:length])
        assert refusal(cut) == "SHEET_DAMAGED"


def test_a_workbook_that_unpacks_to_more_than_is_allowed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LARGEST_UNPACKED >= 300 << 20
    monkeypatch.setattr("khizana.core.sheets.guard.LARGEST_UNPACKED", 20 << 20)
    path = xlsx_of(tmp_path / "bomb.xlsx", b'<row r="1"><c r="A1" t="str"><v>' + bytes(21 << 20) + b"</v></c></row>")
    assert path.stat().st_size < 100_000
    assert refusal(path) == "SHEET_TOO_LARGE"


ONE = b"<c><v>1</v></c>"
FIRST = b'<row r="1"><c r="A1"><v>1</v></c></row>'
FAR = {
    "named": FIRST + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "prefixed": b'<x:row r="9"><x:c r="A1"><x:v>1</x:v></x:c><x:c s="1" r="XFD1000000"><x:v>1</x:v></x:c></x:row>',
    "one after another": b"<row>" + ONE * 16_000 + b"</row>" + (b"<row>" + ONE + b"</row>") * 1_000,
    "after empty ones": FIRST + b"<row>" + b"<c/>" * 9_000 + ONE + b"</row>" + b"<row r='1'/>" * 1_400,
}


@pytest.mark.parametrize("rows", FAR.values(), ids=FAR)
def test_cells_in_far_corners_are_refused_before_room_is_made_for_all_between(tmp_path: Path, rows: bytes) -> None:
    assert refusal(xlsx_of(tmp_path / "wide.xlsx", rows)) == "SHEET_TOO_WIDE"


FILLED = b'<table:table-cell office:value-type="string"{}><text:p>x</text:p></table:table-cell>'
ROW_OF_ONE = b"<table:table-row>" + FILLED.replace(b"{}", b"") + b"</table:table-row>"
REPEATED = {
    "filled": b'<table:table-row table:number-rows-repeated="1048576">'
    + FILLED.replace(b"{}", b' table:number-columns-repeated="16384"')
    + b"</table:table-row>",
    "empty between": b'<table:table-row><table:table-cell table:number-columns-repeated="16000"/>'
    + FILLED.replace(b"{}", b"")
    + b'</table:table-row><table:table-row table:number-rows-repeated="1000000"/>'
    + ROW_OF_ONE,
}


@pytest.mark.parametrize("rows", REPEATED.values(), ids=REPEATED)
def test_repeated_cells_of_ods_are_counted_before_they_are_unrolled(tmp_path: Path, rows: bytes) -> None:
    assert refusal(ods_of(tmp_path / "wide.ods", rows)) == "SHEET_TOO_WIDE"


def test_a_worksheet_under_another_name_is_measured_as_well(tmp_path: Path) -> None:
    path = xlsx_of(tmp_path / "a.xlsx", FAR["named"])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            moved = content.replace(b"worksheets/sheet1.xml", b"media/image1.png")
            archive.writestr(name.replace("worksheets/sheet1.xml", "media/image1.png"), moved)
    assert refusal(path) == "SHEET_TOO_WIDE"


def test_formatting_far_from_the_table_is_no_cell_and_does_no_harm(tmp_path: Path) -> None:
    rows = b'<row r="1"><c r="A1"><v>7</v></c><c r="XFD1" s="1"/></row><row r="1048576"><c r="A1048576" s="1"/></row>'
    assert cells(xlsx_of(tmp_path / "a.xlsx", rows)) == [("7",)]
    empty = b'<table:table-row table:number-rows-repeated="1048575">'
    rows = ROW_OF_ONE + empty + b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    assert cells(ods_of(tmp_path / "a.ods", rows)) == [("x",)]


def test_a_million_empty_columns_of_text_are_one_row(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes(b"a" + b"," * 1_000_000 + b"\nb\n")
    assert cells(path) == [("a",), ("b",)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-16", "surrogatepass")))
def test_no_bytes_make_reading_fail_but_with_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    assert "any.csv" in told(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_no_changed_byte_of_a_workbook_makes_reading_fail_but_with_one_sentence(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = xlsx_of(tmp_path / "a.xlsx", b'<row r="1"><c r="A1"><v>7</v></c></row>', zipfile.ZIP_STORED)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    assert "a.xlsx" in told(path)


@given(st.text() | st.text("'=+-@\t\r\nab", max_size=5))
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert guarded(cell)[:1] not in set("=+-@\t\r\n")
    assert unguarded(guarded(cell)) == cell
