"""Replicas in a bucket of any server that speaks S3.

What such servers promise is used and never relied on: one ignores the condition that a name must be new, one answers
that it has kept what it has not. So a name is looked for before it is put, and its size after; whether the bytes are
right, only reading them back tells, which is for whoever called ``put``. Each request carries the digest of its body
in its signature, by which an honest server refuses what was altered on its way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import S3Store as Bucket

from khizana.adapters.s3.address import Keys, S3Address
from khizana.adapters.s3.answers import (
    ERRORS,
    PAST_THE_END,
    code_of,
    is_missing,
    of_a_file,
    of_the_list,
    of_the_store,
    problem_of,
)
from khizana.adapters.s3.lease import ARRIVING, LEASE, LENGTH, Lease
from khizana.adapters.s3.under_way import UnderWay
from khizana.adapters.s3.upload import upload
from khizana.core.errors import AlreadyThere, Away, Busy, Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.ports import Stored

if TYPE_CHECKING:
    from obstore import ObjectMeta  # which is there for type checkers only

RUN = 1 << 20  # bytes
PART = 5 << 20
"""Bytes sent in one request, the least that S3 takes in a part: what a slow line sends within one's patience."""

AT_ONCE = 2
"""Parts on their way at a time, of all files together: with more, a slow line sends none within one's patience."""

MOST_PARTS = 9_000
"""Fewer than the 10,000 that S3 allows; a file that would need more is sent in larger parts."""

LARGEST_COPY = 5 << 30
"""Bytes that a server copies by itself; a larger file is read and sent again."""


