"""The desk's first page: what can be done, what is under way, what was done."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from khizana.apps.preservation import queries as preservation
from khizana.apps.publication import queries
from khizana.core.errors import Damaged
from khizana.core.tasks.asked import Undo
from khizana.core.tasks.folder import State, newest_tasks
from khizana.web.desk import addresses
from khizana.web.desk.page import asked, page
from khizana.web.desk.words import batch_in_words, state_in_words, task_in_words, time_in_words

BATCHES = 20
TASKS = 6


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task in the list."""

    href: str
    what: str
    when: str
    by: str
    state: str
    open: bool
    """Whether a person or a worker has something to do with it still."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """What was done to many at once."""

    batch: str
    what: str
    when: str
    count: int


@require_safe
def home(request: HttpRequest, language: str) -> HttpResponse:
    """Show what can be done, and what was done."""
    batches = [
        BatchLine(each.batch, batch_in_words(each.what, language), time_in_words(each.when), each.count)
        for each in preservation.batches(limit=BATCHES)
    ]
    return page(
        request,
        "home.html",
        language,
        addresses.home,
        imports=addresses.imports(language),
        edits=addresses.edits(language),
        exports=addresses.exports(language),
        undo=addresses.undo(language),
        tasks=_tasks(language),
        batches=batches,
    )


@require_POST
def undo(request: HttpRequest, language: str) -> HttpResponse:
    """Ask for the undoing of a batch: its page says first what that would do."""
    given = request.POST.get("batch", "")
    found = next((each for each in preservation.batches() if each.batch == given), None)
    if found is None:
        return page(request, "gone.html", language, addresses.home, status=HTTPStatus.NOT_FOUND)
    return asked(request, language, Undo(found.batch, found.what))


def _tasks(language: str) -> list[TaskLine]:
    found = []
    for each in newest_tasks(queries.library_folder().tasks, limit=TASKS):
        try:
            was = each.asked()
        except Damaged:  # swept away a moment ago, or by hand
            continue
        state = each.state()
        found.append(
            TaskLine(
                addresses.task(language, each.token),
                task_in_words(was.work, language),
                time_in_words(was.at),
                was.by,
                state_in_words(state),
                state is not State.DONE,
            )
        )
    return found
