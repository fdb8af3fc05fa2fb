"""Looking at a disk that may hold anything: names, kinds and bytes, never following a link, never waiting."""

from __future__ import annotations

import errno
import os
import stat
from enum import Enum

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_FLAGS |= getattr(os, "O_BINARY", 0)
_START = 256  # bytes: more than a declaration or a sidecar has

GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
"""Error numbers that say a name is not there; every other says that it could not be read."""


class Kind(Enum):
    """What a name on disk stands for, without following it."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


# Asked for with every name on a disk: a member of an enumeration is found more slowly.
FILE, FOLDER, LINK, OTHER = Kind


class NotAFile(OSError):
    """A name that is opened as a file is a folder, a pipe, a socket or a device."""


class TooLarge(OSError):
    """A file is larger than the bound given for reading it whole."""


def listing(folder: str) -> dict[str, Kind]:
    """Return the names in *folder*, sorted, and what each stands for. Raises ``OSError``."""
    found = names_in(folder)
    return {name: found[name] for name in sorted(found)} if len(found) > 1 else found


def names_in(folder: str) -> dict[str, Kind]:
    """Return the names in *folder* as they come, and what each stands for. Raises ``OSError``."""
    found: dict[str, Kind] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                found[entry.name] = FILE
            elif entry.is_dir(follow_symlinks=False):
                found[entry.name] = FOLDER
            elif entry.is_symlink():
                found[entry.name] = LINK
            else:
                found[entry.name] = OTHER
    return found


def open_file(path: str) -> tuple[int, os.stat_result]:
    """Return a descriptor for the regular file at *path* and its status.

    A pipe is opened without waiting for its other end, then refused. Raises ``OSError`` or ``NotAFile``.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotAFile(errno.EINVAL, "not a regular file", path)
    return descriptor, status


def read_whole(path: str, *, at_most: int) -> bytes:
    """Return the bytes of the file at *path*. Raises ``TooLarge`` beyond *at_most* bytes, or ``OSError``."""
    descriptor, status = open_file(path)
    try:
        if status.st_size > at_most:
            raise TooLarge(errno.EFBIG, "too large", path)
        content = os.read(descriptor, status.st_size + 1)
        if len(content) == status.st_size > 0:  # a short read that ends where the file ends needs no second one
            return content
        parts, total = [content], len(content)
        while part := os.read(descriptor, max(status.st_size - total + 1, 4096)):
            parts.append(part)
            total += len(part)
            if total > at_most:
                raise TooLarge(errno.EFBIG, "too large", path)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def read_start(path: str, at_most: int = _START) -> bytes:
    """Return the first bytes of the file at *path*, by itself all of a declaration or a sidecar and what would follow.

    Nothing but the bytes is asked for: there may be more, or fewer than there could be. Raises ``OSError``. A pipe
    has no bytes; a folder cannot be read.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        return os.read(descriptor, at_most)
    finally:
        os.close(descriptor)


def reason(error: OSError) -> str:
    """Return why *error* happened, in the system's words."""
    return error.strerror or type(error).__name__