class S3Store:
    """A ``ReplicaStore`` at *address*, opened with *keys*."""

    def __init__(self, address: S3Address, keys: Keys, *, lease: float = LENGTH) -> None:
        self._address = address
        self._lease_length = lease
        self._lease: Lease | None = None
        self._under_way = UnderWay(AT_ONCE * PART)
        patience = timedelta(seconds=address.patience)
        self._bucket = Bucket(
            address.bucket,
            prefix=address.prefix or None,
            config={
                "endpoint": address.endpoint,
                "aws_endpoint_url_s3": address.endpoint,  # else a variable of the environment would win
                "region": address.region,
                "access_key_id": keys.key,
                "secret_access_key": keys.secret,
                **({"session_token": keys.token} if keys.token else {}),
                "virtual_hosted_style_request": False,
                "skip_signature": False,
                "unsigned_payload": False,
                "disable_bulk_delete": True,  # one by one is what every server knows
            },
            client_options={
                "allow_http": address.endpoint.startswith("http:"),
                "connect_timeout": timedelta(seconds=min(30, address.patience)),
                "read_timeout": patience,
                "timeout": timedelta(days=7),  # of a whole file, however slow the line
            },
            retry_config={
                "max_retries": 8,
                "retry_timeout": patience,
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=max(1, min(20, address.patience // 8))),
                    "base": 2,
                },
            },
        )

    @property
    def address(self) -> str:
        """Bucket, folder and server; never a secret."""
        return self._address.text

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold a lease: advice to other processes of this software, and no more than that."""
        lease = Lease(self._bucket, self.address, self._told, length=self._lease_length)
        lease.take()
        self._lease = lease
        try:
            with self._told(ARRIVING):
                for stored in self._listed(f"{ARRIVING}/"):
                    obstore.delete(self._bucket, stored["path"])
            yield
        finally:
            self._lease = None
            lease.give_back()

    def names(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the files as the server lists them, a page at a time; the lease and what is arriving are none."""
        folder, slash, _ = prefix.rpartition("/")
        before = ""
        with self._told(prefix):
            for each in self._listed(folder + slash):
                name = each["path"]
                if name <= before:
                    # Also what a server does that gives the same page again and again.
                    raise Away("S3_OUT_OF_ORDER", path=self.address, name=name)
                before = name
                if name.startswith(prefix) and name != LEASE and not name.startswith(f"{ARRIVING}/"):
                    yield Stored(name, each["size"])

    def read(self, name: str) -> Iterator[memoryview]:
        """Yield the bytes that the server gives; a connection that breaks is taken up where it broke.

        Raises ``Damaged`` S3_OTHER_SIZE when they are not as many as the server says.
        """
        size, found = None, 0
        try:
            result = obstore.get(self._bucket, name)
            size = result.meta["size"]
            for piece in result.stream(min_chunk_size=RUN // 2):
                whole = memoryview(piece)
                found += len(whole)
                for start in range(0, len(whole), RUN):
                    yield whole[start : start + RUN]
        except ERRORS as error:
            raise self._unread(error, name, size) from error
        if found != size:
            raise self._of_other_size(name, size)

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:
        """Send the file in one request or, if it is large, in parts that have no name until the last has come.

        The name is looked for when all the content is at hand, because that may take long and the condition that the
        name must be new is ignored by some servers, and by nearly all in the request that completes a large file.
        """
        with self._writing(name):
            counted = self._counted(content, size, name)
            if size <= PART:
                whole = b"".join(counted)
                with self._under_way.sending(size):
                    self._refuse(name)
                    self._put_small(name, whole)
            else:
                with self._under_way.sending(size):
                    self._refuse(name)
                    self._put_large(name, self._then_new(counted, name), size)
            self._compare_size(name, size)

    def replace(self, name: str, content: bytes) -> None:
        """Send the file over the one before: a server shows the old or the new."""
        with self._writing(name):
            with self._under_way.sending(len(content)):
                obstore.put(self._bucket, name, content, chunk_size=PART, max_concurrency=AT_ONCE)
            self._compare_size(name, len(content))

    def set_aside(self, name: str, aside: str) -> None:
        """Copy the file, read both, and only when they are the same take the old name away.

        Two that cannot be read whole count as the same when they are of one size: the server made the one from the
        other, and a file that could never give up its name could never be mended.
        """
        with self._told(name):
            self._may_write()
            meta = self._head(name)
            if meta is None:
                self._probe()
                raise NotFound("SITE_NO_FILE", name=name, path=self.address)
            self._refuse(aside)
            if meta["size"] <= LARGEST_COPY:
                obstore.copy(self._bucket, name, aside)
            else:
                self.put(aside, self.read(name), size=meta["size"])
            self._compare_size(aside, meta["size"])
            if self._digest(name) != self._digest(aside):
                raise Damaged("S3_ASIDE_DIFFERS", name=name, path=self.address)
            obstore.delete(self._bucket, name)

    def remove(self, name: str) -> None:
        """Delete the file, and look whether it is gone; a bucket that keeps versions keeps what it was set to keep."""
        with self._told(name):
            self._may_write()
            if self._head(name) is None:
                self._probe()
                return
            obstore.delete(self._bucket, name)
            if self._head(name) is not None:
                raise Unreadable("S3_NOT_DELETED", name=name, path=self.address)

    def _put_small(self, name: str, content: bytes) -> None:
        try:
            obstore.put(self._bucket, name, content, mode="create")
        except AlreadyExistsError as error:
            # It was not there a moment ago: most likely the answer to a first try was lost on the way.
            if b"".join(self.read(name)) != content:
                raise AlreadyThere("SITE_FILE_EXISTS", name=name, path=self.address) from error
        except Exception as error:
            if code_of(error) not in {"NotImplemented", "501"}:
                raise
            obstore.put(self._bucket, name, content)

    def _put_large(self, name: str, content: Iterator[bytes], size: int) -> None:
        part = max(PART, -(-size // MOST_PARTS))

        def send(runs: Iterator[bytes]) -> object:
            return obstore.put(self._bucket, name, runs, use_multipart=True, chunk_size=part, max_concurrency=AT_ONCE)

        upload(send, content)

    def _then_new(self, content: Iterator[bytes], name: str) -> Iterator[bytes]:
        yield from content
        self._refuse(name)

    def _compare_size(self, name: str, size: int) -> None:
        meta = self._head(name)
        found = -1 if meta is None else meta["size"]
        if found != size:
            # What lies there is left: the next copying reads it and sets it aside.
            raise Damaged("S3_KEPT_OTHER", name=name, path=self.address)

    def _may_write(self) -> None:
        if self._lease is not None and self._lease.is_lost:
            raise Busy("SITE_LEASE_LOST", path=self.address)

    def _refuse(self, name: str) -> None:
        if self._head(name) is not None:
            raise AlreadyThere("SITE_FILE_EXISTS", name=name, path=self.address)

    def _head(self, name: str) -> ObjectMeta | None:
        try:
            return obstore.head(self._bucket, name)
        except FileNotFoundError:
            return None

    def _listed(self, prefix: str) -> Iterator[ObjectMeta]:
        for page in obstore.list(self._bucket, prefix or None, chunk_size=1000):
            yield from page

    def _digest(self, name: str) -> bytes | None:
        calculation = hashlib.sha512()
        try:
            for run in self.read(name):
                calculation.update(run)
        except (Away, NotFound):
            raise
        except (Damaged, Unreadable):
            return None
        return calculation.digest()

    def _counted(self, content: Iterable[bytes | memoryview], size: int, name: str) -> Iterator[bytes]:
        found = 0
        for run in content:
            found += len(run)
            if found <= size:
                yield bytes(run)  # a run is valid only until the next is asked for
        if found != size:
            raise Damaged("SITE_FILE_OTHER_SIZE", name=name, path=self.address, expected=size, found=found)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except ERRORS as error:
            raise self._meant(error, name) from error

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        self._may_write()
        try:
            yield
        except FileNotFoundError as error:
            # Not a missing file: the parts that were sent are gone, or the bucket is.
            told = self._meant(error, name)
            if isinstance(told, NotFound):
                problem = problem_of(error)
                told = Unreadable("SITE_UNREADABLE", name=name, path=self.address, problem=problem)
            raise told from error
        except ERRORS as error:
            raise self._meant(error, name) from error

    def _unread(self, error: Exception, name: str, size: int | None) -> KhizanaError:
        """Return what *error* says that came while *name*, of *size* bytes by the server's word, was read."""
        code = code_of(error)
        if size is not None and code in PAST_THE_END:
            # The bytes ended early, and those that were asked for next are not there.
            return self._of_other_size(name, size)
        if code:
            return self._meant(error, name)
        # A server may give no more bytes of one file, because a disk of its many is broken, and all of the others.
        try:
            self._probe()
        except KhizanaError as of_the_whole:
            return of_the_whole
        return of_a_file(error, name, self.address)

    def _of_other_size(self, name: str, size: int) -> Damaged:
        return Damaged("S3_OTHER_SIZE", name=name, path=self.address, expected=size)

    def _meant(self, error: Exception, name: str) -> KhizanaError:
        told = of_the_store(error, self.address, self._address.bucket)
        if told is None and not (is_missing(error) and code_of(error) == "NoSuchKey"):
            # An answer without a body, or one about this file only: asking for the list tells which.
            try:
                self._probe()
            except KhizanaError as of_the_whole:
                told = of_the_whole
        return told or of_a_file(error, name, self.address)

    def _probe(self) -> None:
        """Raise ``Away`` when the site does not answer even the simplest question."""
        try:
            obstore.list(self._bucket, ARRIVING, chunk_size=1).collect()
        except ERRORS as error:
            raise of_the_list(error, self.address, self._address.bucket) from error
