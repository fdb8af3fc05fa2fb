"""Adding the same card again never opens what someone has closed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from data.commands import Library, khizana


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card")
    Image.linear_gradient("L").resize((300, 400)).convert("RGB").save(folder / "1r.jpg")
    return folder


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("kept") / "library"
    assert khizana("init", root).returncode == 0
    return Library(root)


def _published(library: Library) -> dict[str, int]:
    published: dict[str, int] = library.json("status")["published"]
    return published


def test_a_withdrawn_manuscript_stays_withdrawn_and_a_restricted_one_restricted(library: Library, card: Path) -> None:
    library.run("add", card, "--shelfmark", "A 1")
    assert _published(library) == {"open": 1, "terms": 0, "smaller": 0, "readers": 0, "staff": 0}
    library.run("publish", "A 1", "--level", "staff")
    assert library.json("add", card, "--shelfmark", "A 1")["published"] is True
    assert _published(library) == {"open": 0, "terms": 0, "smaller": 0, "readers": 0, "staff": 1}
    library.run("publish", "A 1", "--withdraw")
    assert "stays as it was decided" in library.run("add", card, "--shelfmark", "A 1").stdout
    assert _published(library) == {"open": 0, "terms": 0, "smaller": 0, "readers": 0, "staff": 0}


def test_what_was_accessioned_for_staff_is_not_published_for_all(library: Library, card: Path) -> None:
    library.run("receive", card, "--shelfmark", "A 2")
    library.run("accession", "--shelfmark", "A 2", "--level", "staff")
    before = _published(library)
    library.run("add", card, "--shelfmark", "A 2")
    assert _published(library) == before | {"staff": before["staff"] + 1}


def test_a_manuscript_whose_access_copies_are_gone_can_still_be_closed(library: Library, card: Path) -> None:
    library.run("add", card, "--shelfmark", "A 3")
    open_before = _published(library)["open"]
    shutil.rmtree(library.root / "access")
    library.run("publish", "A 3", "--level", "staff")
    assert _published(library)["open"] == open_before - 1
    library.run("publish", "A 3", "--withdraw")
    assert "no access copy" in library.run("publish", "A 3", status=1).stderr
