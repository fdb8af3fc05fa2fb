"""Where the table of a sheet is, and what each of its columns becomes under a profile."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from khizana.core.catalogue.columns import LIST_JOINT, Column, column
from khizana.core.errors import BadInput
from khizana.core.sheets.contents import guessed_fields
from khizana.core.sheets.names import field_named, own_column, running_number
from khizana.core.sheets.profile import AS_EXTRA, FIND, NONE, ColumnRule, Profile
from khizana.core.sheets.repair import repaired, western
from khizana.core.sheets.workbook import Row, Sheet
from khizana.core.text.fold import fold

LOOKED_AT: Final = 500
"""Rows from which the header and the content of columns are told."""
_HIGHEST_HEADER = 40
_DIGIT = re.compile("[0-9\u0660-\u0669\u06f0-\u06f9]")
_LISTED = frozenset({"subjects", "genres", "languages", "former_shelfmark", "author", "scribe", "script_style"})
_SEPARATORS = ("؛", ";")
MOST_COLUMNS: Final = 1_000
"""Columns beyond these are kept with the row, and no rule is made for each."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What becomes of one column of a sheet."""

    place: int
    header: str
    rule: ColumnRule
    own: Column | None = None
    """The column that wrote it, where it comes from here: its values are read exactly as they were written."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The table of a sheet."""

    columns: tuple[Resolved, ...]
    headers: tuple[tuple[str, ...], ...] = ()
    """The rows that name the columns, folded."""
    header_line: int = 0
    """Line of the last of them; 0: there is none."""

    @property
    def shelfmark(self) -> int | None:
        """Place of the column that holds the shelfmark."""
        return next((each.place for each in self.columns if each.rule.field == "shelfmark"), None)

    def is_header(self, row: Row) -> bool:
        """Whether *row* names the columns again: as the header does, or with names where identifiers would be."""
        place = self.shelfmark
        cell = row.cells[place] if place is not None and place < len(row.cells) else ""
        if place is not None and _DIGIT.search(cell) and not self._numbered(place):
            return False
        if folded(row) in self.headers:
            return True
        return bool(self.headers) and field_named(cell)[0] == "shelfmark" and _names_columns(row)

    def _numbered(self, place: int) -> bool:
        return any(place < len(header) and _DIGIT.search(header[place]) for header in self.headers)


def layout_of(sheet: Sheet, profile: Profile) -> Layout:
    """Return where the table of *sheet* is and what its columns become, from its first rows.

    Raises ``BadInput`` where the profile names a row or a column that is not there.
    """
    rows = list(islice(sheet.rows(), LOOKED_AT))
    found = _headers(rows, profile, sheet)
    width = min(MOST_COLUMNS, max((len(row.cells) for row in rows), default=0))
    names = [_first(row.cells[place] if place < len(row.cells) else "" for row in found) for place in range(width)]
    taken: dict[int, Resolved] = {}
    for rule in profile.columns:
        place = _place(rule.at, names)
        if place is None:
            raise BadInput("SHEET_COLUMN_MISSING", file=sheet.file, sheet=sheet.name, column=rule.at)
        taken[place] = Resolved(place, names[place] or letters(place), rule)
    for place in range(width):
        if place not in taken and profile.recognise and names[place]:
            resolved = _recognised(place, names[place])
            if resolved:
                taken[place] = resolved
    _leave_one_shelfmark(taken, {_place(rule.at, names) for rule in profile.columns})
    if profile.guess and not found:
        body = [row.cells for row in rows if not row.blank and sum(map(bool, row.cells)) > 1]
        fields = guessed_fields(body, frozenset(each.rule.field for each in taken.values()))
        for place, field in fields.items():
            if place < width and place not in taken:
                taken[place] = Resolved(place, letters(place), ColumnRule(letters(place), field, split=_split(field)))
    for place in range(width):
        name = names[place] or letters(place)
        taken.setdefault(place, Resolved(place, name, ColumnRule(letters(place), AS_EXTRA)))
    columns = tuple(taken[place] for place in sorted(taken))
    return Layout(columns, tuple(map(folded, found)), found[-1].line if found else 0)


