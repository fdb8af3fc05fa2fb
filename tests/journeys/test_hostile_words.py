"""Words that are markup stay words: titles, labels and file names on every page, in every language."""

from __future__ import annotations

import json
from pathlib import Path

from data.cards import photograph
from data.commands import new_library, served

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def test_markup_in_titles_and_labels_is_shown_and_never_run(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    folder = tmp_path / "card"
    folder.mkdir()
    photograph(folder / "a.jpg", 1)
    photograph(folder / "b.jpg", 2)
    quoted = EVIL.replace('"', '""')
    (folder / "pages.csv").write_text(f'file,label\na.jpg,"{quoted}"\nb.jpg,1v\n')
    library.run("add", folder, "--shelfmark", "TB 1", "--title", f"en={EVIL}")
    with served(library) as here:
        manifest = json.loads(here.get("/iiif/manifest/tb-1")[2])
        assert manifest["items"][0]["label"] == {"none": [EVIL]}
        for language in ("ar", "fr", "en"):
            for path in ("", "m/", "m/tb-1/", "m/tb-1/1v"):
                status, _, body = here.get(f"/{language}/{path}")
                page = body.decode()
                assert status == 200
                assert "<script>alert" not in page, path
                assert "<img src=x" not in page, path
