"""Two working places of one library, as people make the second from a copy and let the two know each other."""

from __future__ import annotations

import re
from pathlib import Path

from data.cards import card
from data.commands import Library, khizana, new_library


def key_of(library: Library) -> str:
    """Return the key that the place prints for others."""
    found = re.search(r"ed25519-[0-9a-f]{64}", library.run("ledger", "show").stdout)
    assert found
    return found[0]


def two_places(folder: Path, shelfmark: str, *, database: str = "") -> tuple[Library, Library]:
    """Make ``home`` and ``bamako`` in *folder*, with one manuscript, a site of ``home`` and an empty portable disk.

    *database* is that of ``home``; the other place has its own, in its folder.
    """
    home = new_library(folder / "home", database=database)
    home.run("add", card(folder / "card", ["1r.jpg", "1v.jpg"], seed=1), "--shelfmark", shelfmark)
    home.run("site", "add", "disk", f"disk:{folder / 'disk'}", "--place", "Timbuktu")
    home.run("replicate")
    done = khizana("restore", f"disk:{folder / 'disk'}", "--into", folder / "bamako")
    assert done.returncode == 0, done.stderr
    bamako = Library(folder / "bamako")
    home.run("site", "add", "bamako", f"peer:{key_of(bamako)}", "--place", "Bamako", "--keeper", "The imam")
    bamako.run("site", "add", "home", f"peer:{key_of(home)}", "--place", "Timbuktu")
    (folder / "usb").mkdir()
    return home, bamako
