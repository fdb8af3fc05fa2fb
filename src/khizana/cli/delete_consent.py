"""``khizana delete consent REQUEST --key FILE``: one guardian consents to exactly what a request names."""

from __future__ import annotations

from pathlib import Path

from khizana.cli.at_deletions import answer
from khizana.cli.verb import Opened, tell
from khizana.core.preservation.ledger.entry import DELETION_CONSENTED
from khizana.core.preservation.ledger.guardians import NEEDED


def run(*, opened: Opened, request: str, key: Path) -> None:
    """Sign and enter the consent."""
    found, name = answer(opened, DELETION_CONSENTED, request, key)
    tell("DELETION_CONSENTED", request=request, name=name, consents=len(found.consents), needed=NEEDED)
