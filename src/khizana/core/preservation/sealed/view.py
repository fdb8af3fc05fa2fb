"""A sealed site as whoever has the key sees it: the plain files of its objects, to be read and never written.

What mends a replica takes bytes from it as from any other site, and compares them with the digest recorded elsewhere,
as from any other site. Nothing that is opened touches a disk on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread

from khizana.core.errors import Away, KhizanaError, NotFound
from khizana.core.identifiers import ObjectId
from khizana.core.ports import ByteWriter, Opener, ReplicaStore, Stored
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.sealed.contents import Contents
from khizana.core.preservation.sealed.history import Place, history_of
from khizana.core.preservation.sealed.names import Blinding, object_folder
from khizana.core.preservation.sealed.stream import RUN, RunsReader
from khizana.core.preservation.sealed.walk import opened_contents, versions_at

_AHEAD = 2
"""Runs that are opened before they are asked for."""
_TURN = 0.05  # seconds between two looks at whether anybody still reads


class SealedView:
    """A ``ReplicaSource`` of the objects *known* at the sealed site *store*, for one thread."""

    def __init__(self, store: ReplicaStore, opener: Opener, blinding: Blinding, known: Iterable[Known]) -> None:
        self._store, self._opener, self._blinding = store, opener, blinding
        self._identifiers = {each.prefix: each.object_id for each in known}
        self._last: tuple[str, dict[str, Place]] = ("", {})

    @property
    def address(self) -> str:
        """Where the sealed site is."""
        return self._store.address

    def names(self, prefix: str = "") -> Iterator[Stored]:
        """Yield each plain file of the objects whose tables of contents can be opened."""
        for folder in sorted(self._identifiers):
            if folder.startswith(prefix) or prefix.startswith(folder):
                for path, place in sorted(self._files(folder).items()):
                    if (folder + path).startswith(prefix):
                        yield Stored(folder + path, place.file.size)

    def read(self, name: str) -> Iterator[bytes]:
        """Yield what comes out of *name*.

        Raises ``Damaged``, after the last run at the latest, where that is not what was sealed.
        """
        folder = next((each for each in self._identifiers if name.startswith(each)), None)
        place = self._files(folder).get(name.removeprefix(folder)) if folder else None
        if place is None:
            raise NotFound("SITE_NO_FILE", name=name, path=self.address)
        reader = RunsReader(self._store.read(place.name))
        yield from _runs(lambda writer: self._opener.open(reader, writer))

    def _files(self, folder: str) -> dict[str, Place]:
        """Return path to place of the files of the object in *folder*: of the last one asked for, as it was told."""
        if self._last[0] != folder:
            history = history_of(self._tables(self._identifiers[folder]))
            files = dict(history.files) if history else {}
            for other, path in history.copies.items() if history else ():
                if path in files:
                    files[other] = files[path]
            self._last = (folder, files)
        return self._last[1]

    def _tables(self, identifier: ObjectId) -> Iterator[tuple[str, Contents]]:
        for found in versions_at(self._store, object_folder(self._blinding, identifier)):
            if found.version == 0 or found.is_unfinished:
                continue
            try:
                yield found.folder, opened_contents(self._store, found, self._opener)
            except Away:
                raise
            except KhizanaError:
                continue  # what other versions hold may be good


def _runs(opened: Callable[[ByteWriter], None]) -> Iterator[bytes]:
    """Yield what *opened* writes while it is written, in a thread that is at most a few runs ahead."""
    pipe = _Pipe()
    raised: list[BaseException] = []

    def work() -> None:
        try:
            opened(pipe)
            pipe.flush()
        except BaseException as error:  # noqa: BLE001 - told to whoever reads
            raised.append(error)
        finally:
            with suppress(_Closed):
                pipe.end()

    thread = Thread(target=work, name="open", daemon=True)
    thread.start()
    try:
        yield from pipe.runs()
    finally:
        pipe.close()
        thread.join()
    if raised:
        raise raised[0]


class _Closed(Exception):
    """Nobody reads any more."""


class _Pipe:
    """Takes what is written in one thread and gives it to another."""

    def __init__(self) -> None:
        self._queue: Queue[bytes] = Queue(_AHEAD)
        self._held = bytearray()
        self._closed = Event()

    def write(self, content: bytes, /) -> int:
        self._held += content
        if len(self._held) >= RUN:
            self.flush()
        return len(content)

    def flush(self) -> None:
        if self._held:
            self._pass_on(bytes(self._held))
            self._held = bytearray()

    def end(self) -> None:
        self._pass_on(b"")

    def runs(self) -> Iterator[bytes]:
        while run := self._queue.get():
            yield run

    def close(self) -> None:
        self._closed.set()
        with suppress(Empty):
            while True:
                self._queue.get_nowait()

    def _pass_on(self, run: bytes) -> None:
        while not self._closed.is_set():
            with suppress(Full):
                self._queue.put(run, timeout=_TURN)
                return
        raise _Closed
