"""A sheet as manuscripts: each row becomes one, joins the one above it, or is reported with the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from khizana.core.catalogue.columns import COLUMNS, NotOfThisKind
from khizana.core.catalogue.entry import Entry, Text
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.findings import Finding, Severity
from khizana.core.sheets.layout import Layout, layout_of
from khizana.core.sheets.profile import Profile
from khizana.core.sheets.rows import entry_of
from khizana.core.sheets.values import TEXT_FIELDS
from khizana.core.sheets.workbook import Row, Sheet, read_workbook
from khizana.core.text.fold import fold

_TOTALS = re.compile(
    rf"(?:{fold('total|totaux|sum|somme|المجموع|مجموع|الإجمالي|إجمالي').text})\b",
)


@dataclass(slots=True)
class Known:
    """The shelfmarks that were met, and where each stood first; one for all the sheets of one delivery."""

    first: dict[str, str] = field(default_factory=dict)

    def met(self, shelfmark: str, where: str) -> str:
        """Return where the *shelfmark* stood before, or nothing, and remember that it is at *where*.

        Two that fold alike are one: case, kinds of digits and marks make no other manuscript.
        """
        return self.first.setdefault(_folded(shelfmark), where) if shelfmark else ""


def _folded(shelfmark: str) -> str:
    return " ".join(fold(shelfmark).text.split())


def read_entries(
    path: Path, profile: Profile, name: str = "", *, tell: Callable[[Finding], None] | None = None
) -> Iterator[Incoming | Reported]:
    """Yield what the workbook at *path* holds under *profile*, sheet by sheet; a shelfmark is met once in all of them.

    *tell* is given what is to be said of the file and of each sheet: its encoding, that it is hidden, merged cells.
    Raises what ``read_workbook`` and ``layout_of`` raise.
    """
    known = Known()
    for sheet in read_workbook(path, name, encoding=profile.encoding):
        if tell is not None:
            for finding in sheet.findings:
                tell(finding)
        if not profile.sheets or sheet.name in profile.sheets:
            yield from entries_of(sheet, profile, known)


def entries_of(sheet: Sheet, profile: Profile, known: Known | None = None) -> Iterator[Incoming | Reported]:
    """Yield one thing for each row of *sheet*, in their order: a manuscript, or why the row is none.

    With ``rows = "texts"`` a row that joins the manuscript above it is reported as joined, before that manuscript.
    """
    known = Known() if known is None else known
    layout = layout_of(sheet, profile)
    open_one: Incoming | None = None
    for row in sheet.rows():
        found = _read(row, layout, sheet, profile)
        if isinstance(found, Reported):
            yield found
            continue
        if profile.rows == "texts" and open_one is not None and _same(open_one.entry, found.entry):
            open_one = _joined(open_one, found)
            yield _reported("SHEET_ROW_JOINED", Severity.INFO, row, sheet, open_one.entry.shelfmark)
            continue
        if open_one is not None:
            yield open_one
            open_one = None
        judged = _judged(found, row, sheet, known)
        if profile.rows == "texts" and isinstance(judged, Incoming):
            open_one = replace(judged, entry=replace(judged.entry, texts=(_text(judged.entry),)))
        else:
            yield judged
    if open_one is not None:
        yield open_one


def _read(row: Row, layout: Layout, sheet: Sheet, profile: Profile) -> Incoming | Reported:
    if row.blank:
        return _reported("SHEET_ROW_BLANK", Severity.INFO, row, sheet, "")
    words = next(cell for cell in row.cells if cell.strip()).strip()
    if row.line <= layout.header_line or layout.is_header(row):
        named = layout.is_header(row)
        code = "SHEET_ROW_HEADER" if named and row.line <= layout.header_line else "SHEET_ROW_ABOVE"
        code = "SHEET_ROW_HEADER_AGAIN" if named and row.line > layout.header_line else code
        return _reported(code, Severity.INFO, row, sheet, words)
    entry, findings = entry_of(row, layout, sheet, profile)
    if not any(char.isdigit() for char in entry.shelfmark) and _TOTALS.match(fold(words).text):
        return _reported("SHEET_ROW_TOTAL", Severity.INFO, row, sheet, words)
    return Incoming(entry, sheet.file, row.line, findings=tuple(findings))


def _judged(found: Incoming, row: Row, sheet: Sheet, known: Known) -> Incoming | Reported:
    shelfmark = found.entry.shelfmark
    if not shelfmark:
        words = next(cell for cell in row.cells if cell.strip()).strip()
        return _reported("SHEET_ROW_NO_SHELFMARK", Severity.WARNING, row, sheet, words)
    here = f"{sheet.name}:{row.line}" if sheet.name else str(row.line)
    before = known.met(shelfmark, here)
    if before != here:
        facts: dict[str, str | int] = {"file": sheet.file, "line": row.line, "first": before}
        return Reported(Finding("SHEET_ROW_DUPLICATE", Severity.WARNING, shelfmark, facts), sheet.file, row.line)
    return found


def _reported(code: str, severity: Severity, row: Row, sheet: Sheet, words: str) -> Reported:
    facts: dict[str, str | int] = {"file": sheet.file, "line": row.line}
    return Reported(Finding(code, severity, words[:200], facts), sheet.file, row.line)


def _same(entry: Entry, following: Entry) -> bool:
    """Return whether a row goes on with the manuscript above: the same shelfmark, or none and a text of its own."""
    one, other = _folded(entry.shelfmark), _folded(following.shelfmark)
    return one == other or (not other and bool(following.titles))


def _text(entry: Entry) -> Text:
    own = entry.texts[0] if entry.texts else Text()
    return replace(own, titles=entry.titles, languages=entry.languages)


def _joined(manuscript: Incoming, row: Incoming) -> Incoming:
    """Return *manuscript* with the text of *row*; what the row says of the whole is added, or kept as extra."""
    entry = manuscript.entry
    extra: list[tuple[str, str]] = []
    for column in COLUMNS:
        if column.name.split("_")[0] in TEXT_FIELDS or column.name == "shelfmark":
            continue
        mine, theirs = column.get(entry), column.get(row.entry)
        new = tuple(value for value in theirs if value not in mine)
        if new:
            try:
                entry = column.put(entry, (*mine, *new))
            except NotOfThisKind:
                extra += [(column.name, value) for value in new]
    entry = replace(entry, texts=(*entry.texts, _text(row.entry)), extra=(*entry.extra, *extra))
    return replace(manuscript, entry=entry, findings=(*manuscript.findings, *row.findings))
