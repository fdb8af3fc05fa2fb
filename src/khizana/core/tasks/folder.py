"""The folder of one task: what was asked, the files that came with it, what came of it, each named when it is whole.

What a task has come to is read from which files stand there, so that a worker killed at any moment leaves a state that
the next one goes on from:

    asked.json                    waiting to be planned
    planned.json, planned.csv     planned: a person looks at it
    go                            a person said yes: being done
    done.json, done.csv           done
    failed.json                   one sentence why not
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from khizana.core.errors import Busy, Damaged
from khizana.core.preservation.durable import (
    make_directories,
    remove_tree,
    replace_beside,
    sync_directory,
    write_all,
    write_file,
    writing,
)
from khizana.core.tasks.account import Account, Told, read_account
from khizana.core.tasks.asked import Asked, Export, read_asked

TOKEN = "[0-9a-f]{32}"  # noqa: S105 - the form of a name, and no secret
KEPT = 31 * 86_400
"""Seconds that a task is kept."""
_NEW = ".new-"
_NEW_KEPT = 86_400  # seconds; of a request that was cut off
_ENDING = re.compile(r"\.(?:csv|tsv|tab|xlsx|xlsm|xlsb|xls|ods|xml|mrc|json|zip|tar|gz|tgz)")


class State(StrEnum):
    """How far a task has come."""

    WAITING = "waiting"
    PLANNED = "planned"
    DOING = "doing"
    DONE = "done"
    FAILED = "failed"


PLANNED, DONE = "planned", "done"
"""The two accounts of a task."""


@dataclass(frozen=True, slots=True)
class TaskFolder:
    """One task."""

    path: Path

    @property
    def token(self) -> str:
        """What names it, in its address too: nobody can guess it."""
        return self.path.name

    def asked(self) -> Asked:
        """Return what was asked for. Raises ``Damaged``."""
        try:
            return read_asked((self.path / "asked.json").read_bytes())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Damaged("TASK_UNREADABLE", path=str(self.path)) from error

    def state(self) -> State:
        """Return how far it has come."""
        marks = (
            ("failed.json", State.FAILED),
            ("done.json", State.DONE),
            ("go", State.DOING),
            ("planned.json", State.PLANNED),
        )
        return next((state for name, state in marks if (self.path / name).is_file()), State.WAITING)

    def account(self, phase: str) -> Account | None:
        """Return what came of it (``done``) or would come of it (``planned``), or None so long as that is not known."""
        path = self.path / f"{phase}.json"
        return read_account(path.read_bytes()) if path.is_file() else None

    def keep(self, phase: str, account: Account) -> None:
        """Keep *account*; the task has come so far then. Raises ``NoSpace``, ``Unreadable``."""
        with writing(self.path):
            replace_beside(self.path / f"{phase}.json", account.written())

    def go(self) -> None:
        """Let it be done; said twice, it is done once."""
        with writing(self.path):
            (self.path / "go").touch()
            sync_directory(self.path)

    @property
    def batch(self) -> str:
        """What it is done as: the same when the work goes on after it was cut off, and the token is not told by it."""
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, self.token)}"

    def fail(self, code: str, facts: Mapping[str, str | int]) -> None:
        """Say why it cannot go on."""
        with writing(self.path):
            replace_beside(self.path / "failed.json", json.dumps({"code": code, "facts": dict(facts)}).encode())

    def failure(self) -> Told | None:
        """Return why it failed, if it did."""
        path = self.path / "failed.json"
        if not path.is_file():
            return None
        value = json.loads(path.read_bytes())
        return Told(value["code"], "error", value["facts"])

    def try_again(self) -> None:
        """Forget that it failed."""
        with writing(self.path):
            (self.path / "failed.json").unlink(missing_ok=True)
            sync_directory(self.path)

    def given(self, number: int, name: str) -> Path:
        """Return where the file *number* (from 1) lies; of its *name*, only an ending that is known is part of that."""
        ending = Path(name.replace("\\", "/")).suffix.lower()
        return self.path / f"given-{number}{ending if _ENDING.fullmatch(ending) else ''}"

    def report(self, phase: str) -> Path:
        """Return where the table of every row lies."""
        return self.path / f"{phase}.csv"

    def exported(self) -> Path:
        """Return where an export lies."""
        return self.path / "exported"

    def progress(self) -> int:
        """Return how many descriptions were worked through when that was last written down."""
        try:
            return int((self.path / "progress").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def went_on(self) -> bool:
        """Return whether the doing was begun more than once: what was done by then counts as unchanged."""
        return (self.path / "begun-2").exists()

    def begin(self) -> None:
        """Mark that the doing begins, or goes on."""
        (self.path / ("begun-2" if (self.path / "begun").exists() else "begun")).touch()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other workers from it. Raises ``Busy`` where one is at it already."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy("TASK_UNDER_WAY") from error
            yield
        finally:
            os.close(handle)


class Progress:
    """Counts what is worked through, and writes it down once a second for the page that waits."""

    def __init__(self, folder: TaskFolder) -> None:
        self._path = folder.path / "progress"
        self._count = 0
        self._next = 0.0

    def add(self) -> None:
        """Count one more."""
        self._count += 1
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 1.0
            with suppress(OSError):  # a full disk is met where it matters
                self._path.write_text(str(self._count), encoding="ascii")


def make_task(tasks: Path, asked: Asked, files: Sequence[tuple[str, Iterable[bytes]]] = ()) -> TaskFolder:
    """Make the folder of a new task below *tasks*, with its *files* (name as given, content in pieces).

    It is written beside, flushed, then named. Raises ``NoSpace``, ``Unreadable``.
    """
    token = secrets.token_hex(16)
    beside = TaskFolder(tasks / f"{_NEW}{token}")
    with writing(tasks):
        make_directories(beside.path)
        try:
            for number, (name, pieces) in enumerate(files, 1):
                _write(beside.given(number, name), pieces)
            write_file(beside.path / "asked.json", asked.written())
            sync_directory(beside.path)
            beside.path.rename(tasks / token)
            sync_directory(tasks)
        except BaseException:
            shutil.rmtree(beside.path, ignore_errors=True)
            raise
    return TaskFolder(tasks / token)


def find_task(tasks: Path, token: str) -> TaskFolder | None:
    """Return the task called *token*, or None."""
    known = re.fullmatch(TOKEN, token) and (tasks / token / "asked.json").is_file()
    return TaskFolder(tasks / token) if known else None


def newest_tasks(tasks: Path, *, limit: int | None = None) -> list[TaskFolder]:
    """Return the tasks that are kept, the newest first."""
    names = [each.name for each in tasks.iterdir()] if tasks.is_dir() else []
    found = []
    for name in names:
        task = find_task(tasks, name)
        with suppress(FileNotFoundError):  # swept away a moment ago
            if task:
                found.append((_begun(task.path / "asked.json"), name, task))
    return [task for _, _, task in sorted(found, reverse=True)[:limit]]


def unfinished(tasks: Path) -> list[str]:
    """Return the tokens of tasks that a worker should be at: what a killed one left, and what it never came to."""
    return [each.token for each in newest_tasks(tasks) if each.state() in (State.WAITING, State.DOING)]


def sweep_tasks(tasks: Path, *, now: float) -> None:
    """Remove tasks that are older than a month, and halves that requests left a day ago. *now* is Unix time."""
    for folder in list(tasks.iterdir()) if tasks.is_dir() else ():
        kept = _NEW_KEPT if folder.name.startswith(_NEW) else KEPT
        with suppress(OSError):  # gone, or not to be removed now: the next time is soon enough
            asked = folder / "asked.json"
            if _begun(asked if asked.exists() else folder) < now - kept:
                remove_tree(folder)


def ending_of(asked: Asked) -> str:
    """Return the ending that the file of an export is sent under."""
    form = asked.work.form if isinstance(asked.work, Export) else ""
    return {"marcxml": "xml", "dc": "xml", "tei": "zip"}.get(form, form)


def _begun(path: Path) -> float:
    return path.stat().st_mtime


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        for piece in pieces:
            write_all(handle, piece)
        os.fsync(handle)
    finally:
        os.close(handle)
