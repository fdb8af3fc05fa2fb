"""Who is let to the desk, and who may send how much."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import URLPattern

import data.unnamed  # noqa: F401 - sets Django up, which the modules below need
from khizana.core.policy import ANYONE, STAFF, Reader
from khizana.web import uploads
from khizana.web.dispatch import LONGEST_FORM, Dispatcher
from khizana.web.register import Register
from khizana.web.stored import StoredCopies
from khizana.web.urls import urlpatterns

Message = MutableMapping[str, Any]
OF_THE_DESK = [each for each in urlpatterns if "/desk/" in str(each.pattern)]
SIGNED_IN = b"sessionid=any"


def test_the_desk_has_its_addresses() -> None:
    assert len(OF_THE_DESK) >= 10


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("address", OF_THE_DESK, ids=lambda each: str(each.pattern))
def test_every_address_of_the_desk_is_for_staff_alone_and_kept_nowhere(address: URLPattern, method: str) -> None:
    request = RequestFactory().generic(method, "/en/desk/any")
    request.user = SimpleNamespace(is_active=False, is_staff=False)
    place = {"token": "0" * 32} if "token" in str(address.pattern) else {}
    answer = address.callback(request, language="en", **place)
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer["Location"].startswith("/en/sign-in?next=%2Fen%2Fdesk%2F")
    assert "no-store" in answer["Cache-Control"]


class Behind:
    """Stands where Django does, and reads what reaches it to its end."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, _scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def django() -> Behind:
    return Behind()


def sent(
    tmp_path: Path,
    django: Behind,
    *parts: bytes,
    reader: Reader = STAFF,
    path: str = "/en/desk/import",
    cookie: bytes = b"",
) -> tuple[int, dict[bytes, bytes]]:
    """Send a form to *path*; *reader* is who signed in with any cookie."""
    register = Register(find_image=lambda _: None, find_manuscript=lambda _: None, generation=lambda: 1)
    door = Dispatcher(
        images=django,
        django=django,
        register=register,
        stored=StoredCopies(tmp_path, "settings"),
        readers=lambda _: reader,
    )
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages[-1]["more_body"] = False
    answers: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        answers.append(message)

    headers = [(b"host", b"library.example"), *([(b"cookie", cookie)] if cookie else [])]
    asyncio.run(
        door({"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}, receive, send)
    )
    return answers[0]["status"], dict(answers[0]["headers"])


LONG = b"x" * (LONGEST_FORM + 1)


def test_staff_send_more_than_a_form_has(tmp_path: Path, django: Behind) -> None:
    parts = (b"a" * 300_000, b"b" * 900_000, b"c")
    assert sent(tmp_path, django, *parts, cookie=SIGNED_IN)[0] == 200
    assert django.bodies == [b"".join(parts)]


def test_an_empty_form_reaches_django_too(tmp_path: Path, django: Behind) -> None:
    assert sent(tmp_path, django, b"", cookie=SIGNED_IN)[0] == 200
    assert django.bodies == [b""]


@pytest.mark.parametrize(("reader", "cookie"), [(STAFF, b""), (ANYONE, SIGNED_IN), (ANYONE, b"")])
def test_who_is_no_staff_sends_no_more_than_a_form_has(
    tmp_path: Path, django: Behind, reader: Reader, cookie: bytes
) -> None:
    assert sent(tmp_path, django, LONG, reader=reader, cookie=cookie)[0] == 413
    assert django.bodies == []
    assert sent(tmp_path, django, b"x", reader=reader, cookie=cookie)[0] == 200


@pytest.mark.parametrize("path", ["/en/sign-in", "/ar/sign-out"])
def test_staff_send_no_more_than_a_form_has_elsewhere(tmp_path: Path, django: Behind, path: str) -> None:
    assert sent(tmp_path, django, LONG, path=path, cookie=SIGNED_IN)[0] == 413


@pytest.mark.parametrize("path", ["/en/desk/", "/de/desk/import", "/en/desk/../m/", "/en/deskimport"])
def test_forms_are_taken_nowhere_else(tmp_path: Path, django: Behind, path: str) -> None:
    assert sent(tmp_path, django, b"x", path=path, cookie=SIGNED_IN)[0] == 405
    assert django.bodies == []


def test_an_upload_that_is_too_long_is_led_back_and_does_not_reach_django(
    tmp_path: Path, django: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LONGEST_UPLOAD", 1000)
    status, headers = sent(tmp_path, django, b"x" * 900, b"x" * 101, cookie=SIGNED_IN)
    assert (status, headers[b"location"]) == (303, b"/en/desk/import?larger")
    assert django.bodies == []
    assert sent(tmp_path, django, b"x" * 900, b"x" * 100, cookie=SIGNED_IN)[0] == 200
