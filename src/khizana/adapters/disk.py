"""Replicas on a disk: a folder of any file system that a machine mounts, exFAT and NTFS among them."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from khizana.core.errors import AlreadyThere, Away, Busy, Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.ports import Stored
from khizana.core.preservation.durable import (
    FULL,
    disk_error,
    make_directories,
    move,
    remove_empty,
    sync_directory,
    write_all,
    write_file,
)

CHUNK = 1 << 20  # bytes
ARRIVING = "arriving"
"""Folder of what is being written; on the same file system, so that naming it is one step."""

LOCK = "khizana-site.lock"

_GONE = {errno.ENOENT, errno.ENOTDIR}
_numbers = count()


class DiskStore:
    """A ``ReplicaStore`` in the folder *root*."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._seen: tuple[int, int] | None = None

    @property
    def address(self) -> str:
        """The folder."""
        return str(self._root)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock of the folder, and clear away what killed processes left half-written."""
        with self._told():
            self._look()
            handle = os.open(self._root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy("SITE_BUSY", path=self.address) from error
            except OSError:
                pass  # a file system that knows no locks: whoever shares such a disk works on it in turn
            with self._told():
                self._clear()
            yield
            with self._told():
                self._clear()
        finally:
            os.close(handle)

    def names(self, prefix: str = "") -> Iterator[Stored]:
        """Yield all below the folder that is no folder, in order: a link or device is listed and cannot be read."""
        folder, _, begin = prefix.rpartition("/")
        with self._told():
            self._look()
            yield from self._below(folder, begin)

    def read(self, name: str) -> Iterator[memoryview]:
        """Yield the bytes of a file from the disk, past what the system remembers of it."""
        try:
            handle = os.open(self._root / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise self._meant(error, name) from error
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                # Not a missing file: something stands in its place, to be set aside before it can be put again.
                raise self._meant(OSError(errno.EISDIR, "no regular file"), name)
            with suppress(OSError):  # an advice: some file systems do not take it
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_SEQUENTIAL)
            buffer = memoryview(bytearray(CHUNK))
            while length := self._filled(handle, buffer, name):
                yield buffer[:length]
        finally:
            os.close(handle)

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:
        """Write beside, flush, name, flush the folder."""
        place = self._root / name
        with self._told(name):
            self._look()
            self._refuse(name)
            make_directories(self._root / ARRIVING)
            part = self._root / ARRIVING / f"{os.getpid()}-{next(_numbers)}"
            try:
                self._write(part, content, size, name)
                make_directories(place.parent)
                self._refuse(name)  # again, because the content may have been long in coming, and a rename overwrites
                part.rename(place)
            except BaseException:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
                raise
            sync_directory(place.parent)

    def replace(self, name: str, content: bytes) -> None:
        """Write beside, flush, and take the place of the file in one step."""
        place = self._root / name
        with self._told(name):
            self._look()
            make_directories(self._root / ARRIVING)
            part = self._root / ARRIVING / f"{os.getpid()}-{next(_numbers)}"
            part.unlink(missing_ok=True)
            write_file(part, content)
            make_directories(place.parent)
            part.replace(place)
            sync_directory(place.parent)

    def set_aside(self, name: str, aside: str) -> None:
        """Move a file, whatever it is, on the same file system; it has one of the two names at any moment."""
        place, goal = self._root / name, self._root / aside
        with self._told(name):
            self._look()
            if not os.path.lexists(place):
                raise NotFound("SITE_NO_FILE", name=name, path=self.address)
            self._refuse(aside)
            make_directories(goal.parent)
            move(place, goal)

    def remove(self, name: str) -> None:
        """Unlink a file, whatever it is, and the folders that are then empty; flush the folder that stays."""
        place = self._root / name
        with self._told(name):
            self._look()
            with suppress(FileNotFoundError, NotADirectoryError):
                place.unlink()
            stays = place.parent
            while not stays.is_dir():
                stays = stays.parent
            remove_empty(stays, below=self._root)
            while not stays.is_dir():
                stays = stays.parent
            sync_directory(stays)

    def _refuse(self, name: str) -> None:
        if os.path.lexists(self._root / name):
            raise AlreadyThere("SITE_FILE_EXISTS", name=name, path=self.address)

    def _write(self, part: Path, content: Iterable[bytes | memoryview], size: int, name: str) -> None:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            written = 0
            for run in content:
                write_all(handle, run)
                written += len(run)
            if written != size:
                raise Damaged("SITE_FILE_OTHER_SIZE", name=name, path=self.address, expected=size, found=written)
            os.fsync(handle)
            with suppress(OSError):  # so that reading back reads the disk
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)

    def _below(self, folder: str, begin: str = "") -> Iterator[Stored]:
        try:
            with os.scandir(self._root / folder) as entries:
                found = [(each.name + "/" * each.is_dir(follow_symlinks=False), each) for each in entries]
        except OSError as error:
            if not folder or not self._is_there():
                raise
            if error.errno not in _GONE:
                yield Stored(f"{folder}/", 0)
            return
        # A folder sorts with its slash, so that the whole comes in the order of the full names.
        for name, entry in sorted(found, key=lambda each: each[0]):
            if not name.startswith(begin) or (not folder and name in {LOCK, f"{ARRIVING}/"}):
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            if name.endswith("/"):
                yield from self._below(path)
            else:
                yield Stored(path, entry.stat(follow_symlinks=False).st_size)

    def _filled(self, handle: int, buffer: memoryview, name: str) -> int:
        try:
            return os.readv(handle, [buffer])
        except OSError as error:
            raise self._meant(error, name) from error

    def _look(self) -> None:
        """Raise ``Away`` where the folder has gone, or another stands in its place.

        A disk that was pulled out may leave its empty mount point behind: what were written there would lie on another
        disk and be hidden when the right one comes back.
        """
        if not self._is_there():
            raise Away("SITE_GONE", path=self.address)

    def _is_there(self) -> bool:
        try:
            found = self._root.stat()
        except OSError:
            return False
        if self._seen is None:
            self._seen = (found.st_dev, found.st_ino)
        return stat.S_ISDIR(found.st_mode) and self._seen == (found.st_dev, found.st_ino)

    def _clear(self) -> None:
        arriving = self._root / ARRIVING
        if arriving.is_dir():
            for path in arriving.iterdir():
                path.unlink()
            arriving.rmdir()

    @contextmanager
    def _told(self, name: str = "") -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._meant(error, name) from error

    def _meant(self, error: OSError, name: str) -> KhizanaError:
        if error.errno in FULL:
            return disk_error(error, self._root)
        if not self._is_there():
            return Away("SITE_GONE", path=self.address)
        if error.errno in _GONE:
            return NotFound("SITE_NO_FILE", name=name, path=self.address)
        problem = error.strerror or str(error)
        return Unreadable("SITE_UNREADABLE", name=name, path=self.address, problem=problem)
