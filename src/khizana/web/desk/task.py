"""The page of one task: waiting, what it would do, what it did; and what can be fetched of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from khizana.apps.publication import queries
from khizana.apps.publication.tasks.asking import do_task, try_task_again
from khizana.core.errors import Damaged
from khizana.core.tasks.account import Account, Changed, Difference
from khizana.core.tasks.asked import Export, Import
from khizana.core.tasks.folder import DONE, PLANNED, State, TaskFolder, ending_of, find_task
from khizana.web.desk import addresses
from khizana.web.desk.page import page
from khizana.web.desk.words import fate_in_words, finding_in_words, label, task_in_words, time_in_words
from khizana.web.reading_room.words import Shown, direction_of, shortened

ENTRIES = 8
"""Columns shown of a new description."""
LETTERS = 300
"""Of a value; the report and the file have all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One column of a change."""

    label: str
    before: Shown
    after: Shown


@dataclass(frozen=True, slots=True)
class Entry:
    """One description that changes."""

    manuscript: str
    fate: str
    word: str
    lines: list[Line]
    conflicts: list[Line]


@require_safe
def task(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Show how far the task has come."""
    found = find_task(queries.library_folder().tasks, token)
    if found is None:
        return _gone(request, language)
    try:
        asked = found.asked()
    except Damaged:
        return _gone(request, language)
    state = found.state()
    failure = found.failure() if state is State.FAILED else None
    account = found.account(DONE if state is State.DONE else PLANNED)
    return page(
        request,
        "task.html",
        language,
        lambda tag: addresses.task(tag, token),
        what=task_in_words(asked.work, language),
        when=time_in_words(asked.at),
        by=asked.by,
        state=state.value,
        export=isinstance(asked.work, Export),
        imported=isinstance(asked.work, Import),
        publish=isinstance(asked.work, Import) and asked.work.publish,
        progress=found.progress() if state in (State.WAITING, State.DOING) else 0,
        went_on=state is State.DONE and found.went_on(),
        failure=finding_in_words(failure, language) if failure else "",
        undo=addresses.undo(language),
        do=addresses.task(language, token, "do"),
        again=addresses.task(language, token, "again"),
        report=addresses.task(language, token, "report") if _report(found, state) else "",
        file=addresses.task(language, token, "file") if found.exported().is_file() else "",
        told=_of(account, language) if account else None,
    )


@require_POST
def do(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Let what was planned be done."""
    return _told(request, language, token, do_task)


@require_POST
def again(request: HttpRequest, language: str, token: str) -> HttpResponse:
    """Let what failed be tried again."""
    return _told(request, language, token, try_task_again)


@require_safe
def report(request: HttpRequest, language: str, token: str) -> HttpResponseBase:
    """Send the table of every row."""
    found = find_task(queries.library_folder().tasks, token)
    path = _report(found, found.state()) if found else None
    return _sent(path, "khizana-report.csv", "text/csv; charset=utf-8") if path else _gone(request, language)


@require_safe
def file(request: HttpRequest, language: str, token: str) -> HttpResponseBase:
    """Send the file of an export."""
    found = find_task(queries.library_folder().tasks, token)
    if found is None or not found.exported().is_file():
        return _gone(request, language)
    ending = ending_of(found.asked())
    return _sent(found.exported(), f"{queries.library_card().name}-catalogue.{ending}", "application/octet-stream")


def _sent(path: Path, name: str, kind: str) -> HttpResponseBase:
    # Read as it is sent; the server closes it.
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=kind)


def _told(request: HttpRequest, language: str, token: str, tell: Callable[[TaskFolder], None]) -> HttpResponse:
    found = find_task(queries.library_folder().tasks, token)
    if found is None:
        return _gone(request, language)
    tell(found)
    return HttpResponseRedirect(addresses.task(language, token), status=HTTPStatus.SEE_OTHER)


def _gone(request: HttpRequest, language: str) -> HttpResponse:
    return page(request, "gone.html", language, addresses.home, status=HTTPStatus.NOT_FOUND)


def _report(found: TaskFolder, state: State) -> Path | None:
    path = found.report(DONE if state is State.DONE else PLANNED)
    return path if state in (State.PLANNED, State.DONE) and path.is_file() else None


def _of(account: Account, language: str) -> dict[str, object]:
    counts = account.counts
    return {
        "counts": counts,
        "something": any(counts.get(each) for each in ("added", "changed", "conflict")),
        "findings": [(each.severity, finding_in_words(each, language)) for each in account.findings],
        "more": account.more,
        "changes": [_entry(each, language) for each in account.changes],
        "batch": account.batch,
    }


def _entry(changed: Changed, language: str) -> Entry:
    shown = [each for each in changed.differences if each.column != "shelfmark"]
    return Entry(
        changed.manuscript,
        changed.fate,
        fate_in_words(changed.fate),
        [_line(each, language) for each in (shown[:ENTRIES] if changed.fate == "added" else shown)],
        [_line(each, language) for each in changed.conflicts],
    )


def _line(difference: Difference, language: str) -> Line:
    return Line(label(difference.column, language), _shown(difference.before), _shown(difference.after))


def _shown(values: tuple[str, ...]) -> Shown:
    text = shortened(" · ".join(values), LETTERS)
    return Shown(text, "", direction_of(text))
