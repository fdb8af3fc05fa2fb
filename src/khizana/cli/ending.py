"""Being told to end: Ctrl-C, a closed terminal and a system that shuts down all end a command in the same order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TOLD = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
"""What a closed terminal, Ctrl-C and a system that shuts down send."""

STATUSES = tuple(128 + number for number in TOLD)
"""Exit statuses of a command that was told to end, as shells have them: 129, 130, 143."""


class ToldToEnd(BaseException):
    """Stops whatever is being done; what is half-done is dropped or finished on the way out."""


class Ending:
    """Whether this command was told to end, and by which signal."""

    signal = signal.SIGINT
    _told = False

    @property
    def status(self) -> int:
        """The exit status to end with."""
        return 128 + self.signal

    def tell(self, number: int, _: FrameType | None) -> None:
        """Stop the work. Whoever says it again while things are put in order is not heard, but for Ctrl-C."""
        if self._told and number != signal.SIGINT:
            return
        if not self._told:
            self._told, self.signal = True, signal.Signals(number)
        raise ToldToEnd


@contextmanager
def ending() -> Iterator[Ending]:
    """Let each of the three stop what is done within; one that is ignored (nohup) stays ignored."""
    told = Ending()
    before = {each: signal.signal(each, told.tell) for each in TOLD if not is_ignored(each)}
    try:
        yield told
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def is_ignored(number: signal.Signals) -> bool:
    """Say whether this process was started deaf to a signal, as ``nohup`` does."""
    return signal.getsignal(number) is signal.SIG_IGN
