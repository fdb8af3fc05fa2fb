"""The front answers image addresses on the socket and passes everything else on, byte for byte."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.iiif_images import OPEN, FewImages, make_access_folder, page_pixels
from khizana.core.policy import ANYONE
from khizana.core.serving import ServedImage
from khizana.web.iiif.front import Front
from khizana.web.iiif.http import Asked
from khizana.web.iiif.image_app import ImageApp

TILE = "/iiif/3/tb-1.0001/0,0,512,512/512,512/0/default.jpg"
Session = Callable[[Front, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_access_folder(tmp_path_factory.mktemp("access") / "ab", page_pixels(901, 1100))


def with_front(folder: Path, session: Session, *, behind: bool = True) -> None:
    """Run *session* on one connection to a front, with a server behind that repeats what it is sent."""

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(b"<" + data + b">")
        writer.close()

    async def run() -> None:
        path = str(folder / "behind")
        server = await asyncio.start_unix_server(repeat, path) if behind else None
        images = FewImages({"tb-1.0001": ServedImage(folder, 901, 1100, OPEN)})
        front = Front(ImageApp(images, lambda _: ANYONE, None), path)
        port = await front.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        try:
            await asyncio.wait_for(session(front, reader, writer), 20)
        finally:
            writer.close()
            front.close()
            if server is not None:
                server.close()

    # The loop that the server runs on, which differs from Python's own in when it writes and pauses.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def request(path: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: h.example", *headers, "", ""]).encode("latin-1")


async def answer(reader: asyncio.StreamReader, *, bodiless: bool = False) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    status = int(head[0].split()[1])
    length = 0 if bodiless or status in {204, 304} else int(headers["content-length"])
    return status, headers, await reader.readexactly(length)


def test_requests_of_one_connection_are_answered_in_order(folder: Path) -> None:
    async def session(_: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        paths = [
            TILE,
            "/iiif/3/tb-1.0001/full/300,/0/default.jpg",
            TILE,
            "/images/tb-1.0001/480.jpg",
            TILE,
            "/iiif/3/x",
        ]
        writer.write(b"".join(request(path) for path in paths))
        statuses, bodies = zip(
            *[(status, body) for status, _, body in [await answer(reader) for _ in paths]], strict=True
        )
        assert statuses == (200, 200, 200, 200, 200, 404)
        assert bodies[0] == bodies[2] == bodies[4] != bodies[1]

    with_front(folder, session)


def test_a_tile_in_pieces_and_one_byte_at_a_time_is_understood(folder: Path) -> None:
    async def session(_: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in request(TILE):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        status, headers, body = await answer(reader)
        assert (status, headers["content-type"], body[:2], body[-2:]) == (200, "image/jpeg", b"\xff\xd8", b"\xff\xd9")
        assert headers["date"].endswith(" GMT")

    with_front(folder, session)


def test_head_unchanged_and_preflight_have_no_body(folder: Path) -> None:
    async def session(_: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(request(TILE))
            etag = (await answer(reader))[1]["etag"]
            writer.write(request(TILE, f"If-None-Match: {etag}"))
            assert (await answer(reader))[0] == 304
        writer.write(request(TILE, method="HEAD"))
        status, headers, _ = await answer(reader, bodiless=True)
        assert (status, int(headers["content-length"]) > 1000) == (200, True)
        writer.write(request(TILE, method="OPTIONS"))
        assert (await answer(reader))[0] == 204

    with_front(folder, session)


def test_the_last_request_closes_the_connection(folder: Path) -> None:
    async def session(_: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request(TILE))
        assert (await answer(reader))[0] == 200
        writer.write(request(TILE, "Connection: keep-alive, Close"))
        status, headers, _ = await answer(reader)
        assert (status, headers["connection"]) == (200, "close")
        assert await reader.read() == b""

    with_front(folder, session)


def test_the_address_of_the_information_is_that_of_the_request(folder: Path) -> None:
    async def session(_: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(request("/iiif/3/tb%2D1.0001/info.json?x=1"))
            assert b'"id":"http://h.example/iiif/3/tb-1.0001"' in (await answer(reader))[2]

    with_front(folder, session)


@pytest.mark.parametrize(
    "sent",
    [
        request("/ar/"),
        request("/iiif/manifest/tb-1"),
        request(TILE, "Content-Length: 3") + b"abc",
        request(TILE, "Content-Length : 3") + b"abc",
        request(TILE, "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        request(TILE, "Upgrade: websocket"),
        request(TILE, "X: a\r\n folded"),
        request(TILE, "Host: second.example"),
        request(TILE).replace(b"\r\n", b"\n"),
        request(TILE).replace(b"Host", b"X\nHost"),
        request(TILE).replace(b"HTTP/1.1", b"HTTP/1.0"),
        request(TILE).replace(b"GET ", b"GET  "),
        request(TILE, "X: \x00"),
        request(TILE, "X: " + "y" * 20_000),
        request("/iiif/3/\xe9"),
        request(TILE, method="POST"),
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_whatever_is_not_plainly_an_image_request_is_passed_on_as_it_came(folder: Path, sent: bytes) -> None:
    async def session(_: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request(TILE))
        assert (await answer(reader))[0] == 200
        writer.write(sent)
        passed = b""
        while len(passed) < len(sent):
            passed += (await reader.read(65536)).replace(b"<", b"").replace(b">", b"")
        assert passed == sent
        # And so is all that follows: only the server behind knows where a request of its own ends.
        writer.write(request(TILE))
        assert (await reader.read(65536)).startswith(b"<GET /iiif/")

    with_front(folder, session)


def test_without_a_server_behind_the_reader_is_told(folder: Path) -> None:
    async def session(_: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request("/ar/"))
        assert (await reader.read()).startswith(b"HTTP/1.1 502 ")

    (folder / "behind").unlink(missing_ok=True)
    with_front(folder, session, behind=False)


def test_a_reader_who_takes_nothing_is_not_sent_everything(folder: Path) -> None:
    async def session(front: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()
        writer.write(request(TILE) * 4000)
        for _ in range(50):
            await asyncio.sleep(0.01)
        (connection,) = front.connections
        assert connection._transport.get_write_buffer_size() < 1 << 20  # noqa: SLF001 - what waits is the question
        writer.transport.resume_reading()
        # Where the socket takes only a part, the rest follows at its right place.
        answers = [await answer(reader) for _ in range(4000)]
        assert {(status, body) for status, _, body in answers} == {(200, (await _tile(front)))}

    with_front(folder, session)


def test_a_tile_that_was_damaged_since_it_was_last_sent_is_told_of(tmp_path: Path) -> None:
    access = make_access_folder(tmp_path / "ab", page_pixels(901, 1100))

    async def session(_: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(request(TILE))
            assert (await answer(reader))[0] == 200
        file = access / "pyramid.tif"
        file.write_bytes(bytes(file.stat().st_size))
        for _ in range(2):
            writer.write(request(TILE))
            assert (await answer(reader))[0] == 503

    with_front(access, session)


async def _tile(front: Front) -> bytes:
    return (await front.app.answer(Asked("GET", TILE, "http", lambda _: None), {})).body


def test_a_file_system_that_sends_nothing_to_sockets_is_read_instead(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: int) -> int:
        raise OSError(errno.EINVAL, "no sendfile here")

    async def session(front: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request(TILE) * 3)
        for _ in range(3):
            assert (await answer(reader))[2] == await _tile(front)

    monkeypatch.setattr("os.sendfile", refuse)
    with_front(folder, session)


def test_a_connection_that_lies_still_is_closed_and_one_at_work_is_not(folder: Path) -> None:
    async def session(front: Front, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(request(TILE))
        assert (await answer(reader))[0] == 200
        (connection,) = front.connections
        now = asyncio.get_running_loop().time()
        connection.let_go_if_quiet(now - 60)
        writer.write(request(TILE) + b"GET /iiif/3/begun")
        assert (await answer(reader))[0] == 200
        connection.let_go_if_quiet(asyncio.get_running_loop().time() + 60)
        with suppress(ConnectionResetError):
            assert await reader.read() == b""

    with_front(folder, session)


_PIECES = [request(TILE), b"GET /iiif/3/", b"\r\n\r\n", b" HTTP/1.1"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.binary(max_size=60) | st.sampled_from([request(TILE), b"GET /iiif/3/", b"\r\n\r\n", b" HTTP/1.1"]),
        max_size=6,
    )
)
def test_no_bytes_stop_the_front(folder: Path, sent: list[bytes]) -> None:
    async def session(front: Front, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(sent))
        await writer.drain()
        await asyncio.sleep(0)
        writer.close()
        address = front._server.sockets[0].getsockname()  # type: ignore[union-attr]  # noqa: SLF001 - it listens
        reader, again = await asyncio.open_connection(*address)
        again.write(request(TILE))
        assert (await answer(reader))[0] == 200
        again.close()

    with_front(folder, session)
