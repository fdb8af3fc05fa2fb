"""Sending what is still being read: the content is read here, and sent by a thread beside.

The library drives its requests on the thread that asks for the next bytes. Bytes that come from another bucket would
start a second such drive within the first, which it does not allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Full, Queue

_WAITING = 4
"""Runs read ahead of the sending: enough that neither waits, few enough that memory is bounded."""

_Run = bytes | BaseException | None


def upload(send: Callable[[Iterator[bytes]], object], runs: Iterable[bytes]) -> None:
    """Call *send* with *runs*, each as it comes; it sees an error where reading them breaks off.

    Raises what reading them raised, or else what *send* did.
    """
    waiting: Queue[_Run] = Queue(_WAITING)

    def taken() -> Iterator[bytes]:
        while (run := waiting.get()) is not None:
            if isinstance(run, BaseException):
                raise run
            yield run

    with ThreadPoolExecutor(1, thread_name_prefix="s3-upload") as pool:
        sending = pool.submit(send, taken())
        try:
            for run in runs:
                if not _handed(waiting, run, sending):
                    break
        except BaseException as error:
            _handed(waiting, error, sending)
            raise
        _handed(waiting, None, sending)
        sending.result()


def _handed(waiting: Queue[_Run], run: _Run, sending: Future[object]) -> bool:
    """Wait until there is room for *run*; return False where nobody takes it any more."""
    while not sending.done():
        try:
            waiting.put(run, timeout=0.2)
        except Full:
            continue
        return True
    return False
