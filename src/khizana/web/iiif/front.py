"""The front: image addresses are answered on the socket itself, everything else is passed on as it came.

A general server costs three times the work of a tile: the request is parsed into objects, crosses threads, and
its answer crosses back. This listener knows one kind of request, a GET, HEAD or OPTIONS of an image address with no
body, and answers it in the thread that read it. Anything else on a connection, or anything odd, is not judged here:
the connection is joined, from the first byte of that request and for the rest of its life, to the general server
that listens on a local socket behind.
"""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from khizana.web.iiif.http import Answer, Asked, is_known
from khizana.web.iiif.image_app import ImageApp
from khizana.web.iiif.opened import ReadyTile

LONGEST_HEAD = 16 * 1024  # bytes of request line and headers; what is longer is for the server behind to refuse
MOST_WAITING = 64 * 1024  # bytes that may wait behind a request under way before the socket is left unread
MOST_CONNECTIONS = 2_048
QUIET = 75.0  # seconds a connection may lie still
SWEEP = 15.0

_OURS = tuple(
    f"{method} {door}".encode()
    for method in ("GET", "HEAD", "OPTIONS")
    for door in ("/iiif/3/", "/iiif/2/", "/images/")
)
_NOT_OURS = (b"content-length", b"transfer-encoding", b"upgrade", b"expect")
_STATUS = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_FULL = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 5\r\nconnection: close\r\n\r\n"
_GONE = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Front:
    """Listens for the public; *behind* is the path of the local socket of the server for everything else."""

    def __init__(self, app: ImageApp, behind: str) -> None:
        self.app = app
        self.behind = behind
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._second = 0
        self._date = b""

    async def listen(self, host: str, port: int, *, listener: socket.socket | None = None) -> int:
        """Listen on *host* and *port*, or on *listener*, and return the port. Raises ``OSError`` when it is in use."""
        loop = asyncio.get_running_loop()
        if listener is not None:
            self._server = await loop.create_server(lambda: Connection(self), sock=listener, backlog=1024)
        else:
            self._server = await loop.create_server(lambda: Connection(self), host, port, backlog=1024)
        self._sweeper = loop.call_later(SWEEP, self._sweep)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening and let go of every connection."""
        if self._server is not None:
            self._server.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in [*self.connections]:
            connection.let_go()

    def dated(self, status: int) -> bytes:
        """Return the status line and the Date header (RFC 9110, 6.6.1)."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._date = f"date: {formatdate(second, usegmt=True)}\r\n".encode()
        return _STATUS[status] + self._date

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in [*self.connections]:
            connection.let_go_if_quiet(loop.time() - QUIET)
        self._sweeper = loop.call_later(SWEEP, self._sweep)


