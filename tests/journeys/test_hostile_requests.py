"""A hostile stranger at the front of ``khizana serve``: never a 500, never a hang, bounded work and memory."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Served, new_library, served
from data.hostile_requests import PLACES, image_addresses, requests

ADDRESSES = int(os.environ.get("KHIZANA_TEST_ADDRESSES", "2000"))
LONGEST_WAIT = 60  # seconds: a hang is a failure, a busy machine is none
MOST_MEMORY = 600  # MB


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    library = new_library(folder / "library")
    library.run("add", card(folder / "card"), "--shelfmark", "tb 1")
    library.run("add", card(folder / "staff", seed=9), "--shelfmark", "tb 2", "--level", "staff")
    with served(library) as running:
        yield running
        assert "Traceback" not in (library.root / "serve.log").read_text(errors="replace")


def connect(here: Served) -> socket.socket:
    found = re.fullmatch(r"http://(.+):(\d+)", here.address)
    assert found
    return socket.create_connection((found[1], int(found[2])), LONGEST_WAIT)


def say(here: Served, sent: bytes, *, patience: float) -> bytes:
    """Send *sent* and return what is answered, until the other end closes or says nothing for *patience* seconds."""
    answered = b""
    with connect(here) as line:
        line.settimeout(patience)
        # Cut off in the middle of nonsense: that is an answer too. So is waiting for the rest of it.
        with contextlib.suppress(ConnectionResetError, BrokenPipeError, TimeoutError):
            line.sendall(sent)
            while data := line.recv(1 << 16):
                answered += data
    return answered


def statuses(answered: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) [A-Z]", answered)]


def memory(here: Served, what: str) -> int:
    """Return *what* (``VmRSS``, ``VmHWM``) of the serving process in MB."""
    most = 0
    for process in (here.process.pid, *children(here.process.pid)):
        status = Path(f"/proc/{process}/status").read_text()
        found = re.search(rf"{what}:\s+(\d+)", status)
        most = max(most, int(found[1]) // 1024 if found else 0)
    return most


def children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def descriptors(here: Served) -> int:
    return max(len([*Path(f"/proc/{process}/fd").iterdir()]) for process in children(here.process.pid))


def works(here: Served) -> None:
    began = time.monotonic()
    assert here.get("/images/tb-1.0001/480.jpg")[0] == 200
    assert here.get("/en/")[0] == 200
    assert time.monotonic() - began < LONGEST_WAIT / 2


@pytest.mark.parametrize("place", PLACES)
def test_requests_that_are_none_are_refused_and_the_next_reader_is_served(here: Served, place: str) -> None:
    shapes = dict(requests(place.format(image="tb-1.0001")))
    with ThreadPoolExecutor(24) as people:
        answers = people.map(lambda sent: say(here, sent, patience=1), shapes.values())
    for name, answered in zip(shapes, answers, strict=True):
        assert not [status for status in statuses(answered) if status >= 500 and status not in (501, 505)], name
        assert b"Traceback" not in answered, name
        assert b"root:x:" not in answered, name
    works(here)


@pytest.mark.parametrize("place", PLACES)
def test_a_request_hidden_in_another_is_never_answered_as_one(here: Served, place: str) -> None:
    path = place.format(image="tb-1.0001").encode()
    hidden = b"GET /images/none/480.jpg HTTP/1.1\r\nHost: h\r\nAccept-Language: fr\r\nConnection: close\r\n\r\n"
    length = b"Content-Length: %d" % len(hidden)
    chunk = b"%x\r\n" % len(hidden) + hidden + b"\r\n0\r\n\r\n"
    shapes = (
        ([length], hidden),
        ([b"Transfer-Encoding: chunked"], chunk),
        ([length, b"Transfer-Encoding: chunked"], b"0\r\n\r\n" + hidden),
        ([b"Transfer-Encoding: chunked", length], b"0\r\n\r\n" + hidden),
        ([b"Content-Length: 0", length], hidden),
        ([length, b"Content-Length: 0"], hidden),
        ([b"Transfer-Encoding: identity", length], hidden),
        ([b"Transfer-Encoding:\x0bchunked", length], hidden),
        ([b"Transfer-Encoding : chunked", length], chunk),
        ([b"X: a\r\n\t" + length], hidden),
        ([b"X: a\n" + length], hidden),
    )
    whole = [b"\r\n".join((b"GET " + path + b" HTTP/1.1", b"Host: h", *lines, b"", body)) for lines, body in shapes]
    with ThreadPoolExecutor(12) as people:
        answers = [*people.map(lambda sent: say(here, sent, patience=1), whole)]
    for (lines, _), answered in zip(shapes, answers, strict=True):
        assert b"content-language: fr" not in answered.lower(), (lines, answered[:2000])
    # That it would be seen: the same as a request of its own.
    assert b"content-language: fr" in say(here, hidden, patience=10).lower()


def test_thousands_of_odd_image_addresses_are_answered_with_bounded_work(here: Served) -> None:
    addresses = list(image_addresses(["tb-1.0001", "tb-1.0002", "tb-2.0001"], ADDRESSES, seed=20))
    before = memory(here, "VmRSS")

    def ask(some: list[str]) -> list[tuple[str, int]]:
        found = []
        for at in range(0, len(some), 20):
            # Twenty to a connection, and not one after another: so they come in one go.
            lines = [f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for path in some[at : at + 20]]
            lines[-1] = lines[-1].replace(b"Host", b"Connection: close\r\nHost")
            codes = statuses(say(here, b"".join(lines), patience=LONGEST_WAIT))
            found += list(zip(some[at : at + 20], codes, strict=False))
        return found

    with ThreadPoolExecutor(8) as people:
        answered = [pair for pairs in people.map(ask, (addresses[n::8] for n in range(8))) for pair in pairs]
    assert len(answered) > ADDRESSES * 0.9
    assert {status for _, status in answered} <= {200, 303, 307, 400, 403, 404, 410, 501}, [
        pair for pair in answered if pair[1] >= 500
    ]
    assert {200, 400, 403, 404} <= {status for _, status in answered}
    assert memory(here, "VmHWM") < MOST_MEMORY, before
    works(here)


def test_hundreds_who_never_finish_keep_nobody_waiting(here: Served) -> None:
    begun = (
        b"GET /iiif/3/tb-1.0001/full/",
        b"GET /en/m/tb-1/ HTTP/1.1\r\nHost: h\r\nX: ",
        b"G",
        b"",
        b"POST /en/sign-in ",
    )
    lines = [connect(here) for _ in range(300)]
    try:
        for number, line in enumerate(lines):
            line.sendall(begun[number % len(begun)])
        works(here)
    finally:
        for line in lines:
            line.close()
    works(here)
    until = time.monotonic() + LONGEST_WAIT
    while descriptors(here) > 150:
        assert time.monotonic() < until, "connections that were closed are still held"
        time.sleep(0.1)


def test_thousands_of_requests_in_one_go_are_all_answered_in_order(here: Served) -> None:
    paths = ["/iiif/3/tb-1.0001/0,0,512,512/512,/0/default.jpg", "/iiif/3/none/info.json", "/images/tb-1.0001/480.jpg"]
    sent = b"".join(f"GET {paths[n % 3]} HTTP/1.1\r\nHost: h\r\n\r\n".encode() for n in range(3000))
    with connect(here) as line, ThreadPoolExecutor(1) as other:
        other.submit(line.sendall, sent)
        stream = line.makefile("rb")
        for number in range(3000):
            status = int(stream.readline().split()[1])
            fields = dict(each.lower().split(b": ", 1) for each in iter(stream.readline, b"\r\n"))
            stream.read(int(fields[b"content-length"]))
            assert status == (404 if number % 3 == 1 else 200)
    assert memory(here, "VmHWM") < MOST_MEMORY
