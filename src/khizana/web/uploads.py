"""Uploads of staff: kept on the disk until they are here whole, so that a slow line holds none of Django's threads."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LONGEST_UPLOAD = 64 * 1024 * 1024
"""Bytes of one request."""
UPLOAD_SECONDS = 3600.0  # in which it must have come
IN_MEMORY = 1024 * 1024  # bytes of a request that need no file
_PIECE = 256 * 1024
_DRAINED = 16 * LONGEST_UPLOAD
"""Bytes that are taken and thrown away, so that a browser that is still sending gets to read the answer."""


async def upload(behind: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Let *behind* have a request once it is here whole; one that is too long is led back to where it came from."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as kept:
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                size = await _take(receive, kept)
        except TimeoutError:
            await _answer(send, 408, (b"connection", b"close"))
            return
        if size < 0:
            return  # who sent it is gone
        if size > LONGEST_UPLOAD:
            place = f"{scope['path']}?larger".encode()
            await _answer(send, 303, (b"location", place), (b"cache-control", b"no-store"), (b"connection", b"close"))
            return
        kept.seek(0)

        async def received() -> Message:
            piece = kept.read(_PIECE)
            return {"type": "http.request", "body": piece, "more_body": kept.tell() < size}

        await behind(scope, received, send)


async def _take(receive: Receive, kept: IO[bytes]) -> int:
    """Return how many bytes came, all of them kept unless they are too many; -1 where the other side is gone."""
    size, more = 0, True
    while more and size <= _DRAINED:
        message = await receive()
        if message["type"] == "http.disconnect":
            return -1
        piece = message.get("body", b"")
        size += len(piece)
        if size <= LONGEST_UPLOAD:
            kept.write(piece)
        more = message.get("more_body", False)
    return size


async def _answer(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *headers]})
    await send({"type": "http.response.body", "body": b""})
