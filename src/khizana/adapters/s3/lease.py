"""A lease on a bucket: a file that says who writes there, written again while that goes on.

It is advice, not a lock. A bucket cannot keep out a process that does not ask, servers that ignore conditional puts
let two ask at once, and a process that is stopped for longer than the lease and then wakes may write before it looks.
Two writers at once cannot harm what is kept, because nothing is overwritten but root inventories, and nothing counts
that was not read back.

A lease that a process of this machine left behind by dying is taken at once; any other runs out. How old one is, is
told by the server's clock alone: a file is written beside it and the two times are compared.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import S3Store as Bucket

from khizana.adapters.s3.answers import code_of
from khizana.core.errors import Busy, KhizanaError

LEASE = "khizana-site.lock"
ARRIVING = "arriving"
LENGTH = 120.0  # seconds
SETTLED = 0.3
"""Seconds after which a lease is read again: another that was written meanwhile has taken its place."""

Told = Callable[[str], AbstractContextManager[None]]
"""Turns the library's errors into those of the house."""


class Lease:
    """One process's turn at a bucket; *told* is how the store words its errors."""

    def __init__(self, bucket: Bucket, address: str, told: Told, *, length: float = LENGTH) -> None:
        self._bucket = bucket
        self._address = address
        self._told = told
        self._length = length
        self._name = uuid.uuid4().hex
        self._token = f"{self._name} {_system()} {os.getpid()}".encode()
        self._heard = time.monotonic()
        self._end = threading.Event()
        self._lost = threading.Event()
        self._renewing = threading.Thread(target=self._renew, name="s3-lease", daemon=True)

    @property
    def is_lost(self) -> bool:
        """Whether another has taken it, or nothing has been heard from the server for most of its length."""
        return self._lost.is_set() or time.monotonic() - self._heard > 0.75 * self._length

    def take(self) -> None:
        """Take the lease. Raises ``Busy`` when another holds it."""
        with self._told(LEASE):
            age = self._age()
            if age is not None and age < self._length and not _is_of_the_dead(self._holder()):
                raise Busy("SITE_LEASED", path=self._address, seconds=int(self._length))
            self._write(is_new=age is None)
            time.sleep(SETTLED)
            if self._holder() != self._token:
                raise Busy("SITE_LEASED", path=self._address, seconds=int(self._length))
        self._heard = time.monotonic()
        self._renewing.start()

    def give_back(self) -> None:
        """Take the file away, if it is still ours."""
        self._end.set()
        self._renewing.join()
        with suppress(KhizanaError), self._told(LEASE):  # what cannot be given back runs out
            if self._holder() == self._token:
                obstore.delete(self._bucket, LEASE)

    def _write(self, *, is_new: bool) -> None:
        if not is_new:
            obstore.put(self._bucket, LEASE, self._token)
            return
        try:
            obstore.put(self._bucket, LEASE, self._token, mode="create")
        except AlreadyExistsError as error:
            # Or the answer to a first try was lost on the way.
            if self._holder() != self._token:
                raise Busy("SITE_LEASED", path=self._address, seconds=int(self._length)) from error
        except Exception as error:
            if code_of(error) not in {"NotImplemented", "501"}:
                raise
            obstore.put(self._bucket, LEASE, self._token)

    def _age(self) -> float | None:
        try:
            there = obstore.head(self._bucket, LEASE)["last_modified"]
        except FileNotFoundError:
            return None
        beside = f"{ARRIVING}/{self._name}"
        obstore.put(self._bucket, beside, b"")
        try:
            return (obstore.head(self._bucket, beside)["last_modified"] - there).total_seconds()
        finally:
            obstore.delete(self._bucket, beside)

    def _holder(self) -> bytes:
        try:
            return bytes(obstore.get(self._bucket, LEASE).bytes())
        except FileNotFoundError:
            return b""

    def _renew(self) -> None:
        while not self._end.wait(self._length / 4):
            with suppress(KhizanaError), self._told(LEASE):  # tried again in a while; too long a silence is a loss
                if self._holder() != self._token:
                    self._lost.set()
                    return
                asked = time.monotonic()
                obstore.put(self._bucket, LEASE, self._token)
                self._heard = asked


def _system() -> str:
    """Return what tells this running system, and whose processes its numbers mean, from every other."""
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{started}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return "unknown"


def _is_of_the_dead(token: bytes) -> bool:
    match token.decode("ascii", "replace").split():
        case [_, system, number] if system == _system() != "unknown" and number.isdigit():
            return not Path("/proc", number).exists()
        case _:
            return False
