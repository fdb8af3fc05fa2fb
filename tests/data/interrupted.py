"""The writer interrupted: a small history of one object, and calls to the operating system that go wrong.

As a program (``python interrupted.py FOLDER``) it writes that history, so that it can be killed from outside.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from data.keeping import OBJECT, Place
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.staging import tidy

CALLS = ("open", "write", "fsync", "mkdir", "link", "rename", "replace", "unlink", "rmdir", "ftruncate", "chmod")
"""Every call by which the writer changes a disk."""
ROOM = ("open", "write", "fsync", "mkdir", "link", "rename", "replace")
"""Those that may need room."""
PICTURES = {"1.tif": b"1" * 3000, "2.tif": b"2" * 3000, "3.tif": b"3" * 3000}
LAST = {"masters/0002.tif": b"2" * 3000, "masters/0003.tif": b"3" * 3000, "structure.json": b"3", "ثلاثة": b"3"}
"""What stands in the object at the end of the history."""


def history(place: Place, told: Callable[[str], None] = lambda _: None) -> None:
    """Write three versions of one object, going on where an earlier run stopped; *told* hears what is promised."""
    place.writer.recover()
    tidy(place.staging)
    head = head_of(place)
    if head < 1:
        first = place.picture("1.tif", PICTURES["1.tif"])
        told(f"received {first.digest}")
        second = place.picture("2.tif", PICTURES["2.tif"])
        told(f"received {second.digest}")
        place.write({"masters/0001.tif": first, "masters/0002.tif": second, "structure.json": b"1"}, expected_head=0)
        told("written 1")
    if head < 2:
        third = place.picture("3.tif", PICTURES["3.tif"])
        told(f"received {third.digest}")
        place.write({"masters/0003.tif": third, "structure.json": b"2"}, expected_head=1)
        told("written 2")
    if head < 3:
        put = {"structure.json": b"3", "ثلاثة": b"3"}
        place.write(put, remove=["masters/0001.tif"], expected_head=2)
        told("written 3")


def head_of(place: Place) -> int:
    """Return the newest version of the object, 0 when there is none."""
    path = place.storage / object_path(OBJECT)
    return read_object(path).head if path.exists() else 0


@dataclass
class Promises:
    """What the writer said before it died, kept outside what it writes."""

    path: Path

    def keep(self, promise: str) -> None:
        """Record one promise; by a call that is not one of those that go wrong."""
        with self.path.open("a") as file:
            file.write(promise + "\n")

    def broken(self, place: Place) -> list[str]:
        """Return the promises that do not hold."""
        promises = self.path.read_text().split("\n") if self.path.exists() else []
        return broken(place, filter(None, promises))


def broken(place: Place, promises: Iterable[str]) -> list[str]:
    """Return those of *promises* that do not hold."""
    path = place.storage / object_path(OBJECT)
    held = dict(read_object(path).inventory.manifest) if path.exists() else {}
    found = []
    for promise in promises:
        kind, value = promise.split()
        staged = place.staging / value[:2] / value
        if kind == "written" and head_of(place) < int(value):
            found.append(promise)
        if kind == "received" and value not in held and not staged.is_file():
            found.append(promise)
    return found


@contextmanager
def going_wrong(names: tuple[str, ...], act: Callable[[int, Callable[[], Any]], Any]) -> Iterator[list[int]]:
    """Let *act* answer each call to ``os.<name>``: it gets the number of the call, from 1, and the real call.

    Yields a list whose only member counts the calls.
    """
    real = {name: getattr(os, name) for name in names}
    count = [0]

    def wrapped(name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if name == "open" and not args[1] & os.O_CREAT:
                return real[name](*args, **kwargs)
            count[0] += 1
            return act(count[0], lambda: real[name](*args, **kwargs))

        return call

    for name in names:
        setattr(os, name, wrapped(name))
    try:
        yield count
    finally:
        for name, function in real.items():
            setattr(os, name, function)


def calls_of(work: Callable[[], object]) -> int:
    """Return the number of calls by which *work* changes a disk."""
    with going_wrong(CALLS, lambda _, real: real()) as count:
        work()
    return count[0]


def failing(number: int, error: int) -> Callable[[int, Callable[[], Any]], Any]:
    """Return what lets call *number* fail with *error*."""

    def act(count: int, real: Callable[[], Any]) -> Any:
        if count == number:
            raise OSError(error, os.strerror(error))
        return real()

    return act


def full(number: int, *, once: bool) -> Callable[[int, Callable[[], Any]], Any]:
    """Return what lets call *number* meet a full disk, and every later one too unless *once*."""

    def act(count: int, real: Callable[[], Any]) -> Any:
        if count == number or (count > number and not once):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real()

    return act


def killed_at(number: int, work: Callable[[], None]) -> bool:
    """Do *work* in a child that is killed just before its call *number* that changes a disk.

    Returns True when it was killed, False when it was done before. Raises ``AssertionError`` when it failed.
    """
    child = os.fork()
    if not child:
        try:

            def act(count: int, real: Callable[[], Any]) -> Any:
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real()

            with going_wrong(CALLS, act):
                work()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - a child must not return into its parent's tests
            os.write(2, repr(error).encode())
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, "the child failed by itself"
    return False


def assert_whole(place: Place) -> None:
    """Assert that the history is complete, readable, and that nothing is left lying about."""
    stored = read_object(place.storage / object_path(OBJECT))
    assert {path: stored.read_bytes(path) for path in stored.state()} == LAST
    assert stored.head == 3
    assert place.files("staging") == {}
    assert place.files("work") == {}


if __name__ == "__main__":
    history(Place(Path(sys.argv[1])), Promises(Path(sys.argv[2])).keep)
