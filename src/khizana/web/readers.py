"""Who asks: a reader without an account, or staff who signed in."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest

from khizana.core.policy import ANYONE, STAFF, Reader

REMEMBERED = 1_000  # sign-ins
TRUSTED_FOR = 30.0  # seconds a sign-in is trusted before the account is looked at again


def reader_of_request(request: HttpRequest) -> Reader:
    """Return who asks, for a Django view."""
    return STAFF if request.user.is_active and request.user.is_staff else ANYONE


def has_session(scope: MutableMapping[str, Any]) -> bool:
    """Return whether an ASGI request carries a sign-in, true or false."""
    wanted = settings.SESSION_COOKIE_NAME.encode()
    return any(name == b"cookie" and wanted in value for name, value in scope["headers"])


class Readers:
    """Tells who asks for an image; one look at the database per sign-in and half minute."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Reader, float]] = OrderedDict()

    def __call__(self, scope: MutableMapping[str, Any]) -> Reader:
        """Return who sent the ASGI request *scope*."""
        if not has_session(scope):
            return ANYONE
        session = _session_of(scope)
        known = self._known.get(session)
        if known is None or known[1] < time.monotonic():
            known = (_signed_in(session), time.monotonic() + TRUSTED_FOR)
            self._known[session] = known
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known[0]


def _session_of(scope: MutableMapping[str, Any]) -> str:
    cookies: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                cookies.load(value.decode("latin-1"))
            except CookieError:
                return ""
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


def _signed_in(session: str) -> Reader:
    close_old_connections()
    request = HttpRequest()
    request.session = SessionStore(session)
    account = get_user(request)
    return STAFF if account.is_active and getattr(account, "is_staff", False) else ANYONE
