"""A library with guardians, and a deletion that they have consented to long ago."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.cards import card
from data.commands import Library, command_environment, new_library
from data.databases import copy_library
from khizana.core.preservation.ledger.deletion_entries import By, answered, awaited
from khizana.core.preservation.ledger.deletions import read_deletions
from khizana.core.preservation.ledger.entry import DELETION_CONSENTED, Entry
from khizana.core.preservation.ledger.guardians import read_secret
from khizana.core.preservation.ledger.write import open_ledger

PARTS = ("first", "stick0", "stick1", "stick2")


def guarded(place: Path, *, database: str = "") -> Library:
    """Make a library with two manuscripts, guardians, and a plain site that has all of it."""
    library = new_library(place / "library", database=database)
    for number in range(2):
        library.run("add", card(place / f"card{number}", ["1r.jpg"], seed=number), "--shelfmark", f"S {number}")
    library.run("site", "add", "first", f"disk:{place / 'first'}", "--place", "Bamako")
    name_guardians(library, place)
    library.run("replicate")
    return library


def name_guardians(library: Library, place: Path) -> None:
    """Give *library* three guardians with sticks in *place*."""
    for number in range(3):
        library.run("guardian", "make", f"person {number}", "--into", place / f"stick{number}")
    library.run("guardian", "name", *(place / f"stick{number}" / "guardian.txt" for number in range(3)))


def copied(place: Path, goal: Path) -> Library:
    """Copy what ``guarded`` made in *place* to *goal*, the site with it."""
    copy_library(place / "library", goal / "library")
    for name in PARTS:
        shutil.copytree(place / name, goal / name)
    sites = goal / "library" / "sites.toml"
    sites.write_text(sites.read_text().replace(str(place / "first"), str(goal / "first")))
    return Library(goal / "library")


def ago(days: float) -> By:
    """Return who enters, *days* ago."""
    return By("test", (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"), "khizana")


def enter(library: Library, entries: Iterable[Entry]) -> None:
    """Enter and sign, as whoever has the machine can."""
    with open_ledger(library.root / "ledger") as ledger:
        ledger.append(entries)
        ledger.sign(library.root / "keys", when=ago(0).when)


def consented(library: Library, place: Path, request: str) -> None:
    """Let two guardians have consented twenty days ago, and the library have been at work since."""
    found = read_deletions(library.root / "ledger").requests[request]
    keys = [read_secret(place / f"stick{number}" / "guardian.pem") for number in range(2)]
    enter(
        library,
        [
            *(answered(DELETION_CONSENTED, found.asked, f"person {n}", key, by=ago(20)) for n, key in enumerate(keys)),
            *(awaited(request, f"seen {request} {days}", by=ago(days)) for days in (16, 12, 8, 4)),
        ],
    )


def deleted(library: Library, place: Path, given: str = "S 0") -> str:
    """Delete *given* from the library, not yet from its sites; return the request."""
    request = library.json("delete", "ask", given, "--reason", "taken twice")["request"]
    consented(library, place, request)
    library.run("delete", "carry-out", request)
    return str(request)


def objects(storage: Path) -> int:
    """Return how many objects are in *storage*."""
    return sum(1 for _ in storage.rglob("0=ocfl_object*"))


def killed_at(library: Library, step: str, *arguments: str, after: bool = False) -> None:
    """Run a verb in a process that dies when it calls *step* (``module:name``), or just *after* that."""
    program = (
        "import os, pkgutil, sys\n"
        "from khizana.cli.verb import open_library\n"
        "open_library(os.environ['KHIZANA_LIBRARY'])\n"
        "module, _, names = sys.argv[1].partition(':')\n"
        "*above, name = names.split('.')\n"
        "where = pkgutil.resolve_name(':'.join([module, '.'.join(above)]).removesuffix(':'))\n"
        "real = getattr(where, name)\n"
        "def killed(*a, **k):\n"
        "    if sys.argv[2] == 'after':\n"
        "        real(*a, **k)\n"
        "    os._exit(137)\n"
        "setattr(where, name, killed)\n"
        "from khizana.cli.main import run\n"
        "run(sys.argv[3:])\n"
        "os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, step, "after" if after else "before", *arguments],
        env={**command_environment(KHIZANA_LIBRARY=str(library.root)), "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 137, done.stdout + done.stderr
