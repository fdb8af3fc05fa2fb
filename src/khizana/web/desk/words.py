"""What was asked for and done, in the words of a page."""

from __future__ import annotations

import re
from dataclasses import replace

from django.utils.translation import gettext as _

from khizana.core.catalogue.columns import COLUMNS
from khizana.core.tasks.account import Told
from khizana.core.tasks.asked import Change, Export, Import, Undo, Work
from khizana.core.tasks.folder import State
from khizana.web.reading_room.words import comma, shortened

_LABELS = {each.name: each.labels for each in COLUMNS}
_IMPORTED = re.compile(r"description imported from (?P<file>.*), line [0-9]+", re.DOTALL)
_EDITED = re.compile(r"(?P<how>set|add|remove|replace) (?P<column>[a-z_]+): (?P<values>.*)", re.DOTALL)
_NEXT = re.compile(r"; (?=(?:set|add|remove|replace) [a-z_]+: )")
LETTERS = 90
"""Of what was done, in a list."""
_HERE = {
    "IMPORT_CONFLICT": "TASK_CONFLICT",
    "IMPORT_TWICE": "TASK_TWICE",
    "NO_MANUSCRIPT": "TASK_NO_MANUSCRIPT",
}
"""Sentences that would tell the user of a command which option helps, and what is said at the desk."""


def label(column: str, language: str) -> str:
    """Return what a column is called; a field that no column shows is called by what it is."""
    if column in _LABELS:
        return _LABELS[column][language]
    others = {
        "texts": _("Texts"),
        "units": _("Parts"),
        "history": _("History"),
        "physical.decoration": _("Decoration"),
        "document": _("Other parts of the TEI file"),
    }
    return others.get(column, column)


def isolated(text: str) -> str:
    """Return *text* so that its direction changes nothing around it (UAX 9: first strong isolate)."""
    return f"\u2068{text}\u2069"


def finding_in_words(told: Told, language: str) -> str:
    """Return a finding's sentence as it is said at the desk."""
    facts = dict(told.facts)
    if "field" in facts:
        facts["field"] = label(str(facts["field"]), language)
    return replace(told, code=_HERE.get(told.code, told.code), facts=facts).said(language)


def task_in_words(work: Work, language: str) -> str:
    """Return what was asked for, as a heading."""
    match work:
        case Import(files):
            return _("Import of %(files)s") % {"files": _named(files, language)}
        case Change(column=column, how=how, values=values):
            return change_in_words(how, column, values, language)
        case Undo(what=what):
            return _("Undo: %(what)s") % {"what": batch_in_words(what, language)}
        case Export(form):
            return _("Export as %(form)s") % {"form": form_in_words(form)}


def change_in_words(how: str, column: str, values: tuple[str, ...], language: str) -> str:
    """Return one change of a column, as a heading."""
    facts = {"column": label(column, language), "values": isolated(" · ".join(values))}
    match how:
        case "add":
            return _("%(column)s: add “%(values)s”") % facts
        case "remove":
            return _("%(column)s: remove “%(values)s”") % facts
        case "replace":
            goes, comes = (*values, "", "")[:2]
            return _("%(column)s: “%(goes)s” becomes “%(comes)s”") % {
                "column": facts["column"],
                "goes": isolated(goes),
                "comes": isolated(comes),
            }
        case _ if values:
            return _("%(column)s: set “%(values)s”") % facts
        case _:
            return _("%(column)s: emptied") % {"column": facts["column"]}


def batch_in_words(what: str, language: str) -> str:
    """Return what a batch did; *what* is the detail of one of its events."""
    if found := _IMPORTED.fullmatch(what):
        return _("Import of %(files)s") % {"files": isolated(found["file"])}
    if what.startswith("undone: "):
        return _("Undoing of an earlier change")
    said = (_EDITED.fullmatch(each) for each in _NEXT.split(what))
    changes = [
        change_in_words(each["how"], each["column"], tuple(filter(None, each["values"].split(" | "))), language)
        for each in said
        if each
    ]
    return shortened(" · ".join(changes) or what, LETTERS)


def state_in_words(state: State) -> str:
    """Return how far a task has come."""
    match state:
        case State.WAITING:
            return _("being looked at")
        case State.PLANNED:
            return _("waits for your yes")
        case State.DOING:
            return _("being done")
        case State.DONE:
            return _("done")
        case State.FAILED:
            return _("failed")


def fate_in_words(fate: str) -> str:
    """Return what becomes of one description."""
    match fate:
        case "added":
            return _("new")
        case "conflict":
            return _("in conflict")
        case _:
            return _("changed")


def form_in_words(form: str) -> str:
    """Return what a form of file is called."""
    match form:
        case "xlsx":
            return _("Excel workbook (xlsx)")
        case "ods":
            return _("OpenDocument spreadsheet (ods)")
        case "csv":
            return _("Text table (csv)")
        case "marcxml":
            return _("MARCXML, for library systems")
        case "dc":
            return _("Dublin Core (XML)")
        case _:
            return _("TEI files in a zip archive")


def time_in_words(when: str) -> str:
    """Return a time of the form 2026-03-01T09:30:00Z without its seconds, in UTC."""
    return when[:16].replace("T", " ")


def _named(files: tuple[str, ...], language: str) -> str:
    named = map(isolated, files[:3])
    return comma(language).join(named) + ("…" if len(files) > 3 else "")
