"""A deletion killed, or failed by the system, at each call that changes a disk: only what it names goes, and all of it.

A few calls of each step in every run, all of them with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from data.deleting import consented, name_guardians, objects
from data.interrupted import killed_at
from data.ocfl_objects import make_object
from data.readers import faults
from data.traced import Commands, commands, inject, strace_works
from data.world import World, new_world, tree
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.ledger.deletion_entries import Named
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.removal import Removal, named_at

LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
TRIED = 2
"""Calls of each step that the short form tries, of all over its run."""
FAULTS = ("KILL", "EIO", "ENOSPC")
STATUSES = {"KILL": {-9}, "EIO": {5}, "ENOSPC": {5, 6}}
REMOVAL = "carry-out", "replicate"
"""What deletes here, and what then clears the sites."""

pytestmark = [
    pytest.mark.damage,
    pytest.mark.skipif(not strace_works(), reason="strace is not installed or may not trace here"),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with new_world(tmp_path_factory.mktemp("deleted")) as made:
        library = made.library
        for number in (1, 2):
            library.run("add", made.card(f"card {number}", number), "--shelfmark", f"TB {number}")
        library.run("replicate")
        name_guardians(library, made.now)
        request = library.json("delete", "ask", "TB 1", "--reason", "taken twice")["request"]
        consented(library, made.now, request)
        (made.now / "request").write_text(request)
        made.keep("carry-out")
        library.run("delete", "carry-out", request)
        made.keep("replicate")
        yield made


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Commands]:
    with commands(world.library.root, world.root / "scratch") as served:
        yield served


def arguments(world: World, step: str) -> tuple[str, ...]:
    request = (world.now / "request").read_text()
    return ("delete", "carry-out", request) if step == "carry-out" else ("replicate",)


def staying(storage: Path) -> dict[str, str]:
    """Return path to digest of the files of the manuscript that nobody asked to delete."""
    found = {}
    for declaration in storage.rglob("0=ocfl_object*"):
        folder = declaration.parent
        if ":tb-2:" in json.loads((folder / "inventory.json").read_bytes())["id"]:
            files = [path for path in folder.rglob("*") if path.is_file()]
            found |= {str(path.relative_to(storage)): sha256(path.read_bytes()).hexdigest() for path in files}
    return found


def assert_done(world: World, server: Commands, step: str, at: object) -> None:
    here, there = world.storages
    assert objects(here) == 2, at
    assert faults(here) == [], at
    assert world.litter() == [], at
    assert not list((world.library.root / "work" / "deleting").glob("*")), at
    status = json.loads(server.run("status", "--json").stdout)
    assert (status["manuscripts"], status["unfinished"]) == (1, 0), at
    if step == "replicate":
        assert status["deletions_left"] == [], at
        assert tree(there) == tree(here), at
        checked = server.run("verify", "--site", "all")
        assert checked.status == 0, (at, checked)
    ledger = server.run("ledger", "check")
    assert ledger.status == 0, (at, ledger)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", REMOVAL)
def test_stopped_at_any_call_it_takes_only_what_it_names_and_completes(
    world: World, server: Commands, step: str, fault: str
) -> None:
    world.again(step)
    stays = [staying(each) for each in world.storages]
    assert all(stays)
    calls = server.calls(*arguments(world, step), below=world.now)
    assert_done(world, server, step, "uninterrupted")
    assert {call for call, _ in calls} >= {"rename", "fsync"}
    stopped = 0
    for call in calls if LONG else calls[FAULTS.index(fault) :: max(1, len(calls) // TRIED)]:
        at = (step, *call, fault)
        world.again(step)
        ended = server.run(*arguments(world, step), tracing=inject(*call, fault))
        assert ended.status in {0, 1, 8} | STATUSES[fault], (at, ended)
        assert "Traceback" not in ended.said, (at, ended)
        assert [staying(each) for each in world.storages] == stays, at
        recovered = server.run("status")
        assert recovered.status == 0, (at, recovered)
        assert objects(world.storages[0]) in {2, 4}, (at, "half a manuscript")
        again = server.run(*arguments(world, step))
        assert again.status == 0, (at, ended, again)
        assert_done(world, server, step, at)
        stopped += ended.status in STATUSES[fault]
    assert stopped


def removal(root: Path) -> tuple[Removal, list[Named]]:
    """Return the removal of the two objects in the storage root of *root*."""
    storage = root / "storage"
    folders = sorted(path.parent for path in storage.rglob("0=ocfl_object*"))
    return Removal(root / "work", storage, "0123abcd"), [named_at(folder) for folder in folders]


def test_killed_at_any_call_an_object_is_whole_in_one_place_or_was_being_destroyed(memory_folder: Path) -> None:
    made = memory_folder / "made"
    for each in ("one", "two"):
        make_object(made / "storage" / object_path(ObjectId(each)), each)
    before = tree(made / "storage")
    _, named = removal(made)
    number, ended = 0, []
    while True:
        number += 1
        root = memory_folder / f"at {number}"
        shutil.copytree(made, root)
        here, _ = removal(root)

        def deleted(here: Removal = here) -> None:
            here.mark()
            here.take_out(named)
            here.finish()

        if not killed_at(number, deleted):
            break
        again = memory_folder / f"again {number}"
        shutil.copytree(root, again)
        # The ledger has the tombstone: the same goes on.
        here.mark()
        here.take_out(named)
        here.finish()
        assert tree(root) == {}, number
        # It has lost it: what is whole goes back, what was being destroyed is told.
        back, _ = removal(again)
        left = tree(again)
        if back.put_back(lambda _: None):
            assert any(folder.name.endswith(".going") for folder in (again / "work").rglob("*")), number
            assert tree(again) == left, number
        else:
            assert tree(again / "storage") in (before, {}), number
        ended.append(tree(again / "storage") == before)
    assert number > 20
    assert set(ended) == {True, False}
