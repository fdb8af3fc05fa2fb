"""Taking in what another place has written, killed or failed by the disk at every call that changes it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.desks import Desk, chain_of
from data.interrupted import CALLS, going_wrong, killed_at
from data.keeping import Place, validated
from data.memory_store import MemoryStore
from khizana.core.errors import KhizanaError, NoSpace
from khizana.core.preservation.replicas.expected import Known

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
STRIDE = 1 if LONG else 7

Pack = tuple[Known, MemoryStore]


@pytest.fixture
def places(memory_folder: Path) -> tuple[Path, Pack]:
    """A place whose branch gives way, and a pack with the one that goes on."""
    one, two = Desk.made(memory_folder / "one"), Desk.made(memory_folder / "two")
    one.write({"masters/0001.jpg": b"1" * 3000, "description.xml": b"first"})
    two.take(one.packed())
    one.write({"masters/0002.jpg": b"one" * 1000, "description.xml": b"one says"})
    two.write({"masters/0002.jpg": b"two" * 1000, "notes/ملاحظة": b"two's"})
    two.write({"notes/ملاحظة": b"two's, again"})
    return one.place.root, two.packed()


def desk_at(root: Path) -> Desk:
    """Return the place in *root* as a command finds it: what a dead one left is made good first."""
    desk = Desk(Place(root))
    desk.place.writer.recover()
    desk.known = chain_of(desk.object)
    return desk


def taking(root: Path, pack: Pack) -> Callable[[], None]:
    def work() -> None:
        desk_at(root).take(pack)

    return work


def kept(root: Path) -> dict[str, bytes]:
    return {name: content for folder in ("storage", "aside") for name, content in Place(root).files(folder).items()}


def goal_of(root: Path, pack: Pack, memory_folder: Path) -> tuple[dict[str, bytes], int]:
    """Return all files once it is done, and the number of calls that change a disk."""
    place = shutil.copytree(root, memory_folder / "goal")
    with going_wrong(CALLS, lambda _, real: real()) as count:
        taking(place, pack)()
    assert any(content == b"one says" for content in Place(place).files("aside").values())
    return kept(place), count[0]


def test_it_completes_when_it_is_run_again_after_a_kill_at_any_call(
    places: tuple[Path, Pack], memory_folder: Path
) -> None:
    root, pack = places
    goal, total = goal_of(root, pack, memory_folder)
    assert total > 60
    for number in range(1, total + 1, STRIDE):
        place = shutil.copytree(root, memory_folder / "now")
        assert killed_at(number, taking(place, pack))
        desk = desk_at(place)
        assert not [finding for finding in validated(desk.folder, {}) if finding.severity == "error"], number
        assert {b"one says", b"1" * 3000} <= set(kept(place).values()), number
        desk.take(pack)
        assert kept(place) == goal, number
        assert Place(place).files("work") == {}
        shutil.rmtree(place)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_it_completes_when_it_is_run_again_after_the_disk_failed_at_any_call(
    error: int, places: tuple[Path, Pack], memory_folder: Path
) -> None:
    root, pack = places
    goal, total = goal_of(root, pack, memory_folder)
    told = 0

    def act(count: int, real: Callable[[], Any]) -> Any:
        if count == number:
            raise OSError(error, os.strerror(error))
        return real()

    for number in range(1, total + 1, STRIDE):
        place = shutil.copytree(root, memory_folder / "now")
        try:
            with going_wrong(CALLS, act):
                taking(place, pack)()
        except KhizanaError as failure:
            told += isinstance(failure, NoSpace) == (error == errno.ENOSPC) and str(place) in failure.sentence()
        desk_at(place).take(pack)
        assert kept(place) == goal, number
        assert Place(place).files("work") == {}
        shutil.rmtree(place)
    assert told > total // STRIDE // 2
