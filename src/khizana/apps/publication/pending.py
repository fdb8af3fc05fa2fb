"""Marks for manuscripts whose objects may be newer than their rows, so that a killed command is made good.

The mark is on disk before the first object is touched and goes when the rows are written. Each command has a mark of
its own, and holds a lock on it for as long as it is at work: whoever makes good what was left knows by that which
marks are of dead processes, and never takes away one that a living process may still need.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from khizana.core.identifiers import ManuscriptId
from khizana.core.library import LibraryFolder
from khizana.core.preservation.durable import (
    PART,
    make_directories,
    replace_beside,
    sync_directory,
    write_all,
    writing,
)

_NAME = re.compile(r"[0-9a-f]{32}(?:\.[0-9a-f]{8})?")


@contextmanager
def pending(folder: LibraryFolder, *manuscripts: ManuscriptId) -> Iterator[None]:
    """Keep one mark of *manuscripts* while their objects and rows are written; it stays when that fails.

    Raises ``NoSpace`` or ``Unreadable`` where it cannot be written, before anything else is.
    """
    content = "\n".join(manuscripts)
    mark = folder.pending / _name_of(content)
    with writing(folder.pending):
        # The folder's own name must be on the disk too: a power cut would else take the mark with it.
        make_directories(folder.pending)
        handle = _locked(mark, content.encode())
    try:
        yield
        mark.unlink(missing_ok=True)
    finally:
        os.close(handle)


def leave_pending(folder: LibraryFolder, manuscript: ManuscriptId) -> None:
    """Leave a mark of *manuscript*, so that its rows are written when next all is made good.

    Raises ``NoSpace`` or ``Unreadable`` where it cannot be written.
    """
    with writing(folder.pending):
        make_directories(folder.pending)
        os.close(_locked(folder.pending / _name_of(manuscript), manuscript.encode()))


def _name_of(content: str) -> str:
    return f"{hashlib.sha256(content.encode()).hexdigest()[:32]}.{secrets.token_hex(4)}"


def _locked(mark: Path, content: bytes) -> int:
    """Write *mark* beside, flushed, and name it; return the handle that holds its lock."""
    part = mark.with_name(mark.name + PART)
    handle = _opened(part)
    try:
        write_all(handle, content)
        os.fsync(handle)
        part.rename(mark)
        sync_directory(mark.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        os.close(handle)
        raise
    return handle


def _opened(part: Path) -> int:
    """Make the new file *part* and return the handle that holds its lock."""
    while True:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)  # swept away between the two lines above


def manuscripts_pending(folder: LibraryFolder) -> list[ManuscriptId]:
    """Return every manuscript whose rows may be older than its objects, those that a command is at work on too."""
    return list(dict.fromkeys(each for _, marked in _marks(folder) for each in marked))


def left_pending(folder: LibraryFolder) -> list[ManuscriptId]:
    """Return the manuscripts that dead processes left with rows that may be older than their objects.

    Marks that dead processes had not finished are removed: nothing was begun under them.
    """
    for part in folder.pending.glob(f"*{PART}"):
        _remove_unheld(part)
    return list(dict.fromkeys(each for mark, marked in _marks(folder) if not _is_held(mark) for each in marked))


def forget(folder: LibraryFolder, manuscript: ManuscriptId) -> None:
    """Remove *manuscript* from the marks that dead processes left."""
    for mark, marked in _marks(folder):
        if manuscript in marked and not _is_held(mark):
            left = [each for each in marked if each != manuscript]
            if left:
                with writing(folder.pending):
                    replace_beside(mark, "\n".join(left).encode())
            else:
                mark.unlink(missing_ok=True)


def _marks(folder: LibraryFolder) -> Iterator[tuple[Path, list[ManuscriptId]]]:
    if not folder.pending.is_dir():
        return
    for mark in sorted(folder.pending.iterdir()):
        if not _NAME.fullmatch(mark.name):
            continue
        name = ""
        with suppress(FileNotFoundError, IsADirectoryError):  # its owner has just finished; or it is no mark
            name = mark.read_bytes().decode("utf-8", "replace")
        if name:
            yield mark, [ManuscriptId(each) for each in name.split("\n")]


def _remove_unheld(part: Path) -> None:
    with suppress(FileNotFoundError), part.open("rb") as stream, suppress(BlockingIOError):
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        part.unlink()


def _is_held(mark: Path) -> bool:
    """Return whether a living process is at work under *mark*; one that is gone meanwhile counts as held."""
    try:
        handle = os.open(mark, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
