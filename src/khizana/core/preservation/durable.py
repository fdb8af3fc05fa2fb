"""Bytes that stay: written beside, flushed to the disk, then named; directories flushed too.

A file whose directory was not flushed may have no name after a power cut, and a file named before it was
flushed may have no bytes. Nothing here needs hard or symbolic links, which exFAT does not have: a second name saves
copying where there is one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from khizana.core.errors import AlreadyThere, KhizanaError, NoSpace, Unreadable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What a full disk and a full quota answer."""

NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})
"""What is answered where a file cannot have a second name: exFAT knows none, and two file systems share none."""

PART = ".part"
"""Ending of a file that is being written beside its name."""

_CHUNK = 1 << 20  # bytes copied at once
_SYNCFS = ctypes.CDLL(None, use_errno=True).syncfs


def disk_error(error: OSError, place: Path) -> KhizanaError:
    """Return what *error*, met while writing under *place*, means to a person."""
    if error.errno in FULL:
        return NoSpace("DISK_FULL", path=str(place))
    return Unreadable("DISK_FAILED", path=str(place), problem=error.strerror or str(error))


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn an ``OSError`` met while writing under *place* into ``NoSpace`` or ``Unreadable``."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, place) from error


def sync_directory(folder: Path) -> None:
    """Flush the names in *folder* to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some file systems of the FUSE family cannot flush a directory and say so; they write names through.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS}:
            raise
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Flush the names in *folder* and in every directory below it, deepest first. Files are not flushed."""
    for here, _, _ in os.walk(folder, topdown=False, onerror=_raise):
        sync_directory(Path(here))


def _raise(error: OSError) -> None:
    raise error


def write_all(handle: int, content: bytes | memoryview) -> None:
    """Write the whole of *content* to *handle*; a short write is taken up where it stopped."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def sync_file_system(place: Path) -> None:
    """Flush all that was written to the file system that *place* lies on: for many small files at once.

    It reports what could not be written since Linux 5.8, as fsync does (syncfs(2)).
    """
    handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _SYNCFS(handle) != 0:
            problem = ctypes.get_errno()
            raise OSError(problem, os.strerror(problem), str(place))
    finally:
        os.close(handle)


def write_all_of(path: Path, content: bytes) -> None:
    """Write *content* to a new file, unflushed: the caller flushes many at once."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        write_all(handle, content)
    finally:
        os.close(handle)


def write_file(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write *content* to a new file and flush it. Its directory is not flushed: the caller does that once for many.

    Nobody whom *mode* keeps out can read it at any moment.

    Raises ``FileExistsError`` when *path* exists, and leaves nothing behind when writing fails.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            write_all(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def write_beside(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write *content* beside *path*, flush it, name it *path* and flush the directory.

    Raises ``AlreadyThere`` when *path* exists: nothing is ever overwritten. A part left by a killed process
    is replaced. One process at a time may write one name; the callers hold a lock or own the folder.
    """
    if path.exists():
        raise AlreadyThere("FILE_EXISTS", path=str(path))
    replace_beside(path, content, mode=mode)


def replace_beside(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write *content* beside *path*, flush it, then put it in the place of *path*, whole or not at all.

    Only for files that are a copy of what is kept elsewhere: the root inventory of an object is one.
    """
    part = path.with_name(path.name + PART)
    part.unlink(missing_ok=True)
    write_file(part, content, mode=mode)
    part.replace(path)
    sync_directory(path.parent)


def move(path: Path, goal: Path) -> None:
    """Give *path* the name *goal*, where nothing stands, and flush: a power cut leaves one of the two names, or both.

    Of a rename some file systems keep the old name's going and not the new name's coming. So the file gets a second
    name first, or a copy where there is none; what can have neither (a folder, a file that cannot be read) is renamed.
    """
    try:
        _second_name(path, goal)
    except OSError as error:
        if error.errno in FULL:
            raise
        path.rename(goal)
    sync_directory(goal.parent)
    path.unlink(missing_ok=True)
    sync_directory(path.parent)


def _second_name(path: Path, goal: Path) -> None:
    """Give the file *path* the name *goal*, too, or make a flushed copy of it there."""
    try:
        os.link(path, goal, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        try:
            copy_file(path, goal)
        except OSError:
            goal.unlink(missing_ok=True)
            raise


def move_tree(folder: Path, goal: Path) -> None:
    """Make what is in *folder* be in *goal*, and flush: a power cut leaves each file in one of the two, or in both.

    May be done again at any point. A folder is not renamed, for the reason that ``move`` gives.
    """
    for here, _, names in os.walk(folder, onerror=_raise):
        place = goal / Path(here).relative_to(folder)
        make_directories(place)
        for name in names:
            (place / name).unlink(missing_ok=True)  # of a run that was cut off: it may be there in part
            _second_name(Path(here) / name, place / name)
    if folder.is_dir():
        sync_tree(goal)
        remove_tree(folder)
        sync_directory(folder.parent)


def copy_file(path: Path, goal: Path) -> None:
    """Copy the regular file *path* to the new file *goal* and flush it; the directory is not flushed."""
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        sink = os.open(goal, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            buffer = memoryview(bytearray(_CHUNK))
            while length := os.readv(source, [buffer]):
                write_all(sink, buffer[:length])
            os.fsync(sink)
            with suppress(OSError):  # an advice, so that reading it back reads the disk
                os.posix_fadvise(sink, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(sink)
    finally:
        os.close(source)


def make_directories(folder: Path) -> None:
    """Make *folder* and whatever is missing above it, and flush each directory that gains a name."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        sync_directory(each.parent)


def remove_empty(folder: Path, *, below: Path) -> None:
    """Remove *folder* and each directory above it that is then empty, up to and without *below*."""
    while folder != below and below in folder.parents:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError:
            return  # not empty: something else lives here
        folder = folder.parent


def remove_tree(folder: Path) -> None:
    """Remove *folder* and all below it; nothing when it is not there."""
    if folder.is_dir():
        try:
            shutil.rmtree(folder)
        except OSError as error:
            error.filename = str(folder)  # else the name alone of a file in it, which tells nobody of the disk
            raise
