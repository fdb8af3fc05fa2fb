"""Ceph's RADOS Gateway on the loopback address: one monitor, one disk of the object store, one gateway, all of Debian.

Everything it writes lies below one folder, and its processes end with the one that started them, however that ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from data.commands import free_port
from data.s3_server import KEY, SECRET, files_below, rclone, site_address, wait_for

WITH_US = ("setpriv", "--pdeathsig", "KILL")
"""Before a command: the kernel ends it when this process ends, however that happens."""

PROGRAMS = (
    "setpriv",
    "ceph",
    "ceph-authtool",
    "ceph-mon",
    "ceph-osd",
    "monmaptool",
    "rados",
    "radosgw",
    "radosgw-admin",
)
POOL = "default.rgw.buckets.data"
LONGEST = 300  # seconds, so that a hang is a failure

CONFIGURATION = """
[global]
fsid = {cluster}
mon_initial_members = a
mon_host = v2:127.0.0.1:{monitor}/0
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
keyring = {root}/keyring
mon_data = {root}/mon
osd_data = {root}/osd
rgw_data = {root}/rgw
crash_dir = {root}/crash
log_file = {root}/$name.log
pid_file =
admin_socket =

# One disk, and a copy of everything on it.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_crush_chooseleaf_type = 0
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
mon_allow_pool_size_one = true
mon_data_avail_warn = 2
mon_data_avail_crit = 1
bluestore_block_size = 21474836480
osd_memory_target = 1073741824

rgw_frontends = beast endpoint=127.0.0.1:{gateway} tcp_nodelay=1
rgw_gc_obj_min_wait = 5
rgw_gc_processor_period = 5
"""
# What is deleted gives its room back within seconds instead of hours, so that twenty gigabytes are enough.


@dataclass(frozen=True)
class CephBucket:
    """A bucket as others see it: another client of S3, and the object store beneath, which keeps its pieces."""

    server: CephServer
    name: str

    def files(self, below: str) -> dict[str, bytes]:
        """Return name and content of every file in the folder *below*."""
        folder = self.server.root / "seen" / uuid.uuid4().hex
        folder.mkdir(parents=True)
        self._rclone("copy", f":s3:{self.name}/{below}", str(folder))
        found = files_below(folder)
        shutil.rmtree(folder)
        return found

    def alter(self, name: str, content: bytes) -> None:
        """Put a file, or put other bytes in its place."""
        self._rclone("rcat", "--size", str(len(content)), f":s3:{self.name}/{name}", content=content)

    def remove(self, name: str) -> None:
        """Take a file away."""
        self._rclone("deletefile", f":s3:{self.name}/{name}")

    def vanish(self) -> None:
        """Take the whole bucket away."""
        self._rclone("purge", f":s3:{self.name}")

    def unfinished(self) -> str:
        """Return what the server says of uploads that were begun and neither completed nor given up."""
        return self._rclone("backend", "list-multipart-uploads", f":s3:{self.name}").decode()

    def give_up_unfinished(self) -> None:
        """End the uploads that were begun and not completed."""
        self._rclone("backend", "cleanup", f":s3:{self.name}", "-o", "max-age=0s")

    def pieces(self, name: str) -> list[str]:
        """Return the names of the pieces of *name* in the object store, in no order."""
        found = self.server.run("rados", "-p", POOL, "ls").decode().splitlines()
        return [piece for piece in found if piece.endswith(f"_{name}") or f"_{name}." in piece]

    def shorten(self, piece: str, size: int) -> None:
        """Leave only the first *size* bytes of a piece, as a broken disk might."""
        self.server.run("rados", "-p", POOL, "truncate", piece, str(size))

    def overwrite(self, piece: str, content: bytes) -> None:
        """Put other bytes in the place of those of a piece."""
        self.server.run("rados", "-p", POOL, "put", piece, "-", content=content)

    def _rclone(self, *arguments: str, content: bytes = b"") -> bytes:
        environment = {
            "RCLONE_CONFIG": os.devnull,
            "RCLONE_S3_PROVIDER": "Ceph",
            "RCLONE_S3_ENDPOINT": f"http://127.0.0.1:{self.server.port}",
            "RCLONE_S3_ACCESS_KEY_ID": KEY,
            "RCLONE_S3_SECRET_ACCESS_KEY": SECRET,
        }
        return _run([rclone(), *arguments], environment, content)


@dataclass(frozen=True)
class CephServer:
    """A running gateway; its logs and all its data lie below *root*."""

    root: Path
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    """The process of each program."""

    def bucket(self, name: str) -> CephBucket:
        """Make a bucket."""
        bucket = CephBucket(self, name)
        bucket._rclone("mkdir", f":s3:{name}")  # noqa: SLF001 - the other half of this module
        return bucket

    def address(self, bucket: str, *, prefix: str = "khizana", port: int | None = None, **more: str) -> str:
        """Return the address of a site in *bucket*, by way of *port* where a liar listens there."""
        return site_address(port or self.port, bucket, prefix=prefix, **more)

    @contextmanager
    def stopped(self, program: str) -> Iterator[None]:
        """Let *program* do nothing until the block ends, and keep its connections open, as a hanging disk does."""
        self.running[program].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.running[program].send_signal(signal.SIGCONT)

    def run(self, *command: str, content: bytes = b"") -> bytes:
        """Run one of Ceph's own commands on this cluster and return what it prints."""
        return _run(command, {"CEPH_CONF": str(self.root / "ceph.conf")}, content)


