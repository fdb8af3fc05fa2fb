"""Resumption tokens: all that a list needs to go on stands in them, signed; nothing is remembered for them."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import astuple, dataclass
from hashlib import sha256

LONGEST = 2000  # characters; a place with an Arabic shelfmark has some 700
_TAG = 16  # bytes of the signature that are kept


class TokenRefused(Exception):
    """A token that was not given with this secret."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on."""

    verb: str
    prefix: str
    since: str
    until: str
    set: str
    place: str
    """After which place in the order of the list."""
    cursor: int
    """How many were given before."""


def write_token(place: Place, *, secret: str) -> str:
    """Return *place* as a token, in letters, digits, ``-`` and ``_``."""
    body = json.dumps(astuple(place), ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_tag(body, secret) + body).decode().rstrip("=")


def read_token(token: str, *, secret: str) -> Place:
    """Return the place that *token* holds. Raises ``TokenRefused`` for any other text than ``write_token`` gave."""
    if len(token) > LONGEST or not token.isascii():
        raise TokenRefused
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise TokenRefused from error
    body = raw[_TAG:]
    if not hmac.compare_digest(raw[:_TAG], _tag(body, secret)):
        raise TokenRefused
    place = Place(*json.loads(body))
    if write_token(place, secret=secret) != token:
        raise TokenRefused  # the same bytes in another spelling
    return place


def _tag(body: bytes, secret: str) -> bytes:
    # Signed for this use alone: a sign-in signed with the same secret is no token.
    return hmac.new(secret.encode(), b"khizana oai resumption token 1\n" + body, sha256).digest()[:_TAG]
