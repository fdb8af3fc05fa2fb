"""Work on one task: plan it, or do it. Whatever happens, it ends with an account or with a sentence."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from khizana.apps.publication.keeper import Keeper
from khizana.apps.publication.tasks.edits import run_change, run_undo
from khizana.apps.publication.tasks.exports import run_export
from khizana.apps.publication.tasks.imports import run_import
from khizana.core.errors import Busy, KhizanaError
from khizana.core.preservation.durable import disk_error
from khizana.core.preservation.ocfl.inventory import User
from khizana.core.tasks.account import Account
from khizana.core.tasks.asked import Asked, Change, Export, Import, Undo
from khizana.core.tasks.folder import DONE, PLANNED, State, TaskFolder, find_task

logger = logging.getLogger(__name__)

PATIENCE = 60.0  # seconds in which another process that writes may come to its end
PAUSE = 2.0


def work_on_task(token: str, *, keeper: Keeper, make_good: Callable[[], None]) -> None:
    """Plan or do the task called *token*, whichever is next; nothing where a person is next, or it is gone.

    *make_good* finishes what a killed command left, before anything is written. Nothing is raised but ``Busy``, where
    another worker is at it.
    """
    task = find_task(keeper.folder.tasks, token)
    if task is None:
        return
    with task.held():
        state = task.state()
        if state not in (State.WAITING, State.DOING):
            return
        try:
            asked = task.asked()
            by = User(asked.by, keeper.user.address)
            _patiently(lambda: _next(task, asked, state, replace(keeper, user=by), make_good))
        except KhizanaError as error:
            task.fail(error.code, error.facts)
        except OSError as error:
            failed = disk_error(error, task.path)
            task.fail(failed.code, failed.facts)
        except Exception as error:
            logger.exception("a task of the desk met a fault")
            task.fail("TASK_FAULT", {"problem": f"{type(error).__name__}: {error}"[:300]})


def _next(task: TaskFolder, asked: Asked, state: State, keeper: Keeper, make_good: Callable[[], None]) -> None:
    if isinstance(asked.work, Export):
        task.keep(DONE, run_export(task, asked, asked.work, keeper))
    elif state is State.WAITING:
        task.keep(PLANNED, _run(task, asked, asked.work, keeper, dry_run=True))
    else:
        task.begin()
        make_good()
        task.keep(DONE, _run(task, asked, asked.work, keeper, dry_run=False))


def _run(task: TaskFolder, asked: Asked, work: Import | Change | Undo, keeper: Keeper, *, dry_run: bool) -> Account:
    match work:
        case Import():
            return run_import(task, asked, work, keeper, dry_run=dry_run)
        case Change():
            return run_change(task, asked, work, keeper, dry_run=dry_run)
        case Undo():
            return run_undo(task, asked, work, keeper, dry_run=dry_run)
        case _:
            assert_never(work)


def _patiently(work: Callable[[], None]) -> None:
    """Do *work*, again while another process is writing. Raises ``Busy`` where that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            work()
        except Busy:
            if time.monotonic() >= deadline:
                raise
            time.sleep(PAUSE)
        else:
            return