class Connection(asyncio.Protocol):
    """One connection of a reader."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._waiting = b""
        self._task: asyncio.Task[None] | None = None
        self._behind: Behind | None = None
        self._joining = False
        self._full = False
        self._heard = self._began = self._loop.time()
        self._unsent = 0

    # --- what the event loop calls ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        if len(self._front.connections) >= MOST_CONNECTIONS:
            self._transport.write(_FULL)
            self._transport.close()
            return
        self._front.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """End, and let the work for this reader go."""
        self._front.connections.discard(self)
        if self._task is not None:
            self._task.cancel()
        if self._behind is not None:
            self._behind.close()

    def data_received(self, data: bytes) -> None:
        """Take what the reader sent."""
        self._heard = self._loop.time()
        if self._behind is not None:
            self._behind.write(data)
            return
        if self._waiting:
            self._waiting += data
        else:
            self._waiting = data
            self._began = self._heard
        if self._task is None and not self._full:
            self._work()
        elif len(self._waiting) > MOST_WAITING:
            self._transport.pause_reading()

    def pause_writing(self) -> None:
        """Stand still while the reader takes what was sent."""
        self._full = True
        if self._behind is not None:
            self._behind.stand_still(still=True)

    def resume_writing(self) -> None:
        """Go on."""
        self._full = False
        self._heard = self._loop.time()
        if self._behind is not None:
            self._behind.stand_still(still=False)
        elif self._task is None:
            self._go_on()

    # --- requests --------------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()
            self._work()

    def _work(self) -> None:
        """Answer the requests that wait, as far as that can be done at once."""
        while self._waiting and self._task is None and not self._full and not self._transport.is_closing():
            data = self._waiting
            end = data.find(b"\r\n\r\n")
            if end < 0 and len(data) < LONGEST_HEAD and _may_be_ours(data):
                return
            head = _head(data[:end]) if 0 <= end < LONGEST_HEAD else None
            if head is None:
                self._join()
                return
            self._waiting = data[end + 4 :]
            if not self._answer_at_once(head):
                self._task = self._loop.create_task(self._answer(head))

    def _answer_at_once(self, head: Head) -> bool:
        app = self._front.app
        if head.method != "GET":
            return False
        found = app.found(head.path)
        if found is not None and type(tile := found[1]) is ReadyTile:
            asked = head.header("if-none-match") if head.may_know else None
            if asked is None or not is_known(tile.etag, asked):
                before = self._front.dated(200) + tile.headers.lines + b"\r\n"
                whole = found[0].tile_jpeg_now(tile.level, tile.x, tile.y, before=before)
                if whole is None:
                    return False
                self._transport.write(whole)
                self._close_if_last(head)
                return True
        answer = app.ready(head.path, head.header)
        if answer is None:
            return False
        self._send(answer, head)
        return True

    async def _answer(self, head: Head) -> None:
        try:
            asked = Asked(head.method, head.path, "http", head.header)
            self._send(await self._front.app.answer(asked, head.scope()), head)
        except asyncio.CancelledError:
            raise
        except BaseException:
            # A fault of ours: the reader is not left waiting, and the log gets the whole of it.
            self._transport.abort()
            raise
        finally:
            self._task = None
        self._heard = self._loop.time()
        if not self._full:
            self._go_on()

    def _send(self, answer: Answer, head: Head) -> None:
        lines = self._front.dated(answer.status) + answer.headers.lines
        last = b"connection: close\r\n\r\n" if head.is_last else b"\r\n"
        self._transport.write(lines + last if head.method == "HEAD" else b"".join((lines, last, answer.body)))
        self._close_if_last(head)

    def _close_if_last(self, head: Head) -> None:
        if head.is_last:
            self._waiting = b""
            self._transport.close()

    # --- the server behind -----------------------------------------------------------------------------------------

    def _join(self) -> None:
        """Join this connection, from the request that waits on, to the server behind."""
        self._transport.pause_reading()
        self._joining = True
        self._task = self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            made = await self._loop.create_unix_connection(lambda: Behind(self), self._front.behind)
        except OSError:
            self._transport.write(_GONE)
            self._transport.close()
            return
        finally:
            self._task = None
        self._behind = made[1]
        if self._transport.is_closing():
            self._behind.close()
            return
        self._behind.write(self._waiting)
        self._waiting = b""
        self._behind.stand_still(still=self._full)
        self._transport.resume_reading()

    def pass_on(self, data: bytes) -> None:
        """Send what the server behind answered."""
        self._heard = self._loop.time()
        self._transport.write(data)

    def leave_unread(self, *, unread: bool) -> None:
        """Stop or go on reading, as the server behind keeps up."""
        with suppress(RuntimeError):
            if unread:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def let_go(self) -> None:
        """Close, after what was sent has been taken."""
        self._transport.close()

    def let_go_if_quiet(self, since: float) -> None:
        """Close if nothing has moved since *since* (the loop's time), or a request is still not whole."""
        unsent = self._transport.get_write_buffer_size()
        if unsent and unsent != self._unsent:
            # A slow line takes minutes for a large image, and is never cut off while it takes any of it.
            self._unsent = unsent
            self._heard = self._loop.time()
        dripping = bool(self._waiting) and not self._full and self._began < since
        if self._task is None and (dripping or (self._heard < since and not (self._joining and not unsent))):
            # Joined connections that lie still are timed by the server behind.
            self._transport.abort()


class Behind(asyncio.Protocol):
    """The other half of a joined connection."""

    def __init__(self, reader: Connection) -> None:
        self._reader = reader
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """End both halves."""
        self._reader.let_go()

    def data_received(self, data: bytes) -> None:
        """Pass on an answer."""
        self._reader.pass_on(data)

    def pause_writing(self) -> None:
        """Leave the reader unread while the server behind takes what was sent."""
        self._reader.leave_unread(unread=True)

    def resume_writing(self) -> None:
        """Go on."""
        self._reader.leave_unread(unread=False)

    def write(self, data: bytes) -> None:
        """Pass on what the reader sent."""
        self._transport.write(data)

    def close(self) -> None:
        """End."""
        self._transport.close()

    def stand_still(self, *, still: bool) -> None:
        """Stop or go on reading answers, as the reader keeps up."""
        with suppress(RuntimeError):
            if still:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()


class Head:
    """Request line and headers of one request with no body."""

    __slots__ = ("_lines", "_raw", "is_last", "may_know", "method", "path", "target")

    def __init__(self, method: str, target: str, raw: bytes, lower: bytes) -> None:
        self.method = method
        self.target = target
        path = target.partition("?")[0]
        self.path = unquote_to_bytes(path).decode("utf-8", "replace") if "%" in path else path
        self.may_know = b"\nif-none-match:" in lower
        self.is_last = b"\nconnection: close" in lower
        self._raw = raw
        self._lines: dict[str, str] | None = None

    def header(self, wanted: str) -> str | None:
        """Return the first header named *wanted* (lower case)."""
        if self._lines is None:
            self._lines = {}
            for name, value in self._pairs():
                self._lines.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        return self._lines.get(wanted)

    def scope(self) -> dict[str, Any]:
        """Return the request as ASGI gives it."""
        return {
            "type": "http",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "query_string": self.target.partition("?")[2].encode(),
            "headers": self._pairs(),
        }

    def _pairs(self) -> list[tuple[bytes, bytes]]:
        pairs = []
        for line in self._raw.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            pairs.append((name.lower(), value.strip(b" \t")))
        return pairs


def _may_be_ours(data: bytes) -> bool:
    """Return whether *data* may be the beginning of an image request."""
    if data.count(b"\n") != data.count(b"\r\n"):
        return False
    return data.startswith(_OURS) or (len(data) < 20 and any(ours.startswith(data) for ours in _OURS))


def _head(data: bytes) -> Head | None:
    """Return the request if it is one of ours, plainly written (RFC 9112), or None where the server behind judges."""
    if not data.startswith(_OURS):
        return None
    lower = data.lower()
    for word in _NOT_OURS:
        # Anywhere at all: a body, however it is announced, is not ours to measure.
        if word in lower:
            return None
    lines = data.count(b"\r\n")
    if (
        data.count(b"\n") != lines
        or data.count(b"\r") != lines
        or b"\0" in data
        or b"\r\n " in data
        or b"\r\n\t" in data
    ):
        return None
    parts = data[: data.find(b"\r\n") if lines else None].split(b" ")
    if len(parts) != 3 or parts[2] != b"HTTP/1.1" or lower.count(b"\nhost:") != 1 or not parts[1].isascii():
        return None
    return Head(parts[0].decode("ascii"), parts[1].decode("ascii"), data, lower)
