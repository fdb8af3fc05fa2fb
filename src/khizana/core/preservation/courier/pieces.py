"""Pieces on a courier: the bytes of files under names that every file system keeps.

A file of at most ``piece`` bytes is a piece named by the sha512 of its bytes; a larger one is cut, and its pieces are
called by the digest of the whole and their number, so that it is read once. Small files of one object are gathered in
bundles: a disk with clusters of 128 KiB holds them in less room and with fewer flushes. Packs share pieces, whoever
they are for, and what a pack left unfinished is taken up by the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore, Stored
from khizana.core.preservation.courier.lines import Carried
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.outcome import Altered, Intact, Missing
from khizana.core.preservation.replicas.reading import OnBytes, Reader, nothing

PIECES = "pieces/"
PIECE = 1 << 30  # bytes: FAT32 holds less than 4 GiB in a file
SMALL = 1 << 16  # bytes of a file that is gathered with others
BUNDLE = 1 << 22  # bytes of a bundle, held in memory

Wanted = tuple[Stored, Digest]
"""A file of the object, by its name at the source, with its size; and its digest."""


def piece_name(digest: Digest, number: int | None = None) -> str:
    """Return the name of a piece on the courier."""
    return f"{PIECES}{digest[:2]}/{digest}" + ("" if number is None else f".{number:06d}")


class PieceWriter:
    """Brings files of *source* to *courier*, each piece read back there; what lies there already is kept if right."""

    def __init__(
        self,
        source: ReplicaStore,
        courier: ReplicaStore,
        *,
        stamp: str,
        piece: int = PIECE,
        on_bytes: OnBytes = nothing,
    ) -> None:
        self._source, self._courier = source, courier
        self._back = Reader(courier)
        self._stamp, self._piece, self._on_bytes = stamp, piece, on_bytes

    def put(self, prefix: str, files: Iterable[Wanted]) -> Iterator[Carried]:
        """Bring *files* of the object at *prefix*, and yield where each lies.

        Raises ``Damaged`` ORIGIN_ALTERED when the bytes are not those recorded, COPY_DIFFERS when the courier gives
        back others than it was given, and what the stores raise.
        """
        gathered: list[tuple[str, bytes]] = []
        size = 0
        for stored, digest in files:
            path = stored.name.removeprefix(prefix)
            if stored.size >= SMALL:
                yield self._large(stored, digest, path)
                continue
            if size + stored.size > BUNDLE:
                yield from self._bundle(gathered)
                gathered, size = [], 0
            gathered.append((path, b"".join(bytes(run) for run in self._checked(stored, digest))))
            size += stored.size
        yield from self._bundle(gathered)

    def keep(self, content: bytes) -> Digest:
        """Bring *content* as one piece, and return its digest."""
        digest = digest_of(content)
        self._keep(piece_name(digest), digest, lambda: iter([content]), len(content))
        return digest

    def _bundle(self, gathered: list[tuple[str, bytes]]) -> Iterator[Carried]:
        if not gathered:
            return
        bundle, begins = self.keep(b"".join(content for _, content in gathered)), 0
        for path, content in gathered:
            yield Carried(path, len(content), digest_of(content), bundle=bundle, begins=begins)
            begins += len(content)

    def _large(self, stored: Stored, digest: Digest, path: str) -> Carried:
        if stored.size <= self._piece:
            self._keep(piece_name(digest), digest, lambda: self._checked(stored, digest), stored.size)
            return Carried(path, stored.size, digest)
        cut = _Cut(self._checked(stored, digest))
        parts: list[Digest] = []
        for number in range(-(-stored.size // self._piece)):
            size = min(self._piece, stored.size - number * self._piece)
            parts.append(self._part(piece_name(digest, number), cut, size))
        for _ in cut.take(1):
            raise Damaged("ORIGIN_ALTERED", name=stored.name, path=self._source.address)
        return Carried(path, stored.size, digest, tuple(parts))

    def _part(self, name: str, cut: _Cut, size: int) -> Digest:
        """Bring the next *size* bytes of a file that is read once, and return their digest."""
        before = self._back.outcome(name, Digest(""))
        if isinstance(before, Missing):
            self._courier.put(name, cut.take(size), size=size)
        else:
            for _ in cut.take(size):
                pass
        if isinstance(before, Altered) and before.found == cut.digest:
            return cut.digest
        if not isinstance(before, Missing):
            # What lies there is not this file's. The bytes have gone by: the same command puts them in its place.
            self._courier.set_aside(name, f"{ASIDE}/{self._stamp}/{name}")
        self._compare(name, cut.digest)
        return cut.digest

    def _keep(self, name: str, digest: Digest, content: Callable[[], Iterator[bytes | memoryview]], size: int) -> None:
        before = self._back.outcome(name, digest)
        if isinstance(before, Intact):
            return
        if not isinstance(before, Missing):
            self._courier.set_aside(name, f"{ASIDE}/{self._stamp}/{name}")
        self._courier.put(name, content(), size=size)
        self._compare(name, digest)

    def _compare(self, name: str, digest: Digest) -> None:
        back = self._back.outcome(name, digest)
        if isinstance(back, Intact):
            return
        if not isinstance(back, Missing):
            self._courier.set_aside(name, f"{ASIDE}/{self._stamp}/back/{name}")
        raise Damaged("COPY_DIFFERS", name=name, path=self._courier.address)

    def _checked(self, stored: Stored, digest: Digest) -> Iterator[bytes | memoryview]:
        """Yield the bytes of a file, and raise at its end where they are not those recorded: nothing keeps a name."""
        calculation, size = hashlib.sha512(), 0
        for run in self._source.read(stored.name):
            calculation.update(run)
            size += len(run)
            yield run
            self._on_bytes(len(run))
        if calculation.hexdigest() != digest or size != stored.size:
            raise Damaged("ORIGIN_ALTERED", name=stored.name, path=self._source.address)


class _Cut:
    """Gives a stream of runs out in parts, with the digest of each."""

    def __init__(self, runs: Iterator[bytes | memoryview]) -> None:
        self._runs = runs
        self._rest: bytes | memoryview = b""
        self.digest = Digest("")
        """Of the part that was given out last."""

    def take(self, size: int) -> Iterator[bytes | memoryview]:
        """Yield the next *size* bytes, fewer at the end of the stream."""
        calculation = hashlib.sha512()
        while size:
            run = self._rest or next(self._runs, b"")
            if not run:
                break
            part, self._rest = run[:size], run[size:]
            calculation.update(part)
            size -= len(part)
            yield part
        if not self._rest:
            self._rest = b""
        self.digest = Digest(calculation.hexdigest())
