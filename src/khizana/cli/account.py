"""``khizana account NAME``: an account for someone of the staff, or for a reader whom the library knows."""

from __future__ import annotations

import sys

import click

from khizana.apps.accounts.actions.make_account import make_account
from khizana.apps.accounts.actions.remove_account import remove_account
from khizana.cli.verb import Opened, tell, words
from khizana.core.errors import BadInput


def run(*, opened: Opened, username: str, reader: bool, remove: bool) -> None:  # noqa: ARG001 - opening it is what it is for
    """Make or remove an account; the password is asked for, or read from standard input where nobody sits."""
    if remove:
        remove_account(username=username)
        tell("ACCOUNT_REMOVED", name=username)
        return
    if sys.stdin.isatty():
        password = click.prompt(words("ASK_PASSWORD"), hide_input=True)
        if click.prompt(words("ASK_PASSWORD_AGAIN"), hide_input=True) != password:
            raise BadInput("PASSWORDS_DIFFER")
    else:
        password = sys.stdin.readline().rstrip("\n")
    make_account(username=username, password=password, staff=not reader)
    tell("READER_ACCOUNT_MADE" if reader else "ACCOUNT_MADE", name=username)
