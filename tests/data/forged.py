"""An object rewritten with all its digests, and with what the database remembers of it."""

from __future__ import annotations

import sqlite3
from hashlib import sha512
from pathlib import Path

from data.commands import Library


def forge_with_database(library: Library) -> Path:
    """Rewrite one object of images of *library*, so that it and the database agree; return its folder."""
    path = min((library.root / "storage").rglob("v1/content/structure.json")).parents[2]
    was = (path / "inventory.json").read_bytes()
    rewritten = was.replace(b"Accession of 3", b"Accession of 4")
    old, new = (sha512(each).hexdigest() for each in (was, rewritten))
    for folder in (path, path / "v1"):
        (folder / "inventory.json").write_bytes(rewritten)
        (folder / "inventory.json.sha512").write_text(f"{new} inventory.json\n")
    with sqlite3.connect(library.root / "khizana.sqlite3") as database:
        row = "update preservation_objectversion set inventory_digest = ? where inventory_digest = ?"
        assert database.execute(row, (new, old)).rowcount == 1
    return path
