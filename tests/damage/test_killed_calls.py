"""Whole commands killed, or failed by the system, at each call that changes a disk: nothing is lost, nothing is left.

A few calls of each verb in every run, all of them with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.commands import khizana
from data.couriers import packed_objects
from data.readers import faults
from data.traced import Commands, commands, inject, strace_works
from data.working_places import key_of
from data.world import World, new_world, tree
from khizana.adapters.disk import DiskStore
from khizana.core.preservation.courier.lines import PackedObject
from khizana.core.preservation.courier.places import FOLDER
from khizana.core.preservation.courier.signed import fetch
from khizana.core.preservation.courier.view import PackView
from khizana.core.preservation.ocfl.read import iterate_objects

logger = logging.getLogger(__name__)
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
TRIED = 2
"""Calls of each verb that the short form tries, of all over its run."""
FAULTS = ("KILL", "EIO", "ENOSPC")
STATUSES = {"KILL": {-9}, "EIO": {5, 8}, "ENOSPC": {5, 6, 8}}
"""That of a disk that fails is right for ENOSPC, too: SQLite may tell only that it could not open a file. 8 says that
one object was not done and the others were."""

pytestmark = [
    pytest.mark.damage,
    pytest.mark.skipif(not strace_works(), reason="strace is not installed or may not trace here"),
]


def keep_states(world: World) -> None:
    """Keep a state of *world* to begin each verb from; there is one manuscript in the library."""
    library = world.library
    library.run("add", world.card("first", 1), "--shelfmark", "TB 1")
    world.card("second", 2)
    world.keep("add")
    library.run("publish", "TB 1", "--level", "staff")
    world.keep("replicate")
    library.run("replicate")
    keep_couriers(world)
    here, there = world.storages
    min(here.rglob("masters/0001.jpg")).write_bytes(b"damaged here")
    min(there.rglob("masters/0002.jpg")).write_bytes(b"damaged there")
    min(there.rglob("v1/inventory.json")).unlink()
    min(here.rglob("structure.json")).with_name("stray").write_bytes(b"stray")
    sealed = [path for path in (world.sites[1] / "sealed").rglob("*") if path.is_file()]
    max(sealed, key=lambda path: path.stat().st_size).write_bytes(b"damaged, sealed")
    library.run("verify", "--site", "all", status=8)
    world.keep("repair")


def keep_couriers(world: World) -> None:
    """Keep a state with another working place: its pack for this one is on one disk, and another disk is empty."""
    world.keep("replicated")
    there = world.other_place
    done = khizana("restore", f"disk:{world.sites[0]}", "--into", there.root)
    assert done.returncode == 0, done.stderr
    world.library.run("site", "add", "bamako", f"peer:{key_of(there)}")
    there.run("site", "add", "home", f"peer:{key_of(world.library)}")
    there.run("publish", "TB 1", "--level", "smaller")
    there.run("add", world.now / "second", "--shelfmark", "TB 2")
    for name in ("from-there", "to-there"):
        (world.now / name).mkdir()
    there.run("courier", "pack", world.now / "from-there", "--for", "home")
    world.keep("courier")
    world.again("replicated")


DEEDS: dict[str, tuple[str, ...]] = {
    "add": ("add", "{now}/second", "--shelfmark", "TB 2"),
    "replicate": ("replicate", "--site", "plain"),
    "seal": ("replicate", "--site", "sealed"),
    "repair": ("repair",),
    "pack": ("courier", "pack", "{now}/to-there", "--for", "bamako"),
    "receive": ("courier", "receive", "{now}/from-there"),
}
"""A verb and what it is given; it begins from the state that is kept under its name."""
STATE = {"seal": "replicate", "pack": "courier", "receive": "courier"}
ASIDE = {b"damaged here", b"damaged there", b"stray"}
"""What a repair must keep; of what is sealed, it is made anew."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with new_world(tmp_path_factory.mktemp("calls")) as made:
        keep_states(made)
        yield made


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Commands]:
    with commands(world.library.root, world.root / "scratch") as served:
        yield served


