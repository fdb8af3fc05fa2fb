"""What the settings state is in force when the library is served again: its public address, its language."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

from data.commands import Library, Served, new_library, served


def _address_in_manifest(room: Served) -> str:
    status, _, body = room.get("/iiif/manifest/a-1")
    assert status == 200
    address: str = json.loads(body)["id"]
    return address


def test_the_address_in_use_and_arabic_hold_until_the_settings_state_others(tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    Image.linear_gradient("L").resize((300, 400)).convert("RGB").save(tmp_path / "card" / "1r.jpg")
    library: Library = new_library(tmp_path / "library")
    library.run("add", tmp_path / "card", "--shelfmark", "A 1")
    with served(library) as room:
        assert _address_in_manifest(room) == f"{room.address}/iiif/manifest/a-1"
        assert _address_in_manifest(room) == f"{room.address}/iiif/manifest/a-1"  # the stored copy
        assert room.get("/")[1]["Location"] == "/ar/"
    settings = library.root / "khizana.toml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace('base_url = ""', 'base_url = "https://example.org/books"')
    settings.write_text(text.replace('language = "ar"', 'language = "fr"'), encoding="utf-8")
    with served(library) as room:
        assert _address_in_manifest(room) == "https://example.org/books/iiif/manifest/a-1"
        assert room.get("/")[1]["Location"] == "/fr/"
        assert room.get("/", Accept_Language="en")[1]["Location"] == "/en/"
