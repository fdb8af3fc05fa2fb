"""``khizana ledger rekey``: a new key that signs the ledger, handed over to by the old one."""

from __future__ import annotations

from datetime import UTC, datetime

from khizana import __version__
from khizana.cli.verb import tell
from khizana.core.library import LibraryFolder, library_root
from khizana.core.preservation.ledger.head import head_line
from khizana.core.preservation.ledger.write import open_ledger, require_head
from khizana.core.preservation.ocfl.inventory import rfc3339


def run(*, library: str | None) -> None:
    """Change the key, and say the new one and the head it signed."""
    folder = LibraryFolder.opened(library_root(library))
    require_head(folder.ledger)
    with open_ledger(folder.ledger) as ledger:
        when = rfc3339(datetime.now(UTC).replace(microsecond=0))
        head = ledger.change_key(folder.keys, when=when, agent=f"khizana {__version__}")
    tell("LEDGER_REKEYED", key=head.key, head=head_line(head).decode())
