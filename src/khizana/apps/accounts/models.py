"""Accounts of staff, and of readers whom the library knows."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser


class Account(AbstractUser):
    """Someone who may sign in: who works for the library (``is_staff``), or a reader whom it lets see more.

    Readers need no account for what is open.
    """
