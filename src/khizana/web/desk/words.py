"""What was asked for and done, in the words of a page."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from khizana.core.catalogue.columns import COLUMNS
from khizana.core.tasks.asked import Change, Export, Import, Undo, Work
from khizana.core.tasks.folder import State

_LABELS = {each.name: each.labels for each in COLUMNS}
_IMPORTED = re.compile(r"description imported from (?P<file>.*), line [0-9]+", re.DOTALL)
_EDITED = re.compile(r"(?P<how>set|add|remove|replace) (?P<column>[a-z_]+): (?P<values>.*)", re.DOTALL)


def label(column: str, language: str) -> str:
    """Return what a column is called; a field that no column shows is called by what it is."""
    if column in _LABELS:
        return _LABELS[column][language]
    match column:
        case "texts":
            return _("Texts")
        case "units":
            return _("Parts")
        case "history":
            return _("History")
        case "physical.decoration":
            return _("Decoration")
        case "document":
            return _("Other parts of the TEI file")
        case _:
            return column


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
    facts = {"column": label(column, language), "values": " · ".join(values)}
    match how:
        case "add":
            return _("%(column)s: add “%(values)s”") % facts
        case "remove":
            return _("%(column)s: remove “%(values)s”") % facts
        case "replace":
            goes, comes = (*values, "", "")[:2]
            return _("%(column)s: “%(goes)s” becomes “%(comes)s”") % {
                "column": facts["column"],
                "goes": goes,
                "comes": comes,
            }
        case _ if values:
            return _("%(column)s: set “%(values)s”") % facts
        case _:
            return _("%(column)s: emptied") % {"column": facts["column"]}


def batch_in_words(what: str, language: str) -> str:
    """Return what a batch did; *what* is the detail of one of its events."""
    if found := _IMPORTED.fullmatch(what):
        return _("Import of %(files)s") % {"files": found["file"]}
    if what.startswith("undone: "):
        return _("Undoing of an earlier change")
    if found := _EDITED.fullmatch(what):
        values = tuple(found["values"].split(" | ")) if found["values"] else ()
        return change_in_words(found["how"], found["column"], values, language)
    return what


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
    return ("، " if language == "ar" else ", ").join(files[:3]) + ("…" if len(files) > 3 else "")
