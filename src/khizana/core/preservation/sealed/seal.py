"""Sealing: the files of an object, encrypted one by one, read back, and only then counted.

Order of writing in the folder of a version: its files, its table of contents, ``SHA512SUMS``. A version without the
last is unfinished; the next run takes up what is complete in it, which the name of each file tells. Nothing is
overwritten. A plaintext is compared with the inventory before a byte of it leaves the machine.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from khizana.core.errors import AlreadyThere, Damaged, NotFound, Unreadable
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ByteReader, ReplicaStore, Sealer
from khizana.core.preservation.branches.history import kept_inventories
from khizana.core.preservation.durable import make_directories, writing
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, digest_of
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.listing import Listing
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.preservation.ocfl.summary import read_summary
from khizana.core.preservation.replicas.reading import OnBytes, nothing
from khizana.core.preservation.sealed import sums
from khizana.core.preservation.sealed.contents import Contents, SealedFile, to_text
from khizana.core.preservation.sealed.names import (
    LIBRARY,
    LIBRARY_PLACE,
    STORAGE_ROOT,
    SUMS,
    Blinding,
    contents_token,
    file_token,
    name_parts,
    sealed_name,
    version_folder,
)
from khizana.core.preservation.sealed.source import files_beside, files_in, files_of_version, storage_root_files
from khizana.core.preservation.sealed.stream import DigestingReader, DigestingWriter, digest_of_runs, runs_of

IN_MEMORY = 4 << 20
"""Bytes of ciphertext that are held in memory; more goes into the scratch folder, as ciphertext, under no name."""

ASIDE = "aside"
"""Folder at a site of files that are not what they should be."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a machine needs to seal. None of it opens anything."""

    sealer: Sealer
    blinding: Blinding
    scratch: Path
    """A folder of this machine with room for the ciphertext of ``at_once`` files; a killed process leaves nothing."""
    at_once: int = 2
    """Files at work at a time: while one is encrypted, which holds Python's lock, another is digested or written."""
    on_bytes: OnBytes = nothing
    """Told of plaintext as it is sealed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One version that is at the site, sealed."""

    version: int
    folder: str
    sums: Digest
    """The digest of its ``SHA512SUMS``, to be kept elsewhere: who knows it can tell that the list is the one."""
    is_new: bool
    """Whether this run finished it."""


def seal_object(
    source: Path,
    *,
    store: ReplicaStore,
    sealing: Sealing,
    place: str | None = None,
    listing: Listing | None = None,
    gave_way: Collection[Digest] = (),
) -> tuple[Sealed, ...]:
    """Seal every version of the object in the folder *source* that is not yet sealed at *store*; return all of them.

    *gave_way* are digests of inventories that versions had before branches were joined, beside those that the object
    holds: what lies sealed of them is set aside.

    *place* is the object's folder below its storage root, where that is not of layout 0003. An adopted object, of which
    *listing* tells the files, never gets a version here: it is sealed whole, as one. The caller holds the store. A
    killed run is taken up by the next.

    Raises ``Damaged`` when the object is not what its inventory says (nothing of that file is written) or when the
    store gives back other bytes than it took, ``AlreadyThere`` when the version at the store is of another history,
    ``NoSpace``, ``Unreadable``.
    """
    object_id = read_summary(source).id
    where = str(PurePosixPath(object_path(object_id))) if place is None else place
    work = _Object(object_id, where, source, store, sealing)
    if listing is not None:
        own = (listing.name, listing.digest)
        return (work.finished(1, own=own) or work.seal_files(1, {**listing.files, own[0]: own[1]}, ()),)
    stored = read_object(source)
    found = []
    before = frozenset(gave_way) | kept_inventories(stored.inventory)
    for number in range(1, stored.head + 1):
        done = work.finished(number, own=_own_inventory(stored, number), before=before)
        found.append(done or work.seal(number, stored))
    return tuple(found)


