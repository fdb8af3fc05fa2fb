"""Lines that are cut and lines that are slow, before real servers: what is read or put is whole, or refused.

The server is rclone in every run, and Ceph too with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat

import pytest

from data.bad_line import BadLine, bad_line
from data.ceph_server import CephServer
from data.s3_server import KEY, SECRET, S3Server, s3_server
from khizana.adapters.s3.address import Keys, parse
from khizana.adapters.s3.store import PART, S3Store
from khizana.core.errors import Away, Unreadable

LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
MIB = 1 << 20


@dataclass(frozen=True)
class Far:
    """A bucket of a real server, and a line to it."""

    server: S3Server | CephServer
    bucket: str
    line: BadLine

    def store(self, *, patience: int = 20) -> S3Store:
        """Open the bucket by way of the line."""
        return self._opened(self.line.port, patience)

    def near(self) -> S3Store:
        """Open the bucket without it."""
        return self._opened(self.server.port, 20)

    def _opened(self, port: int, patience: int) -> S3Store:
        address = self.server.address(self.bucket, port=port, patience=str(patience))
        return S3Store(parse(address.removeprefix("s3:")), Keys(KEY, SECRET))


@pytest.fixture(scope="module")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3") / "buckets") as running:
        yield running


@pytest.fixture(params=["rclone", *(["ceph"] if LONG else [])])
def far(request: pytest.FixtureRequest) -> Iterator[Far]:
    server: S3Server | CephServer = request.getfixturevalue(request.param)
    name = f"lines-{uuid.uuid4().hex}"
    server.bucket(name)
    with bad_line(server.port) as line:
        yield Far(server, name, line)


def read(store: S3Store, name: str) -> bytes:
    return b"".join(bytes(run) for run in store.read(name))


def runs(content: bytes) -> Iterator[bytes]:
    return (content[start : start + MIB] for start in range(0, len(content), MIB))


@pytest.mark.parametrize("cuts", [[10], [100_000, 1_000_000], [2_500_000], [3_000_000, 10, 10, 1_000_000]])
def test_what_is_read_over_a_line_that_is_cut_comes_whole(far: Far, cuts: list[int]) -> None:
    content = os.urandom(5 * MIB)
    far.near().put("a", [content], size=len(content))
    far.line.cut(down=cuts)
    assert read(far.store(), "a") == content
    assert far.line.times_cut == len(cuts)


@pytest.mark.parametrize("size", [200_000, 12 * MIB])
@pytest.mark.parametrize("cuts", [[10], [100_000], [150_000, 30_000]])
def test_what_is_put_over_a_line_that_is_cut_is_kept_whole(far: Far, size: int, cuts: list[int]) -> None:
    content = os.urandom(size)
    far.line.cut(up=cuts)
    far.store().put("a", runs(content), size=size)
    assert far.line.times_cut == len(cuts)
    assert read(far.near(), "a") == content


def test_what_was_kept_and_whose_answer_was_cut_off_is_not_taken_for_another_s(far: Far) -> None:
    store = far.store()
    for number in range(6):
        content = os.urandom(1000)
        far.line.cut(down=[number * 100 + 10])  # somewhere in the answers to looking, putting, looking
        store.put(f"a/{number}", [content], size=1000)
        assert read(far.near(), f"a/{number}") == content
    assert far.line.times_cut >= 3, "else the answers are shorter than this test takes them to be"


@pytest.mark.parametrize("size", [200_000, 12 * MIB])
def test_over_a_line_that_is_always_cut_nothing_gets_a_name_and_the_same_put_goes_on_later(far: Far, size: int) -> None:
    content = os.urandom(size)
    far.line.cut(up=repeat(100_000))
    with pytest.raises(Unreadable) as raised:
        far.store(patience=2).put("a", runs(content), size=size)
    assert "a" in raised.value.sentence()
    assert list(far.near().names()) == []
    far.line.cut()
    far.store().put("a", runs(content), size=size)
    assert read(far.near(), "a") == content


def test_a_file_whose_answer_is_always_cut_is_unreadable_and_the_site_is_not_away(far: Far) -> None:
    far.near().put("a", [bytes(MIB)], size=MIB)
    far.near().put("b", [b"1"], size=1)
    far.line.cut(down=repeat(100_000))
    with pytest.raises(Unreadable) as raised:
        read(far.store(patience=2), "a")
    assert not isinstance(raised.value, Away)
    assert read(far.store(), "b") == b"1"


def test_a_slow_line_carries_what_it_is_given_time_for(far: Far) -> None:
    content = os.urandom(200_000)
    far.line.rate = 50_000
    store = far.store(patience=60)
    store.put("a", [content], size=len(content))
    assert read(store, "a") == content
    assert read(far.near(), "a") == content


@pytest.mark.skipif(not LONG, reason="half a minute of waiting: KHIZANA_DAMAGE=long")
def test_reading_needs_patience_for_a_silence_and_not_for_the_whole_file(far: Far) -> None:
    content = os.urandom(1_500_000)
    far.near().put("a", [content], size=len(content))
    far.line.rate = 50_000
    assert read(far.store(patience=15), "a") == content


def test_a_line_too_slow_for_our_patience_is_told_of_and_nothing_gets_a_name(far: Far) -> None:
    size = 12 * MIB
    far.line.rate = 50_000
    with pytest.raises(Away) as raised:
        far.store(patience=2).put("a", runs(bytes(size)), size=size)
    assert raised.value.code == "S3_NO_ANSWER"
    far.line.rate = None
    assert list(far.near().names()) == []


def test_a_file_of_many_parts_comes_back_whole(far: Far) -> None:
    size = PART * (60 if LONG else 5) + 1
    block, sent, found = os.urandom(MIB), hashlib.sha512(), hashlib.sha512()

    def content() -> Iterator[bytes]:
        for start in range(0, size, MIB):
            run = block[: size - start]
            sent.update(run)
            yield run

    far.store().put("a", content(), size=size)
    for run in far.store().read("a"):
        found.update(run)
    assert found.digest() == sent.digest()
