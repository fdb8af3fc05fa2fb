"""What reaches Django and what does not: methods, forms that drip in, encodings, entity tags."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import brotli
import pytest

import data.unnamed  # noqa: F401 - sets Django up, which the modules below need
from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import Agreement, Level
from khizana.web import dispatch
from khizana.web.dispatch import Dispatcher
from khizana.web.register import Register
from khizana.web.stored import StoredCopies

Message = MutableMapping[str, Any]
PAGE = b"<!doctype html>" + b"page " * 100


class Behind:
    """Stands where Django does: remembers what reached it, and answers every page as storable."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(
        self,
        scope: MutableMapping[str, Any],  # noqa: ARG002 - the interface's
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.bodies.append((await receive()).get("body", b""))
        headers = [(b"content-type", b"text/html"), (b"x-khizana-store", b"r1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE})


def found(_: ManuscriptId) -> tuple[Agreement, str]:
    return Agreement(Level.OPEN, published=True), "r1"


@pytest.fixture
def django() -> Behind:
    return Behind()


@pytest.fixture
def door(tmp_path: Path, django: Behind) -> Dispatcher:
    register = Register(find_image=lambda _: None, find_manuscript=found, generation=lambda: 1)
    return Dispatcher(images=django, django=django, register=register, stored=StoredCopies(tmp_path, "settings"))


def ask(
    door: Dispatcher, method: str, path: str, *parts: bytes, drips: bool = False, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send one request whose body comes in *parts*, and, where it *drips*, never to its end."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts or (b"",)]
    messages[-1]["more_body"] = drips
    sent: list[Message] = []

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(3600)
        raise AssertionError("waited an hour for the rest of a form")

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {"host": "library.example", **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw}
    asyncio.run(door(scope, receive, send))
    names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], names, b"".join(each.get("body", b"") for each in sent[1:])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "ODD"])
@pytest.mark.parametrize(
    "path", ["/", "/ar/", "/en/m/", "/en/m/tb-1/1r", "/iiif/manifest/tb-1", "/m/tb-1/description.xml"]
)
def test_no_page_takes_any_method_that_would_change_something(
    door: Dispatcher, django: Behind, method: str, path: str
) -> None:
    status, headers, _ = ask(door, method, path, b"x")
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert django.bodies == []


@pytest.mark.parametrize("path", ["/iiif/manifest/tb-1", "/iiif/collection", "/m/tb-1/description.xml"])
def test_a_viewer_on_another_site_may_ask_whether_it_may_ask(door: Dispatcher, path: str) -> None:
    status, headers, _ = ask(
        door, "OPTIONS", path, origin="https://viewer.example", access_control_request_headers="accept,authorization"
    )
    assert (status, headers["access-control-allow-origin"]) == (204, "*")
    # Of all headers, the star leaves out the one that carries a token (Fetch, 4.9).
    assert headers["access-control-allow-headers"].lower().split(", ") == ["*", "authorization"]


def test_a_form_reaches_django_whole(door: Dispatcher, django: Behind) -> None:
    assert ask(door, "POST", "/en/sign-in", b"username=a&", b"password=b")[0] == 200
    assert django.bodies == [b"username=a&password=b"]


def test_a_form_that_is_too_long_or_never_ends_does_not_reach_django(
    door: Dispatcher, django: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(door, "POST", "/en/sign-in", b"x" * 10_000, b"x" * 10_000)[0] == 413
    monkeypatch.setattr(dispatch, "FORM_SECONDS", 0.01)
    assert ask(door, "POST", "/en/sign-in", b"username=a", drips=True)[0] == 408
    assert django.bodies == []


def test_a_stored_page_comes_in_the_encoding_that_is_accepted(door: Dispatcher, django: Behind) -> None:
    for accepted, encoding, unpack in (
        ("gzip, br", "br", brotli.decompress),
        ("gzip, br;q=0", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ):
        status, headers, body = ask(door, "GET", "/en/m/tb-1/1r", accept_encoding=accepted)
        assert (status, headers.get("content-encoding"), unpack(body)) == (200, encoding, PAGE)
        assert headers["content-length"] == str(len(body))
    assert len(django.bodies) == 1


def test_a_page_that_is_known_already_is_not_sent_again(door: Dispatcher) -> None:
    etag = ask(door, "GET", "/en/m/tb-1/1r")[1]["etag"]
    for stated in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        assert ask(door, "GET", "/en/m/tb-1/1r", if_none_match=stated)[0] == 304
    assert ask(door, "GET", "/en/m/tb-1/1r", if_none_match='"other"')[0] == 200


@pytest.mark.parametrize("host", ["", "a b", "<script>", "a,b", "a/b", "a:b", "a@b", "[::1", "é"])
def test_a_host_that_is_none_is_refused_before_anything_reads_it(door: Dispatcher, django: Behind, host: str) -> None:
    assert ask(door, "GET", "/en/", host=host)[0] == 400
    assert django.bodies == []
    assert ask(door, "GET", "/en/", host="[::1]:8000")[0] == 200


def test_closing_waits_for_the_answers_under_way_so_that_none_of_their_threads_is_left(tmp_path: Path) -> None:
    order: list[str] = []
    events: asyncio.Queue[Message] = asyncio.Queue()

    async def slow(_: object, receive: object, send: object) -> None:  # noqa: ARG001 - the interface's
        await asyncio.sleep(0.05)
        order.append("answered")

    async def told(message: Message) -> None:
        order.append(message["type"])

    async def nothing() -> Message:
        return {"type": "http.request"}

    async def unsent(_: Message) -> None:
        return None

    register = Register(find_image=lambda _: None, find_manuscript=found, generation=lambda: 1)
    door = Dispatcher(images=slow, django=slow, register=register, stored=StoredCopies(tmp_path, "settings"))

    async def run() -> None:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/images/tb-1.0001/480.jpg",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1")],
        }
        living = asyncio.create_task(door({"type": "lifespan"}, events.get, told))
        answering = asyncio.create_task(door(scope, nothing, unsent))
        await asyncio.sleep(0)
        await events.put({"type": "lifespan.startup"})
        await events.put({"type": "lifespan.shutdown"})
        await asyncio.gather(living, answering)

    asyncio.run(run())
    assert order == ["lifespan.startup.complete", "answered", "lifespan.shutdown.complete"]
