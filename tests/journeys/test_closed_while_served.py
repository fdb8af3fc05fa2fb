"""An agreement that is narrowed while the library is served holds at every door at once, and soon everywhere else."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, Served, new_library, served
from journeys.test_staff import account, sign_in
from khizana.web.freshness import IMAGES_FRESH, TEXTS_FRESH

IMAGES = (
    "/images/tb-1.0001/480.jpg",
    "/iiif/3/tb-1.0001/full/300,/0/default.jpg",
    "/iiif/3/tb-1.0001/0,0,200,200/200,/0/default.jpg",
    "/iiif/2/tb-1.0001/full/max/0/default.jpg",
    "/iiif/3/tb-1.0001/info.json",
)
TEXTS = ("/en/m/tb-1/", "/en/m/tb-1/1r", "/iiif/manifest/tb-1", "/iiif/manifest/tb-1/v2", "/m/tb-1/description.xml")
LISTS = ("/en/", "/en/m/", "/iiif/collection")


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "tb 1")
    assert account(library, "aicha", "a long enough password") == 0
    return library


def kept(here: Served, door: str, **headers: str) -> tuple[int, str, set[str]]:
    """Return status, Cache-Control and what the answer varies with."""
    status, answered, _ = here.get(door, **headers)
    varies = {name.strip().lower() for name in ",".join(answered.get_all("Vary") or []).split(",")}
    return status, answered.get("Cache-Control", ""), varies


def fresh_for(keeps: str) -> int:
    found = re.fullmatch(r"(?:public|private), max-age=(\d+), must-revalidate", keeps)
    assert found, keeps
    return int(found[1])


def close(library: Library, here: Served, *how: str) -> None:
    library.run("publish", "tb 1", *how)
    time.sleep(1.6)  # doors look twice a second
    assert here.process.poll() is None


def test_a_manuscript_that_is_closed_is_closed_at_every_door(library: Library) -> None:
    with served(library) as here:
        tags = {}
        for door in (*IMAGES, *TEXTS, *LISTS):
            for _ in range(2):  # made, and as it was remembered
                status, keeps, varies = kept(here, door)
                assert status == 200, door
                assert fresh_for(keeps) <= (IMAGES_FRESH if door in IMAGES else TEXTS_FRESH), door
                assert keeps.startswith("public") or "cookie" in varies, door
            tags[door] = here.get(door)[1].get("ETag", "")
        assert all(tags[door] for door in IMAGES)
        assert {here.get(door, If_None_Match=tags[door])[0] for door in IMAGES} == {304}

        close(library, here, "--level", "smaller")
        status, keeps, varies = kept(here, IMAGES[0])
        assert (status, keeps, "cookie" in varies) == (200, f"private, max-age={IMAGES_FRESH}, must-revalidate", True)

        close(library, here, "--level", "staff")
        cookie = sign_in(here, "aicha", "a long enough password")
        for door in IMAGES:
            for headers in ({}, {"If_None_Match": tags[door]}, {"If_None_Match": "*"}, {"Cookie": "sessionid=x"}):
                assert kept(here, door, **headers)[:2] == (403, "no-store"), door
        for door in (*IMAGES, *TEXTS):
            assert kept(here, door, Cookie=cookie)[:2] == (200, "private, no-store"), door
            assert "cookie" in kept(here, door, Cookie=cookie)[2], door

        close(library, here, "--withdraw")
        for door in (*IMAGES, *TEXTS):
            for headers in ({}, {"If_None_Match": tags[door] or "*"}):
                status = 404 if door in IMAGES else 410  # a page says that it was here
                assert kept(here, door, **headers)[:2] == (status, "no-store"), door
