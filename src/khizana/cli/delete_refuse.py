"""``khizana delete refuse REQUEST --key FILE``: one guardian refuses, and the request is over."""

from __future__ import annotations

from pathlib import Path

from khizana.cli.at_deletions import answer
from khizana.cli.verb import Opened, tell
from khizana.core.preservation.ledger.entry import DELETION_REFUSED


def run(*, opened: Opened, request: str, key: Path) -> None:
    """Sign and enter the refusal."""
    _, name = answer(opened, DELETION_REFUSED, request, key)
    tell("DELETION_REFUSED", request=request, name=name)
