"""Digests: the names OCFL gives them, and reading a file once for any number of them."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from khizana.core.preservation.ocfl.validate_disk import TooLarge, open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

BUFFER_SIZE = 1 << 20  # bytes; one buffer a thread, used again for every file

CONTENT_ALGORITHMS = ("sha512", "sha256")
"""Algorithms that may address content (OCFL 1.1, 3.4), the recommended one first."""

HEX_LENGTHS = {
    "md5": 32,
    "sha1": 40,
    "sha256": 64,
    "sha512": 128,
    "blake2b-512": 128,
    "blake2b-160": 40,
    "blake2b-256": 64,
    "blake2b-384": 96,
    "sha512/256": 64,
}
"""Length in hexadecimal digits of every digest of the specification and of extensions 0001 and 0009."""

SIZE = "size"
"""The one fixity "algorithm" of extension 0009 that is no digest: the number of bytes, in decimal."""

_SMALL = 1 << 16  # bytes; what is smaller is read into memory of its own, which is had faster than a buffer

_HEX = re.compile(r"[0-9a-fA-F]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,30}")


class _Hash(Protocol):
    def update(self, data: bytes | memoryview, /) -> None: ...
    def hexdigest(self) -> str: ...


class _Size:
    """Counts bytes with the face of a hash."""

    def __init__(self, start: bytes) -> None:
        self._bytes = len(start)

    def update(self, data: bytes | memoryview, /) -> None:
        self._bytes += len(data)

    def hexdigest(self) -> str:
        return str(self._bytes)


def _blake2b(size: int) -> Callable[[bytes], _Hash]:
    return lambda start: hashlib.blake2b(start, digest_size=size)


# Each begins with the first bytes, which are all of a small file: one call for it, where an update is a second.
# MD5 and SHA-1 are read here as old fixity values, never trusted for security.
_MAKERS: dict[str, Callable[[bytes], _Hash]] = {
    "md5": lambda start: hashlib.md5(start, usedforsecurity=False),
    "sha1": lambda start: hashlib.sha1(start, usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "blake2b-512": _blake2b(64),
    "blake2b-160": _blake2b(20),
    "blake2b-256": _blake2b(32),
    "blake2b-384": _blake2b(48),
    SIZE: _Size,
}
if "sha512_256" in hashlib.algorithms_available:  # some builds of OpenSSL leave it out
    _MAKERS["sha512/256"] = lambda start: hashlib.new("sha512_256", start)

_of_thread = threading.local()


def is_known(algorithm: str) -> bool:
    """Tell whether *algorithm* stands in the specification or in extension 0001 or 0009."""
    return algorithm in HEX_LENGTHS or algorithm == SIZE


def is_computable(algorithm: str) -> bool:
    """Tell whether this machine can compute *algorithm*; one that it cannot is left unchecked (E028)."""
    return algorithm in _MAKERS


def is_well_formed(digest: str, algorithm: str) -> bool:
    """Tell whether *digest* is hexadecimal (or decimal, for size) of the length that *algorithm* gives."""
    if algorithm == SIZE:
        return _DECIMAL.fullmatch(digest) is not None
    return len(digest) == HEX_LENGTHS[algorithm] and _HEX.fullmatch(digest) is not None


def is_hexadecimal(digest: str) -> bool:
    """Tell whether *digest* is written in base 16, in either case."""
    return _HEX.fullmatch(digest) is not None


def digest_bytes(data: bytes, algorithm: str) -> str:
    """Return the digest of *data*, in lower case."""
    return _MAKERS[algorithm](data).hexdigest()


@dataclass(slots=True)  # not frozen: one for every file, and freezing costs as much as reading a small one
class FileRead:
    """What reading a file once told."""

    digests: dict[str, str]
    """By algorithm, in lower case."""
    size: int
    """Bytes."""
    identity: tuple[int, int] | None
    """Device and inode, when the file has more than one name."""


def digest_file(
    path: str, algorithms: Iterable[str], *, at_most: int | None = None, stopped: threading.Event | None = None
) -> FileRead:
    """Read the file at *path* once, in pieces of a mebibyte, for all *algorithms*.

    Raises ``OSError`` when the file cannot be read or when *stopped* is set meanwhile, ``NotAFile`` when it
    is none, and ``TooLarge``, before reading, when it has more than *at_most* bytes.
    """
    descriptor, status = open_file(path)
    try:
        if at_most is not None and status.st_size > at_most:
            raise TooLarge(errno.EFBIG, "too large", path)
        start = os.read(descriptor, status.st_size + 1) if 0 < status.st_size <= _SMALL else b""
        hashes = {algorithm: _MAKERS[algorithm](start) for algorithm in algorithms}
        total = len(start)
        if total == status.st_size > 0:  # the end: no other read is needed to see it
            return _read_so_far(hashes, total, status)
        buffer = _buffer()
        while length := os.readv(descriptor, [buffer]):
            total += length
            piece = buffer[:length]
            for made in hashes.values():
                made.update(piece)
            if length < BUFFER_SIZE and total == status.st_size:  # the end: no other read is needed to see it
                break
            if stopped is not None and stopped.is_set():
                raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED), path)
    finally:
        os.close(descriptor)
    return _read_so_far(hashes, total, status)


def digest_small(path: str, algorithm: str) -> tuple[str, int] | None:
    """Return the digest and size of the file at *path* where it is small and has no other name.

    None where it is not, or cannot be read at once: ``digest_file`` tells the rest.
    """
    try:
        descriptor, status = open_file(path)
    except OSError:
        return None
    try:
        if status.st_size > _SMALL or status.st_nlink > 1:
            return None
        content = os.read(descriptor, status.st_size + 1)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return (digest_bytes(content, algorithm), len(content)) if len(content) == status.st_size else None


def _read_so_far(hashes: Mapping[str, _Hash], total: int, status: os.stat_result) -> FileRead:
    identity = (status.st_dev, status.st_ino) if status.st_nlink > 1 else None
    return FileRead({name: made.hexdigest() for name, made in hashes.items()}, total, identity)


def _buffer() -> memoryview:
    """Return the buffer of this thread."""
    buffer: memoryview | None = getattr(_of_thread, "buffer", None)
    if buffer is None:
        buffer = _of_thread.buffer = memoryview(bytearray(BUFFER_SIZE))
    return buffer


class Readers:
    """Threads that read large files; leaving the block stops them after the piece that each is reading.

    With one worker there are none, and ``submit`` reads at once.
    """

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(workers, "ocfl") if workers > 1 else None
        self._stopped = threading.Event()

    def submit(self, path: str, algorithms: Iterable[str]) -> Future[FileRead]:
        """Have the file at *path* read as ``digest_file`` does."""
        if self._pool is not None:
            return self._pool.submit(digest_file, path, algorithms, stopped=self._stopped)
        done: Future[FileRead] = Future()
        try:
            done.set_result(digest_file(path, algorithms))
        except OSError as error:
            done.set_exception(error)
        return done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
