"""A library that is damaged while it is served: readers are told so, and what is closed stays closed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

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
        (library.root / "khizana.sqlite3").unlink()
        wait_until(lambda: here.get("/en/m/")[0] == 500)
        assert "try again in a minute" in here.get("/en/m/")[2].decode()
        assert here.get("/iiif/3/other.0001/info.json")[0] == 503
        library.run("rebuild")
        wait_until(lambda: here.get("/en/m/")[0] == 200)
        library.run("publish", "A 1", "--withdraw")
        wait_until(lambda: statuses(here) == {404})


def test_a_description_that_is_lost_is_said_in_one_sentence(tmp_path: Path) -> None:
    library = filled(tmp_path)
    for path in library.root.glob("storage/**/description.xml"):
        path.unlink()
    with served(library) as here:
        status, headers, body = here.get("/m/a-1/description.xml", Accept_Language="fr")
        assert (status, headers["access-control-allow-origin"]) == (503, "*")
        assert "prévenez la bibliothèque" in json.loads(body)["error"]
