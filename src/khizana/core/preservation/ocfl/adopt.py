"""Another institution's objects, taken into a storage root as they are: every version, byte for byte.

An object is copied into the work folder, flushed, read back and compared, validated there, given the record of its
adoption and the list of its files in ``logs`` (which lies outside its inventory), and only then named. Killed at any
moment, it is in the storage root whole or not there, and the same command goes on.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from khizana.core.errors import AlreadyThere, Busy, Damaged, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.durable import (
    make_directories,
    remove_tree,
    sync_directory,
    sync_tree,
    write_all,
    write_beside,
    writing,
)
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.ocfl.listing import (
    Listing,
    is_listing,
    listing_name,
    listing_of,
    newest_listing,
    read_listing,
)
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.ocfl.summary import Summary, read_summary
from khizana.core.preservation.ocfl.write import StorageRoot

ADOPTION = "logs/khizana-adoption.xml"
"""The record of an adoption, in the object: its event, PREMIS."""

CHUNK = 1 << 20  # bytes
_FOLDER = "adopting"

Validator = Callable[[Path, Mapping[Path, str]], Iterable[Finding]]


def is_adopted(path: Path, *, library: str) -> bool:
    """Say whether the object at *path* is another institution's; an object of *library* itself never is."""
    return (path / ADOPTION).is_file() and not read_summary(path).id.startswith(f"urn:khizana:{library}:")


def adopted_listing(path: Path) -> Listing:
    """Return the list of the files of the adopted object at *path*.

    Raises ``Damaged`` where there is none that is what its name says, ``Unreadable``.
    """
    try:
        names = [f"logs/{each.name}" for each in (path / "logs").iterdir()]
        listing = newest_listing((name, (path / name).read_bytes()) for name in names if is_listing(name))
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error
    if listing is None:
        raise Damaged("LISTING_MISSING", path=str(path))
    return listing


def listing_at(path: Path, digest: Digest) -> Listing | None:
    """Return the list whose sha512 is *digest* of the object at *path*; None where it has no such list."""
    try:
        content = (path / listing_name(digest)).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error
    return read_listing(content, str(path)) if digest_of(content) == digest else None


def vouched_by(path: Path, *, library: str) -> tuple[ObjectId, int, Digest]:
    """Return identifier and head of the object at *path*, and the digest that vouches for its files.

    Of an object of *library* that is the sha512 of its inventory; of an adopted one that of the list of its files.
    Raises ``Damaged``, ``NotFound``, ``Unreadable``.
    """
    if is_adopted(path, library=library):
        summary = read_summary(path)
        return summary.id, summary.head, adopted_listing(path).digest
    stored = read_object(path)
    return stored.id, stored.head, stored.inventory_digest


class Adoption:
    """Takes objects into *storage*, one after another, while it is held."""

    def __init__(self, storage: StorageRoot, validator: Validator) -> None:
        self._storage = storage
        self._validator = validator
        self._folder = storage.work / _FOLDER

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other adoption out, and clear away what a killed one left. Raises ``Busy``."""
        with writing(self._storage.work):
            make_directories(self._storage.work)
            handle = os.open(self._storage.work / f"{_FOLDER}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy("STORAGE_BUSY", path=str(self._storage.path)) from error
            with writing(self._storage.work):
                remove_tree(self._folder)
            yield
        finally:
            os.close(handle)

    def take(self, source: Path, record: Callable[[Summary], bytes], on_bytes: Callable[[int], None]) -> Path | None:
        """Take the object in the folder *source*, which is valid; return its place, or None when it is there already.

        *record* gives the event of its adoption. Raises ``AlreadyThere`` when another object has its identifier,
        ``Unreadable`` and ``Damaged`` for a source that cannot be read or changes meanwhile, and ``NoSpace``.
        """
        summary = read_summary(source)
        target = self._storage.object_directory(summary.id)
        if self._is_there(target, summary):
            return None
        built = self._folder / "object"
        try:
            with writing(self._storage.path):
                make_directories(built)
                digests = _copied(source, built, on_bytes)
                sync_tree(built)
                for path, digest in digests.items():
                    if _digest(path) != digest:
                        raise Damaged("READ_BACK_DIFFERS", name=path.name, path=str(self._storage.path))
                for finding in self._validator(built, digests):
                    if finding.severity is Severity.ERROR:
                        problem = finding.sentence()
                        raise Damaged("OBJECT_INVALID", object_id=summary.id, rule=finding.code, problem=problem)
                make_directories((built / ADOPTION).parent)
                if not (built / ADOPTION).exists():
                    write_beside(built / ADOPTION, record(summary))
                    digests[built / ADOPTION] = digest_of((built / ADOPTION).read_bytes())
                listing = listing_of({path.relative_to(built).as_posix(): each for path, each in digests.items()})
                if not (built / listing.name).exists():  # else another library's, of the very same files
                    write_beside(built / listing.name, listing.content)
                with self._storage.exclusive():
                    if self._is_there(target, summary):
                        return None
                    make_directories(target.parent)
                    built.rename(target)
                    sync_directory(target.parent)
        finally:
            with suppress(OSError):
                remove_tree(self._folder)
        return target

    def _is_there(self, target: Path, summary: Summary) -> bool:
        if not target.exists():
            return False
        with suppress(Damaged):
            if read_summary(target) == summary:
                return True
        raise AlreadyThere("ADOPT_DIFFERS", object_id=summary.id, path=str(target))


def _copied(source: Path, built: Path, on_bytes: Callable[[int], None]) -> dict[Path, Digest]:
    """Copy every file of *source* into *built*, flushed; return the sha512 of each copy as it was read."""
    digests: dict[Path, Digest] = {}
    folders = [(source, built)]
    while folders:
        here, there = folders.pop()
        with _reading(here):
            entries = list(os.scandir(here))
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                (there / entry.name).mkdir()
                folders.append((Path(entry.path), there / entry.name))
            else:
                digests[there / entry.name] = _copy(Path(entry.path), there / entry.name, on_bytes)
    return digests


def _copy(source: Path, target: Path, on_bytes: Callable[[int], None]) -> Digest:
    calculation = hashlib.sha512()
    with _reading(source):
        handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Unreadable("SOURCE_UNREADABLE", name=source.name, folder=str(source.parent), problem="not a file")
        sink = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            while True:
                with _reading(source):
                    piece = os.read(handle, CHUNK)
                if not piece:
                    break
                calculation.update(piece)
                write_all(sink, piece)
                on_bytes(len(piece))
            os.fsync(sink)
            with suppress(OSError):  # so that reading back reads the disk
                os.posix_fadvise(sink, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(sink)
    finally:
        os.close(handle)
    return Digest(calculation.hexdigest())


@contextmanager
def _reading(source: Path) -> Iterator[None]:
    """Turn an ``OSError`` of the source into ``Unreadable``, so that it is not taken for one of our own disk."""
    try:
        yield
    except OSError as error:
        problem = error.strerror or str(error)
        raise Unreadable("SOURCE_UNREADABLE", name=source.name, folder=str(source.parent), problem=problem) from error


def _digest(path: Path) -> str:
    calculation = hashlib.sha512()
    with path.open("rb", buffering=0) as stream:
        while piece := stream.read(CHUNK):
            calculation.update(piece)
    return calculation.hexdigest()
