"""Page order and folio labels of a card of photographs, from file names or from its ``pages.csv``."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from khizana.core.errors import BadInput, NotFound, Unreadable
from khizana.core.ports import Card, CardFile
from khizana.core.structure.labels import label_from_file_name, natural_key

PAGES = "pages.csv"
DESCRIPTION = "description.xml"
LONGEST_PAGES = 8 * 1024 * 1024  # bytes of a pages.csv; 500 folios need 20 kB
# What cameras, computers and cataloguers leave beside the photographs.
_NOT_PHOTOGRAPHS = frozenset({"thumbs.db", "desktop.ini", PAGES, DESCRIPTION})
_SIDECARS = frozenset({".xmp", ".thm", ".ctg", ".md5", ".sha512", ".xml", ".csv", ".txt", ".json"})
_FILE_HEADINGS = ("file", "fichier", "ملف")
_LABEL_HEADINGS = ("label", "folio", "feuillet", "ورقة")


@dataclass(frozen=True, slots=True)
class Photograph:
    """One file of the card, in reading order."""

    file: CardFile
    name: str
    """Path below the card, as a person reads it."""
    label: str


def photographs(card: Card) -> tuple[Photograph, ...]:
    """Return the files of *card*, in reading order with their labels.

    Hidden files, sidecars and symbolic links are passed over; whether a file is an image is found out when
    it is read. Order: ``pages.csv`` where there is one (columns ``file`` and ``label``), else by name with
    numbers read as numbers.

    Raises ``NotFound`` or ``Unreadable`` for the card, ``BadInput`` for a ``pages.csv`` that does not fit it.
    """
    found: dict[str, CardFile] = {}
    for file in card.files():
        path = PurePosixPath(file.name)
        if path.name.lower() in _NOT_PHOTOGRAPHS or path.suffix.lower() in _SIDECARS:
            continue
        name = file.name
        while name in found:
            # Undecodable bytes, escaped, may spell the name of another file: none is lost for that.
            name += "_"
        found[name] = file
    listed = card.content(PAGES, LONGEST_PAGES + 1)
    if listed is not None:
        return _listed(pages_of(listed, card.path / PAGES), card.path / PAGES, found)
    names = sorted(found, key=natural_key)
    return tuple(
        Photograph(found[name], name, label_from_file_name(PurePosixPath(name).stem) or str(position))
        for position, name in enumerate(names, 1)
    )


def _listed(rows: Sequence[tuple[int, str, str]], path: Path, found: Mapping[str, CardFile]) -> tuple[Photograph, ...]:
    photographs: dict[str, Photograph] = {}
    for line, name, label in rows:
        if name not in found:
            raise BadInput("PAGES_NAMES_NO_FILE", path=str(path), line=line, name=name)
        if name in photographs:
            raise BadInput("PAGES_NAMES_TWICE", path=str(path), line=line, name=name)
        photographs[name] = Photograph(found[name], name, label or str(len(photographs) + 1))
    for name in sorted(found, key=natural_key):
        if name not in photographs:
            raise BadInput("PAGES_LEAVES_OUT", path=str(path), name=name)
    return tuple(photographs.values())


def read_pages(path: Path) -> Sequence[tuple[int, str, str]]:
    """Return what ``pages_of`` returns of the file at *path*. Raises ``NotFound`` and ``Unreadable`` besides."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(LONGEST_PAGES + 1)
    except FileNotFoundError as error:
        raise NotFound("NO_SUCH_FILE", path=str(path)) from error
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(path), problem=error.strerror or "") from error
    return pages_of(raw, path)


def pages_of(raw: bytes, path: Path) -> Sequence[tuple[int, str, str]]:
    """Return line, file and label of every row of a ``pages.csv`` with the bytes *raw*, found at *path*.

    Raises ``BadInput`` with the line for what is in it, and for one of more than ``LONGEST_PAGES`` bytes.
    """
    if len(raw) > LONGEST_PAGES:
        raise BadInput("PAGES_UNREADABLE", path=str(path), line=0, problem=f"> {LONGEST_PAGES} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BadInput("PAGES_UNREADABLE", path=str(path), line=line, problem="UTF-8") from error
    # Spreadsheets set to French save with semicolons.
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        table = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadInput("PAGES_UNREADABLE", path=str(path), line=reader.line_num, problem=str(error)) from error
    if not table:
        raise BadInput("PAGES_HEADINGS", path=str(path))
    headings = [cell.strip().casefold() for cell in table[0][1]]
    file_column = next((headings.index(each) for each in _FILE_HEADINGS if each in headings), None)
    label_column = next((headings.index(each) for each in _LABEL_HEADINGS if each in headings), None)
    if file_column is None:
        raise BadInput("PAGES_HEADINGS", path=str(path))

    def cell(row: list[str], column: int | None) -> str:
        return row[column].strip() if column is not None and column < len(row) else ""

    return [(line, cell(row, file_column), cell(row, label_column)) for line, row in table[1:]]
