"""Two places that both worked on one manuscript: joined by a courier, decided by a person, whole at every site."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library
from data.databases import copy_library
from data.working_places import two_places
from khizana.core.findings import LANGUAGES


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, database: Callable[[], str]) -> Path:
    """Two places from one restore; since then both have added pages to one manuscript, and set its order or level."""
    place = tmp_path_factory.mktemp("branches")
    home, bamako = two_places(place, "S 1", database=database())
    home.run("add", card(place / "card1", ["2r.jpg"], seed=20), "--shelfmark", "S 1", "--more")
    bamako.run("add", card(place / "card2", ["2r.jpg", "2v.jpg"], seed=30), "--shelfmark", "S 1", "--more")
    home.run("publish", "S 1", "--level", "smaller")
    bamako.run("publish", "S 1", "--level", "staff")
    home.run("replicate")
    return place


@pytest.fixture
def places(made: Path, tmp_path: Path) -> tuple[Library, Library, Path]:
    copy_library(made / "home", tmp_path / "home")
    for name in ("bamako", "usb", "disk"):
        shutil.copytree(made / name, tmp_path / name)
    home = Library(tmp_path / "home")
    sites = home.root / "sites.toml"
    sites.write_text(sites.read_text().replace(str(made), str(tmp_path)))
    return home, Library(tmp_path / "bamako"), tmp_path / "usb"


def exchange(one: Library, other: Library, usb: Path, names: tuple[str, str] = ("home", "bamako")) -> None:
    """Let the courier go there and back, until both have heard of what the other has."""
    for giver, taker, name in ((one, other, names[1]), (other, one, names[0]), (one, other, names[1])):
        giver.run("courier", "pack", usb, "--for", name)
        taker.run("courier", "receive", usb)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def masters(library: Library) -> set[bytes]:
    return {path.read_bytes() for path in (library.root / "storage").rglob("*.jpg")}


@pytest.mark.both_databases(long=True)
def test_both_come_to_the_same_and_no_page_is_lost(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    before = masters(home) | masters(bamako)
    assert len(before) == 5
    exchange(home, bamako, usb)
    assert files(home.root / "storage") == files(bamako.root / "storage")
    assert masters(home) == before
    for library in (home, bamako):
        shown = library.run("order", "S 1").stdout.splitlines()
        assert len(shown) == 1 + 5
        assert library.run("verify", library.root / "storage").returncode == 0
        library.run("verify", "--site", "here")
        library.run("ledger", "check")
    told = ("manuscripts", "published", "pages", "objects", "events", "undecided", "safety", "sites_lacking")
    rows = home.json("status")
    home.run("rebuild", "--no-access-copies")
    again = home.json("status")
    assert {name: again[name] for name in told} == {name: rows[name] for name in told}


def test_a_person_decides_and_the_decision_goes_round(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    exchange(home, bamako, usb)
    assert home.json("status")["undecided"] == bamako.json("status")["undecided"] == 1
    assert "wait for a person: 1" in home.run("status").stdout
    told = home.run("branches").stdout
    assert "publication.json was changed in two places" in told
    for language in LANGUAGES:
        assert home.run("branches", KHIZANA_LANGUAGE=language).stdout
    home.run("branches", "S 1", "--into", home.root.parent / "forms")
    forms = [path.read_text() for path in (home.root.parent / "forms").rglob("*publication.json")]
    assert len(forms) == 2
    home.run("settle", "S 1", "publication.json", "keep")
    assert home.json("status")["undecided"] == 0
    assert "Nothing waits" in home.run("branches").stdout
    exchange(home, bamako, usb)
    assert bamako.json("status")["undecided"] == 0
    assert files(home.root / "storage") == files(bamako.root / "storage")


def test_when_the_database_is_lost_joined_branches_are_still_known_for_what_they_are(
    places: tuple[Library, Library, Path],
) -> None:
    home, bamako, usb = places
    exchange(home, bamako, usb)
    for library in (home, bamako):
        library.lose_database()
        library.run("rebuild", "--no-access-copies")
        library.run("ledger", "check")
    home.run("settle", "S 1", "publication.json", "keep")
    exchange(home, bamako, usb)
    assert files(home.root / "storage") == files(bamako.root / "storage")


def test_what_was_joined_and_not_entered_is_entered_when_the_database_is_made_again(
    places: tuple[Library, Library, Path],
) -> None:
    home, bamako, usb = places
    for library in (home, bamako):
        shutil.copytree(library.root / "ledger", library.root.parent / f"{library.root.name}-before")
    exchange(home, bamako, usb)
    for library in (home, bamako):  # somebody brought back the ledger of the day before, and nothing else
        shutil.rmtree(library.root / "ledger")
        shutil.copytree(library.root.parent / f"{library.root.name}-before", library.root / "ledger")
        library.run("rebuild", "--no-access-copies")
        assert "not in the ledger" not in library.run("ledger", "check").stdout
    home.run("replicate")
    assert files(home.root.parent / "disk" / "storage") == files(home.root / "storage")


def test_what_is_taken_from_the_other_branch_stands(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    exchange(home, bamako, usb)
    assert home.json("status")["published"] == {"open": 0, "terms": 0, "smaller": 0, "readers": 0, "staff": 1}, (
        "the narrower until decided"
    )
    home.run("settle", "S 1", "publication.json", "take")
    level = home.json("status")["published"]
    other = [path.read_text() for path in home.root.rglob("*publication.json")]
    assert level in (
        {"open": 0, "terms": 0, "smaller": 1, "readers": 0, "staff": 0},
        {"open": 0, "terms": 0, "smaller": 0, "readers": 0, "staff": 1},
    )
    assert other


def test_what_there_is_not_to_decide_is_one_sentence(places: tuple[Library, Library, Path]) -> None:
    home, _, _ = places
    refused = home.run("settle", "S 1", "description.xml", "take", status=None)
    assert (refused.returncode, refused.stderr.count("\n")) == (3, 1)
    refused = home.run("branches", "S 9", status=None)
    assert (refused.returncode, refused.stderr.count("\n")) == (3, 1)


def test_sites_that_had_the_other_branch_are_made_whole(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    bamako.run("site", "add", "own", f"disk:{bamako.root.parent / 'own'}", "--place", "Bamako")
    for library in (home, bamako):
        library.run("keys", "make", "--into", library.root.parent / f"{library.root.name}-pages")
        sealed = f"disk:{library.root.parent / library.root.name}-sealed"
        library.run("site", "add", "sealed", sealed, "--place", "Mopti", "--sealed")
        library.run("replicate", "--site", "sealed")
    bamako.run("replicate", "--site", "own")
    exchange(home, bamako, usb)
    for library in (home, bamako):
        library.run("replicate", "--site", "sealed")
        library.run("verify", "--site", "sealed")
        assert library.json("status")["sites_lacking"]["sealed"] == 0
    for library, site in ((home, "disk"), (bamako, "own")):
        library.run("replicate", "--site", site)
        library.run("verify", "--site", site)
        assert files(library.root.parent / site / "storage") == files(library.root / "storage")
