"""Bytes on their way: read from runs, counted and digested as they pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import IO

from khizana.core.errors import Unreadable
from khizana.core.identifiers import Digest
from khizana.core.ports import ByteReader, ByteWriter
from khizana.core.preservation.replicas.reading import OnBytes

RUN = 1 << 20  # bytes


class RunsReader:
    """Reads what a store gives in runs as a file is read; digests it on the way."""

    def __init__(self, runs: Iterable[bytes | memoryview]) -> None:
        self._runs = iter(runs)
        self._run: memoryview = memoryview(b"")
        self._sha512 = hashlib.sha512()
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return at most *size* bytes, none at the end."""
        while not self._run:
            found = next(self._runs, None)
            if found is None:
                return b""
            self._run = memoryview(found)
            self._sha512.update(self._run)
            self.size += len(self._run)
        taken = bytes(self._run[:size] if size >= 0 else self._run)
        self._run = self._run[len(taken) :]
        return taken

    def drain(self) -> Digest:
        """Read to the end and return the digest of all that was read."""
        self._run = memoryview(b"")
        for run in self._runs:
            self._sha512.update(run)
            self.size += len(run)
        return Digest(self._sha512.hexdigest())


class DigestingReader:
    """Passes the file *stream*, opened at *place*, on, digests it and tells *on_bytes* how much.

    Raises ``Unreadable`` where the disk fails.
    """

    def __init__(self, stream: ByteReader, place: str, on_bytes: OnBytes) -> None:
        self._stream = stream
        self._on_bytes = on_bytes
        self._place = place
        self._sha512 = hashlib.sha512()
        self._run = memoryview(b"")
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return at most *size* bytes, none at the end."""
        if not self._run:
            # Digested in large runs: a call for every 8 KiB would cost more than the digest.
            try:
                found = self._stream.read(RUN)
            except OSError as error:
                raise Unreadable("DISK_FAILED", path=self._place, problem=error.strerror or str(error)) from error
            self._sha512.update(found)
            self.size += len(found)
            self._on_bytes(len(found))
            self._run = memoryview(found)
        taken = bytes(self._run[:size] if size >= 0 else self._run)
        self._run = self._run[len(taken) :]
        return taken

    @property
    def digest(self) -> Digest:
        """The digest of what was read so far."""
        return Digest(self._sha512.hexdigest())


class DigestingWriter:
    """Digests what is written, and passes it on where there is a goal."""

    def __init__(self, goal: ByteWriter | IO[bytes] | None = None) -> None:
        self._goal = goal
        self._sha512 = hashlib.sha512()
        self._held = bytearray()
        self.size = 0

    def write(self, content: bytes, /) -> int:
        """Take *content*."""
        self._held += content
        self.size += len(content)
        if len(self._held) >= RUN:
            self.flush()
        return len(content)

    def flush(self) -> None:
        """Pass on what was held back to be passed on in large runs."""
        if self._held:
            self._sha512.update(self._held)
            if self._goal is not None:
                self._goal.write(bytes(self._held))
            self._held = bytearray()

    @property
    def digest(self) -> Digest:
        """The digest of what was written."""
        self.flush()
        return Digest(self._sha512.hexdigest())


def digest_of_runs(runs: Iterable[bytes | memoryview]) -> tuple[Digest, int]:
    """Return the digest and the number of bytes of *runs*."""
    reader = RunsReader(runs)
    return reader.drain(), reader.size


def runs_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what *stream* holds from where it stands."""
    while run := stream.read(RUN):
        yield run
