"""kill -9 at random moments of ``khizana add``: the storage root stays valid and the same command completes.

Five kills in every run, two hundred with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from hashlib import sha256
from pathlib import Path

import ocfl
import pytest

from data.cards import card
from data.commands import KHIZANA, Library, command_environment, new_library

KILLS = 200 if os.environ.get("KHIZANA_DAMAGE") == "long" else 5
PAGES = 4

pytestmark = pytest.mark.damage


def add_and_kill(library: Library, photographs: Path, shelfmark: str, after: float) -> bool:
    """Start the command, kill it and everything of it after that many seconds; True where it was still at work."""
    process = subprocess.Popen(
        [*KHIZANA, "add", str(photographs), "--shelfmark", shelfmark],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        # The command alone: its lanes must die by themselves.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def kept(library: Library) -> set[str]:
    return {sha256(path.read_bytes()).hexdigest() for path in (library.root / "storage").rglob("masters/*")}


def test_a_killed_add_loses_nothing_and_completes_when_run_again(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    chance = random.Random(20)
    accessioned: set[str] = set()
    killed = number = 0
    whole = 3.0
    while killed < KILLS:
        number += 1
        assert number < 4 * KILLS, "the command ends before it can be killed"
        photographs = card(tmp_path / str(number), [f"{n}.jpg" for n in range(PAGES)], seed=100 + 10 * number)
        killed += add_and_kill(library, photographs, f"K {number}", chance.uniform(0.05, 0.95) * whole)
        assert accessioned <= kept(library), f"after kill {number}"
        # Any command first makes good what it finds; then a validator that knows nothing of ours is content.
        library.run("status")
        assert ocfl.StorageRoot(root=str(library.root / "storage")).validate(), f"after kill {number}"
        began = time.monotonic()
        library.run("add", photographs, "--shelfmark", f"K {number}")
        whole = max(1.0, time.monotonic() - began)
        accessioned |= {sha256(path.read_bytes()).hexdigest() for path in photographs.iterdir()}
        assert accessioned == kept(library), f"after kill {number} and the same command again"
    status = library.json("status")
    assert (status["manuscripts"], status["pages"]) == (number, number * PAGES)
    assert (status["published"]["open"], status["unfinished"], status["staged"]) == (number, 0, 0)
    assert library.run("verify").returncode == 0
    assert not list((library.root / "work").glob("*/*")), "nothing is left of what was being built"
    events = status["events"]
    for path in library.root.glob("khizana.sqlite3*"):
        path.unlink()
    library.run("rebuild")
    assert library.json("status")["events"] == events
