"""A manuscript deleted by two of three guardians: from the library, from its sites, and not by anything less."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, new_library
from khizana.core.preservation.ledger.deletion_entries import By, answered, awaited
from khizana.core.preservation.ledger.deletions import read_deletions
from khizana.core.preservation.ledger.entry import DELETION_CONSENTED, Entry
from khizana.core.preservation.ledger.guardians import read_secret
from khizana.core.preservation.ledger.write import open_ledger


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, Path]:
    """A library with two manuscripts, a plain site and guardians, whose deletion of the first is asked."""
    place = tmp_path_factory.mktemp("deletion")
    library = new_library(place / "library")
    for number in range(2):
        library.run("add", card(place / f"card{number}", ["1r.jpg"], seed=number), "--shelfmark", f"S {number}")
    library.run("site", "add", "first", f"disk:{place / 'first'}", "--place", "Bamako")
    library.run("replicate")
    refused = library.run("delete", "ask", "S 0", "--reason", "taken twice", status=None)
    assert refused.returncode != 0
    assert "No guardians" in refused.stderr
    for number in range(3):
        library.run("guardian", "make", f"person {number}", "--into", place / f"stick{number}")
    library.run("guardian", "name", *(place / f"stick{number}" / "guardian.txt" for number in range(3)))
    return library, place


@pytest.fixture
def places(asked: tuple[Library, Path], tmp_path: Path) -> tuple[Library, Path]:
    for name in ("library", "first", "stick0", "stick1", "stick2"):
        shutil.copytree(asked[1] / name, tmp_path / name)
    sites = tmp_path / "library" / "sites.toml"
    sites.write_text(sites.read_text().replace(str(asked[1] / "first"), str(tmp_path / "first")))
    return Library(tmp_path / "library"), tmp_path


def ago(days: float) -> By:
    return By("test", (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ"), "khizana")


def enter(library: Library, entries: Iterable[Entry]) -> None:
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
            *(awaited(request, f"seen {days}", by=ago(days)) for days in (16, 12, 8, 4)),
        ],
    )


def objects(storage: Path) -> int:
    return sum(1 for _ in storage.rglob("0=ocfl_object*"))


def test_nothing_goes_before_two_consents_and_the_delay(places: tuple[Library, Path]) -> None:
    library, place = places
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    for number, said in ((0, "1 of 2"), (1, "2 of 2")):
        assert "0 consents" in library.run("delete", "carry-out", request, status=2).stderr or number
        key = place / f"stick{number}" / "guardian.pem"
        assert said in library.run("delete", "consent", request, "--key", key).stdout
        assert "already" in library.run("delete", "consent", request, "--key", key, status=2).stderr
    assert "14 days" in library.run("delete", "carry-out", request, status=2).stderr
    assert objects(library.root / "storage") == 4
    library.run("delete", "refuse", request, "--key", place / "stick2" / "guardian.pem")
    assert "refused" in library.run("delete", "carry-out", request, status=2).stderr
    assert objects(library.root / "storage") == 4


def test_carried_out_it_is_gone_here_and_at_the_site_and_nothing_is_missed(places: tuple[Library, Path]) -> None:
    library, place = places
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    consented(library, place, request)
    library.run("delete", "carry-out", request)
    assert objects(library.root / "storage") == 2
    assert objects(place / "first" / "storage") == 4
    status = library.json("status")
    assert (status["manuscripts"], status["objects"], sum(status["safety"].values())) == (1, 2, 2)
    assert status["deletions_left"] == [{"request": request, "site": "first"}]
    library.run("replicate")
    assert objects(place / "first" / "storage") == 2
    assert library.json("status")["deletions_left"] == []
    assert "is not in the storage root" not in library.run("ledger", "check", status=None).stderr
    library.run("verify", "--site", "all")
    library.run("rebuild")
    assert library.json("status")["manuscripts"] == 1
    # The same shelfmark may come again, and is another object.
    library.run("add", card(place / "again", ["1r.jpg"], seed=9), "--shelfmark", "S 0")
    library.run("replicate")
    assert objects(place / "first" / "storage") == 4
    library.run("delete", "carry-out", request, status=8)
    assert objects(library.root / "storage") == 4
    assert library.run("rebuild").stderr == ""
    assert library.json("status")["manuscripts"] == 2


def test_a_version_written_after_the_request_stops_it(places: tuple[Library, Path]) -> None:
    library, place = places
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    library.run("publish", "S 0", "--level", "staff")
    consented(library, place, request)
    assert "ask anew" in library.run("delete", "carry-out", request, status=8).stderr
    assert objects(library.root / "storage") == 4
    assert library.json("status")["manuscripts"] == 2


STEPS = {
    "mark": "khizana.core.preservation.removal.Removal.mark",
    "take_out": "khizana.core.preservation.removal.Removal.take_out",
    "finish": "khizana.core.preservation.removal.Removal.finish",
    "remove_tree": "khizana.core.preservation.removal.remove_tree",
    "sync_directory": "khizana.core.preservation.removal.sync_directory",
    "entered": "khizana.cli.delete_carry_out.enter",
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_same_command_completes(places: tuple[Library, Path], step: str, when: str) -> None:
    library, place = places
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    consented(library, place, request)
    (place / "killed").mkdir()
    module, _, name = STEPS[step].rpartition(".")
    (place / "killed" / "killed_at.py").write_text(
        "import importlib, os, pkgutil, sys\n"
        f"where = pkgutil.resolve_name({module!r}) if {step!r} != 'entered' else importlib.import_module({module!r})\n"
        f"real = getattr(where, {name!r})\n"
        "def killed(*a, **k):\n" + ("" if when == "before" else "    real(*a, **k)\n") + "    os._exit(137)\n"
        f"def main():\n    setattr(where, {name!r}, killed)\n"
        "    from khizana.cli.main import run\n    run(sys.argv[1:])\n    os._exit(0)\n"
    )
    start = (
        "import os, sys\n"
        "from khizana.cli.verb import open_library\n"
        "open_library(os.environ['KHIZANA_LIBRARY'])\n"
        "import killed_at\nkilled_at.main()\n"
    )
    paths = os.pathsep.join([str(place / "killed"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", start, "delete", "carry-out", request],
        env={**os.environ, "PYTHONPATH": paths, "KHIZANA_LIBRARY": str(library.root), "KHIZANA_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 137, done.stdout + done.stderr
    library.run("delete", "carry-out", request)
    assert objects(library.root / "storage") == 2
    assert library.json("status")["manuscripts"] == 1
    assert not any((library.root / "work" / "deleting").glob("*"))


def test_a_sealed_site_is_cleared_and_goes_on(places: tuple[Library, Path]) -> None:
    library, place = places
    library.run("keys", "make", "--into", place / "pages")
    library.run("site", "add", "sealed", f"disk:{place / 'sealed'}", "--place", "Gao", "--sealed")
    library.run("replicate")
    before = sum(1 for path in (place / "sealed").rglob("*") if path.is_file())
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    consented(library, place, request)
    library.run("delete", "carry-out", request)
    library.run("replicate")
    assert library.json("status")["deletions_left"] == []
    assert sum(1 for path in (place / "sealed").rglob("*") if path.is_file()) < before
    library.run("verify", "--site", "all")
    library.run("rebuild")
    library.run("verify", "--site", "sealed")
    assert library.json("status")["sites_lacking"] == {"first": 0, "sealed": 0}


def test_what_comes_back_is_told_and_not_shown(places: tuple[Library, Path]) -> None:
    library, place = places
    shutil.copytree(library.root / "storage", place / "old")
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    consented(library, place, request)
    library.run("delete", "carry-out", request)
    shutil.copytree(place / "old", library.root / "storage", dirs_exist_ok=True)
    assert request in library.run("rebuild").stderr
    assert library.json("status")["manuscripts"] == 1
    library.run("delete", "carry-out", request)
    assert objects(library.root / "storage") == 2
