"""What the port ``ReplicaStore`` promises, sentence by sentence, held against every store there is.

In memory, on a disk and in a bucket of rclone in every run; in a bucket of Ceph too with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from data.ceph_server import CephServer
from data.memory_store import MemoryStore
from data.s3_server import KEY, SECRET, S3Server, s3_server
from data.tight import tight_file_system
from khizana.adapters.disk import DiskStore
from khizana.adapters.s3.address import Keys, parse
from khizana.adapters.s3.store import S3Store
from khizana.core.errors import AlreadyThere, Away, Busy, Damaged, KhizanaError, NoSpace, NotFound, Unreadable
from khizana.core.ports import ReplicaStore

LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
MIB = 1 << 20
ODD = "x #%~\"*<>?|{}\\'^`[]&+=:;@!$(),z"


@dataclass(frozen=True)
class Place:
    """A store, and what can be done to it from outside."""

    store: ReplicaStore
    again: Callable[[], ReplicaStore]
    """Opens the same place as another process would."""
    alter: Callable[[str, bytes], None]
    """Writes other bytes over a file behind the store's back."""
    vanish: Callable[[], None]


@contextmanager
def memory(_: pytest.FixtureRequest, __: Path) -> Iterator[Place]:
    store = MemoryStore()

    def vanish() -> None:
        store.is_gone = True

    yield Place(store, lambda: MemoryStore(store.files, store.holders), store.files.__setitem__, vanish)


@contextmanager
def disk(_: pytest.FixtureRequest, folder: Path) -> Iterator[Place]:
    root = folder / "disk"
    root.mkdir()

    def alter(name: str, content: bytes) -> None:
        (root / name).write_bytes(content)

    yield Place(DiskStore(root), lambda: DiskStore(root), alter, lambda: shutil.rmtree(root))


@contextmanager
def s3(request: pytest.FixtureRequest, folder: Path) -> Iterator[Place]:
    server: S3Server = request.getfixturevalue("server")
    name = f"bucket-{folder.name.replace('_', '-').lower()[-40:]}-{len(list(server.root.iterdir()))}"
    bucket = server.bucket(name)

    def opened() -> ReplicaStore:
        return S3Store(parse(server.address(name).removeprefix("s3:")), Keys(KEY, SECRET))

    def alter(file: str, content: bytes) -> None:
        (bucket / "khizana" / file).write_bytes(content)
        time.sleep(0.02)  # for as long as a millisecond the server goes on saying what was there before

    def vanish() -> None:
        shutil.rmtree(bucket)
        time.sleep(0.02)  # the same

    yield Place(opened(), opened, alter, vanish)


@contextmanager
def ceph(request: pytest.FixtureRequest, _: Path) -> Iterator[Place]:
    server: CephServer = request.getfixturevalue("ceph")
    bucket = server.bucket(f"contract-{uuid.uuid4().hex}")

    def opened() -> ReplicaStore:
        return S3Store(parse(server.address(bucket.name).removeprefix("s3:")), Keys(KEY, SECRET))

    def alter(file: str, content: bytes) -> None:
        bucket.alter(f"khizana/{file}", content)

    yield Place(opened(), opened, alter, bucket.vanish)


MAKERS = {"memory": memory, "disk": disk, "s3": s3, **({"ceph": ceph} if LONG else {})}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3") / "buckets") as running:
        yield running


