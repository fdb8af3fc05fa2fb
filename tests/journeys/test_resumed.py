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
