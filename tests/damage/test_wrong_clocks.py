"""A clock that is years wrong, and then wrong in another way: nothing refuses, nothing is lost, all have their turn."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data.cards import photograph
from data.commands import KHIZANA, Library, command_environment, new_library
from data.readers import faults
from data.world import tree

YEARS = (1970, 2046, 2026)

pytestmark = [
    pytest.mark.damage,
    pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed"),
]


def at(year: int, library: Library, *arguments: object, status: int = 0) -> str:
    """Run one command in the third month of *year*."""
    done = subprocess.run(
        ["faketime", f"{year}-03-01 12:00:00", *KHIZANA, *map(str, arguments)],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == status, (year, arguments, done)
    return done.stdout


def test_every_verb_goes_on_whatever_year_it_is_said_to_be(tmp_path: Path) -> None:
    library, site = new_library(tmp_path / "library"), tmp_path / "site"
    library.run("site", "add", "plain", f"disk:{site}")
    for number, year in enumerate(YEARS, 1):
        (tmp_path / str(year)).mkdir()
        photograph(tmp_path / str(year) / "1.jpg", number, width=60, height=80)
        at(year, library, "add", tmp_path / str(year), "--shelfmark", f"TB {number}")
        at(year, library, "order", "TB 1", "--direction", "ltr" if number % 2 else "rtl")
        at(year, library, "replicate")
        assert tree(site / "storage") == tree(library.root / "storage"), year
        min((site / "storage").rglob("masters/*")).write_bytes(b"damaged")
        at(year, library, "verify", "--site", "all", status=8)
        at(year, library, "repair")
        at(year, library, "verify", "--site", "all")
    for year in YEARS:
        at(year, library, "ledger", "check")
        at(year, library, "verify")
        status = json.loads(at(year, library, "status", "--json"))
        assert (status["manuscripts"], status["unfinished"], status["jobs"]["failed"]) == (len(YEARS), 0, 0)
        assert status["safety"]["red"] == 0
    assert faults(library.root / "storage") == []
    (library.root / "khizana.sqlite3").rename(tmp_path / "aside")
    at(1970, library, "rebuild")
    assert json.loads(at(2046, library, "status", "--json"))["manuscripts"] == len(YEARS)


SCRIPT = """
import os
from khizana.cli.verb import open_library
opened = open_library(os.environ["KHIZANA_LIBRARY"])
from itertools import islice
from khizana.adapters.disk import DiskStore
from khizana.apps.preservation.actions.check_site import check_site
from khizana.apps.preservation.queries import known_objects

every = {known.object_id for known in known_objects()}
for year in (2046, 2026, 1971, 2030, 1970):
    seen, second = set(), iter(range(10**6))
    for _ in every:
        now = lambda: (year - 1970) * 31_557_600.0 + next(second)
        one = check_site(site="here", store=DiskStore(opened.folder.root), others=(), now=now)
        seen |= {each.identifier for each in islice(one, 1)}
    assert seen == every, (year, len(seen), len(every))
print(len(every), "had their turn")
"""


def test_checks_of_one_object_at_a_time_reach_all_after_the_clock_jumped(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        photograph(tmp_path / str(number) / "1.jpg", number, width=60, height=80)
        library.run("add", tmp_path / str(number), "--shelfmark", f"TB {number}")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "6 had their turn", done.stderr
