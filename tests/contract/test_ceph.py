"""What only a Ceph cluster does to a site: lost pieces, quotas, two at once. With ``KHIZANA_DAMAGE=long`` only."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import repeat

import pytest

from data.ceph_server import CephBucket, CephServer
from data.s3_server import KEY, SECRET
from khizana.adapters.s3.address import Keys, parse
from khizana.adapters.s3.store import LARGEST_COPY, PART, S3Store
from khizana.core.errors import AlreadyThere, Away, NoSpace, Unreadable
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.outcome import Altered, Intact
from khizana.core.preservation.replicas.outcome import Unreadable as CannotRead
from khizana.core.preservation.replicas.reading import Reader

LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
MIB = 1 << 20
pytestmark = pytest.mark.skipif(not LONG, reason="a cluster takes long to start: KHIZANA_DAMAGE=long")


@pytest.fixture
def bucket(ceph: CephServer) -> CephBucket:
    return ceph.bucket(f"ceph-{uuid.uuid4().hex}")


def address(bucket: CephBucket, *, patience: int = 30) -> str:
    return bucket.server.address(bucket.name, patience=str(patience)).removeprefix("s3:")


def opened(bucket: CephBucket, *, patience: int = 30) -> S3Store:
    return S3Store(parse(address(bucket, patience=patience)), Keys(KEY, SECRET))


def read(store: S3Store, name: str) -> bytes:
    return b"".join(bytes(run) for run in store.read(name))


def test_a_file_with_a_piece_cut_short_beneath_is_unreadable_alone_and_can_be_mended(bucket: CephBucket) -> None:
    content = os.urandom(12 * MIB)
    store = opened(bucket, patience=3)
    store.put("a/large", [content], size=len(content))
    store.put("a/other", [b"1"], size=1)
    (last,) = (piece for piece in bucket.pieces("khizana/a/large") if piece.endswith(".3"))
    bucket.shorten(last, MIB)
    with pytest.raises(Unreadable) as raised:
        read(store, "a/large")
    assert not isinstance(raised.value, Away)
    assert isinstance(Reader(store).outcome("a/large", digest_of(content)), CannotRead)
    assert read(store, "a/other") == b"1"
    store.set_aside("a/large", "aside/1/a/large")
    store.put("a/large", [content], size=len(content))
    assert isinstance(Reader(store).outcome("a/large", digest_of(content)), Intact)


def test_other_bytes_beneath_are_found_though_the_server_notices_nothing(bucket: CephBucket) -> None:
    content = os.urandom(MIB)
    store = opened(bucket)
    store.put("a", [content], size=len(content))
    (piece,) = bucket.pieces("khizana/a")
    bucket.overwrite(piece, content[:-1] + bytes([content[-1] ^ 1]))
    assert [each.size for each in store.names()] == [len(content)]
    assert isinstance(Reader(store).outcome("a", digest_of(content)), Altered)


def test_of_eight_that_put_one_small_name_at_once_one_wins(bucket: CephBucket) -> None:
    for turn in range(10):

        def one(number: int, name: str = f"a/{turn}") -> int | None:
            content = bytes([number]) * 1000
            try:
                opened(bucket).put(name, [content], size=1000)
            except AlreadyThere:
                return None
            return number

        with ThreadPoolExecutor(8) as pool:
            won = [number for number in pool.map(one, range(8)) if number is not None]
        assert len(won) == 1
        assert read(opened(bucket), f"a/{turn}") == bytes(won) * 1000


def test_a_bucket_whose_quota_is_used_up_is_full(bucket: CephBucket) -> None:
    which = ("--bucket", bucket.name)
    bucket.server.run("radosgw-admin", "quota", "set", "--quota-scope", "bucket", *which, "--max-size", str(20 * MIB))
    bucket.server.run("radosgw-admin", "quota", "enable", "--quota-scope", "bucket", *which)
    store = opened(bucket)
    store.put("a", [b"1"], size=1)
    for size in (30 * MIB, 4 * MIB):

        def fill(size: int = size) -> None:
            for number in range(8):
                store.put(f"b/{size}/{number}", repeat(bytes(MIB), size // MIB), size=size)

        with pytest.raises(NoSpace) as raised:
            fill()
        assert raised.value.code == "S3_FULL"
    assert read(store, "a") == b"1"


def test_more_names_than_two_pages_hold_are_listed_in_order(bucket: CephBucket) -> None:
    store = opened(bucket)
    names = sorted(f"{number % 7}/{number:04}" for number in range(2100))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: store.put(name, [b"1"], size=1), names))
    assert [each.name for each in store.names()] == names
    assert [each.name for each in store.names("3/")] == [name for name in names if name.startswith("3/")]


def test_content_that_breaks_off_leaves_no_parts_behind(bucket: CephBucket) -> None:
    def broken() -> Iterator[bytes]:
        yield from repeat(bytes(MIB), 12)
        raise Unreadable("SITE_UNREADABLE", name="a", path="source", problem="EIO")

    with pytest.raises(Unreadable):
        opened(bucket).put("a", broken(), size=20 * MIB)
    assert "khizana/a" not in bucket.unfinished()


HALF = """
import sys, time
from khizana.adapters.s3.address import Keys, parse
from khizana.adapters.s3.store import S3Store
def content():
    for _ in range(12):
        yield bytes(1 << 20)
    print("sent", flush=True)
    time.sleep(60)
