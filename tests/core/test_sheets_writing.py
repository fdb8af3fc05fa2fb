"""Entries written as a spreadsheet come back as they were, and no cell of theirs runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from data.made_entries import made_entry
from khizana.core.catalogue.columns import COLUMNS, column, settled
from khizana.core.catalogue.entry import Entry, Person, Phrase, Physical, Text
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.errors import BadInput
from khizana.core.findings import LANGUAGES
from khizana.core.sheets.entries import read_entries
from khizana.core.sheets.layout import guess_profile
from khizana.core.sheets.profile import Profile
from khizana.core.sheets.workbook import read_workbook
from khizana.core.sheets.writing import CSV, KINDS, LONGEST_CELL, XLSX, used_columns, write_sheet


class Pipe(io.RawIOBase):
    """Where bytes can be written one after another and nothing else."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def write(self, given: bytes) -> int:  # type: ignore[override] # bytes are all that is given here
        self.held += given
        return len(given)


def written(entries: list[Entry], path: Path, *, language: str = "en") -> Path:
    with path.open("wb") as file:
        assert write_sheet(entries, file, path.suffix[1:], language=language) == len(entries)
    return path


def read(path: Path) -> list[Incoming]:
    items = list(read_entries(path, Profile()))
    assert [item.finding.code for item in items if isinstance(item, Reported)] == ["SHEET_ROW_HEADER"]
    return [item for item in items if isinstance(item, Incoming)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.integers(0, 2**32), st.sampled_from(KINDS), st.sampled_from(LANGUAGES))
def test_what_was_written_is_what_is_read_in_every_column_and_form(
    tmp_path: Path, seed: int, kind: str, language: str
) -> None:
    entries = [replace(made_entry(Random(seed + place)), shelfmark=f"MS {place}") for place in range(5)]
    items = read(written(entries, tmp_path / f"a.{kind}", language=language))
    assert [item.findings for item in items if not item.entry.origin.dates] == [
        () for item in items if not item.entry.origin.dates
    ]
    for before, item in zip(entries, items, strict=True):
        for each in COLUMNS:
            assert each.get(item.entry) == each.get(settled(before)), each.name


def test_a_profile_guessed_of_a_written_sheet_reads_it_as_exactly(tmp_path: Path) -> None:
    entries = [replace(made_entry(Random(place)), shelfmark=f"MS {place}") for place in range(5)]
    path = written(entries, tmp_path / "a.ods")
    (sheet,) = read_workbook(path)
    assert list(read_entries(path, guess_profile(sheet))) == list(read_entries(path, Profile()))


@pytest.mark.parametrize("kind", KINDS)
def test_writing_what_was_read_gives_the_same_rows(tmp_path: Path, kind: str) -> None:
    entries = [replace(made_entry(Random(place)), shelfmark=f"MS {place}") for place in range(20)]
    once = written(entries, tmp_path / f"once.{kind}")
    again = written([item.entry for item in read(once)], tmp_path / f"again.{kind}")
    rows = [[row.cells for sheet in read_workbook(path) for row in sheet.rows()] for path in (once, again)]
    assert rows[0] == rows[1]


RISKY = ("=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''", "'quoted'", "＝1", '=HYPERLINK("x")', "- a list")


@pytest.mark.parametrize("kind", KINDS)
def test_no_cell_is_a_formula_and_each_comes_back_unharmed(tmp_path: Path, kind: str) -> None:
    entries = [Entry(shelfmark=f"MS {place}", notes=(Phrase(text),)) for place, text in enumerate(RISKY)]
    path = written(entries, tmp_path / f"a.{kind}")
    assert [item.entry.notes[0].text for item in read(path)] == list(RISKY)
    if kind == CSV:
        with path.open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r＝")]
    else:
        (name,) = CalamineWorkbook.from_path(path).sheet_names
        values = [cell for row in CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python() for cell in row]
        assert set(RISKY) <= set(values)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_can_be_written_where_nothing_can_be_sought(kind: str, tmp_path: Path) -> None:
    pipe = Pipe()
    assert write_sheet([Entry(shelfmark="A 1")], pipe, kind) == 1  # type: ignore[arg-type] # raw streams do as well
    path = tmp_path / f"a.{kind}"
    path.write_bytes(bytes(pipe.held))
    assert [item.entry.shelfmark for item in read(path)] == ["A 1"]