def guess_profile(sheet: Sheet, start: Profile | None = None) -> Profile:
    """Return a profile that says in full how *sheet* is read by names and content, for a person to correct and keep.

    *start* gives what no sheet tells: constants, calendar, the prefix of shelfmarks.
    """
    start = start or Profile()
    layout = layout_of(sheet, start)
    rules = tuple(
        replace(each.rule, at=each.header if layout.header_line and _unique(each, layout) else letters(each.place))
        for each in layout.columns
        if each.own is None
    )
    return replace(
        start,
        header=str(layout.header_line) if layout.header_line else NONE,
        columns=rules,
        recognise=any(each.own for each in layout.columns),
        guess=False,
    )


def letters(place: int) -> str:
    """Return the letters of the column at *place*, from 0: A, B ... Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def folded(row: Row) -> tuple[str, ...]:
    """Return the cells of *row* as they are compared, without empty ones at its end."""
    cells = [" ".join(fold(cell).text.split()) for cell in row.cells]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _headers(rows: Sequence[Row], profile: Profile, sheet: Sheet) -> list[Row]:
    """Return the row that names the columns and those that follow it and name them again, in another language."""
    if profile.header == NONE:
        return []
    if profile.header != FIND:
        first = next((place for place, row in enumerate(rows) if row.line == int(profile.header)), None)
        if first is None:
            raise BadInput("SHEET_HEADER_MISSING", file=sheet.file, sheet=sheet.name, line=profile.header)
    else:
        first = next((place for place, row in enumerate(rows[:_HIGHEST_HEADER]) if _names_columns(row)), None)
        if first is None:
            return []
    found = [rows[first]]
    for row in rows[first + 1 :]:
        if not _names_columns(row):
            break
        found.append(row)
    return found


def _names_columns(row: Row) -> bool:
    """Return whether *row* names columns: two or more names that are known, no less than half, and no number."""
    full = [repaired(cell)[0] for cell in row.cells if cell.strip()]
    if any(western(cell).isdecimal() for cell in full) or len(full) > MOST_COLUMNS:
        return False
    fields = [own_column(cell) or field_named(cell)[0] for cell in full]
    known = [field for field in fields if field]
    one = len(full) == 1 and bool(own_column(full[0]))
    return one or (
        len(set(known)) >= 2 and 2 * len(known) >= len(full) and bool({"shelfmark", "title"} & _kinds(known))
    )


def _kinds(fields: list[str]) -> set[str]:
    return {field.split("_")[0] for field in fields}


def _leave_one_shelfmark(taken: dict[int, Resolved], ruled: set[int | None]) -> None:
    """Take the other columns of identifiers for running numbers or older ones: they are kept, and make no shelfmark.

    What the profile says comes first, then what is called more than a number, then what stands first.
    """
    found = [place for place, each in taken.items() if each.rule.field == "shelfmark"]
    found.sort(key=lambda place: (place not in ruled, running_number(taken[place].header), place))
    for place in found[1:]:
        if place not in ruled:
            del taken[place]


def _recognised(place: int, name: str) -> Resolved | None:
    own = own_column(name)
    if own:
        chosen = column(own)
        return Resolved(place, name, ColumnRule(letters(place), own, split=chosen.joint), chosen)
    field, language = field_named(repaired(name)[0])
    if not field:
        return None
    return Resolved(place, name, ColumnRule(letters(place), field, language, _split(field)))


def _split(field: str) -> str:
    return LIST_JOINT if field in _LISTED else ""


def _place(at: str, names: Sequence[str]) -> int | None:
    """Return the place of the column *at* a header or a letter; headers are compared folded and come first."""
    wanted = " ".join(fold(at).text.split())
    for place, name in enumerate(names):
        if name and " ".join(fold(name).text.split()) == wanted:
            return place
    if at.isascii() and at.isalpha() and len(at) <= 3:
        place = 0
        for letter in at.upper():
            place = place * 26 + ord(letter) - 64
        return place - 1 if place <= len(names) else None
    return None


def _unique(resolved: Resolved, layout: Layout) -> bool:
    return sum(each.header == resolved.header for each in layout.columns) == 1


def _first(cells: object) -> str:
    return next((repaired(cell)[0] for cell in cells if cell.strip()), "")  # type: ignore[attr-defined] # any iterable of texts