def mend_object(
    source: Path,
    *,
    versions: Collection[int],
    store: ReplicaStore,
    sealing: Sealing,
    place: str | None = None,
    listing: Listing | None = None,
) -> tuple[Sealed, ...]:
    """Seal anew what is missing or damaged in *versions* of the object in the folder *source*; return all versions.

    The list of each of them is set aside first, so that it is unfinished and is taken up as such: files that are what
    their names say stay as they are, the others are set aside and sealed again. The caller checked the source.

    Raises as ``seal_object`` does.
    """
    object_id = read_summary(source).id
    for number in sorted(versions):
        with suppress(NotFound):
            set_aside(store, version_folder(sealing.blinding, object_id, number) + SUMS)
    return seal_object(source, store=store, sealing=sealing, place=place, listing=listing)


def seal_storage_root(storage: Path, *, store: ReplicaStore, sealing: Sealing) -> Sealed:
    """Seal what lies in the storage root beside its objects: declaration, layout, extensions. Once for a site.

    Raises as ``seal_object`` does.
    """
    work = _Object(STORAGE_ROOT, "", storage, store, sealing)
    return work.finished(1, own=None) or work.seal_files(1, storage_root_files(storage), ())


def seal_library(number: int, folder: Path, *, store: ReplicaStore, sealing: Sealing) -> Sealed:
    """Seal the files in *folder* as version *number* of what a library is made again with.

    Raises as ``seal_object`` does.
    """
    work = _Object(LIBRARY, LIBRARY_PLACE, folder, store, sealing, is_beside=True)
    return work.seal_files(number, files_in(folder), ())


def _own_inventory(stored: StoredObject, number: int) -> tuple[str, Digest] | None:
    path = stored.path / f"v{number}" / INVENTORY
    try:
        return f"v{number}/{INVENTORY}", digest_of(path.read_bytes())
    except FileNotFoundError:
        return None  # OCFL 1.1 recommends an inventory in each version, and does not ask for one
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error


