"""The front: image addresses are answered on the socket itself, everything else is passed on as it came.

A general server costs three times the work of a tile: the request is parsed into objects, crosses threads, and
its answer crosses back. This listener knows one kind of request, a GET, HEAD or OPTIONS of an image address with no
body, and answers it in the thread that read it. Anything else on a connection, or anything odd, is not judged here:
the connection is joined, from the first byte of that request and for the rest of its life, to the general server
that listens on a local socket behind.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import cast

from khizana.core.errors import KhizanaError
from khizana.web.iiif.http import Answer, Asked, is_known
from khizana.web.iiif.image_app import ImageApp
from khizana.web.iiif.opened import OpenImage, ReadyTile
from khizana.web.iiif.request_head import Head, head_of, may_be_ours

LONGEST_HEAD = 16 * 1024  # bytes of request line and headers; what is longer is for the server behind to refuse
MOST_WAITING = 64 * 1024  # bytes that may wait behind a request under way before the socket is left unread
MOST_CONNECTIONS = 2_048
QUIET = 75.0  # seconds a connection may lie still
SWEEP = 15.0

_MORE: int = getattr(socket, "MSG_MORE", 0)
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
        self._socket: socket.socket = cast("socket.socket", None)
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
        # The loop's own face of the socket has no send. Used only while the transport is open, which closes it.
        self._socket = socket.socket(fileno=transport.get_extra_info("socket").fileno())
        if len(self._front.connections) >= MOST_CONNECTIONS:
            self._transport.write(_FULL)
            self._transport.close()
            return
        self._front.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """End, and let the work for this reader go."""
        self._front.connections.discard(self)
        self._socket.detach()
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
            if end < 0 and len(data) < LONGEST_HEAD and may_be_ours(data):
                return
            head = head_of(data[:end]) if 0 <= end < LONGEST_HEAD else None
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
        if (
            found is not None
            and type(tile := found[1]) is ReadyTile
            and not head.fields.is_last
            and not (head.fields.may_know and is_known(tile.etag, head.header("if-none-match")))
            and not self._transport.get_write_buffer_size()
            and self._send_tile(found[0], tile)
        ):
            return True
        try:
            answer = app.ready(head.path, head.header)
        except KhizanaError:
            # Damaged on the disk since it was last sent: said with the rest of what has to be thought about.
            return False
        if answer is None:
            return False
        self._send(answer, head)
        return True

    def _send_tile(self, image: OpenImage, tile: ReadyTile) -> bool:
        """Send *tile* from the system's memory to the socket without a copy; False where it does not lie there.

        Nothing may wait in the transport. What the socket does not take goes through the transport, as all else does.
        """
        place = image.tile_place_now(tile.level, tile.x, tile.y)
        if place is None:
            return False
        head = self._front.dated(200) + tile.headers.lines + b"\r\n" + place.head
        sent = 0
        try:
            sent = self._socket.send(head, _MORE)
            if sent == len(head):
                sent += os.sendfile(self._socket.fileno(), place.descriptor, place.offset, place.length)
        except OSError:
            # Full, gone, or a file system that gives nothing to sockets: the transport finds out which.
            pass
        if sent < len(head) + place.length:
            try:
                whole = head + image.tile_jpeg(tile.level, tile.x, tile.y)[len(place.head) :]
                self._transport.write(whole[sent:])
            except KhizanaError:
                # The disk failed just now, and the reader has the head of an answer already.
                self._transport.abort()
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
        last = b"connection: close\r\n\r\n" if head.fields.is_last else b"\r\n"
        self._transport.write(lines + last if head.method == "HEAD" else b"".join((lines, last, answer.body)))
        self._close_if_last(head)

    def _close_if_last(self, head: Head) -> None:
        if head.fields.is_last:
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
