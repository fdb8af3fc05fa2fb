"""What a browser holds of the access that it was given, and for how long it is good."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

import data.unnamed  # noqa: F401 - sets Django up
from khizana.apps.publication import queries
from khizana.core.iiif import labels
from khizana.core.iiif.authorization import TOKEN_LASTS
from khizana.core.manuscript import Words
from khizana.core.policy import ANYONE, Reader
from khizana.web import access

_now = time.time
VIEWER = "https://viewer.example"


def _library(
    monkeypatch: pytest.MonkeyPatch, *, base: str = "http://127.0.0.1:8000", terms: Words | None = None
) -> None:
    card = replace(queries.library_card(), base_url=base, terms=terms or {})
    monkeypatch.setattr(queries, "library_card", lambda: card)
    access.terms_digest.cache_clear()


def _agreed() -> HttpResponse:
    request = RequestFactory().post("/en/terms")
    response = HttpResponse()
    access.give(response, request, terms=True)
    return response


def _cookie() -> str:
    return str(_agreed().cookies[access.COOKIE].value)


@pytest.fixture(autouse=True)
def _no_terms_remembered() -> None:
    access.terms_digest.cache_clear()


def _later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = _now()
    monkeypatch.setattr(time, "time", lambda: now + seconds)


def test_terms_stay_agreed_to_for_thirty_days_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = _cookie()
    assert access.reader_with(access.read_access(cookie)) == Reader(agreed=True)
    _later(monkeypatch, access.LASTS - 10)
    assert access.reader_with(access.read_access(cookie)) == Reader(agreed=True)
    assert not access.is_too_old(cookie)
    _later(monkeypatch, access.LASTS + 10)
    assert access.reader_with(access.read_access(cookie)) == ANYONE
    assert access.is_too_old(cookie)
    assert not access.is_too_old(f"{cookie}x")


def test_other_terms_are_agreed_to_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = _cookie()
    assert access.terms_of(queries.library_card()) == labels.TERMS
    _library(monkeypatch, terms={"ar": ("لا تُنشر إلا بإذن المالك.",)})
    assert access.reader_with(access.read_access(cookie)) == ANYONE
    assert access.reader_with(access.read_access(_cookie())) == Reader(agreed=True)


def test_a_token_is_over_after_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    token = access.token_for(Reader(agreed=True), VIEWER)
    assert access.reader_of_token(token, VIEWER) == Reader(agreed=True)
    assert access.reader_of_token(token, None) == Reader(agreed=True)  # no browser: nothing says where it is asked from
    assert access.reader_of_token(token, "https://other.example") is None
    _later(monkeypatch, TOKEN_LASTS + 2)
    assert access.reader_of_token(token, VIEWER) is None


def test_nobody_is_staff_by_cookie_or_token() -> None:
    token = access.token_for(Reader(staff=True, known=True, agreed=True), VIEWER)
    assert access.reader_of_token(token, VIEWER) == Reader(known=True, agreed=True)


def test_a_token_is_no_cookie_and_a_cookie_no_token() -> None:
    token, cookie = access.token_for(Reader(agreed=True), VIEWER), _cookie()
    assert access.read_access(token) == access.Access()
    assert access.reader_of_token(cookie, VIEWER) is None


def test_other_sites_are_sent_the_cookie_only_where_nobody_can_read_it_on_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = _agreed().cookies[access.COOKIE]
    assert (plain["samesite"], plain["secure"], plain["httponly"]) == ("Lax", "", True)
    _library(monkeypatch, base="https://library.example")
    safe = _agreed().cookies[access.COOKIE]
    assert (safe["samesite"], safe["secure"], safe["httponly"]) == ("None", True, True)
