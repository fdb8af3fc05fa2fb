"""One row as an entry, with what was repaired in it and what no field could hold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath

from khizana.core.catalogue.columns import NotOfThisKind, made
from khizana.core.catalogue.entry import Entry
from khizana.core.dates import Calendar, parse_date
from khizana.core.findings import Finding, Severity
from khizana.core.sheets.layout import Layout, Resolved, letters
from khizana.core.sheets.names import SIZE
from khizana.core.sheets.profile import AS_EXTRA, Profile
from khizana.core.sheets.repair import Repair, one_kind_of_digits, repaired, western
from khizana.core.sheets.values import (
    column_for,
    language_named,
    material_named,
    millimetres,
    parted,
    placeholder,
    split,
    style_named,
    whole_number,
)
from khizana.core.sheets.workbook import Row, Sheet

_NUMBERS = frozenset({"leaves", "height_mm", "width_mm", "written_height_mm", "written_width_mm"})
_NAMED = {"material": material_named, "script_style": style_named}


@dataclass(slots=True)
class Reading:
    """One row while it is read."""

    row: Row
    sheet: Sheet
    profile: Profile
    values: dict[str, list[str]] = field(default_factory=dict)
    """By the name of the column."""
    extra: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def say(self, code: str, severity: Severity, header: str, value: str) -> None:
        """Add a finding about one cell of the row."""
        where: dict[str, str | int] = {"file": self.sheet.file, "line": self.row.line, "column": header}
        self.findings.append(Finding(str(code), severity, value[:200], where))

    def add(self, name: str, value: str) -> None:
        """Add a value to a column."""
        self.values.setdefault(name, []).append(value)

    def keep(self, header: str, value: str) -> None:
        """Keep what no field holds."""
        self.extra.append((header, value))


def entry_of(row: Row, layout: Layout, sheet: Sheet, profile: Profile) -> tuple[Entry, list[Finding]]:
    """Return what *row* says of one manuscript, and the findings on its cells; no cell that holds something is lost."""
    reading = Reading(row, sheet, profile)
    for resolved in layout.columns:
        if resolved.place < len(row.cells) and row.cells[resolved.place]:
            _read_cell(reading, resolved, row.cells[resolved.place])
    for place, cell in enumerate(row.cells):
        if cell.strip() and (not layout.columns or place > layout.columns[-1].place):
            reading.keep(letters(place), repaired(cell)[0])
    for name, value in profile.constants:
        if name not in reading.values and not any(each.startswith(f"{name}_") for each in reading.values):
            language = profile.constant_language
            chosen, text = column_for(name, value, language=language, arabic=profile.arabic, latin=profile.latin)
            reading.add(chosen.name, text)
    return _filled(reading), reading.findings


def _read_cell(reading: Reading, resolved: Resolved, cell: str) -> None:
    own, rule = resolved.own, resolved.rule
    text, repairs = repaired(cell, lines=own is not None and own.joint == "\n")
    for repair in repairs:
        reading.say(repair, Severity.INFO, resolved.header, text)
    if not text:
        return
    if own is not None:
        reading.values.setdefault(own.name, []).extend(parted(text, own.joint))
    elif rule.field == AS_EXTRA:
        reading.keep(resolved.header, text)
    elif rule.field == "shelfmark":
        _shelfmark(reading, resolved, text)
    elif placeholder(text):
        reading.say("SHEET_PLACEHOLDER", Severity.INFO, resolved.header, text)
        reading.keep(resolved.header, text)
    elif rule.field in _NUMBERS:
        _number(reading, resolved, text)
    elif rule.field == SIZE:
        _size(reading, resolved, text)
    else:
        for value in split(text, rule.split):
            _value(reading, resolved, value)


def _shelfmark(reading: Reading, resolved: Resolved, text: str) -> None:
    if placeholder(text):
        reading.keep(resolved.header, text)
        return
    profile, written = reading.profile, one_kind_of_digits(text)
    if written != text:
        reading.say(Repair.DIGITS, Severity.INFO, resolved.header, text)
    if western(written).isdecimal() and (profile.shelfmark_prefix or profile.shelfmark_digits):
        stem = PurePath(reading.sheet.file).stem
        prefix = profile.shelfmark_prefix.replace("{file}", stem).replace("{sheet}", reading.sheet.name)
        written = prefix + western(written).zfill(profile.shelfmark_digits)
    if "shelfmark" in reading.values:
        reading.keep(resolved.header, written)
    else:
        reading.add("shelfmark", written)


def _number(reading: Reading, resolved: Resolved, text: str) -> None:
    number, alone = whole_number(text)
    if not number or resolved.rule.field in reading.values:
        reading.say("SHEET_NO_NUMBER", Severity.WARNING, resolved.header, text)
        reading.keep(resolved.header, text)
        return
    reading.add(resolved.rule.field, number)
    if not alone:
        reading.say("SHEET_NUMBER_READ", Severity.INFO, resolved.header, text)
        reading.keep(resolved.header, text)
    elif western(text) != text:
        reading.say(Repair.DIGITS, Severity.INFO, resolved.header, text)


def _size(reading: Reading, resolved: Resolved, text: str) -> None:
    sizes = millimetres(text)
    if sizes is None:
        reading.say("SHEET_NO_NUMBER", Severity.WARNING, resolved.header, text)
    else:
        reading.add("height_mm", sizes[0])
        reading.add("width_mm", sizes[1])
    reading.keep(resolved.header, text)  # as it was measured, with its unit


def _value(reading: Reading, resolved: Resolved, value: str) -> None:
    field, profile = resolved.rule.field, reading.profile
    if field == "languages":
        tag = language_named(value)
        if tag:
            reading.add(field, tag)
        else:
            reading.say("SHEET_LANGUAGE_UNKNOWN", Severity.WARNING, resolved.header, value)
            reading.keep(resolved.header, value)
        return
    known = _NAMED[field](value) if field in _NAMED else value
    language = resolved.rule.language
    chosen, text = column_for(field, known, language=language, arabic=profile.arabic, latin=profile.latin)
    reading.add(chosen.name, text)


def _filled(reading: Reading) -> Entry:
    profile = reading.profile
    values = {name: tuple(given) for name, given in reading.values.items()}
    try:
        entry = made(values)
    except NotOfThisKind:
        fitting = {name: _fitting(name, given, reading) for name, given in values.items()}
        entry = made(fitting)
    dates = entry.origin.dates
    if profile.calendar and dates:
        calendar = Calendar(profile.calendar)
        dates = tuple(parse_date(date.words, assume=calendar) for date in dates)
        entry = replace(entry, origin=replace(entry.origin, dates=dates))
    reading.findings += [finding for date in dates for finding in date.findings]
    return replace(entry, extra=(*entry.extra, *reading.extra)) if reading.extra else entry


def _fitting(name: str, values: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
    """Return those of *values* that the column can hold together; the others are kept beside it."""
    fitting: tuple[str, ...] = ()
    for value in values:
        try:
            made({name: (*fitting, value)})
        except NotOfThisKind:
            reading.say("SHEET_VALUE_MISFIT", Severity.WARNING, name, value)
            reading.keep(name, value)
        else:
            fitting = (*fitting, value)
    return fitting
