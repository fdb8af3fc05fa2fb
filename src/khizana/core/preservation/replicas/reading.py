"""Reading files of a store to their digests, several at once: hashing lets other threads run."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from khizana.core.errors import Away, KhizanaError, NotFound
from khizana.core.errors import Unreadable as CannotRead
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaSource
from khizana.core.preservation.replicas.outcome import Altered, Intact, Missing, Outcome, Unreadable

_AHEAD = 4
"""Files under way for each thread: enough that none waits, few enough that the memory is bounded."""

T = TypeVar("T")
OnBytes = Callable[[int], None]


def nothing(_: int) -> None:
    """Tell nobody of the bytes that were read."""


class Reader:
    """Reads files of *store* in *threads* threads; use it as a context manager."""

    def __init__(self, store: ReplicaSource, *, threads: int = 1, on_bytes: OnBytes = nothing) -> None:
        self._store = store
        self._on_bytes = on_bytes
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="fixity")

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; what was not begun is left."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def outcomes(self, wanted: Iterable[tuple[str, Digest]]) -> Iterator[Outcome]:
        """Yield what became of each (name, digest), in their order."""
        return self.each(lambda file: self.outcome(*file), wanted)

    def each(self, look: Callable[[T], Outcome], wanted: Iterable[T]) -> Iterator[Outcome]:
        """Yield what *look* says of each of *wanted*, in their order."""
        under_way: deque[Future[Outcome]] = deque()
        for one in wanted:
            under_way.append(self._pool.submit(look, one))
            if len(under_way) >= _AHEAD * self._threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def runs(self, name: str) -> Iterator[bytes | memoryview]:
        """Yield the bytes of *name* as the store does, and tell of them."""
        for run in self._store.read(name):
            yield run
            self._on_bytes(len(run))

    def outcome(self, name: str, digest: Digest) -> Outcome:
        """Return what the file *name* is, compared with *digest*.

        Raises ``Away`` when the store itself cannot be reached: then nothing is known of this file.
        """
        calculation, size = hashlib.sha512(), 0
        try:
            for run in self.runs(name):
                calculation.update(run)
                size += len(run)
        except NotFound:
            return Missing(name)
        except Away:
            raise
        except CannotRead as error:
            return Unreadable(name, str(error.facts.get("problem", error.code)))
        except KhizanaError as error:
            return Unreadable(name, error.code)
        found = calculation.hexdigest()
        return Intact(name, size) if found == digest else Altered(name, Digest(found))
