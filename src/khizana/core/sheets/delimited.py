"""Text files of cells: csv, tsv, and what spreadsheet programs of several countries make of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import BadInput
from khizana.core.findings import Finding, Severity
from khizana.core.sheets.decoding import Encoding, delimiter_of, encoding_of
from khizana.core.sheets.safety import unguarded

_SHOWN = {"utf-8-sig": "UTF-8", "cp1256": "windows-1256", "cp1252": "windows-1252"}
_NAMES = {",": ",", ";": ";", "\t": "TAB", "؛": "؛", "|": "|"}


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file of cells, and how it is read."""

    path: Path
    name: str
    encoding: Encoding
    delimiter: str
    findings: tuple[Finding, ...]

    def records(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the line where each record begins, from 1, and its cells.

        Raises ``BadInput`` where a cell does not end: a quotation mark that was opened and never closed.
        """
        with self.path.open(encoding=self.encoding.name, errors="replace", newline="") as file:
            reader = csv.reader(file, delimiter=self.delimiter)
            line = 1
            try:
                for record in reader:
                    while record and not record[-1]:  # files of some programs end each row with thousands of them
                        record.pop()
                    yield line, tuple(map(unguarded, record))
                    line = reader.line_num + 1
            except csv.Error as error:
                raise BadInput("SHEET_CELL_NEVER_ENDS", file=self.name, line=line) from error


def read_delimited(path: Path, name: str, known: str = "") -> Delimited:
    """Return how the text file at *path* is read; its encoding and what parts its cells are told of in any case.

    *known* is the encoding where a person has said it.
    """
    encoding = Encoding(known) if known else encoding_of(path)
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        delimiter = delimiter_of(file.read(1 << 16), name)
    shown = _SHOWN.get(encoding.name, encoding.name.upper())
    facts: dict[str, str | int] = {"encoding": shown, "delimiter": _NAMES[delimiter]}
    code = "SHEET_ENCODING_GUESSED" if encoding.guessed else "SHEET_ENCODING"
    found = [Finding(code, Severity.WARNING if encoding.guessed else Severity.INFO, name, facts)]
    if encoding.unreadable:
        found.append(
            Finding("SHEET_BYTES_LOST", Severity.WARNING, name, {"count": encoding.unreadable, "encoding": shown})
        )
    return Delimited(path, name, encoding, delimiter, tuple(found))
