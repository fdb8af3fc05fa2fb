"""A library that is damaged while it is served: readers are told so, and what is closed stays closed."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, Served, new_library, served

DOORS = ("/en/m/a-1/", "/en/m/a-1/1r", "/iiif/manifest/a-1", "/images/a-1.0001/480.jpg", "/iiif/3/a-1.0001/info.json")


def filled(tmp_path: Path) -> Library:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card", ["0001_1r.jpg"]), "--shelfmark", "A 1")
    return library


def statuses(here: Served) -> set[int]:
    return {here.get(path)[0] for path in DOORS}


def wait_until(come: Callable[[], bool]) -> None:
    for _ in range(300):
        if come():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come within half a minute")


def test_a_database_made_again_is_the_one_that_doors_ask(tmp_path: Path) -> None:
    library = filled(tmp_path)
    with served(library) as here:
        assert statuses(here) == {200}
        library.lose_database()
        wait_until(lambda: here.get("/en/m/")[0] == 500)
        assert "try again in a minute" in here.get("/en/m/")[2].decode()
        # A thread that asked a moment ago goes on asking the file that is gone, until its connection is old.
        wait_until(lambda: here.get("/iiif/3/other.0001/info.json")[0] == 503)
        library.run("rebuild")
        wait_until(lambda: here.get("/en/m/")[0] == 200)
        library.run("publish", "A 1", "--withdraw")
        wait_until(lambda: statuses(here) <= {404, 410})


def test_a_description_that_is_lost_is_said_in_one_sentence(tmp_path: Path) -> None:
    library = filled(tmp_path)
    for path in library.root.glob("storage/**/description.xml"):
        path.unlink()
    with served(library) as here:
        status, headers, body = here.get("/m/a-1/description.xml", Accept_Language="fr")
        assert (status, headers["access-control-allow-origin"]) == (503, "*")
        assert "prévenez la bibliothèque" in json.loads(body)["error"]


def lose(library: Library, name: str) -> None:
    """Delete the files called *name* of the first manuscript alone."""
    for path in library.root.glob(f"storage/**/*a-1%3a*/**/{name}"):
        path.unlink()


@pytest.mark.parametrize(
    "lost", ["structure.json", "0001.xml", "description.xml", "publication.json", "inventory.json"]
)
def test_a_damaged_manuscript_can_be_closed_and_keeps_no_other_from_work(tmp_path: Path, lost: str) -> None:
    library = filled(tmp_path)
    library.run("add", card(tmp_path / "other", ["1r.jpg"], seed=9), "--shelfmark", "A 2")
    with served(library) as here:
        assert statuses(here) == {200}
        lose(library, lost)
        library.run("publish", "A 1", "--withdraw", status=8)
        wait_until(lambda: statuses(here) <= {404, 410})
        library.run("publish", "A 2", "--level", "smaller")
        assert library.json("status")["published"] == {"open": 0, "terms": 0, "smaller": 1, "readers": 0, "staff": 0}
        assert library.json("rebuild", status=1)["manuscripts"] == 1
        assert here.get("/en/m/a-2/")[0] == 200


def test_a_storage_root_that_is_not_there_costs_no_row(tmp_path: Path) -> None:
    library = filled(tmp_path)
    (library.root / "storage").rename(tmp_path / "unplugged")
    library.run("rebuild", status=3)
    (library.root / "storage").mkdir()
    assert "connect the disk" in library.run("rebuild", status=3).stderr
    (library.root / "storage").rmdir()
    (tmp_path / "unplugged").rename(library.root / "storage")
    assert library.json("status")["manuscripts"] == 1


def test_odd_files_among_the_marks_of_unfinished_work_stop_nothing(tmp_path: Path) -> None:
    library = filled(tmp_path)
    (library.root / "pending").mkdir(exist_ok=True)
    (library.root / "pending" / ("a" * 32)).mkdir()
    (library.root / "pending" / ("b" * 32)).write_bytes(b"\xff../../x")
    (library.root / "pending" / ("c" * 32)).touch()
    assert library.json("status")["manuscripts"] == 1


def test_a_database_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    library = filled(tmp_path)
    with sqlite3.connect(library.root / "khizana.sqlite3") as database:
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('catalogue', '9999_on', '2099')")
    database.close()
    assert "newer version" in library.run("status", status=2).stderr


@pytest.mark.parametrize(("lost", "status"), [("folder", 3), ("disk", 5)])
def test_a_manuscript_whose_object_is_gone_or_cannot_be_read_can_be_closed(
    tmp_path: Path, lost: str, status: int
) -> None:
    library = filled(tmp_path)
    (description,) = library.root.glob("storage/*/*/*/*description*")
    if lost == "folder":
        shutil.rmtree(description)
    else:
        # A folder where a file is due cannot be read as one, whoever asks: as a sector that gives no bytes.
        (description / "inventory.json").unlink()
        (description / "inventory.json").mkdir()
    library.run("publish", "A 1", "--withdraw", status=status)
    assert library.json("status")["published"] == {"open": 0, "terms": 0, "smaller": 0, "readers": 0, "staff": 0}