@pytest.fixture(params=MAKERS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with MAKERS[request.param](request, tmp_path) as made:
        yield made


def put(store: ReplicaStore, name: str, content: bytes) -> None:
    store.put(name, [content], size=len(content))


def read(store: ReplicaStore, name: str) -> bytes:
    return b"".join(bytes(run) for run in store.read(name))


def names(store: ReplicaStore, prefix: str = "") -> list[str]:
    return [stored.name for stored in store.names(prefix)]


def test_what_is_put_is_read_back_and_listed_with_its_size(place: Place) -> None:
    for name, content in {"a": b"", "b/c": b"1", "b/d/e": bytes(range(256)) * 9000}.items():
        put(place.store, name, content)
        assert read(place.store, name) == content
        assert read(place.again(), name) == content
    assert [(stored.name, stored.size) for stored in place.store.names()] == [
        ("a", 0),
        ("b/c", 1),
        ("b/d/e", 256 * 9000),
    ]


@pytest.mark.parametrize("size", [5 * MIB, 5 * MIB + 1, 17 * MIB])
def test_a_large_file_comes_back_whole_in_runs_of_a_mebibyte_at_most(place: Place, size: int) -> None:
    content = os.urandom(MIB) * (size // MIB + 1)
    buffer = bytearray(MIB)

    def runs() -> Iterator[memoryview]:
        for start in range(0, size, MIB):
            part = content[start : min(start + MIB, size)]
            buffer[: len(part)] = part
            yield memoryview(buffer)[: len(part)]  # the same memory each time, as the disk's own runs are

    place.store.put("large", runs(), size=size)
    assert read(place.store, "large") == content[:size]
    assert max(len(run) for run in place.store.read("large")) <= MIB


def test_a_name_that_exists_is_never_put_again(place: Place) -> None:
    for first, second in ((b"first", b"second"), (b"first", os.urandom(6 * MIB)), (b"", b"second")):
        name = f"a/{len(first)}-{len(second)}"
        put(place.store, name, first)
        with pytest.raises(AlreadyThere) as raised:
            put(place.again(), name, second)
        assert name in str(raised.value)
        assert read(place.store, name) == first


@pytest.mark.parametrize("size", [0, 10, 12 * MIB])
def test_a_name_that_comes_up_while_its_content_is_still_read_is_not_overwritten(place: Place, size: int) -> None:
    def content() -> Iterator[bytes]:
        yield bytes(size)
        put(place.again(), "a/b", b"first")

    with pytest.raises(AlreadyThere):
        place.store.put("a/b", content(), size=size)
    assert read(place.store, "a/b") == b"first"


@pytest.mark.parametrize("size", [0, 10, 6 * MIB])
@pytest.mark.parametrize("off", [-1, 1, 3 * MIB])
def test_content_of_another_size_has_no_name(place: Place, size: int, off: int) -> None:
    if size + off < 0:
        return
    with pytest.raises(Damaged) as raised:
        place.store.put("a/b", iter([bytes(size)]), size=size + off)
    assert "a/b" in str(raised.value)
    assert names(place.store) == []
    with pytest.raises(NotFound):
        read(place.store, "a/b")
    put(place.store, "a/b", b"right")
    assert read(place.store, "a/b") == b"right"


@pytest.mark.parametrize("runs", [0, 1, 12])
def test_content_that_breaks_off_has_no_name(place: Place, runs: int) -> None:
    def broken() -> Iterator[bytes]:
        for _ in range(runs):
            yield bytes(MIB)
        raise Unreadable("SITE_UNREADABLE", name="a", path="source", problem="EIO")

    with pytest.raises(Unreadable) as raised:
        place.store.put("a", broken(), size=20 * MIB)
    assert raised.value.facts["path"] == "source"
    assert names(place.store) == []


def test_names_come_in_the_order_of_the_whole_name(place: Place) -> None:
    given = ["a/b", "a.b", "a-b", "a/B", "a/b.c", "a0", "A", "a/a/z", "a/a.z", "a/a-z", "b", "a~", "a!", ODD]
    for name in given:
        put(place.store, name, name.encode())
    assert names(place.store) == sorted(given)
    assert {name: read(place.store, name) for name in given} == {name: name.encode() for name in given}


def test_a_prefix_is_nothing_or_a_folder(place: Place) -> None:
    for name in ("a/b/c", "a/b/d", "a/bc", "ab/c", "a.b/c"):
        put(place.store, name, b"1")
    assert names(place.store, "a/") == ["a/b/c", "a/b/d", "a/bc"]
    assert names(place.store, "a/b/") == ["a/b/c", "a/b/d"]
    assert names(place.store, "a/b/c/") == []
    assert names(place.store, "z/") == []
    assert names(place.store, "a/b") == ["a/b/c", "a/b/d", "a/bc"]


def test_an_empty_store_has_no_names(place: Place) -> None:
    assert names(place.store) == []
    assert names(place.store, "a/") == []


@pytest.mark.parametrize("name", ["none", "a/none", "a/b/none", "a-b"])
def test_what_is_missing_is_not_found(place: Place, name: str) -> None:
    put(place.store, "a/b", b"1")
    with pytest.raises(NotFound) as raised:
        next(iter(place.store.read(name)))
    assert raised.value.facts["name"] == name


@pytest.mark.parametrize("other", [b"", b"short", b"n" * 1000, b"longer" * 1000])
def test_reading_gives_what_lies_there_now(place: Place, other: bytes) -> None:
    put(place.store, "a/b", b"o" * 1000)
    assert read(place.store, "a/b") == b"o" * 1000
    place.alter("a/b", other)
    assert read(place.store, "a/b") == other
    assert [stored.size for stored in place.store.names()] == [len(other)]


def test_replace_puts_the_new_in_the_place_of_the_old(place: Place) -> None:
    for content in (b"first", b"second, longer", b"", os.urandom(6 * MIB)):
        place.store.replace("a/b", content)
        assert read(place.store, "a/b") == content
        assert names(place.store) == ["a/b"]


@pytest.mark.parametrize("content", [b"", b"as it is", os.urandom(6 * MIB)], ids=["empty", "small", "large"])
def test_a_file_set_aside_keeps_its_bytes_under_its_new_name(place: Place, content: bytes) -> None:
    put(place.store, "a/b", content)
    place.store.set_aside("a/b", "aside/1/a/b")
    assert names(place.store) == ["aside/1/a/b"]
    assert read(place.store, "aside/1/a/b") == content
    put(place.store, "a/b", b"new")
    assert read(place.store, "a/b") == b"new"


def test_setting_aside_overwrites_nothing_and_needs_a_file(place: Place) -> None:
    put(place.store, "a", b"a")
    put(place.store, "b", b"b")
    with pytest.raises(AlreadyThere):
        place.store.set_aside("a", "b")
    with pytest.raises(NotFound):
        place.store.set_aside("none", "c")
    assert (names(place.store), read(place.store, "a"), read(place.store, "b")) == (["a", "b"], b"a", b"b")


def test_a_store_that_is_held_is_held_by_one(place: Place) -> None:
    with place.store.held():
        with pytest.raises(Busy), place.again().held():
            pass
        put(place.store, "a", b"1")
        assert names(place.store) == ["a"], "the lock and what is arriving are no files of the store"
    with place.again().held():
        pass
    with pytest.raises(ZeroDivisionError), place.store.held():
        1 / 0  # noqa: B018 - it raises
    with place.again().held():
        pass
    assert names(place.store) == ["a"]


def test_threads_with_different_names_do_not_disturb_each_other(place: Place) -> None:
    content = {f"{n % 5}/{n}": bytes([n]) * (n * 1000) for n in range(24)}
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: put(place.store, name, content[name]), content))
        assert list(pool.map(lambda name: read(place.store, name), content)) == list(content.values())
    assert names(place.store) == sorted(content)


