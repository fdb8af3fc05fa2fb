"""Accounts of staff."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser


class Account(AbstractUser):
    """Someone who works for the library and may sign in. Readers need no account."""
