"""A file without a name, for bytes that come from elsewhere: gone when its process ends, however it ends."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from khizana.core.preservation.durable import make_directories, write_all, writing


@dataclass(slots=True)
class Spool:
    """Bytes in a file below *folder*; then a ``CardFile`` called *name*, as which they are received."""

    folder: Path
    handle: int
    name: str
    size: int = 0
    modified: int = 0

    def restart(self) -> None:
        """Forget all that was written."""
        with writing(self.folder):
            os.lseek(self.handle, 0, os.SEEK_SET)
            os.ftruncate(self.handle, 0)
        self.size = 0

    def write(self, content: memoryview) -> None:
        """Take all of *content*. Raises ``NoSpace`` and ``Unreadable``."""
        with writing(self.folder):
            write_all(self.handle, content)
        self.size += len(content)

    @contextmanager
    def opened(self) -> Iterator[_Reading]:
        """Read it from its beginning."""
        yield _Reading(self)


@dataclass(slots=True)
class _Reading:
    spool: Spool
    place: int = 0

    @property
    def size(self) -> int:
        return self.spool.size

    def into(self, buffer: memoryview) -> int:
        with writing(self.spool.folder):
            length = os.preadv(self.spool.handle, [buffer], self.place)
        self.place += length
        return length

    def is_unchanged(self) -> bool:
        return os.fstat(self.spool.handle).st_size == self.spool.size


@contextmanager
def spool(folder: Path, *, name: str) -> Iterator[Spool]:
    """Give a new spool in *folder*, which is on the disk that the bytes are to stay on.

    Raises ``NoSpace`` and ``Unreadable`` where there can be none.
    """
    with writing(folder):
        make_directories(folder)
        stream = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - what is done with it is no matter of this disk
    with stream:
        yield Spool(folder, stream.fileno(), name)
