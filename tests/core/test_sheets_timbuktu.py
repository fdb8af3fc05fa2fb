"""Nine real inventories, as libraries of Timbuktu gave them: one profile reads them all, and no row is lost."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from khizana.core.catalogue.columns import COLUMNS
from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.sheets.entries import entries_of, read_entries
from khizana.core.sheets.known import known_profile
from khizana.core.sheets.layout import layout_of
from khizana.core.sheets.repair import repaired
from khizana.core.sheets.report import Tally, counted, reporting
from khizana.core.sheets.workbook import Row, Sheet, read_workbook
from khizana.core.sheets.writing import write_sheet

INVENTORY = known_profile("inventory")
NO_MANUSCRIPTS = {"SHEET_ROW_ABOVE", "SHEET_ROW_HEADER"}
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Delivery:
    """One workbook, what is in it, and what became of it."""

    sheet: Sheet
    rows: list[Row]
    items: list[Incoming | Reported]
    tally: Tally
    report: str

    @property
    def entries(self) -> list[Entry]:
        return [item.entry for item in self.items if isinstance(item, Incoming)]


@pytest.fixture(scope="module")
def deliveries(shared_data: Path) -> list[Delivery]:
    found = sorted((shared_data / "measure" / "timbuktu-inventories").glob("*/*.xlsx"))
    if not found:
        pytest.skip(f"no inventories in {shared_data}")
    made = []
    for path in found:
        (sheet,) = read_workbook(path)
        tally, stream = Tally(), io.StringIO(newline="")
        items = list(counted(reporting(entries_of(sheet, INVENTORY), stream, "ar"), tally))
        made.append(Delivery(sheet, list(sheet.rows()), items, tally, stream.getvalue()))
    return made


def test_rows_in_are_rows_out_and_rows_reported_with_one_profile(deliveries: list[Delivery]) -> None:
    assert len(deliveries) == 9
    for delivery in deliveries:
        assert [item.line for item in delivery.items] == [row.line for row in delivery.rows]
        assert delivery.tally.entries + sum(delivery.tally.reported.values()) == len(delivery.rows)
        # What became no manuscript are titles and names of columns, three rows at most: all others have an identifier.
        assert set(delivery.tally.reported) <= NO_MANUSCRIPTS
        assert sum(delivery.tally.reported.values()) <= 3
        assert all(entry.shelfmark and entry.owner for entry in delivery.entries)


def test_every_column_with_a_name_is_known(deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        fields = [each.rule.field for each in layout_of(delivery.sheet, INVENTORY).columns]
        assert fields[:6] == ["shelfmark", "title", "subjects", "leaves", "condition", "owner"]


def test_every_word_of_a_row_is_in_its_manuscript(deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        cells = {row.line: row.cells for row in delivery.rows}
        for item in delivery.items:
            if isinstance(item, Incoming):
                shown = {word for each in COLUMNS for value in each.get(item.entry) for word in WORD.findall(value)}
                assert {word for cell in cells[item.line] for word in WORD.findall(repaired(cell)[0])} <= shown


def test_the_report_has_every_finding_with_its_line(deliveries: list[Delivery]) -> None:
    for delivery in deliveries:
        told = list(csv.DictReader(io.StringIO(delivery.report, newline="")))
        assert len(told) == delivery.tally.findings.total() + delivery.tally.reported.total()
        assert {int(line["line"]) for line in told} <= {row.line for row in delivery.rows}
        assert all(line["sentence"] for line in told)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_an_inventory_that_was_read_is_written_and_read_again_as_the_same(
    deliveries: list[Delivery], tmp_path: Path, kind: str
) -> None:
    smallest = min(deliveries, key=lambda delivery: len(delivery.rows))
    path = tmp_path / f"again.{kind}"
    with path.open("wb") as file:
        assert write_sheet(smallest.entries, file, kind, language="ar") == len(smallest.entries)
    items = list(read_entries(path, INVENTORY))
    assert [item.entry for item in items if isinstance(item, Incoming)] == smallest.entries
    assert [item.line for item in items if isinstance(item, Reported)] == [1]
