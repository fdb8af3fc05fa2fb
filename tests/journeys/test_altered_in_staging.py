"""A file that changes in staging between receiving and accession is asked of the card again."""

from __future__ import annotations

from pathlib import Path

from data.cards import card
from data.commands import new_library


def test_a_staged_file_that_the_disk_altered_is_taken_from_the_card_again(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    photographs = card(tmp_path / "card", ["1r.jpg", "1v.jpg"])
    library.run("receive", photographs, "--shelfmark", "A 1")
    staged = max(library.root.glob("staging/??/*"))
    content = bytearray(staged.read_bytes())
    content[len(content) // 2] ^= 1
    staged.write_bytes(content)
    assert "run the same command again with the card" in library.run("accession", "--shelfmark", "A 1", status=8).stderr
    assert library.json("status")["objects"] == 0
    library.run("add", photographs, "--shelfmark", "A 1")
    assert library.json("status")["pages"] == 2
    masters = {path.read_bytes() for path in library.root.glob("storage/**/masters/*")}
    assert masters == {path.read_bytes() for path in photographs.iterdir()}
