"""Whatever a server of images answers, it is an image, or one sentence that says what is wrong, in bounded time."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest

from data.image_server import Gives, ImageServer, image_server
from khizana.adapters.image_servers.connection import Limits
from khizana.adapters.image_servers.servers import HttpImageServers
from khizana.core.errors import Away, BadInput, KhizanaError, NoSpace, Unreadable
from khizana.core.findings import LANGUAGES

NAME = "m.json, 1r"
SMALL = Limits(largest=100_000, connecting=5, head=1.0, quiet=0.6, grace=0.8, slowest=20_000, longest=30)
TYPED = {"Content-Type": "image/jpeg"}


@dataclass
class Kept:
    """What was taken, in memory."""

    content: bytearray = field(default_factory=bytearray)
    full: bool = False

    def restart(self) -> None:
        self.content.clear()

    def write(self, content: memoryview) -> None:
        if self.full:
            raise NoSpace("DISK_FULL", path="/disk")
        self.content += content


@pytest.fixture
def server() -> Iterator[ImageServer]:
    with image_server() as running:
        yield running


def asking(*, nearby: bool = True, waits: list[float] | None = None) -> HttpImageServers:
    waited = waits if waits is not None else []
    return HttpImageServers(agent="test/1", nearby=nearby, pace=0, pauses=(1, 4), limits=SMALL, sleep=waited.append)


def refused(server: ImageServer, *paths: str, **how: bool) -> KhizanaError:
    kept = Kept()
    with pytest.raises(KhizanaError) as raised:
        asking(**how).fetch(
            [server.address + path if path.startswith("/") else path for path in paths], kept, name=NAME
        )
    for language in LANGUAGES:
        assert NAME in raised.value.sentence(language)
        assert "\n" not in raised.value.sentence(language)
    return raised.value


def test_what_is_given_is_taken_byte_for_byte(server: ImageServer) -> None:
    server.answers["/a%20b/%D8%B5.jpg?x=1&y=a%2Fb"] = Gives(bytes(range(256)) * 300)
    kept = Kept()
    fetched = asking().fetch([f"{server.address}/a b/ص.jpg?x=1&y=a%2Fb"], kept, name=NAME)
    assert bytes(kept.content) == bytes(range(256)) * 300
    assert fetched.size == 76_800
    assert server.agents == {"test/1"}


def test_the_next_form_is_asked_for_where_the_first_is_not_known(server: ImageServer) -> None:
    server.answers |= {
        "/max": Gives(b"", 400),
        "/page": Gives(b"<p>", 200, {"Content-Type": "text/html"}),
        "/full": Gives(b"x"),
    }
    kept = Kept()
    fetched = asking().fetch([server.address + path for path in ("/max", "/page", "/full")], kept, name=NAME)
    assert fetched.asked.endswith("/full")
    assert bytes(kept.content) == b"x"
    # Where none is known, the first says why.
    assert refused(server, "/max", "/nothing").facts["status"] == 400


NOT_OF_THE_WEB = [
    "file:///etc/passwd",
    "ftp://x.org/1.jpg",
    "data:image/png;base64,AA==",
    "gopher://x/1",
    "http://",
    "http://[x/",
    "x.org/1",
    "",
    "http://x.org:99999/1",
    f"http://x.org/{'a' * 5000}",
    "http://\ud800/x",
]
NEARBY = ["127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.1.1", "[::ffff:127.0.0.1]", "[2002:7f00:1::]"]
NEARBY += ["2130706433", "0.0.0.0"]  # noqa: S104 - another way to write this machine


@pytest.mark.parametrize("address", NOT_OF_THE_WEB)
def test_what_is_no_address_of_the_web_is_never_asked_for(server: ImageServer, address: str) -> None:
    error = refused(server, address)
    assert (type(error), error.code) == (BadInput, "FETCH_NOT_OF_THE_WEB")


@pytest.mark.parametrize("host", NEARBY)
def test_this_machine_and_its_network_are_asked_only_where_a_person_says_so(server: ImageServer, host: str) -> None:
    error = refused(server, f"http://{host}:{server.port}/1.jpg", nearby=False)
    assert (type(error), error.code) == (BadInput, "FETCH_NEARBY")
    assert server.asked == []


def test_where_machines_ask_for_their_own_keys_is_never_asked(server: ImageServer) -> None:
    assert refused(server, "http://169.254.169.254/latest").code == "FETCH_NEARBY"
    server.answers["/led"] = Gives(b"", 302, {"Location": "http://169.254.169.254/latest"})
    assert refused(server, "/led").code == "FETCH_NEARBY"


def test_it_is_led_on_within_the_web_and_not_for_ever(server: ImageServer) -> None:
    server.answers |= {
        "/1": Gives(b"", 302, {"Location": "/2"}),
        "/2": Gives(b"", 308, {"Location": "3?q"}),
        "/3?q": Gives(b"x"),
    }
    fetched = asking().fetch([f"{server.address}/1"], Kept(), name=NAME)
    assert (fetched.asked, fetched.address) == (f"{server.address}/1", f"{server.address}/3?q")
    server.answers["/round"] = Gives(b"", 301, {"Location": "/round"})
    assert refused(server, "/round").code == "FETCH_REDIRECTED"
    assert server.asked.count("/round") == 6
    for goal in ("file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "javascript:1"):
        server.answers["/away"] = Gives(b"", 303, {"Location": goal})
        assert refused(server, "/away").code == "FETCH_NOT_OF_THE_WEB"


def test_more_than_an_image_has_is_not_taken_whether_it_is_stated_or_not(server: ImageServer) -> None:
    server.answers["/stated"] = Gives(b"x", stated=10**12, headers=TYPED)
    assert refused(server, "/stated").code == "FETCH_TOO_LARGE"
    given = []

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "image/jpeg")
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 50_000)
            given.append(1)

    server.answers["/endless"] = endless
    assert refused(server, "/endless").code == "FETCH_TOO_LARGE"
    time.sleep(0.2)
    assert len(given) < 200  # and no more is read


def test_what_comes_packed_is_not_opened(server: ImageServer) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    server.answers["/bomb"] = Gives(bomb, headers=TYPED | {"Content-Encoding": "gzip"})
    error = refused(server, "/bomb")
    assert (error.code, error.facts["kind"]) == ("FETCH_PACKED", "gzip")


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "TEXT/XML", "video/mp4"])
def test_what_says_that_it_is_no_image_is_not_taken(server: ImageServer, kind: str) -> None:
    server.answers["/1"] = Gives(b"<html>", headers={"Content-Type": kind})
    error = refused(server, "/1")
    assert (type(error), error.code) == (Unreadable, "FETCH_NOT_IMAGE")


def _drip(handler: BaseHTTPRequestHandler, *, head: bool) -> None:
    if head:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
    else:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n")
    for _ in range(600):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("head", [True, False])
def test_an_answer_that_drips_is_given_up(server: ImageServer, *, head: bool) -> None:
    server.answers["/drip"] = lambda handler: _drip(handler, head=head)
    assert refused(server, "/drip").code == "FETCH_TOO_SLOW"
    assert len(server.asked) == 1


def test_a_server_that_says_nothing_is_asked_again_and_then_told(server: ImageServer) -> None:
    server.answers["/silent"] = lambda _: time.sleep(1.5)
    server.answers["/nonsense"] = lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n") and None
    server.answers["/long"] = lambda handler: handler.wfile.write(b"HTTP/1.0 200 OK\r\nX: " + b"x" * 100_000) and None
    for path in ("/silent", "/nonsense", "/long"):
        waits: list[float] = []
        with pytest.raises((Away, BadInput)) as raised:
            asking(waits=waits).fetch([server.address + path], Kept(), name=NAME)
        assert raised.value.code in ("FETCH_NO_ANSWER", "FETCH_TOO_SLOW")
    assert server.asked.count("/nonsense") == 3
    assert waits == [1, 4]


def test_nobody_at_the_door_is_told_by_name(server: ImageServer) -> None:
    with image_server() as gone:
        address = gone.address
    error = refused(server, f"{address}/1")
    assert (type(error), error.facts["host"]) == (Away, "127.0.0.1")


def test_what_was_cut_short_is_fetched_again_from_its_first_byte(server: ImageServer) -> None:
    server.answers["/1"] = [Gives(b"abc", stated=9), Gives(b"123456789")]
    kept, waits = Kept(), []
    assert asking(waits=waits).fetch([f"{server.address}/1"], kept, name=NAME).size == 9
    assert bytes(kept.content) == b"123456789"
    assert waits == [1]


def test_a_busy_server_is_waited_for_as_long_as_it_asks_and_no_longer_than_two_minutes(server: ImageServer) -> None:
    busy = {"Retry-After": "7"}
    server.answers["/1"] = [Gives(b"", 429, busy), Gives(b"", 503, {"Retry-After": "86400"}), Gives(b"x")]
    waits: list[float] = []
    asking(waits=waits).fetch([f"{server.address}/1"], Kept(), name=NAME)
    assert waits == [7, 120]


def test_an_image_that_a_server_cannot_make_is_no_server_that_is_away(server: ImageServer) -> None:
    server.answers["/1"] = Gives(b"", 500)
    error = refused(server, "/1")
    assert (type(error), error.code, len(server.asked)) == (Unreadable, "FETCH_REFUSED", 3)


def test_one_server_is_asked_one_thing_at_a_time_with_a_pause_between(server: ImageServer) -> None:
    server.answers["/1"] = Gives(b"x")
    waits: list[float] = []
    servers = HttpImageServers(agent="test/1", nearby=True, pace=60, limits=SMALL, sleep=waits.append)
    for _ in range(3):
        servers.fetch([f"{server.address}/1"], Kept(), name=NAME)
    assert len(waits) == 2
    assert all(50 < wait <= 60 for wait in waits)


def test_a_full_disk_is_no_fault_of_the_server(server: ImageServer) -> None:
    server.answers["/1"] = Gives(b"x")
    with pytest.raises(NoSpace):
        asking().fetch([f"{server.address}/1"], Kept(full=True), name=NAME)
    assert len(server.asked) == 1
