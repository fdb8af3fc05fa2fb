"""Make an account for someone of the staff, or for a reader."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

from khizana.apps.accounts.models import Account
from khizana.core.errors import AlreadyThere, BadInput

SHORTEST = 10  # characters of a password


def make_account(*, username: str, password: str, staff: bool = True) -> None:
    """Make an account of *staff*, or of a reader whom the library knows.

    Raises ``AlreadyThere`` for a name that is taken, ``BadInput`` for a name or password that cannot be used.
    """
    account = Account(username=username, is_staff=staff)
    try:
        account.full_clean(exclude=["password"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise BadInput("ACCOUNT_NAME_UNUSABLE", name=username) from error
    try:
        MinimumLengthValidator(SHORTEST).validate(password)
    except ValidationError as error:
        raise BadInput("PASSWORD_SHORT", shortest=SHORTEST) from error
    if Account.objects.filter(username__iexact=username).exists():
        raise AlreadyThere("ACCOUNT_THERE", name=username)
    account.set_password(password)
    account.save()
