"""Replicas in memory: the shortest ``ReplicaStore`` that keeps the contract, quick enough for any number of damages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from khizana.core.errors import AlreadyThere, Away, Busy, Damaged, NotFound, Unreadable
from khizana.core.ports import Stored

RUN = 1 << 20  # bytes


class MemoryStore:
    """A ``ReplicaStore`` in a dictionary; stores that share *files* and *holders* are the same place.

    Names in ``unreadable`` are there and cannot be read.
    """

    def __init__(
        self, files: dict[str, bytes] | None = None, holders: set[str] | None = None, *, name: str = "memory"
    ) -> None:
        self.files: dict[str, bytes] = {} if files is None else files
        self.holders: set[str] = set() if holders is None else holders
        self.unreadable: set[str] = set()
        self.is_gone = False
        self._name = name

    @property
    def address(self) -> str:
        return self._name

    @contextmanager
    def held(self) -> Iterator[None]:
        self._look()
        if self.holders:
            raise Busy("SITE_BUSY", path=self.address)
        self.holders.add(self.address)
        try:
            yield
        finally:
            self.holders.clear()

    def names(self, prefix: str = "") -> Iterator[Stored]:
        self._look()
        for name in sorted(self.files):
            if name.startswith(prefix):
                yield Stored(name, len(self.files[name]))

    def read(self, name: str) -> Iterator[bytes]:
        self._look()
        if name not in self.files:
            raise NotFound("SITE_NO_FILE", name=name, path=self.address)
        if name in self.unreadable:
            raise Unreadable("SITE_UNREADABLE", name=name, path=self.address, problem="I/O error")
        content = self.files[name]
        for start in range(0, len(content), RUN):
            yield content[start : start + RUN]

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:
        self._look()
        whole = b"".join(bytes(run) for run in content)
        if name in self.files:
            raise AlreadyThere("SITE_FILE_EXISTS", name=name, path=self.address)
        if len(whole) != size:
            raise Damaged("SITE_FILE_OTHER_SIZE", name=name, path=self.address, expected=size, found=len(whole))
        self.files[name] = whole
        self.unreadable.discard(name)

    def replace(self, name: str, content: bytes) -> None:
        self._look()
        self.files[name] = bytes(content)
        self.unreadable.discard(name)

    def set_aside(self, name: str, aside: str) -> None:
        self._look()
        if name not in self.files:
            raise NotFound("SITE_NO_FILE", name=name, path=self.address)
        if aside in self.files:
            raise AlreadyThere("SITE_FILE_EXISTS", name=aside, path=self.address)
        self.files[aside] = self.files.pop(name)
        if name in self.unreadable:
            self.unreadable.remove(name)
            self.unreadable.add(aside)

    def remove(self, name: str) -> None:
        self._look()
        self.files.pop(name, None)
        self.unreadable.discard(name)

    def _look(self) -> None:
        if self.is_gone:
            raise Away("SITE_GONE", path=self.address)
