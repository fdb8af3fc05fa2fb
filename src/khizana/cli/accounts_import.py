"""``khizana accounts import FILE``: the accounts of staff that another database had."""

from __future__ import annotations

from pathlib import Path

from khizana.apps.accounts.actions.carry_accounts import read_accounts, take_accounts
from khizana.cli.verb import Opened, tell
from khizana.core.errors import BadInput, NotFound, Unreadable


def run(*, opened: Opened, file: Path) -> None:  # noqa: ARG001 - opening it is what it is for
    """Take the accounts in *file* whose names are not there yet."""
    try:
        accounts = read_accounts(file.read_bytes())
    except FileNotFoundError as error:
        raise NotFound("NO_SUCH_FILE", path=str(file)) from error
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(file), problem=error.strerror or "") from error
    except ValueError as error:
        raise BadInput("ACCOUNTS_UNREADABLE", path=str(file), problem=str(error)[:200]) from error
    taken, there = take_accounts(accounts)
    tell("ACCOUNTS_TAKEN", taken=taken, there=there)
