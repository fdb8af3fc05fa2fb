"""Who asks: a reader without an account, one with an account or who agreed to the terms, or staff who signed in."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import MutableMapping
from dataclasses import replace
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest

from khizana.core.policy import ANYONE, Reader
from khizana.web.access import COOKIE, access_of, has_agreed, read_access, reader_with

REMEMBERED = 1_000  # sign-ins
TRUSTED_FOR = 30.0  # seconds a sign-in is trusted before the account is looked at again


def reader_of_request(request: HttpRequest) -> Reader:
    """Return who asks, for a Django view."""
    # An account named by its access alone opens images on other sites; a page of ours asks for the sign-in.
    return _reader(request.user, Reader(agreed=has_agreed(access_of(request))))


def has_session(scope: MutableMapping[str, Any]) -> bool:
    """Return whether an ASGI request carries a sign-in, true or false."""
    return _has_cookie(scope, settings.SESSION_COOKIE_NAME)


def has_access(scope: MutableMapping[str, Any]) -> bool:
    """Return whether an ASGI request carries access to closed images, true or false."""
    return _has_cookie(scope, COOKIE)


class Readers:
    """Tells who asks for an image; one look at the database per sign-in and half minute."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[Reader, float]] = OrderedDict()

    def __call__(self, scope: MutableMapping[str, Any]) -> Reader:
        """Return who sent the ASGI request *scope*."""
        if not has_session(scope) and not has_access(scope):
            return ANYONE
        held = _held(scope)
        known = self._known.get(held)
        if known is None or known[1] < time.monotonic():
            known = (_reader_of(*held), time.monotonic() + TRUSTED_FOR)
            self._known[held] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known[0]


def _has_cookie(scope: MutableMapping[str, Any], cookie: str) -> bool:
    wanted = cookie.encode()
    return any(name == b"cookie" and wanted in value for name, value in scope["headers"])


def _held(scope: MutableMapping[str, Any]) -> tuple[str, str]:
    """Return the sign-in and the access that a request carries, or nothing for either."""
    cookies: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                cookies.load(value.decode("latin-1"))
            except CookieError:
                return "", ""
    session, access = cookies.get(settings.SESSION_COOKIE_NAME), cookies.get(COOKIE)
    return session.value if session else "", access.value if access else ""


def _reader_of(session: str, access: str) -> Reader:
    close_old_connections()
    request = HttpRequest()
    request.session = SessionStore(session)
    return _reader(get_user(request), reader_with(read_access(access)))


def _reader(account: Any, held: Reader) -> Reader:
    """Return who is signed in to *account*, being *held* to be known or agreed already; staff is by sign-in alone."""
    is_staff = account.is_active and getattr(account, "is_staff", False)
    return replace(held, staff=is_staff, known=held.known or account.is_active)
