"""Ask for a task of the desk, let it be done, or let it be tried again; a worker does it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from khizana.apps.jobs import queue
from khizana.core.tasks.asked import Asked
from khizana.core.tasks.folder import State, TaskFolder, make_task, unfinished

DESK = "desk"
"""Kind of job of a task; its subject is the task's token."""


def ask_task(tasks: Path, asked: Asked, files: Sequence[tuple[str, Iterable[bytes]]] = ()) -> TaskFolder:
    """Make a task below the folder *tasks* and let it be planned.

    What stays of one whose job could not be put is found by ``resume_tasks``. Raises ``NoSpace``, ``Unreadable``.
    """
    task = make_task(tasks, asked, files)
    queue.put(DESK, [task.token], first=True)
    return task


def do_task(task: TaskFolder) -> None:
    """Let what was planned be done; nothing where it is not planned, or is being done already."""
    if task.state() is State.PLANNED:
        task.go()
        queue.put_again(DESK, [task.token])


def try_task_again(task: TaskFolder) -> None:
    """Let a task that failed go on from where it failed."""
    if task.state() is State.FAILED:
        task.try_again()
        queue.put_again(DESK, [task.token])


def resume_tasks(tasks: Path) -> None:
    """Let every task go on that a killed worker left, or that it never came to."""
    if tokens := unfinished(tasks):
        queue.put_again(DESK, tokens)
