"""``khizana keys rehearse``: whether the shares of those present would open the sealed copies."""

from __future__ import annotations

from khizana.cli.shares import typed_identity
from khizana.cli.verb import tell
from khizana.core.library import LibraryFolder, library_root
from khizana.core.preservation.sealed.keys import read_keys, rehearse
from khizana.wiring.keys import opener_of, public_half


def run(*, library: str | None) -> None:
    """Join the shares in memory, open a small sealed file with the key, and forget it."""
    folder = LibraryFolder.opened(library_root(library))
    read_keys(folder.keys)
    identity = typed_identity()
    recipient = public_half(identity)
    rehearse(folder.keys, recipient=recipient, opener=opener_of(identity))
    tell("KEYS_REHEARSED", recipient=recipient)