def assert_done(world: World, server: Commands, verb: str, at: object) -> None:
    status = json.loads(server.run("status", "--json").stdout)
    assert (status["unfinished"], status["staged"]) == (0, 0), at
    assert faults(world.storages[0]) == [], at
    assert world.litter() == [], at
    sites = {"replicate": ("plain",), "seal": ("sealed",), "repair": ("plain", "sealed")}.get(verb, ())
    for site in ("here", *sites):
        checked = server.run("verify", "--site", site)
        assert checked.status == 0, (at, checked)
    if "plain" in sites:
        assert tree(world.storages[1]) == tree(world.storages[0]), at
    if verb == "repair":
        assert world.aside() >= ASIDE, at
    else:
        assert world.aside() == set(), at
    if verb == "pack":
        assert_packed(world, at)
    if verb == "receive":
        assert tree(world.storages[0]) == tree(world.other_place.root / "storage"), at
        assert list((world.now / "from-there" / FOLDER / "proofs").iterdir()), (at, "no proof")
    ledger = server.run("ledger", "check")
    assert ledger.status == 0, (at, ledger)


def assert_packed(world: World, at: object) -> None:
    """Assert that every pack on the disk is signed, and that every byte which it tells of is there."""
    courier = DiskStore(world.now / "to-there" / FOLDER)
    names = [stored.name for stored in courier.names("packs/")]
    lists = [name for name in names if name.endswith(".jsonl")]
    assert lists, at
    assert {name.replace(".begun", ".jsonl") for name in names} == set(lists), (at, "a pack was never closed")
    carried = {packed.known.object_id for name in lists for packed in _read_whole(courier, name, world.root / "list")}
    assert len(carried) == len(list(iterate_objects(world.storages[0]))), at
    assert not list(courier.names("aside/")), at


def _read_whole(courier: DiskStore, name: str, scratch: Path) -> list[PackedObject]:
    """Return the objects of a pack of which every byte that it tells of is there and right; any other is an error."""
    packed = packed_objects(fetch(courier, name, scratch))
    for view in (PackView(courier, each) for each in packed):
        assert sum(len(run) for stored in view.names() for run in view.read(stored.name)) > 0
    return packed


def tried(world: World, server: Commands, verb: str, at_call: tuple[str, int], fault: str) -> int:
    """Try *verb* with one fault; return its status, and assert that nothing is lost and that it completes then."""
    at = (verb, *at_call, fault)
    arguments = [each.format(now=world.now) for each in DEEDS[verb]]
    world.again(STATE.get(verb, verb))
    before = world.masters()
    ended = server.run(*arguments, tracing=inject(*at_call, fault))
    # A call of the same number in a lane, or one that may fail, keeps a command from nothing.
    assert ended.status in {0, 1} | STATUSES[fault], (at, ended)
    assert "Traceback" not in ended.said, (at, ended)
    # The sentence is a write of the first thread itself: a fault of its number leaves it unsaid, and the status stands.
    if ended.status in {5, 6, 8} and not (at_call[0] == "write" and not ended.said):
        assert str(world.now) in ended.said, (at, ended, "the drive is not named")
    assert before <= world.masters(), (at, "something that was acknowledged is lost")
    recovered = server.run("status")
    assert recovered.status == 0, (at, recovered)
    if verb != "repair":
        assert faults(world.storages[0]) == [], at
    again = server.run(*arguments)
    assert again.status == 0, (at, ended, again)
    assert_done(world, server, verb, at)
    return ended.status


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("verb", DEEDS)
def test_a_command_stopped_at_any_call_loses_nothing_and_completes(
    world: World, server: Commands, verb: str, fault: str
) -> None:
    world.again(STATE.get(verb, verb))
    calls = server.calls(*(each.format(now=world.now) for each in DEEDS[verb]), below=world.now)
    assert len(calls) > 50
    assert_done(world, server, verb, "uninterrupted")
    assert {call for call, _ in calls} >= {"openat", "write", "pwrite64", "fsync", "rename", "mkdir"}
    chosen = calls if LONG else calls[FAULTS.index(fault) :: len(calls) // TRIED]
    stopped = sum(tried(world, server, verb, each, fault) in STATUSES[fault] for each in chosen)
    logger.info("%s %s: %d calls of %d, %d stopped it", verb, fault, len(chosen), len(calls), stopped)
    assert stopped >= len(chosen) // 4
