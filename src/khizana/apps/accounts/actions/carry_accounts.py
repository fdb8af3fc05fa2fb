"""Carry the accounts of staff from one database into another: they are in no preservation object."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.hashers import identify_hasher
from django.core.exceptions import ValidationError
from django.db import transaction

from khizana.apps.accounts.models import Account

FORM = "khizana accounts 1"


@dataclass(frozen=True, slots=True)
class CarriedAccount:
    """One account; of its password, only what a password is compared with."""

    username: str
    password: str
    is_active: bool
    is_staff: bool


def written_accounts() -> tuple[CarriedAccount, ...]:
    """Return all accounts, by name."""
    rows = Account.objects.order_by("username").values_list("username", "password", "is_active", "is_staff")
    return tuple(CarriedAccount(*row) for row in rows)


@transaction.atomic
def take_accounts(accounts: Iterable[CarriedAccount]) -> tuple[int, int]:
    """Make the *accounts* whose name is not there yet; return how many were made, and how many were there."""
    taken = there = 0
    for each in accounts:
        if Account.objects.filter(username__iexact=each.username).exists():
            there += 1
            continue
        Account.objects.create(**asdict(each))
        taken += 1
    return taken, there


def accounts_json(accounts: Iterable[CarriedAccount]) -> bytes:
    """Return *accounts* as a file keeps them."""
    value = {"form": FORM, "accounts": [asdict(each) for each in accounts]}
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def read_accounts(content: bytes) -> tuple[CarriedAccount, ...]:
    """Return the accounts in *content*. Raises ``ValueError`` that says what is wrong where it holds none."""
    value = json.loads(content)
    if not isinstance(value, dict) or value.get("form") != FORM or not isinstance(value.get("accounts"), list):
        raise ValueError(FORM)
    return tuple(map(_read, value["accounts"]))


def _read(value: Any) -> CarriedAccount:
    try:
        account = CarriedAccount(**value)
        Account(**asdict(account)).full_clean(validate_unique=False, validate_constraints=False)
        identify_hasher(account.password)
    except (TypeError, ValidationError) as error:
        raise ValueError(str(error)) from error
    return account
