"""Rebuilding says which manuscript lacks one of its two objects, and serves the others all the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from data.commands import new_library
from khizana.core.identifiers import ManuscriptId, description_object_id, images_object_id
from khizana.core.preservation.ocfl.layout import object_path


@pytest.mark.parametrize("lost", [images_object_id, description_object_id])
def test_a_manuscript_of_one_object_is_named_and_the_others_are_there(tmp_path: Path, lost: object) -> None:
    library = new_library(tmp_path / "library", name="halves")
    for number in (1, 2):
        card = tmp_path / f"card{number}"
        card.mkdir()
        Image.linear_gradient("L").rotate(90 * number).resize((300, 400)).convert("RGB").save(card / "1r.jpg")
        library.run("add", card, "--shelfmark", f"A {number}")
    assert callable(lost)
    shutil.rmtree(library.root / "storage" / object_path(lost("halves", ManuscriptId("a-2"))))
    said = library.json("rebuild", status=1)
    assert said["manuscripts"] == 1
    assert [(each["code"], each["subject"]) for each in said["findings"]] == [
        ("HALF_ACCESSIONED", "a-2"),
        ("LEDGER_OBJECT_GONE", lost("halves", ManuscriptId("a-2"))),
    ]
    assert library.json("status")["manuscripts"] == 1
