"""``khizana guardian name FILE FILE FILE``: the three guardians, entered together; others later are a request."""

from __future__ import annotations

import secrets
from pathlib import Path

from khizana.cli.at_deletions import by, enter
from khizana.cli.verb import Opened, tell
from khizana.core.preservation.ledger.deletion_entries import guardians_asked, guardians_named
from khizana.core.preservation.ledger.deletions import read_deletions
from khizana.core.preservation.ledger.guardians import read_guardians
from khizana.wiring.deletions import checked_ledger


def run(*, opened: Opened, files: tuple[Path, ...]) -> None:
    """Name them where there are none; otherwise ask the present ones."""
    new = read_guardians(files)
    enter_by = by(opened)
    if (opened.folder.ledger / "entries.jsonl").is_file():
        checked_ledger(opened.folder, {})
    present = read_deletions(opened.folder.ledger).guardians
    names = ", ".join(each.name for each in new.people)
    if present is None:
        enter(opened, guardians_named(new, by=enter_by))
        tell("GUARDIANS_NAMED", names=names)
        return
    request, delay = secrets.token_hex(4), int(opened.configuration.deletion_delay)
    enter(opened, guardians_asked(request, new, delay=delay, guardians=present, by=enter_by))
    tell("GUARDIANS_ASKED", names=names, request=request, delay=delay)
