"""Deleted at one of two working places: the other is told, keeps what it has, and nothing comes back by courier."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, khizana
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
