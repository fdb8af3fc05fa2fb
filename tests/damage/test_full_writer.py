"""The writer on a full disk, at every call that may need room: the object stays as it was, staging too."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.interrupted import ROOM, Promises, assert_whole, full, going_wrong, head_of, history
from data.keeping import Place, on_disk
from data.readers import faults
from khizana.core.errors import NoSpace
from khizana.core.preservation.staging import receive, staged, tidy

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
STRIDE = 1 if LONG else 4


def _calls(folder: Path) -> int:
    place = Place.made(folder)
    with going_wrong(ROOM, lambda _, real: real()) as count:
        history(place)
    return count[0]


def test_a_disk_full_for_one_call_leaves_the_object_and_staging_as_they_were(memory_folder: Path) -> None:
    total = _calls(memory_folder / "counted")
    told = 0
    for number in range(1, total + 1, STRIDE):
        place, promises = Place.made(memory_folder / str(number)), Promises(memory_folder / f"{number}.promises")
        try:
            with going_wrong(ROOM, full(number, once=True)):
                history(place, promises.keep)
        except NoSpace as error:
            assert error.code == "DISK_FULL"  # noqa: PT017 - a write that completed all the same is right too
            told += 1
        assert place.files("work") == {}, number
        assert faults(place.storage) == [], number
        assert promises.broken(place) == [], number
        history(place, promises.keep)
        assert_whole(place)
        shutil.rmtree(place.root)
    assert told > total // STRIDE // 2


def test_a_disk_that_stays_full_is_made_good_when_there_is_room_again(memory_folder: Path) -> None:
    total = _calls(memory_folder / "counted")
    for number in range(1, total + 1, STRIDE):
        place, promises = Place.made(memory_folder / str(number)), Promises(memory_folder / f"{number}.promises")
        with going_wrong(ROOM, full(number, once=False)), pytest.raises(NoSpace):
            history(place, promises.keep)
        place.writer.recover()
        assert place.files("work") == {}, number
        assert faults(place.storage) == [], number
        assert promises.broken(place) == [], number
        history(place, promises.keep)
        assert_whole(place)
        shutil.rmtree(place.root)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one mebibyte, in memory."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or not shutil.which("mount"):
        pytest.skip("only root can mount a small disk")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=4k", "khizana", str(disk)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_really_full_disk_keeps_what_was_complete(small_disk: Path, tmp_path: Path) -> None:
    place = Place.made(small_disk)
    ballast = small_disk / "ballast"
    kept = place.picture("kept.tif", os.urandom(100_000))
    place.write({"masters/0001.tif": kept})
    waiting = place.picture("waiting.tif", os.urandom(100_000))
    (tmp_path / "more.tif").write_bytes(os.urandom(200_000))
    refused = 0
    for room in range(0, 120_000, 4096):
        ballast.write_bytes(b"")
        statistics = os.statvfs(small_disk)
        ballast.write_bytes(b"x" * max(0, statistics.f_bavail * statistics.f_bsize - room))
        head = head_of(place)
        try:
            place.write({"masters/0002.tif": waiting, "structure.json": b"x" * 60_000})
            break
        except NoSpace:
            refused += 1
        assert head_of(place) == head
        assert place.files("work") == {}
        assert staged(place.staging, waiting.digest) is not None
        with pytest.raises(NoSpace):
            receive(on_disk(tmp_path / "more.tif"), place.staging)
        assert tidy(place.staging) == 0
    assert refused > 0
    ballast.unlink()
    assert head_of(place) == 2
    assert faults(place.storage) == []
    assert set(place.files("staging")) == set()
