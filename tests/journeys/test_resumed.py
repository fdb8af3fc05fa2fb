"""The same command again reads from the card only what it has not received."""

from __future__ import annotations

import os
from pathlib import Path

from data.cards import card
from data.commands import new_library


def test_what_was_received_is_not_read_from_the_card_again_unless_it_has_changed(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    photographs = card(tmp_path / "card", ["1r.jpg", "1v.jpg"])
    before = {path.name: path.read_bytes() for path in photographs.iterdir()}
    library.run("receive", photographs, "--shelfmark", "A 1")
    # A card that fails now gives other bytes for a file that is safe: whoever reads it again is refused.
    failing = photographs / "1r.jpg"
    facts = failing.stat()
    failing.write_bytes(bytes(facts.st_size))
    os.utime(failing, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert library.json("receive", photographs, "--shelfmark", "A 1")["received"] == 2
    os.utime(failing, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000_000))
    assert library.json("receive", photographs, "--shelfmark", "A 1", status=1)["refused"] == 1
    os.utime(failing, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    library.run("add", photographs, "--shelfmark", "A 1")
    masters = {path.read_bytes() for path in library.root.glob("storage/**/masters/*")}
    assert masters == set(before.values())


def test_a_card_that_was_received_and_waits_is_not_forgotten_for_another(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    first, second = card(tmp_path / "first", ["1r.jpg", "1v.jpg"]), card(tmp_path / "second", ["1r.jpg"], seed=9)
    library.run("receive", first, "--shelfmark", "A 1")
    for command in ("receive", "add"):
        said = library.run(command, second, "--shelfmark", "A 1", "--more", status=4).stderr
        assert "2 photographs of another card" in said
        assert "khizana accession" in said
    (first / "1v.jpg").unlink()  # what is left of a card is still that card
    assert library.json("receive", first, "--shelfmark", "A 1")["received"] == 1
    assert library.json("accession", "--shelfmark", "A 1")["pages"] == 1
    assert library.json("add", second, "--shelfmark", "A 1", "--more")["pages"] == 2
    masters = {path.read_bytes() for path in library.root.glob("storage/**/masters/*")}
    assert masters == {path.read_bytes() for folder in (first, second) for path in folder.iterdir()}
