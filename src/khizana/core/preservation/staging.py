"""Receiving: each file of a card is read once, copied to staging, flushed, read back, compared, and named by digest.

A file in ``staging/<first 2>/<digest>`` has been flushed and read back; what is not yet is in ``staging/receiving``.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from khizana.core.errors import BadInput, Damaged, NotFound
from khizana.core.identifiers import Digest
from khizana.core.ports import CardFile, CardReading
from khizana.core.preservation.durable import make_directories, sync_directory, write_all, writing

CHUNK = 1 << 20  # bytes; one buffer of this size serves a whole file
RECEIVING = "receiving"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a file system says of a file that nobody has written to: the same for as long as nobody does."""

    inode: int
    size: int
    modified: int
    """Nanoseconds."""

    @classmethod
    def of(cls, status: os.stat_result) -> Signature:
        """Return the signature in *status*."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Received:
    """One file in staging. ``signature`` is what it was when its bytes were last read and found to have ``digest``."""

    digest: Digest
    size: int
    """Bytes."""
    path: Path
    signature: Signature | None = None
    """None when this process has not read the file: whoever needs to be sure then reads it."""


def staged_path(staging: Path, digest: Digest) -> Path:
    """Return where the file with *digest* lies in *staging*."""
    return staging / digest[:2] / digest


def staged(staging: Path, digest: Digest) -> Received | None:
    """Return the file with *digest* that an earlier run left in *staging*, unread, or None."""
    path = staged_path(staging, digest)
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return Received(digest, status.st_size, path) if stat.S_ISREG(status.st_mode) else None


def receive(source: CardFile, staging: Path, *, on_bytes: Callable[[int], None] | None = None) -> Received:
    """Copy *source* into *staging* and return it: read once, flushed, read back from the disk, named by its sha512.

    *on_bytes* is told of each run of bytes read from the source, at most 1 MiB. A file that is there already is
    read and kept, and the new copy dropped. Nothing half-written is left by an error or an interrupt.

    Raises ``BadInput`` for what is not a regular file (links included), is empty, or changes while it is read;
    ``NotFound`` and ``Unreadable`` for a source that is gone or cannot be read; ``NoSpace`` when the disk is full;
    ``Damaged`` when what the disk gives back is not what was written.
    """
    with source.opened() as reading, writing(staging), _part(staging) as (part, sink):
        digest, size = _copy(source, reading, sink, on_bytes)
        place = staged_path(staging, digest)
        make_directories(place.parent)
        kept = _verified(place, digest, size)
        if kept is not None:
            part.unlink()
            return kept
        os.fsync(sink)
        _forget_pages(sink)
        signature = _read_back(part, digest)
        if signature is None:
            raise Damaged("READ_BACK_DIFFERS", name=source.name, path=str(staging))
        # The file that may stand there is not what its name says (it was read just now): nothing good is lost.
        part.replace(place)
        sync_directory(place.parent)
        sync_directory(part.parent)
    return Received(digest, size, place, signature)


def digest_of(source: CardFile) -> Digest:
    """Return the sha512 of *source*, which is read and not copied. Raises what ``receive`` raises of a source."""
    calculation = hashlib.sha512()
    buffer = memoryview(bytearray(CHUNK))
    with source.opened() as reading:
        while length := reading.into(buffer):
            calculation.update(buffer[:length])
    return Digest(calculation.hexdigest())


def verify(received: Received) -> Received:
    """Return *received* with a signature of this process, reading the file when it has none that still holds.

    Raises ``NotFound`` when the file is gone, ``Damaged`` when its bytes are not those of its digest.
    """
    if untouched(received):
        return received
    with writing(received.path):
        try:
            signature = _read_back(received.path, received.digest)
        except FileNotFoundError as error:
            raise NotFound("STAGED_MISSING", path=str(received.path)) from error
    if signature is None:
        raise Damaged("STAGED_ALTERED", path=str(received.path))
    return Received(received.digest, signature.size, received.path, signature)


def untouched(received: Received) -> bool:
    """Say whether the file is, by inode, size and time, the one whose bytes this process read and found right."""
    try:
        return received.signature == Signature.of(received.path.lstat())
    except OSError:
        return False


def discard(received: Received) -> None:
    """Remove a file from staging: one that is in an object already, or is not wanted. Nothing when it is gone."""
    with writing(received.path):
        received.path.unlink(missing_ok=True)
        sync_directory(received.path.parent)


def tidy(staging: Path) -> int:
    """Remove what killed runs left half-received in *staging*; return how many files. Safe while others receive."""
    removed = 0
    with writing(staging):
        folder = staging / RECEIVING
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            try:
                handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                # Whoever is still receiving holds the lock; a killed process holds none.
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
                removed += 1
            except BlockingIOError:
                continue
            finally:
                os.close(handle)
    return removed


_numbers = count()


@contextmanager
def _part(staging: Path) -> Iterator[tuple[Path, int]]:
    """Give a new, locked file in ``staging/receiving``; it is removed unless it has been renamed by the end."""
    folder = staging / RECEIVING
    make_directories(folder)
    while True:
        path = folder / f"{os.getpid()}-{next(_numbers)}"
        with suppress(FileExistsError):  # left by a killed process that had our number
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                break
            os.close(handle)  # tidied away between the two lines above
    try:
        yield path, handle
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        os.close(handle)


def _copy(
    source: CardFile, reading: CardReading, sink: int, on_bytes: Callable[[int], None] | None
) -> tuple[Digest, int]:
    if reading.size == 0:
        raise BadInput("SOURCE_EMPTY", name=source.name)
    calculation = hashlib.sha512()
    size = 0
    buffer = memoryview(bytearray(CHUNK))
    while size <= reading.size:  # a file that keeps growing would else be read for ever
        length = reading.into(buffer)
        if not length:
            break
        calculation.update(buffer[:length])
        write_all(sink, buffer[:length])
        size += length
        if on_bytes is not None:
            on_bytes(length)
    if size != reading.size or not reading.is_unchanged():
        raise BadInput("SOURCE_CHANGED", name=source.name)
    return Digest(calculation.hexdigest()), size


def _forget_pages(handle: int) -> None:
    """Drop the flushed file from the memory of the kernel, so that reading back reads the disk."""
    with suppress(OSError):  # an advice: a file system kept in memory does not take it
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)


def _read_back(path: Path, digest: Digest) -> Signature | None:
    """Return the signature of the file at *path*, or None when its bytes do not have *digest*."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        before = Signature.of(os.fstat(handle))
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        calculation = hashlib.sha512()
        buffer = memoryview(bytearray(CHUNK))
        while length := os.readv(handle, [buffer]):
            calculation.update(buffer[:length])
        same = calculation.hexdigest() == digest and Signature.of(os.fstat(handle)) == before
    finally:
        os.close(handle)
    return before if same else None


def _verified(place: Path, digest: Digest, size: int) -> Received | None:
    """Return the file that stands at *place* already, when its bytes are right."""
    try:
        signature = _read_back(place, digest)
    except FileNotFoundError:
        return None
    return Received(digest, size, place, signature) if signature is not None else None
