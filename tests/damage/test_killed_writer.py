"""The writer killed at every call that changes a disk: nothing received is lost, nothing half-done is seen."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data import interrupted
from data.interrupted import CALLS, Promises, assert_whole, going_wrong, head_of, history, killed_at
from data.keeping import Place
from data.readers import faults

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
STRIDE = 1 if LONG else 7
PAIRS = 1000 if LONG else 10


def _calls(folder: Path) -> int:
    place = Place.made(folder / "counted")
    with going_wrong(CALLS, lambda _, real: real()) as count:
        history(place)
    assert_whole(place)
    return count[0]


def _fresh(folder: Path, name: str) -> tuple[Place, Promises]:
    place = Place.made(folder / name)
    return place, Promises(folder / f"{name}.promises")


def test_a_kill_at_any_call_loses_nothing_and_the_same_run_completes(memory_folder: Path) -> None:
    total = _calls(memory_folder)
    assert total > 150
    for number in range(1, total + 1, STRIDE):
        place, promises = _fresh(memory_folder, f"at-{number}")
        assert killed_at(number, lambda place=place, promises=promises: history(place, promises.keep))
        place.writer.recover()
        assert place.files("work") == {}
        assert faults(place.storage) == [], number
        assert promises.broken(place) == [], number
        history(place, promises.keep)
        assert_whole(place)
        assert promises.broken(place) == []
        shutil.rmtree(place.root)


def test_recovery_killed_in_its_turn_still_loses_nothing(memory_folder: Path) -> None:
    total = _calls(memory_folder)
    chance = random.Random(0)
    killed = 0
    for pair in range(PAIRS):
        place, promises = _fresh(memory_folder, f"pair-{pair}")
        killed_at(chance.randint(1, total), lambda place=place, promises=promises: history(place, promises.keep))
        for _ in range(3):
            number = chance.randint(1, 25)
            killed += killed_at(number, lambda place=place: place.writer.recover() and None)
        place.writer.recover()
        assert faults(place.storage) == [], pair
        assert promises.broken(place) == [], pair
        history(place, promises.keep)
        assert_whole(place)
        shutil.rmtree(place.root)
    assert killed > 0


def test_a_version_that_was_ready_is_completed_and_one_that_was_not_is_put_back(memory_folder: Path) -> None:
    seen = set()
    total = _calls(memory_folder)
    for number in range(1, total + 1, 1 if LONG else 3):
        place, _ = _fresh(memory_folder, f"fate-{number}")
        killed_at(number, lambda place=place: history(place))
        ready = sorted(path.parent.name[-1] for path in place.work.glob("objects/*/ready"))
        begun = sorted(path.parent.name[-1] for path in place.work.glob("objects/*/intent.json"))
        before = head_of(place) if not ready else 0
        fates = [(str(each.version), each.completed) for each in place.writer.recover()]
        seen.update(fates)
        for version in ready:
            assert head_of(place) >= int(version)
        if begun and not ready:
            assert fates == [(begun[0], int(begun[0]) <= before)]
        shutil.rmtree(place.root)
    assert seen == {(version, fate) for version in "123" for fate in (True, False)}


def _strace_works() -> bool:
    strace = shutil.which("strace")
    if strace is None:
        return False
    command = [strace, "-qq", "-o", os.devnull, "-e", "inject=getppid:signal=KILL:when=1", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


SYSTEM_CALLS = ("fsync", "rename", "mkdir", "unlink", "unlinkat", "rmdir", "write", "openat", "close", "flock")


@pytest.mark.skipif(not _strace_works(), reason="strace is not installed or may not trace here")
@pytest.mark.parametrize("call", SYSTEM_CALLS if LONG else ("fsync", "rename"))
def test_a_kill_at_any_system_call_loses_nothing(memory_folder: Path, call: str) -> None:
    program = [sys.executable, "-B", str(interrupted.__file__)]
    number, step = 1, (1 if LONG and call not in {"openat", "close"} else 16)
    while True:
        place, promises = _fresh(memory_folder, f"{call}-{number}")
        inject = f"inject={call}:signal=KILL:when={number}"
        arguments = [
            "strace",
            "-f",
            "-qq",
            "-o",
            os.devnull,
            "-e",
            inject,
            *program,
            str(place.root),
            str(promises.path),
        ]
        done = subprocess.run(arguments, check=False, capture_output=True)
        place.writer.recover()
        assert faults(place.storage) == [], number
        assert promises.broken(place) == [], number
        if done.returncode == 0:
            break
        history(place, promises.keep)
        assert_whole(place)
        shutil.rmtree(place.root)
        number += step
    assert number > 1
