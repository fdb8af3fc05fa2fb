"""Bytes that stay: written beside, flushed to the disk, then named; directories flushed too.

A file whose directory was not flushed may have no name after a power cut, and a file named before it was
flushed may have no bytes. Nothing here needs hard or symbolic links, which exFAT does not have.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from khizana.core.errors import AlreadyThere, KhizanaError, NoSpace, Unreadable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What a full disk and a full quota answer."""

PART = ".part"
"""Ending of a file that is being written beside its name."""


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
