"""Taking in what another place has written, killed or failed by the disk at every call that changes it."""

from __future__ import annotations

import errno
import os
import shutil
from functools import partial
from pathlib import Path

import pytest

from data.interrupted import CALLS, calls_of, failing, going_wrong, killed_at
from data.interrupted_joining import OURS, begun, desk_at, joined, kept, pack
from data.keeping import Place
from data.readers import faults
from khizana.core.errors import KhizanaError, NoSpace

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
STRIDE = 1 if LONG else 7


def goal_of(root: Path, memory_folder: Path) -> tuple[dict[str, bytes], int]:
    """Return all files once it is done, and the number of calls that change a disk."""
    pack()
    place = shutil.copytree(root, memory_folder / "goal")
    total = calls_of(lambda: joined(place))
    assert any(content == b"one says" for content in Place(place).files("aside").values())
    return kept(place), total


def test_it_completes_when_it_is_run_again_after_a_kill_at_any_call(memory_folder: Path) -> None:
    root = begun(memory_folder / "one").place.root
    goal, total = goal_of(root, memory_folder)
    assert total > 60
    for number in range(1, total + 1, STRIDE):
        place = shutil.copytree(root, memory_folder / "now")
        assert killed_at(number, partial(joined, place))
        desk_at(place)
        assert faults(place / "storage") == [], number
        assert set(kept(place).values()) >= OURS, number
        joined(place)
        assert kept(place) == goal, number
        assert Place(place).files("work") == {}
        shutil.rmtree(place)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_it_completes_when_it_is_run_again_after_the_disk_failed_at_any_call(error: int, memory_folder: Path) -> None:
    root = begun(memory_folder / "one").place.root
    goal, total = goal_of(root, memory_folder)
    told = 0

    for number in range(1, total + 1, STRIDE):
        place = shutil.copytree(root, memory_folder / "now")
        try:
            with going_wrong(CALLS, failing(number, error)):
                joined(place)
        except KhizanaError as failure:
            told += isinstance(failure, NoSpace) == (error == errno.ENOSPC) and str(place) in failure.sentence()
        joined(place)
        assert kept(place) == goal, number
        assert Place(place).files("work") == {}
        shutil.rmtree(place)
    assert told > total // STRIDE // 2