@contextmanager
def ceph_server(root: Path) -> Iterator[CephServer]:
    """Run a cluster below *root* until the block ends; the test is skipped where Ceph is not installed."""
    lacking = [program for program in PROGRAMS if shutil.which(program) is None]
    if lacking:
        pytest.skip(f"no {', '.join(lacking)}: run python3 tools/system.py damage")
    root.mkdir(parents=True, exist_ok=True)
    cluster, monitor, gateway = uuid.uuid4(), free_port(), free_port()
    (root / "ceph.conf").write_text(
        CONFIGURATION.format(cluster=cluster, root=root, monitor=monitor, gateway=gateway), encoding="utf-8"
    )
    server = CephServer(root, gateway)
    with ExitStack() as running:
        running.callback(shutil.rmtree, root / "osd", ignore_errors=True)  # gigabytes that nobody looks at again
        _make_keys(server)
        plan = str(root / "monitors")
        server.run("monmaptool", "--create", "--addv", "a", f"[v2:127.0.0.1:{monitor}]", "--fsid", str(cluster), plan)
        (root / "mon").mkdir()
        server.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", plan, "--keyring", str(root / "keyring"))
        running.enter_context(_daemon(server, "ceph-mon", "-f", "-i", "a"))
        disk = str(uuid.uuid4())
        server.run("ceph", "--connect-timeout", "60", "osd", "new", disk)
        (root / "osd").mkdir()
        server.run("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", disk)
        running.enter_context(_daemon(server, "ceph-osd", "-f", "-i", "0"))
        user = ("--uid", "khizana", "--display-name", "khizana", "--access-key", KEY, "--secret-key", SECRET)
        server.run("radosgw-admin", "user", "create", *user)
        wait_for(gateway, running.enter_context(_daemon(server, "radosgw", "-f", "-n", "client.admin")))
        yield server


def _make_keys(server: CephServer) -> None:
    keyring = str(server.root / "keyring")
    may = [word for whom in ("mon", "osd") for word in ("--cap", whom, "allow *")]
    server.run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", *may)
    for name in ("client.admin", "osd.0"):
        server.run("ceph-authtool", keyring, "--gen-key", "-n", name, *may)


@contextmanager
def _daemon(server: CephServer, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run *command* until the block ends, or until this process does."""
    with (server.root / f"{command[0]}.out").open("wb") as said:
        process = subprocess.Popen(
            [*WITH_US, *command],
            env={**os.environ, "CEPH_CONF": str(server.root / "ceph.conf")},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    server.running[command[0]] = process
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _run(command: tuple[str, ...] | list[str], more: Mapping[str, str], content: bytes) -> bytes:
    done = subprocess.run(
        [*WITH_US, *command],
        env={**os.environ, **more},
        input=content,
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}"
    return done.stdout
