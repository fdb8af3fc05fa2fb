"""A folder of photographs as a card. It is never altered.

Files are opened read-only, where allowed without even touching their access time.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import BadInput, KhizanaError, NotFound, Unreadable


@dataclass(frozen=True, slots=True)
class FolderCard:
    """The photographs in the folder *path* and below."""

    path: Path

    def files(self) -> Iterator[FileOnDisk]:
        """Yield the files, folder by folder."""
        if not self.path.is_dir():
            raise NotFound("FOLDER_MISSING", path=readable(str(self.path)))
        # One list of folders still to be read, not one call within another: cards may nest deeper than calls can.
        folders = [self.path]
        while folders:
            folder = folders.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                facts = {"path": readable(str(folder)), "problem": error.strerror or ""}
                raise Unreadable("FOLDER_UNREADABLE", **facts) from error
            within: list[Path] = []
            for entry in entries:
                if entry.name.startswith(".") or entry.is_symlink():
                    continue
                if entry.is_dir(follow_symlinks=False):
                    within.append(Path(entry.path))
                else:
                    yield FileOnDisk(Path(entry.path), readable(os.path.relpath(entry.path, self.path)))
            folders += reversed(within)

    def content(self, name: str, most: int) -> bytes | None:
        """Return at most *most* bytes of *name*."""
        path = self.path / name
        if not path.is_file():
            return None
        try:
            with path.open("rb") as stream:
                return stream.read(most)
        except OSError as error:
            raise Unreadable("PATH_UNREADABLE", path=str(path), problem=error.strerror or "") from error

    def is_there(self) -> bool:
        """Say whether the folder is there."""
        return self.path.is_dir()


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """The file at *path*."""

    path: Path
    name: str

    @property
    def size(self) -> int:
        """Bytes."""
        try:
            return self.path.stat(follow_symlinks=False).st_size
        except OSError:
            return 0

    @property
    def modified(self) -> int:
        """Nanoseconds since 1970."""
        try:
            return self.path.stat(follow_symlinks=False).st_mtime_ns
        except OSError:
            return 0

    @contextmanager
    def opened(self) -> Iterator[_Reading]:
        """Open the file; never wait for a pipe or a device, never follow a link."""
        try:
            # Looked at before it is opened: opening some devices is already an act.
            if not stat.S_ISREG(self.path.lstat().st_mode):
                raise BadInput("SOURCE_NOT_A_FILE", name=self.path.name)
            handle = _open_untouched(self.path)
        except OSError as error:
            raise _told(self.path, error) from error
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise BadInput("SOURCE_NOT_A_FILE", name=self.path.name)
            yield _Reading(self.path, handle)
        finally:
            os.close(handle)


class _Reading:
    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle
        self._before = os.fstat(handle)
        self.size = self._before.st_size
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def into(self, buffer: memoryview) -> int:
        try:
            return os.readv(self._handle, [buffer])
        except OSError as error:
            raise _told(self._path, error) from error

    def is_unchanged(self) -> bool:
        return _signature(os.fstat(self._handle)) == _signature(self._before)


def readable(name: str) -> str:
    r"""Return the name of a file as a person reads it: undecodable bytes as ``\xNN``."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _signature(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def _open_untouched(path: Path) -> int:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        # Reading would else write the access time to a card that is mounted writable.
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:
        return os.open(path, flags)  # only the file's owner may ask for that


def _told(path: Path, error: OSError) -> KhizanaError:
    if error.errno == errno.ENOENT:
        return NotFound("SOURCE_MISSING", name=path.name, folder=str(path.parent))
    if error.errno in {errno.ELOOP, errno.ENXIO}:
        return BadInput("SOURCE_NOT_A_FILE", name=path.name)
    return Unreadable(
        "SOURCE_UNREADABLE", name=path.name, folder=str(path.parent), problem=error.strerror or str(error)
    )
