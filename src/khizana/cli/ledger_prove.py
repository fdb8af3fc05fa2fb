"""``khizana ledger prove ENTRY --out FILE``: that one entry stands in the ledger, for others to check."""

from __future__ import annotations

from pathlib import Path

from khizana.cli.verb import tell
from khizana.core.library import LibraryFolder, library_root
from khizana.core.preservation.durable import write_beside, writing
from khizana.core.preservation.ledger.proof import confirm, find_entry, make_proof
from khizana.core.preservation.ledger.write import require_head


def run(*, entry: str, out: Path, library: str | None) -> None:
    """Write the proof of the entry with that number or id."""
    ledger = LibraryFolder.opened(library_root(library)).ledger
    is_number = entry.isascii() and entry.isdigit() and len(entry) < len(str(2**53))
    proof = make_proof(ledger, int(entry) if is_number else find_entry(ledger, entry))
    key = require_head(ledger).key
    confirm(proof, key=key)
    with writing(out):
        write_beside(out.absolute(), proof)
    tell("LEDGER_PROVED", entry=entry, path=str(out), key=key)
