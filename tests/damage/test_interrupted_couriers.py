"""Packing onto a courier, taking in and restoring from it, killed or failed by the disk at every call."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from data.couriers import Sender, packed_objects, received, sender
from data.interrupted import CALLS, calls_of, failing, going_wrong, killed_at
from data.replicated import put_object
from khizana.adapters.disk import DiskStore
from khizana.core.errors import KhizanaError, NoSpace, Unreadable
from khizana.core.preservation.courier.believed import believed
from khizana.core.preservation.courier.places import pack_name
from khizana.core.preservation.courier.restore import Goal, restore_ledger, restore_packs
from khizana.core.preservation.courier.signed import fetch
from khizana.core.preservation.ocfl.write import StorageRoot

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
STRIDE = 1 if LONG else 5
WRONG = [errno.EIO, errno.ENOSPC]


@pytest.fixture
def place(memory_folder: Path) -> Sender:
    """A working place with two objects: one with a file that is cut in pieces and one of small files."""
    made, chance = sender(memory_folder / "place"), random.Random(1)
    put_object(made.here, "large", [{"masters/1.tif": chance.randbytes(150_000)}, {"structure.json": b"2"}])
    put_object(made.here, "small", [{f"masters/{number}.tif": chance.randbytes(100) for number in range(3)}])
    return made


def packed(place: Sender, folder: Path) -> None:
    """Pack both objects onto the disk in *folder*; what lies there already is gone on with, as the command does."""
    knowns = [
        put_object(place.here, "large", [{"masters/1.tif": large(place)}, {"structure.json": b"2"}]),
        put_object(place.here, "small", [small(place)]),
    ]
    disk = DiskStore(folder)
    with disk.held():
        name = pack_name(place.header().pack)
        if not any(stored.name == name for stored in disk.names(name)):
            place.pack(disk, [(known, 0) for known in knowns], folder.with_suffix(".list"), piece=70_000)


def large(place: Sender) -> bytes:
    return max(place.here.files.values(), key=len)


def small(place: Sender) -> dict[str, bytes]:
    return {
        name.partition("/content/")[2]: content for name, content in place.here.files.items() if len(content) == 100
    }


def files(place: Path) -> dict[str, bytes]:
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def new(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def test_a_packing_killed_at_any_call_completes_when_it_is_run_again(memory_folder: Path, place: Sender) -> None:
    total = calls_of(partial(packed, place, new(memory_folder, "counted")))
    good = files(memory_folder / "counted")
    assert total > 40
    for number in range(1, total + 1, STRIDE):
        disk = new(memory_folder, str(number))
        assert killed_at(number, partial(packed, place, disk))
        left = files(disk)
        assert all(name.startswith("arriving/") or content == good[name] for name, content in left.items()), number
        if pack_name(place.header().pack) in left:
            assert left.keys() >= good.keys(), "the list is written last"
        packed(place, disk)
        assert files(disk) == good, number
        shutil.rmtree(disk)


@pytest.mark.parametrize("error", WRONG)
def test_a_packing_that_the_disk_fails_at_any_call_is_told_and_completes(
    memory_folder: Path, place: Sender, error: int
) -> None:
    total = calls_of(partial(packed, place, new(memory_folder, "counted")))
    good, told = files(memory_folder / "counted"), 0
    for number in range(1, total + 1, STRIDE):
        disk = new(memory_folder, str(number))
        try:
            with going_wrong(CALLS, failing(number, error)):
                packed(place, disk)
        except KhizanaError as failure:
            told += isinstance(failure, NoSpace) == (error == errno.ENOSPC) and str(memory_folder) in failure.sentence()
        packed(place, disk)
        assert files(disk) == good, number
        shutil.rmtree(disk)
    assert told > total // STRIDE // 2


def taken_in(place: Sender, courier: Path, here: Path) -> None:
    """Take in the pack on *courier* into the library in *here*."""
    store = DiskStore(here)
    with store.held():
        for each in received(DiskStore(courier), place.header(), store, here.with_suffix(".list")):
            if isinstance(each, KhizanaError):
                raise each


def test_a_taking_in_killed_or_failed_at_any_call_completes_when_it_is_run_again(
    memory_folder: Path, place: Sender
) -> None:
    courier = new(memory_folder, "courier")
    packed(place, courier)
    before = files(courier)
    assert len(packed_objects(fetch(DiskStore(courier), pack_name(place.header().pack), memory_folder / "x"))) == 2
    total = calls_of(partial(taken_in, place, courier, new(memory_folder, "counted")))
    good = files(memory_folder / "counted")
    assert {name: content for name, content in good.items() if name.startswith("storage/")} == place.here.files
    for number in range(1, total + 1, STRIDE):
        here = new(memory_folder, str(number))
        if number % 3:
            with pytest.raises(KhizanaError), going_wrong(CALLS, failing_for_good(number, WRONG[number % 2])):
                taken_in(place, courier, here)
        else:
            assert killed_at(number, partial(taken_in, place, courier, here))
        taken_in(place, courier, here)
        assert files(here) == good, number
        shutil.rmtree(here)
    assert files(courier) == before, "a courier is only read"


def restored(place: Sender, courier: Path, here: Path) -> None:
    """Restore what the packs on *courier* carry into *here*, objects and ledger, as the command does."""
    disk, store = DiskStore(courier), DiskStore(here)
    found = believed(disk, here.with_suffix(".lists"), keys=[place.key.public])
    goal = Goal(StorageRoot(here / "storage", here / "work"), store, lambda *_: (), "stamp")
    with store.held():
        for each in restore_packs(found.packs, disk, goal):
            for finding in each.findings:  # of one object, whose files the disk would not take
                raise Unreadable(finding.code, **finding.facts)
    assert restore_ledger(found.told, disk, here / "ledger") is None


def test_a_restoring_killed_or_failed_at_any_call_completes_when_it_is_run_again(
    memory_folder: Path, place: Sender
) -> None:
    courier = new(memory_folder, "courier")
    packed(place, courier)
    before = files(courier)
    total = calls_of(partial(restored, place, courier, new(memory_folder, "counted")))
    good = files(memory_folder / "counted")
    assert {name: content for name, content in good.items() if name.startswith("storage/")} == place.here.files
    assert total > 40
    for number in range(1, total + 1, STRIDE):
        here = new(memory_folder, str(number))
        if number % 3:
            with pytest.raises(KhizanaError), going_wrong(CALLS, failing_for_good(number, WRONG[number % 2])):
                restored(place, courier, here)
        else:
            assert killed_at(number, partial(restored, place, courier, here))
        restored(place, courier, here)
        assert files(here) == good, number
        shutil.rmtree(here)
    assert files(courier) == before, "a courier is only read"


def failing_for_good(number: int, error: int) -> Callable[[int, Callable[[], Any]], Any]:
    def act(count: int, real: Callable[[], Any]) -> Any:
        if count >= number:
            raise OSError(error, os.strerror(error))
        return real()

    return act
