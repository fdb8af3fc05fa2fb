"""``khizana accounts export FILE``: the accounts of staff, to be taken into another database."""

from __future__ import annotations

from pathlib import Path

from khizana.apps.accounts.actions.carry_accounts import accounts_json, written_accounts
from khizana.cli.verb import Opened, tell
from khizana.core.errors import AlreadyThere
from khizana.core.preservation.durable import write_beside, writing


def run(*, opened: Opened, file: Path) -> None:  # noqa: ARG001 - opening it is what it is for
    """Write every account into a new file that only its owner can read."""
    if file.exists():
        raise AlreadyThere("FILE_EXISTS", path=str(file))
    accounts = written_accounts()
    with writing(file.parent):
        write_beside(file, accounts_json(accounts), mode=0o600)
    tell("ACCOUNTS_WRITTEN", count=len(accounts), path=str(file))