def test_entries_are_written_as_they_come_and_none_is_kept() -> None:
    sink = Pipe()
    seen = 0

    def entries() -> Iterator[Entry]:
        nonlocal seen
        for number in range(3_000):
            seen = len(sink.held)
            yield Entry(shelfmark=f"A {number}", notes=(Phrase("x" * 100),))

    write_sheet(entries(), sink, CSV)  # type: ignore[arg-type] # the same
    assert seen > 200_000  # before the last entry was asked for, the others were on their way


@pytest.mark.parametrize("kind", KINDS)
def test_no_entries_are_a_sheet_with_a_header_and_chosen_columns_are_the_only_ones(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    with path.open("wb") as file:
        assert write_sheet([], file, kind, columns=[column("shelfmark"), column("title_ar")], language="ar") == 0
    (sheet,) = read_workbook(path)
    assert [row.cells for row in sheet.rows()] == [("رقم الحفظ [shelfmark]", "العنوان (بالعربية) [title_ar]")]


def test_columns_that_would_stand_empty_can_be_left_out() -> None:
    entries = [Entry(shelfmark="A 1", country="Mali"), Entry(physical=Physical(leaves=0))]
    assert [each.name for each in used_columns(entries)] == ["shelfmark", "leaves", "country"]
    assert [each.name for each in used_columns([])] == ["shelfmark"]


def test_what_a_person_adds_to_a_written_sheet_is_read_beside_what_was_there(tmp_path: Path) -> None:
    path = written([Entry(shelfmark="A 1", physical=Physical(leaves=3))], tmp_path / "a.csv")
    header, row = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text(f'{header},"Colour"\n{row},"12 b"\n', encoding="utf-8")
    (item,) = read(path)
    assert item.entry == Entry(shelfmark="A 1", physical=Physical(leaves=3), extra=(("Colour", "12 b"),))


def test_names_in_two_scripts_stay_beside_one_another(tmp_path: Path) -> None:
    persons = (
        Person((Phrase("Ahmad"), Phrase("أحمد", "ar")), "author"),
        Person((Phrase("عمر; بن", "ar"),), "author"),
        Person((Phrase("Musa"),), "author"),
    )
    (item,) = read(written([Entry(shelfmark="A", texts=(Text(persons=persons),))], tmp_path / "a.ods"))
    assert [{name.text for name in each.names} for each in item.entry.texts[0].persons] == [
        {name.text for name in each.names} for each in persons
    ]


def test_what_a_form_cannot_hold_is_refused_with_what_to_do(tmp_path: Path) -> None:
    long = Entry(shelfmark="A 1", notes=(Phrase("ا" * (LONGEST_CELL + 1)),))
    with pytest.raises(BadInput, match="A 1 has more in one"):
        write_sheet([long], io.BytesIO(), XLSX)
    assert read(written([long], tmp_path / "a.ods"))[0].entry.notes == long.notes
    assert read(written([long], tmp_path / "a.csv"))[0].entry.notes == long.notes
    for kind in KINDS:
        with pytest.raises(BadInput, match="A 2 has a character"):
            write_sheet([Entry(shelfmark="A 2", country="\x01")], io.BytesIO(), kind)
    with pytest.raises(BadInput, match="xls"):
        write_sheet([], io.BytesIO(), "xls")


def test_a_sheet_of_xlsx_holds_so_many_rows_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("khizana.core.sheets.writing.MOST_ROWS", 2)
    entries = [Entry(shelfmark=str(number)) for number in range(3)]
    with pytest.raises(BadInput, match="no more than 2 rows"):
        write_sheet(entries, io.BytesIO(), XLSX)
    assert write_sheet(entries, io.BytesIO(), CSV) == 3
