"""Deleted at one of two working places: the other is told, keeps what it has, and nothing comes back by courier."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, command_environment, khizana
from data.deleting import deleted, name_guardians, objects
from data.working_places import two_places

FOLDER = "khizana-courier"
IMAGES = "urn:khizana:test:s-0:images"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``home`` and ``bamako`` with the same manuscript; ``home`` has guardians."""
    place = tmp_path_factory.mktemp("places")
    home, _ = two_places(place, "S 0")
    name_guardians(home, place)
    return place


@pytest.fixture
def places(made: Path, tmp_path: Path) -> tuple[Library, Library, Path]:
    for name in ("home", "bamako", "usb", "stick0", "stick1", "stick2"):
        shutil.copytree(made / name, tmp_path / name)
    return Library(tmp_path / "home"), Library(tmp_path / "bamako"), tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def carried(home: Library, place: Path) -> None:
    """Let ``home`` have something to carry, and pack it: its ledger goes with that."""
    home.run("add", card(place / "more", ["1r.jpg"], seed=5), "--shelfmark", "S 1")
    home.run("courier", "pack", place / "usb", "--for", "bamako")


def joined_unaware(bamako: Library, place: Path) -> None:
    """Let ``bamako`` receive as a place does that has not heard of the deletion."""
    program = (
        "import os, sys\n"
        "from khizana.cli.verb import open_library\n"
        "open_library(os.environ['KHIZANA_LIBRARY'])\n"
        "from khizana.cli import courier_receive\n"
        "courier_receive._Desk._taker_from = lambda desk, site: desk._take_in\n"
        "from khizana.cli.main import run\n"
        "sys.exit(run(['courier', 'receive', sys.argv[1]]))\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            str(place / "usb"),
        ],
        env={**command_environment(KHIZANA_LIBRARY=str(bamako.root)), "PYTHONPATH": os.environ.get("PYTHONPATH", "")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "2 joined with changes made here" in done.stdout, done.stdout + done.stderr


def test_the_other_place_is_told_and_keeps_what_it_has(places: tuple[Library, Library, Path]) -> None:
    home, bamako, place = places
    request = deleted(home, place)
    carried(home, place)
    said = bamako.run("courier", "receive", place / "usb").stderr
    assert f"home has deleted {IMAGES} (request {request}: taken twice)" in said
    assert "ask here too" in said
    assert bamako.json("status")["manuscripts"] == 2
    # What it sends all the same is not taken in here, and is not lost there.
    before = files(home.root / "storage")
    shutil.rmtree(place / "usb" / FOLDER)
    bamako.run("courier", "pack", place / "usb", "--for", "home", "--all")
    assert (
        f"{IMAGES} was deleted here and was not taken in"
        in home.run("courier", "receive", place / "usb", status=8).stderr
    )
    assert files(home.root / "storage") == before
    assert objects(bamako.root / "storage") == 4


def test_versions_written_there_since_are_a_disagreement_that_people_decide(
    places: tuple[Library, Library, Path],
) -> None:
    home, bamako, place = places
    bamako.run("publish", "S 0", "--level", "staff")
    deleted(home, place)
    carried(home, place)
    said = bamako.run("courier", "receive", place / "usb").stderr
    assert "to whose deletion nobody there consented" in said
    assert bamako.json("status")["manuscripts"] == 2
    shutil.rmtree(place / "usb" / FOLDER)
    bamako.run("courier", "pack", place / "usb", "--for", "home", "--all")
    said = home.run("courier", "receive", place / "usb", status=8).stderr
    assert "decide together" in said
    assert home.json("status")["manuscripts"] == 1
    assert objects(bamako.root / "storage") == 4


def test_what_both_have_deleted_is_told_no_more(places: tuple[Library, Library, Path]) -> None:
    home, bamako, place = places
    deleted(home, place)
    bamako.run("guardian", "name", *(place / f"stick{number}" / "guardian.txt" for number in range(3)))
    deleted(bamako, place)
    carried(home, place)
    assert IMAGES not in bamako.run("courier", "receive", place / "usb").stderr
    assert bamako.json("status")["manuscripts"] == 1


def test_what_is_added_again_by_its_shelfmark_is_joined_with_nothing_that_was_deleted(
    places: tuple[Library, Library, Path],
) -> None:
    home, bamako, place = places
    deleted(home, place)
    home.run("add", card(place / "again", ["1r.jpg"], seed=50), "--shelfmark", "S 0")
    home.run("courier", "pack", place / "usb", "--for", "bamako")
    before = files(bamako.root / "storage")
    said = bamako.run("courier", "receive", place / "usb", status=8).stderr
    assert f"has deleted {IMAGES} as it is here" in said
    assert files(bamako.root / "storage") == before
    # The way out: what is here is deleted here, too.
    bamako.run("guardian", "name", *(place / f"stick{number}" / "guardian.txt" for number in range(3)))
    deleted(bamako, place)
    bamako.run("courier", "receive", place / "usb")
    assert files(bamako.root / "storage") == files(home.root / "storage")
    bamako.run("courier", "pack", place / "usb", "--for", "home", "--all")
    assert "held the same 2 objects" in home.run("courier", "receive", place / "usb").stdout


def test_what_was_deleted_does_not_come_back_as_a_branch_of_what_has_its_name_since(
    places: tuple[Library, Library, Path],
) -> None:
    home, bamako, place = places
    deleted(home, place)
    home.run("add", card(place / "again", ["1r.jpg"], seed=50), "--shelfmark", "S 0")
    # The longer history goes on: what was deleted is the branch.
    home.run("add", card(place / "more", ["2r.jpg"], seed=60), "--shelfmark", "S 0", "--more")
    home.run("courier", "pack", place / "usb", "--for", "bamako")
    joined_unaware(bamako, place)
    before = files(home.root / "storage")
    shutil.rmtree(place / "usb" / FOLDER)
    bamako.run("courier", "pack", place / "usb", "--for", "home", "--all")
    said = home.run("courier", "receive", place / "usb", status=8).stderr
    assert f"{IMAGES} was deleted here, and the other place" in said
    assert files(home.root / "storage") == before


def test_a_library_restored_from_a_courier_alone_has_not_what_was_deleted(
    places: tuple[Library, Library, Path],
) -> None:
    home, _, place = places
    (place / "disk").mkdir()
    home.run("courier", "pack", place / "disk", "--for", "bamako", "--all")
    request = deleted(home, place)
    home.run("add", card(place / "more", ["1r.jpg"], seed=5), "--shelfmark", "S 1")
    home.run("courier", "pack", place / "disk", "--for", "bamako", "--all")
    said = khizana("restore", f"disk:{place / 'disk'}", "--into", place / "again")
    assert (said.returncode, f"{IMAGES} was deleted (request {request})" in said.stderr) == (0, True), said.stderr
    assert files(place / "again" / "storage") == files(home.root / "storage")
