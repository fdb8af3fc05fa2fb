"""The power cut at any moment, on file systems of disks that people carry: nothing promised is lost.

What reaches the disk is recorded below the file system, and the disk made again as a cut leaves it. Fifty cuts in every
run, ten thousand with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.file_systems import FILE_SYSTEMS, FileSystem
from data.power import Action, Recording, harm, record
from data.power_actions import ACTIONS, PLAIN

LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
MEMORY = Path("/dev/shm")  # noqa: S108 - what Linux calls it
EXT4 = next(each for each in FILE_SYSTEMS if each.name == "ext4")
NTFS = next(each for each in FILE_SYSTEMS if each.name == "ntfs-3g")

# Loop devices are few: one worker does all of these.
pytestmark = [pytest.mark.damage, pytest.mark.xdist_group("power")]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for disks, in memory where there is such a place."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as made:
        yield Path(made)


def harms(action: Action, file_system: FileSystem, folder: Path, cuts: int) -> list[str]:
    """Return what is wrong after each of so many cuts that did harm."""
    return harms_of(recorded(action, file_system, folder), action, file_system, folder, cuts)


def recorded(action: Action, file_system: FileSystem, folder: Path) -> Recording:
    """Record the work; the test is skipped where the file system cannot be had."""
    if missing := file_system.missing():
        pytest.skip(missing)
    return record(action, file_system, folder)


def harms_of(recording: Recording, action: Action, file_system: FileSystem, folder: Path, cuts: int) -> list[str]:
    """Return what is wrong after each of so many cuts of *recording* that did harm."""
    chance = random.Random(f"{action.name} {file_system.name}")
    found = []
    for moment, disk in recording.disks(recording.cuts(cuts, chance), folder / "cut.img", chance):
        promised = recording.promised(moment)
        if wrong := harm(action, file_system, disk, promised, folder / "cut"):
            found.append(f"{file_system.name}, {action.name}, cut at {moment}, promised {promised}: {wrong}")
    return found


def cuts_of(file_system: FileSystem) -> int:
    """Return how many cuts each action gets on *file_system*."""
    return 500 if LONG else 6 if file_system is EXT4 else 2


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
@pytest.mark.parametrize("file_system", [each for each in FILE_SYSTEMS if each is not NTFS], ids=lambda each: each.name)
def test_a_power_cut_loses_nothing_that_was_promised(file_system: FileSystem, action: Action, folder: Path) -> None:
    assert harms(action, file_system, folder, cuts_of(file_system)) == []


@pytest.mark.skipif(not LONG, reason="chance decides: it takes many cuts to show")
@pytest.mark.parametrize("file_system", FILE_SYSTEMS, ids=lambda each: each.name)
def test_of_the_file_systems_only_ntfs_loses_flushed_files_by_itself(file_system: FileSystem, folder: Path) -> None:
    found = harms(PLAIN, file_system, folder, 400)
    assert bool(found) == (file_system is NTFS), found


def test_without_flushing_a_power_cut_loses_what_was_promised(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The test must be able to fail: now nothing in the software flushes, and ext4 does so when it likes.
    accession = ACTIONS[0]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        recording = recorded(accession, EXT4, folder)
    assert len(harms_of(recording, accession, EXT4, folder, 20)) >= 5
