"""``khizana guardian make NAME --into DIR``: a key of their own for one guardian, which no library ever holds."""

from __future__ import annotations

from pathlib import Path

from khizana.cli.verb import tell
from khizana.core.preservation.ledger.guardians import PRIVATE, PUBLIC, make_guardian


def run(*, name: str, into: Path) -> None:
    """Make the key and say what belongs to whom."""
    made = make_guardian(name, into)
    tell("GUARDIAN_MADE", name=made.name, private=str(into / PRIVATE), public=str(into / PUBLIC), key=made.key)
