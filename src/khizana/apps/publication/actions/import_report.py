"""The account of an import as a table: a row for every description and every finding."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import TextIO

from khizana.apps.publication.actions.import_files import Row
from khizana.core.sheets.safety import guarded

ENCODING = "utf-8-sig"
"""With a mark at its start, without which spreadsheet programs take Arabic for another encoding."""


def row_writer(stream: TextIO, language: str) -> Callable[[Row], None]:
    """Write the first line of the table into *stream*, and return what writes each row of it, in *language*."""
    table = csv.writer(stream)
    table.writerow(("file", "line", "fate", "manuscript", "severity", "code", "finding"))

    def write(row: Row) -> None:
        said = row.finding
        about = (said.severity.value, said.code, row.said(language)) if said else ("", "", "")
        table.writerow([guarded(each) for each in (row.file, str(row.line), row.fate, row.manuscript, *about)])

    return write
