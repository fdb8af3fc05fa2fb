"""The ledger's writer killed at every call that changes a disk: it checks, and nothing that was promised is missing."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from data.interrupted import CALLS, ROOM, full, going_wrong, killed_at
from data.ledgers import LIBRARY, Kept, entry, when
from khizana.core.errors import NoSpace
from khizana.core.findings import Severity
from khizana.core.preservation.ledger.place import read_entries
from khizana.core.preservation.ledger.write import open_ledger

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
SYSTEM_CALLS = ("write", "fsync", "rename", "ftruncate", "unlink", "openat", "close", "flock", "chmod", "lseek")


def history(kept: Kept, told: Callable[[int], None] = lambda _: None) -> None:
    """Begin a ledger, append to it by several commands, change its key in between; go on where a run stopped."""
    for first, last in ((1, 2), (3, 3), (4, 40), (41, 42)):
        with open_ledger(kept.folder) as ledger:
            ledger.begin(kept.keys, library=LIBRARY, when=when(0), agent="khizana")
            ledger.append(entry(number) for number in range(first, last + 1))
            told(last)
            ledger.sign(kept.keys, when=when(last))
            ledger.keep(at_least=1)
            if first == 3 and entry(4).id not in ledger:
                ledger.change_key(kept.keys, when=when(last), agent="khizana")


class Promises:
    """What was said to be in the ledger, kept outside of it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, last: int) -> None:
        with self.path.open("a") as file:
            file.write(f"{last}\n")

    def kept(self) -> int:
        return max(map(int, self.path.read_text().split()), default=0) if self.path.exists() else 0


def numbers(kept: Kept) -> list[int]:
    if not kept.entries.exists():
        return []
    made = (each for _, each in read_entries(kept.folder) if each.kind == "accession")
    return [int(each.id.rpartition(":")[2]) for each in made]


def assert_sound(kept: Kept, promises: Promises, at: object) -> None:
    if numbers(kept):
        errors = [each for each in kept.findings() if each.severity is Severity.ERROR]
        assert errors == [], at
    assert numbers(kept) == list(range(1, len(numbers(kept)) + 1)), at
    assert len(numbers(kept)) >= promises.kept(), at


def assert_whole(kept: Kept, at: object) -> None:
    assert numbers(kept) == list(range(1, 43)), at
    assert kept.codes() == set(), at
    assert sorted(path.name for path in kept.keys.iterdir()) == ["ledger.pem", "ledger.pub"], at
    keys = [each for _, each in read_entries(kept.folder) if each.kind == "key changed"]
    assert 1 <= len(keys) <= 4, at  # each run that was killed before its end changed it anew
    assert not list(kept.root.rglob("*.part")), at


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
        assert_sound(kept, promises, number)
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
            assert_sound(kept, promises, pair)
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
        assert_sound(kept, promises, number)
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
        assert_sound(kept, promises, number)
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
