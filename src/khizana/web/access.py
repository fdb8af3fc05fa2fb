"""What a browser holds of the access that its reader was given: a signed cookie, and the tokens made from it.

The sign-in of staff is a cookie that other sites' pages do not send. What a viewer elsewhere shows must come with one
that they do (IIIF Authorization Flow 2.0, appendix A), so that it opens images and nothing else: it names the account
and the terms agreed to, and signs nobody in. A token made from it says what may be seen, to one origin, for minutes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare

from khizana.apps.publication import queries
from khizana.core.iiif import labels
from khizana.core.iiif.authorization import TOKEN_LASTS
from khizana.core.manuscript import LibraryCard, Words
from khizana.core.policy import Reader

COOKIE = "khizana_access"
LASTS = 30 * 24 * 3600
"""Seconds for which terms stay agreed to, and an account shows images elsewhere."""

_COOKIE_SALT = "khizana.access"
_TOKEN_SALT = "khizana.access.token"  # noqa: S105 - no password: it keeps one kind of signature apart from the other
_LONGEST = 600  # characters of a cookie or token of ours; what is longer is not worth a look


@dataclass(frozen=True, slots=True)
class Access:
    """What a reader was given."""

    account: str = ""
    """Number of the account, or nothing."""
    proof: str = ""
    """What ends with the account's password."""
    terms: str = ""
    """Digest of the terms agreed to, or nothing."""


def terms_of(card: LibraryCard) -> Words:
    """Return the terms of the library: its own words, or those of every library."""
    return card.terms or labels.TERMS


@cache
def terms_digest() -> str:
    """Return what names the terms as they are today: other words are agreed to anew."""
    terms = {language: [*words] for language, words in terms_of(queries.library_card()).items()}
    return hashlib.sha256(json.dumps(terms, sort_keys=True).encode()).hexdigest()[:16]


def read_access(cookie: str) -> Access:
    """Return what *cookie* says: nothing where it is none of ours, or too old."""
    value = _signed(cookie, _COOKIE_SALT, LASTS)
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(each, str) for each in value):
        return Access()
    return Access(*value)


def access_of(request: HttpRequest) -> Access:
    """Return what the request's reader was given before, or nothing of it."""
    return read_access(request.COOKIES.get(COOKIE, ""))


def give(response: HttpResponseBase, request: HttpRequest, *, terms: bool = False, account: bool = False) -> None:
    """Let *response* give the reader access: the terms are agreed to, or the account that is signed in is named."""
    access = access_of(request)
    if terms:
        access = replace(access, terms=terms_digest())
    if account:
        access = replace(access, account=str(request.user.pk), proof=_proof(request.user))
    secure = queries.library_card().base_url.startswith("https://")
    response.set_cookie(
        COOKIE,
        signing.dumps([access.account, access.proof, access.terms], salt=_COOKIE_SALT),
        max_age=LASTS,
        httponly=True,
        secure=secure,
        # Browsers take a cookie for other sites' pages over TLS alone; on one machine, without, all is one site.
        samesite="None" if secure else "Lax",
    )


def take(response: HttpResponseBase) -> None:
    """Let *response* end the access of this browser."""
    response.delete_cookie(COOKIE)


def has_agreed(access: Access) -> bool:
    """Return whether the terms, as they are today, were agreed to."""
    return constant_time_compare(access.terms, terms_digest())


def reader_with(access: Access) -> Reader:
    """Return who holds *access*, never as staff; one look at the database where an account is named."""
    return Reader(known=_is_known(access), agreed=has_agreed(access))


def _is_known(access: Access) -> bool:
    if not access.account.isdecimal():
        return False
    account = get_user_model().objects.filter(pk=int(access.account), is_active=True).first()
    return account is not None and constant_time_compare(_proof(account), access.proof)


def token_for(reader: Reader, origin: str) -> str:
    """Return the token that tells a viewer on *origin* what *reader* may see."""
    return signing.dumps([origin, reader.known, reader.agreed], salt=_TOKEN_SALT)


def reader_of_token(token: str, origin: str | None) -> Reader | None:
    """Return whom *token* was given to; None where it is forged, too old, or came from another origin than its own."""
    value = _signed(token, _TOKEN_SALT, TOKEN_LASTS)
    if not isinstance(value, list) or len(value) != 3 or (origin is not None and origin != value[0]):
        return None
    return Reader(known=value[1] is True, agreed=value[2] is True)


def is_too_old(cookie: str) -> bool:
    """Return whether *cookie* is one of ours whose time is over."""
    return _signed(cookie, _COOKIE_SALT, LASTS) is None and _signed(cookie, _COOKIE_SALT, None) is not None


def _signed(text: str, salt: str, lasts: int | None) -> Any:
    if not text or len(text) > _LONGEST:
        return None
    try:
        return signing.loads(text, salt=salt, max_age=lasts)
    except (signing.BadSignature, ValueError):
        return None


def _proof(account: Any) -> str:
    # Another password, and every access that was given with the old one is over (as with sign-ins).
    return hashlib.sha256(f"{settings.SECRET_KEY}{account.get_session_auth_hash()}".encode()).hexdigest()[:32]
