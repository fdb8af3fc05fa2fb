"""A manuscript deleted by two of three guardians: from the library, from its sites, and not by anything less."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, new_library
from data.deleting import consented, copied, guarded, killed_at, objects


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, database: Callable[[], str]) -> Path:
    place = tmp_path_factory.mktemp("deletion")
    guarded(place, database=database())
    return place


@pytest.fixture
def places(made: Path, tmp_path: Path) -> tuple[Library, Path]:
    return copied(made, tmp_path), tmp_path


def test_without_guardians_nothing_is_even_asked(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    assert "No guardians" in library.run("delete", "ask", "S 0", "--reason", "taken twice", status=3).stderr


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


@pytest.mark.both_databases(long=True)
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
    "mark": "khizana.core.preservation.removal:Removal.mark",
    "take_out": "khizana.core.preservation.removal:Removal.take_out",
    "finish": "khizana.core.preservation.removal:Removal.finish",
    "remove_tree": "khizana.core.preservation.removal:remove_tree",
    "sync_directory": "khizana.core.preservation.removal:sync_directory",
    "entered": "khizana.cli.delete_carry_out:enter",
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_same_command_completes(places: tuple[Library, Path], step: str, when: str) -> None:
    library, place = places
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    consented(library, place, request)
    killed_at(library, STEPS[step], "delete", "carry-out", request, after=when == "after")
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
