"""A secret key of age as its 32 bytes, and back: what is split among people is the bytes.

Source: age-encryption.org/v1, "The X25519 recipient type": Bech32 with the prefix ``age-secret-key-``, in capitals.
"""

from __future__ import annotations

from khizana.core import bech32
from khizana.core.errors import BadInput

_PREFIX = "age-secret-key-"
LENGTH = 32
"""Bytes of a secret key."""


def secret_of(identity: str) -> bytes:
    """Return the 32 bytes of *identity*.

    Raises ``BadInput`` when it is no secret key.
    """
    try:
        prefix, secret = bech32.decode(identity.strip())
    except ValueError as error:
        raise BadInput("KEYS_IDENTITY_UNUSABLE") from error
    if prefix != _PREFIX or len(secret) != LENGTH:
        raise BadInput("KEYS_IDENTITY_UNUSABLE")
    return secret


def identity_of(secret: bytes) -> str:
    """Return the identity, "AGE-SECRET-KEY-1...", of 32 bytes."""
    return bech32.encode(_PREFIX, secret).upper()