def test_a_file_below_a_file_is_kept_or_refused_in_a_sentence(place: Place) -> None:
    put(place.store, "a", b"a")
    try:
        put(place.store, "a/b", b"b")
    except KhizanaError as error:
        assert "a" in str(error)  # noqa: PT017 - both are right: some stores have folders and some have not
        assert names(place.store) == ["a"]
    else:
        assert read(place.store, "a/b") == b"b"
    assert read(place.store, "a") == b"a"


def test_a_store_that_vanishes_is_away_and_nothing_comes_up_in_its_place(place: Place) -> None:
    put(place.store, "a/b", b"1")
    place.vanish()
    calls: list[Callable[[], object]] = [
        lambda: names(place.store),
        lambda: names(place.store, "a/"),
        lambda: read(place.store, "a/b"),
        lambda: put(place.store, "a/b", b"1"),
        lambda: put(place.store, "c", bytes(6 * MIB)),
        lambda: place.store.replace("a/b", b"2"),
        lambda: place.store.set_aside("a/b", "c"),
        lambda: place.store.held().__enter__(),
    ]
    for call in calls:
        with pytest.raises(Away) as raised:
            call()
        assert place.store.address in str(raised.value)


def test_the_address_is_for_a_person(place: Place) -> None:
    assert place.store.address
    assert SECRET not in place.store.address + repr(place.store)


NAMES = st.sampled_from(["a/b", "a.b", "a-b", "a/c/d", "a/c/e", "b", "B c", "aside/a"])
CONTENT = st.binary(max_size=40)


class Model(RuleBasedStateMachine):
    """Any history of calls leaves a store as it leaves a dictionary."""

    place: Place

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.store = self.place.again()
        for number, name in enumerate(names(self.store)):
            if not name.startswith("gone/"):
                self.store.set_aside(name, f"gone/{len(names(self.store, 'gone/'))}-{number}")

    @rule(name=NAMES, content=CONTENT, off=st.sampled_from([0, 0, 0, -1, 1]))
    def put(self, name: str, content: bytes, off: int) -> None:
        try:
            self.store.put(name, [content], size=len(content) + off)
        except AlreadyThere:
            assert name in self.files
        except Damaged:
            assert off
        else:
            assert not off
            assert name not in self.files
            self.files[name] = content

    @rule(name=NAMES, content=CONTENT)
    def replace(self, name: str, content: bytes) -> None:
        self.store.replace(name, content)
        self.files[name] = content

    @rule(name=NAMES, aside=NAMES)
    def set_aside(self, name: str, aside: str) -> None:
        try:
            self.store.set_aside(name, aside)
        except NotFound:
            assert name not in self.files
        except AlreadyThere:
            assert aside in self.files
        else:
            assert aside not in self.files
            self.files[aside] = self.files.pop(name)

    @rule(name=NAMES)
    def read(self, name: str) -> None:
        try:
            assert read(self.store, name) == self.files.get(name)
        except NotFound:
            assert name not in self.files

    @rule()
    def open_again(self) -> None:
        self.store = self.place.again()

    @invariant()
    def lists_the_same(self) -> None:
        found = [(each.name, each.size) for each in self.store.names() if not each.name.startswith("gone/")]
        assert found == sorted((name, len(content)) for name, content in self.files.items())