@dataclass(frozen=True, slots=True)
class _Object:
    object_id: ObjectId
    place: str
    source: Path
    store: ReplicaStore
    sealing: Sealing
    is_beside: bool = False

    def finished(
        self, number: int, *, own: tuple[str, Digest] | None, before: Collection[Digest] = ()
    ) -> Sealed | None:
        folder = version_folder(self.sealing.blinding, self.object_id, number)
        try:
            content = b"".join(bytes(run) for run in self.store.read(folder + SUMS))
        except NotFound:
            return None
        listed = sums.parse(content)
        if listed is None:
            raise Damaged("SEALED_SUMS_ALTERED", name=folder + SUMS, path=self.store.address)
        if own and not any(name.startswith(self._token(*own)) for name in listed):
            if any(name.startswith(self._token(own[0], each)) for each in before for name in listed):
                set_aside(self.store, folder + SUMS)  # so that it is unfinished, and is sealed as it is now
                return None
            raise AlreadyThere(
                "SEALED_OTHER_HISTORY", object_id=self.object_id, version=number, path=self.store.address
            )
        return Sealed(number, folder, digest_of(content), is_new=False)

    def seal(self, number: int, stored: StoredObject) -> Sealed:
        files = dict(files_of_version(stored, number))
        copies = [(path, name) for name in (INVENTORY, SIDECAR) if (path := f"v{number}/{name}") in files]
        beside = files_beside(stored, with_inventory=number == stored.head)
        copied = {other: files[path] for path, other in copies}
        files |= {path: digest for path, digest in beside.items() if copied.get(path) != digest}
        copies = [(path, other) for path, other in copies if other not in files]
        return self.seal_files(number, files, tuple(copies))

    def seal_files(self, number: int, files: dict[str, Digest], copies: tuple[tuple[str, str], ...]) -> Sealed:
        folder = version_folder(self.sealing.blinding, self.object_id, number)
        there: dict[str, list[str]] = {}
        for each in self.store.names(folder):
            name = each.name.removeprefix(folder)
            there.setdefault(parts.token if (parts := name_parts(name)) else "", []).append(name)

        def bring(path: str) -> tuple[str, Digest, int]:
            token = self._token(path, files[path])
            with _opened(self.source / path) as stream:
                return self._take_up(folder, there.get(token, []), stream) or self._put(
                    folder + token, stream, files[path], self.source / path
                )

        sealed, listed = [], {}
        for path, (name, ciphertext, size) in self._at_once(bring, sorted(files)):
            listed[name] = ciphertext
            sealed.append(SealedFile(name, size, files[path], path))
        table = Contents(
            self.object_id, number, self.place, self.sealing.blinding, tuple(sealed), copies, self.is_beside
        )
        text = io.BytesIO(to_text(table))
        digest = digest_of(text.getvalue())
        token = contents_token(self.sealing.blinding, self.object_id, number, digest)
        name, ciphertext, _ = self._take_up(folder, there.get(token, []), text) or self._put(
            folder + token, text, digest, self.source
        )
        listed[name] = ciphertext
        for each in self.store.names(folder):
            if each.name.removeprefix(folder) not in listed:
                set_aside(self.store, each.name)  # of a run that was killed before its source changed
        return self._finish(number, folder, listed)

    def _finish(self, number: int, folder: str, listed: dict[str, Digest]) -> Sealed:
        text = sums.to_text(listed)
        self.store.put(folder + SUMS, [text], size=len(text))
        self._compare(folder + SUMS, io.BytesIO(text))
        return Sealed(number, folder, digest_of(text), is_new=True)

    def _token(self, path: str, digest: Digest) -> str:
        return file_token(self.sealing.blinding, self.object_id, path, digest)

    def _at_once(
        self, bring: Callable[[str], tuple[str, Digest, int]], paths: Sequence[str]
    ) -> Iterator[tuple[str, tuple[str, Digest, int]]]:
        """Yield each path with what *bring* makes of it, in order, a few at work; the first failure stops all."""
        with ThreadPoolExecutor(self.sealing.at_once, thread_name_prefix="seal") as pool:
            try:
                yield from zip(paths, pool.map(bring, paths), strict=True)
            finally:
                pool.shutdown(cancel_futures=True)

    def _take_up(self, folder: str, names: Sequence[str], stream: BinaryIO) -> tuple[str, Digest, int] | None:
        """Return what a killed run wrote of this file, when it is whole, as ``_put`` does; what is not is set aside."""
        for name in names:
            found, _ = digest_of_runs(self.store.read(folder + name))
            if name == sealed_name(name.rpartition("-")[0], found):
                return name, found, stream.seek(0, io.SEEK_END)
            set_aside(self.store, folder + name)
        return None

    def _put(self, begin: str, stream: BinaryIO, digest: Digest, path: Path) -> tuple[str, Digest, int]:
        """Return name, digest of the ciphertext and size of the plaintext, once they are safe at the store."""
        reader = DigestingReader(stream, str(path), self.sealing.on_bytes)
        with self._scratch() as spool:
            writer = DigestingWriter(spool)
            self._seal(reader, writer)
            if reader.digest != digest:
                raise Damaged("CONTENT_ALTERED", path=str(path))
            name = sealed_name(begin, writer.digest)
            spool.seek(0)
            self.store.put(name, runs_of(spool), size=writer.size)
            self._compare(name, spool)
        return name.rpartition("/")[2], writer.digest, reader.size

    def _seal(self, reader: ByteReader, writer: DigestingWriter) -> None:
        with writing(self.sealing.scratch):
            self.sealing.sealer.seal(reader, writer)
            writer.flush()

    @contextmanager
    def _scratch(self) -> Iterator[IO[bytes]]:
        with writing(self.sealing.scratch):
            make_directories(self.sealing.scratch)
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(self.sealing.scratch)) as spool:
            yield spool

    def _compare(self, name: str, written: IO[bytes]) -> None:
        """Read *name* back and compare it, byte for byte: cheaper than a third digest."""
        written.seek(0)
        try:
            same = all(bytes(run) == written.read(len(run)) for run in self.store.read(name)) and not written.read(1)
        except NotFound as error:
            raise Damaged("READ_BACK_DIFFERS", name=name, path=self.store.address) from error
        if not same:
            set_aside(self.store, name)
            raise Damaged("READ_BACK_DIFFERS", name=name, path=self.store.address)


def set_aside(store: ReplicaStore, name: str) -> str:
    """Move the file *name* out of the sealed copies, with its bytes as they are; return its new name."""
    for number in count(1):
        aside = f"{ASIDE}/{name}.{number}"
        try:
            store.set_aside(name, aside)
        except AlreadyThere:
            continue
        return aside
    raise AssertionError


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        stream = path.open("rb")
    except FileNotFoundError as error:
        raise Damaged("FILE_MISSING", path=str(path)) from error
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error
    with stream:
        yield stream
