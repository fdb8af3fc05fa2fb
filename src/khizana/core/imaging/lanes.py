"""Lanes: image work in processes of its own, so that no codec can bring the caller down.

Each lane is one process and one thread that feeds it. A crash, a hang or an image that eats the memory costs that
one image, which is named; the lane starts again. The processes import no framework, ignore Ctrl-C and other requests
to end, and die with their parent, even when it is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Final, Self

import khizana.core.errors
from khizana.core.errors import BadInput, KhizanaError, Unreadable
from khizana.core.identifiers import Digest
from khizana.core.imaging.access_facts import AccessCopy, Made, clear_unfinished
from khizana.core.imaging.probe import LARGEST

SECONDS: Final = 300.0
"""The longest one image may take; a gigapixel scroll takes about 40 on a slow laptop."""

MEGABYTES: Final = 1500
"""The most memory one lane may hold; a 100-megapixel image needs under 1000."""

EVERY_WIDTH: Final = 1 << 30
"""Pixels: wider than any reading size."""

_LOOK_EVERY: Final = 0.05
_START_SECONDS: Final = 60.0
_PAGE: Final = os.sysconf("SC_PAGESIZE")


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


class LaneFault(KhizanaError):
    """A defect of ours met in a lane; the trace is in ``detail``."""

    def __init__(self, detail: str, *, name: str) -> None:
        super().__init__("IMAGE_LANE_FAULT", name=name)
        self.detail = detail


@dataclass(slots=True)
class _Task:
    kind: str
    arguments: Mapping[str, Any]
    name: str
    future: Future[Any]


class ImageLanes:
    """*count* lanes. Use it as a context manager, or ``close`` it.

    The results raise ``KhizanaError`` only: ``BadInput`` when the image is at fault (IMAGE_CODEC_CRASHED,
    IMAGE_TOO_SLOW and IMAGE_NEEDS_MEMORY besides those of ``probe`` and ``decode``), ``Unreadable``, ``NoSpace``.
    """

    def __init__(
        self, count: int, *, seconds: float = SECONDS, megabytes: int = MEGABYTES, largest: int = LARGEST
    ) -> None:
        self._largest = largest
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._closed = False
        self._lanes = [_Lane(self._tasks, seconds, megabytes) for _ in range(max(1, count))]

    def submit(
        self, master: Path, folder: Path, digest: Digest, *, name: str | None = None, widest: int = EVERY_WIDTH
    ) -> Future[Made]:
        """Probe *master* and make its access copies in *folder*; *name* is what a person calls the file.

        Reading sizes wider than *widest* pixels are left for ``submit_complete``.
        """
        arguments = {
            "master": os.path.abspath(master),  # noqa: PTH100 - Path.resolve would follow links
            "folder": os.path.abspath(folder),  # noqa: PTH100 - the same
            "digest": digest,
            "name": name or master.name,
            "largest": self._largest,
            "widest": widest,
        }
        return self._submit("make", arguments, name or master.name)

    def submit_complete(self, folder: Path, digest: Digest, *, name: str) -> Future[AccessCopy | None]:
        """Make the reading sizes that were left; None where *folder* holds no whole access copy."""
        arguments = {"folder": os.path.abspath(folder), "digest": digest}  # noqa: PTH100 - as above
        return self._submit("complete", arguments, name)

    def close(self) -> None:
        """End the lanes; what waits is cancelled, what is under way is finished."""
        if self._closed:
            return
        self._closed = True
        with suppress(Empty):
            # A lane may take the last one in between: waiting for it would be waiting for ever.
            while (task := self._tasks.get_nowait()) is not None:
                task.future.cancel()
        for _ in self._lanes:
            self._tasks.put(None)
        for lane in self._lanes:
            lane.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _submit(self, kind: str, arguments: Mapping[str, Any], name: str) -> Future[Any]:
        if self._closed:
            raise RuntimeError("the lanes are closed")
        task = _Task(kind, arguments, name, Future())
        self._tasks.put(task)
        return task.future


class _Process:
    """A process at the far side of a lane, and the line to it."""

    def __init__(self) -> None:
        near, far = Pipe()
        environment = os.environ | {"VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.lane", str(far.fileno()), str(os.getpid())],
                pass_fds=[far.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # codecs chatter there; what matters comes as an answer
                env=environment,
            )
        except OSError:
            near.close()
            raise
        finally:
            far.close()
        self.line: Connection[Any, Any] = near
        self.pid = self._child.pid
        self._greeted = False

    def is_ready(self) -> bool:
        """Wait until it has started; say whether it has."""
        if self._child.poll() is not None:
            return False
        if not self._greeted:
            try:
                self._greeted = self.line.poll(_START_SECONDS) and bool(self.line.recv())
            except (EOFError, ConnectionResetError):
                return False
        return self._greeted

    def held(self) -> int:
        """Return the bytes of memory it holds, or 0 where the system does not say."""
        try:
            with open(f"/proc/{self.pid}/statm", "rb") as file:  # noqa: PTH123 - read twenty times a second
                return int(file.read().split()[1]) * _PAGE
        except (OSError, ValueError, IndexError):
            return 0

    def end(self, *, at_once: bool) -> None:
        """End it: by closing the line, or *at_once*."""
        self.line.close()
        if at_once:
            self._child.kill()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


class _Lane:
    """One thread and its process."""

    def __init__(self, tasks: SimpleQueue[_Task | None], seconds: float, megabytes: int) -> None:
        self._tasks = tasks
        self._seconds = seconds
        self._megabytes = megabytes
        self._process: _Process | None = None
        # The process lives as long as this thread: Linux tells it of its parent's death when the thread that
        # started it ends.
        self._thread = threading.Thread(target=self._work, name="image lane", daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _work(self) -> None:
        with suppress(OSError):
            self._process = _Process()  # ahead of the first image; a failure is told with it
        while (task := self._tasks.get()) is not None:
            if not task.future.set_running_or_notify_cancel():
                continue
            try:
                result = self._run(task)
            except BaseException as error:  # noqa: BLE001 - whatever happens belongs to the future
                task.future.set_exception(error)
            else:
                task.future.set_result(result)
        if self._process is not None:
            self._process.end(at_once=False)

    def _run(self, task: _Task) -> Any:
        answer = self._wait(self._sent(task), task)
        match answer:
            case ("done", result):
                return result
            case ("told", kind, code, facts):
                raise getattr(khizana.core.errors, kind)(code, **facts)
            case ("memory",):
                raise BadInput("IMAGE_NEEDS_MEMORY", name=task.name, megabytes=self._megabytes)
            case ("disk", reason):
                raise Unreadable("IMAGE_UNREADABLE", name=task.name, reason=reason)
            case _:
                raise LaneFault(str(answer[-1]), name=task.name)

    def _sent(self, task: _Task) -> _Process:
        """Return a process that has the task; one that died between two images, from outside, is replaced."""
        for _ in range(2):
            process = self._process or _Process()
            self._process = process
            if process.is_ready():
                with suppress(BrokenPipeError, ConnectionResetError):
                    process.line.send((task.kind, dict(task.arguments)))
                    return process
            process.end(at_once=True)
            self._process = None
        raise LaneFault("the lane did not start", name=task.name)

    def _wait(self, process: _Process, task: _Task) -> tuple[Any, ...]:
        """Return the answer, watching time and memory."""
        end = time.monotonic() + self._seconds
        try:
            while not process.line.poll(_LOOK_EVERY):
                if time.monotonic() > end:
                    raise self._given_up(process, task, "IMAGE_TOO_SLOW", seconds=round(self._seconds))
                if process.held() > self._megabytes << 20:
                    raise self._given_up(process, task, "IMAGE_NEEDS_MEMORY", megabytes=self._megabytes)
            answer: tuple[Any, ...] = process.line.recv()
        except (EOFError, ConnectionResetError) as error:
            raise self._given_up(process, task, "IMAGE_CODEC_CRASHED") from error
        return answer

    def _given_up(self, process: _Process, task: _Task, code: str, **facts: int) -> BadInput:
        """End the process, clear away what it was making, and return the error to raise."""
        process.end(at_once=True)
        self._process = None
        if "folder" in task.arguments:
            clear_unfinished(Path(task.arguments["folder"]), process.pid)
        return BadInput(code, name=task.name, **facts)
