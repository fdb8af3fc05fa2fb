"""Remove an account of the staff."""

from __future__ import annotations

from khizana.apps.accounts.models import Account
from khizana.core.errors import NotFound


def remove_account(*, username: str) -> None:
    """Remove the account; its sign-ins end within half a minute.

    Raises ``NotFound`` where there is none.
    """
    if not Account.objects.filter(username=username).delete()[0]:
        raise NotFound("NO_ACCOUNT", name=username)