S3Store(parse(sys.argv[1]), Keys(*sys.argv[2:])).put("a", content(), size=20 << 20)
"""


def test_a_killed_upload_has_no_name_and_the_server_still_holds_its_parts(bucket: CephBucket) -> None:
    command = [sys.executable, "-c", HALF, address(bucket), KEY, SECRET]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"sent\n"
        process.kill()
    store = opened(bucket)
    with store.held():
        assert list(store.names()) == []
        store.put("a", [b"whole"], size=5)
    assert read(store, "a") == b"whole"
    assert "khizana/a" in bucket.unfinished(), "if not, the page on buckets asks for a rule that nobody needs"
    bucket.give_up_unfinished()
    assert "khizana/a" not in bucket.unfinished()
    assert read(store, "a") == b"whole"


@pytest.mark.parametrize("program", ["radosgw", "ceph-osd"])
def test_a_cluster_that_hangs_is_away_and_what_was_asked_of_it_may_come_later(bucket: CephBucket, program: str) -> None:
    opened(bucket).put("before", [b"1"], size=1)
    store, content = opened(bucket, patience=2), os.urandom(1000)
    with bucket.server.stopped(program):
        for call in (
            lambda: store.put("a", [content], size=1000),
            lambda: list(store.names()),
            lambda: read(store, "before"),
        ):
            with pytest.raises(Away) as raised:
                call()
            assert raised.value.code == "S3_NO_ANSWER"
    assert read(opened(bucket), "before") == b"1"
    with suppress(AlreadyThere):
        opened(bucket).put("a", [content], size=1000)
    assert read(opened(bucket), "a") == content


@pytest.mark.skipif(shutil.disk_usage("/tmp").free < 20 << 30, reason="too little room for 11 GB")  # noqa: S108 - asked only
def test_a_file_of_more_than_a_thousand_parts_which_no_server_copies_by_itself(bucket: CephBucket) -> None:
    size = LARGEST_COPY + PART
    block, told = os.urandom(MIB), hashlib.sha512()

    def content() -> Iterator[bytes]:
        for _ in range(size // MIB):
            told.update(block)
            yield block

    store = opened(bucket)
    store.put("a", content(), size=size)
    store.set_aside("a", "aside/1/a")
    assert [(each.name, each.size) for each in store.names()] == [("aside/1/a", size)]
    found = hashlib.sha512()
    for run in store.read("aside/1/a"):
        found.update(run)
    assert found.digest() == told.digest()
