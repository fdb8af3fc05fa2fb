"""A disk that remembers: one image file behind FUSE, each write and each flush of it logged in order.

The kernel sees an ordinary file, makes a loop device of it and mounts what file system lies on it; no kernel module is
needed. As a program (``python logged_disk.py IMAGE LOG MOUNT``) it serves that file until it is unmounted.

The log is a row of records: a kind (``W`` write, ``F`` flush, ``M`` mark), where on the disk, how many bytes (both
little-endian, 8 and 4 bytes), and those bytes.
"""

from __future__ import annotations

import os
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_HEAD = struct.Struct("<cQI")


@dataclass(frozen=True)
class Write:
    """Bytes that came to the disk."""

    at: int
    content: bytes


@dataclass(frozen=True)
class Flush:
    """All that came before is on the disk for good."""


@dataclass(frozen=True)
class Mark:
    """What was said at this moment to whoever uses the disk."""

    text: str


Event = Write | Flush | Mark


@dataclass(frozen=True)
class LoggedDisk:
    """A disk being served."""

    disk: Path
    """The file that is the disk."""
    log: Path
    _marks: Path

    def mark(self, text: str) -> None:
        """Write *text* into the log, after everything that has reached the disk by now."""
        handle = os.open(self._marks, os.O_WRONLY)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)

    def events(self) -> list[Event]:
        """Return the whole log."""
        return list(_events(self.log.read_bytes()))


@contextmanager
def logged_disk(image: Path, folder: Path) -> Iterator[LoggedDisk]:
    """Serve *image* as a disk below *folder*, which is in memory at best."""
    folder.mkdir()
    mount, log = folder / "mount", folder / "log"
    mount.mkdir()
    served = LoggedDisk(mount / "disk", log, mount / "marks")
    environment = {**os.environ, "FUSE_LIBRARY_NAME": "fuse3"}
    process = subprocess.Popen([sys.executable, "-B", __file__, str(image), str(log), str(mount)], env=environment)
    try:
        for _ in range(500):
            if served.disk.exists():
                break
            assert process.poll() is None, "the disk cannot be served"
            time.sleep(0.02)
        yield served
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=False, capture_output=True)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _events(log: bytes) -> Iterator[Event]:
    at = 0
    while at < len(log):
        kind, where, length = _HEAD.unpack_from(log, at)
        at += _HEAD.size
        content = log[at : at + length]
        at += length
        yield Write(where, content) if kind == b"W" else Flush() if kind == b"F" else Mark(content.decode())


def _serve(image: str, log_path: str, mount: str) -> None:
    import mfusepy  # noqa: PLC0415 - a program of its own: only it needs libfuse

    disk = os.open(image, os.O_RDWR)
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    size = os.fstat(disk).st_size

    class Operations(mfusepy.Operations):
        use_ns = True

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            del fh
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
            if path not in {"/disk", "/marks"}:
                raise mfusepy.FuseOSError(2)
            return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": size if path == "/disk" else 0}

        def readdir(self, path: str, fh: int) -> list[str]:
            del path, fh
            return [".", "..", "disk", "marks"]

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            del fh
            return os.pread(disk, size, offset) if path == "/disk" else b""

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            del fh
            is_disk = path == "/disk"
            os.write(log, _HEAD.pack(b"W" if is_disk else b"M", offset, len(data)) + data)
            return os.pwrite(disk, data, offset) if is_disk else len(data)

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            del path, datasync, fh
            os.write(log, _HEAD.pack(b"F", 0, 0))
            return 0

    # One thread: the order of the log is the order in which the disk answered.
    mfusepy.FUSE(Operations(), mount, foreground=True, nothreads=True)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
