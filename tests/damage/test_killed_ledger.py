"""The ledger's writer killed at every call that changes a disk: it checks, and nothing that was promised is missing."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from data.interrupted import CALLS, ROOM, full, going_wrong, killed_at
from data.ledgers import Kept, assert_sound, assert_whole, history
from khizana.core.errors import NoSpace

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
SYSTEM_CALLS = ("write", "fsync", "rename", "ftruncate", "unlink", "openat", "close", "flock", "chmod", "lseek")


class Promises:
    """What was said to be in the ledger, kept outside of it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, last: int) -> None:
        with self.path.open("a") as file:
            file.write(f"{last}\n")

    def kept(self) -> int:
        return max(map(int, self.path.read_text().split()), default=0) if self.path.exists() else 0


def fresh(folder: Path, name: object) -> tuple[Kept, Promises]:
    (folder / str(name)).mkdir()
    return Kept(folder / str(name)), Promises(folder / f"{name}.promises")


def calls(folder: Path) -> int:
    kept, _ = fresh(folder, "counted")
    with going_wrong(CALLS, lambda _, real: real()) as count:
        history(kept)
    assert_whole(kept, "uninterrupted")
    return count[0]


def test_a_kill_at_any_call_leaves_a_ledger_that_checks_and_goes_on(memory_folder: Path) -> None:
    total = calls(memory_folder)
    assert total > 60
    for number in range(1, total + 1):
        kept, promises = fresh(memory_folder, number)
        assert killed_at(number, lambda kept=kept, promises=promises: history(kept, promises.keep))
        assert_sound(kept, promises.kept(), number)
        history(kept, promises.keep)
        assert_whole(kept, number)
        shutil.rmtree(kept.root)


def test_kills_of_what_goes_on_after_a_kill_still_lose_nothing(memory_folder: Path) -> None:
    chance = random.Random(6962)
    killed = 0
    for pair in range(1000 if LONG else 40):
        kept, promises = fresh(memory_folder, f"pair-{pair}")
        for _ in range(3):
            number = chance.randint(1, 70)
            killed += killed_at(number, lambda kept=kept, promises=promises: history(kept, promises.keep))
            assert_sound(kept, promises.kept(), pair)
        history(kept, promises.keep)
        assert_whole(kept, pair)
        shutil.rmtree(kept.root)
    assert killed > 0


@pytest.mark.parametrize("once", [True, False], ids=["for one call", "for good"])
def test_a_disk_full_at_any_call_leaves_a_ledger_that_checks_and_goes_on(memory_folder: Path, *, once: bool) -> None:
    kept, _ = fresh(memory_folder, "counted")
    with going_wrong(ROOM, lambda _, real: real()) as count:
        history(kept)
    told = 0
    for number in range(1, count[0] + 1, 1 if LONG else 3):
        kept, promises = fresh(memory_folder, number)
        try:
            with going_wrong(ROOM, full(number, once=once)):
                history(kept, promises.keep)
        except NoSpace as error:
            assert str(kept.root) in error.sentence()  # noqa: PT017 - a call that may fail is right too
            told += 1
        assert_sound(kept, promises.kept(), number)
        history(kept, promises.keep)
        assert_whole(kept, number)
        shutil.rmtree(kept.root)
    assert told > count[0] // (1 if LONG else 3) // 2


def _strace_works() -> bool:
    strace = shutil.which("strace")
    if strace is None:
        return False
    command = [strace, "-qq", "-o", os.devnull, "-e", "inject=getppid:signal=KILL:when=1", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _strace_works(), reason="strace is not installed or may not trace here")
@pytest.mark.parametrize("call", SYSTEM_CALLS if LONG else ("write", "fsync"))
def test_a_kill_at_any_system_call_leaves_a_ledger_that_checks(memory_folder: Path, call: str) -> None:
    program = [sys.executable, "-B", __file__]
    number, step = 1, (1 if LONG and call not in {"openat", "close"} else 5)
    while True:
        kept, promises = fresh(memory_folder, f"{call}-{number}")
        traced = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"inject={call}:signal=KILL:when={number}"]
        arguments = [*traced, *program, str(kept.root), str(promises.path)]
        done = subprocess.run(arguments, check=False, capture_output=True)
        assert_sound(kept, promises.kept(), number)
        if done.returncode == 0:
            break
        assert done.returncode < 0, done.stderr
        history(kept, promises.keep)
        assert_whole(kept, number)
        shutil.rmtree(kept.root)
        number += step
    assert number > 1 or call in {"ftruncate", "chmod"}


if __name__ == "__main__":
    history(Kept(Path(sys.argv[1])), Promises(Path(sys.argv[2])).keep)
