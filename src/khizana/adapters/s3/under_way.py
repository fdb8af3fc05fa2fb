"""How many bytes are being sent at once: what a slow line still carries within one's patience, however many threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class UnderWay:
    """At most *most* bytes are being sent at any moment."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._now = 0
        self._changed = threading.Condition()

    @contextmanager
    def sending(self, size: int) -> Iterator[None]:
        """Wait until *size* more bytes may be on their way, and count them until the block ends."""
        counted = min(size, self._most)
        with self._changed:
            self._changed.wait_for(lambda: self._now + counted <= self._most)
            self._now += counted
        try:
            yield
        finally:
            with self._changed:
                self._now -= counted
                self._changed.notify_all()