def test_any_history_leaves_a_store_as_it_leaves_a_dictionary(place: Place) -> None:
    machine = type("Here", (Model,), {"place": place})
    examples = 60 if isinstance(place.store, MemoryStore) else 12
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


HOLDER = """
import sys, time
from pathlib import Path
from khizana.adapters.disk import DiskStore
with DiskStore(Path(sys.argv[1])).held():
    (Path(sys.argv[1]) / "arriving").mkdir()
    (Path(sys.argv[1]) / "arriving" / "half").write_bytes(b"1")
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_process_holds_no_disk_and_what_it_half_wrote_is_cleared_away(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(Busy), DiskStore(tmp_path).held():
            pass
        process.send_signal(signal.SIGKILL)
    with DiskStore(tmp_path).held():
        assert not (tmp_path / "arriving").exists()


def test_a_full_disk_keeps_what_was_complete_and_names_no_half(tmp_path: Path) -> None:
    with tight_file_system(tmp_path / "tight", megabytes=4) as root:
        store = DiskStore(root)
        put(store, "a/kept", bytes(MIB))
        for call in (
            lambda: put(store, "a/large", bytes(6 * MIB)),
            lambda: store.replace("a/kept", bytes(6 * MIB)),
        ):
            with pytest.raises(NoSpace) as raised:
                call()
            assert str(root) in str(raised.value)
        assert [(each.name, each.size) for each in store.names()] == [("a/kept", MIB)]
        put(store, "a/small", bytes(2 * MIB))  # the half that did not fit takes up no room


def test_another_folder_at_the_place_of_the_disk_is_not_written_to(tmp_path: Path) -> None:
    root = tmp_path / "mount"
    root.mkdir()
    store = DiskStore(root)
    put(store, "a", b"1")
    root.rename(tmp_path / "pulled out")
    root.mkdir()
    for call in (lambda: put(store, "b", b"1"), lambda: store.replace("b", b"1"), lambda: read(store, "a")):
        with pytest.raises(Away):
            call()
    assert list(root.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_unreadable_and_the_store_is_not_away(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    put(store, "a", b"1")
    (tmp_path / "a").chmod(0)
    with pytest.raises(Unreadable) as raised:
        read(store, "a")
    assert not isinstance(raised.value, Away)


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_stands_on_a_disk_in_the_place_of_a_file_is_unreadable_and_can_be_set_aside(
    tmp_path: Path, kind: str
) -> None:
    store = DiskStore(tmp_path)
    put(store, "a/b", b"1")
    if kind == "link":
        (tmp_path / "odd").symlink_to(tmp_path / "a" / "b")
    elif kind == "pipe":
        os.mkfifo(tmp_path / "odd")
    else:
        (tmp_path / "odd").mkdir()
    with pytest.raises(Unreadable) as raised:
        read(store, "odd")
    assert not isinstance(raised.value, Away)
    store.set_aside("odd", "aside/odd")
    put(store, "odd", b"2")
    assert read(store, "odd") == b"2"


def test_what_is_removed_is_gone_for_everyone_and_nothing_else(place: Place) -> None:
    for name in ("a/b/1", "a/b/2", "a/bc"):
        put(place.store, name, b"content")
    place.store.remove("a/b/1")
    assert names(place.again()) == ["a/b/2", "a/bc"]
    place.store.remove("a/b/1")  # again, as after a kill: nothing happens
    place.store.remove("a/b/2")
    assert names(place.again()) == ["a/bc"]
    put(place.store, "a/b/1", b"another")
    assert read(place.again(), "a/b/1") == b"another"


def test_nothing_counts_as_removed_from_a_store_that_has_gone(place: Place) -> None:
    put(place.store, "a", b"content")
    place.vanish()
    with pytest.raises(Away):
        place.store.remove("a")
