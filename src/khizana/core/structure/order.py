"""Page order and folio labels of a folder of photographs, from file names or from its ``pages.csv``."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import BadInput, NotFound, Unreadable
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
    """One file of the folder, in reading order."""

    path: Path
    name: str
    """Path below the folder, as a person reads it: undecodable bytes as ``\\xNN``."""
    label: str


def photographs(folder: Path) -> tuple[Photograph, ...]:
    """Return the files of *folder* and below, in reading order with their labels.

    Hidden files, sidecars and symbolic links are passed over; whether a file is an image is found out when
    it is read. Order: ``pages.csv`` where there is one (columns ``file`` and ``label``), else by name with
    numbers read as numbers.

    Raises ``NotFound`` or ``Unreadable`` for the folder, ``BadInput`` for a ``pages.csv`` that does not fit it.
    """
    if not folder.is_dir():
        raise NotFound("FOLDER_MISSING", path=_readable(str(folder)))
    found: dict[str, Path] = {}
    for path in _files(folder):
        name = _readable(os.path.relpath(path, folder))
        while name in found:
            # Undecodable bytes, escaped, may spell the name of another file: none is lost for that.
            name += "_"
        found[name] = path
    listed = folder / PAGES
    if listed.is_file():
        return _listed(listed, found)
    names = sorted(found, key=natural_key)
    return tuple(
        Photograph(found[name], name, label_from_file_name(Path(name).stem) or str(position))
        for position, name in enumerate(names, 1)
    )


def _files(card: Path) -> Iterator[Path]:
    # One list of folders still to be read, not one call within another: cards may nest deeper than calls can.
    folders = [card]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise Unreadable("FOLDER_UNREADABLE", path=_readable(str(folder)), problem=error.strerror or "") from error
        within: list[Path] = []
        for entry in entries:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                within.append(Path(entry.path))
            elif entry.name.lower() not in _NOT_PHOTOGRAPHS and Path(entry.name).suffix.lower() not in _SIDECARS:
                yield Path(entry.path)
        folders += reversed(within)


def _readable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _listed(path: Path, found: dict[str, Path]) -> tuple[Photograph, ...]:
    rows = read_pages(path)
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
    """Return line, file and label of every row of a ``pages.csv``.

    Raises ``NotFound`` and ``Unreadable`` for the file, ``BadInput`` with its line for what is in it.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(LONGEST_PAGES + 1)
    except FileNotFoundError as error:
        raise NotFound("NO_SUCH_FILE", path=str(path)) from error
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(path), problem=error.strerror or "") from error
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
