"""The one ASGI application: tiles and stored pages are answered here, everything else by Django.

Django's own ASGI handler costs several times its WSGI one, and a tile needs none of either: so images go to
``web.iiif.image_app``, stored copies are sent as they lie, and the rest goes to Django through ``a2wsgi``. What no door
takes (any other method, a body where none is due, one that is too long or drips in) never reaches Django's few threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import brotli
from asgiref.sync import sync_to_async

from khizana.core.errors import Busy
from khizana.core.identifiers import ManuscriptId
from khizana.core.iiif.negotiation import wants_v2
from khizana.core.policy import ANYONE, Action, Agreement, Allow, Reader, Refuse, decide
from khizana.web.encodings import encoding_for
from khizana.web.freshness import OPEN_TEXT
from khizana.web.hosts import is_host
from khizana.web.readers import has_access, has_session
from khizana.web.register import Register
from khizana.web.stored import StoredCopies, StoredCopy
from khizana.web.uploads import upload

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

STORABLE = "x-khizana-store"
"""Header by which a view says that its answer may be stored: the revision it was made from."""
LARGEST_STORED = 32 * 1024 * 1024  # bytes; a manifest of 10,000 canvases has 20 MB
LONGEST_FORM = 16 * 1024  # bytes; a sign-in has a few hundred
FORM_SECONDS = 15.0  # in which a form must have come whole
LAST_SECONDS = 5.0  # for answers under way when the library is closed
_FORMS = re.compile("/(?:ar|fr|en)/(?:sign-(?:in|out)|terms)|/oai")
_DESK = re.compile("/(?:ar|fr|en)/desk/[a-z0-9/]+")
_OPEN_TO_ALL = ("/iiif/", "/m/", "/oai")
_PREFLIGHT = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"*, Authorization"),  # the star leaves this one out (Fetch, 4.9)
    (b"access-control-max-age", b"86400"),
]
_IMAGE_DOORS = ("/iiif/2/", "/iiif/3/", "/images/")
_LANGUAGES = ("ar", "fr", "en")


class Dispatcher:
    """Sends each request to the cheapest part that can answer it."""

    def __init__(
        self,
        *,
        images: Application,
        django: Application,
        register: Register,
        stored: StoredCopies,
        start: Callable[[], Callable[[], None]] | None = None,
        readers: Callable[[Scope], Reader] = lambda _: ANYONE,
    ) -> None:
        self._images = images
        self._django = django
        self._register = register
        self._stored = stored
        self._start = start
        self._readers = readers
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self._under_way += 1
        self._idle.clear()
        try:
            await self._answer(scope, receive, send)
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            if not _names_one_host(scope):
                # RFC 9112, 3.2; Django would write a page into the log for each.
                await _refuse(send, 400)
            elif path.startswith(_IMAGE_DOORS):
                await self._images(scope, receive, send)
            elif scope["method"] == "OPTIONS" and path.startswith(_OPEN_TO_ALL):
                # A viewer that names the version of a manifest in its Accept header must ask this first.
                await _refuse(send, 204, *_PREFLIGHT)
            elif scope["method"] == "POST" and _DESK.fullmatch(path) and await self._is_staff(scope):
                await upload(self._django, scope, receive, send)
            elif scope["method"] == "POST" and _takes_forms(path):
                await self._form(scope, receive, send)
            elif scope["method"] not in ("GET", "HEAD"):
                allowed = b"GET, HEAD, POST" if _takes_forms(path) else b"GET, HEAD"
                await _refuse(send, 405, (b"allow", allowed))
            elif (manuscript := manuscript_of(path)) and _may_be_stored(scope):
                await self._stored_or_made(manuscript, scope, receive, send)
            else:
                await self._django(scope, receive, send)

    async def _is_staff(self, scope: Scope) -> bool:
        """Return whether staff signed in; asked of the database in a thread, and only where a sign-in is shown."""
        return has_session(scope) and (await sync_to_async(self._readers, thread_sensitive=False)(scope)).staff

    async def _form(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Django have a form once it is here whole: a reader who drips it in would else hold one of its threads."""
        try:
            async with asyncio.timeout(FORM_SECONDS):
                body = await _whole(receive)
        except TimeoutError:
            await _refuse(send, 408, (b"connection", b"close"))
            return
        if body is None:
            await _refuse(send, 413, (b"connection", b"close"))
            return

        async def received() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self._django(scope, received, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        watch: asyncio.Task[None] | None = None
        stop: Callable[[], None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                watch = asyncio.create_task(self._register.watch())
                stop = self._start() if self._start else None
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._last_answers()
                if watch:
                    watch.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await watch
                if stop:
                    stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _last_answers(self) -> None:
        # A thread of Django's that waits for this loop, once it no longer turns, would keep the process for ever.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), LAST_SECONDS)

    async def _stored_or_made(self, manuscript: ManuscriptId, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            served = await self._register.manuscript(manuscript)
        except Busy:
            served = None
        if served is None or not _is_the_same_for_all(served.agreement, scope):
            await self._django(scope, receive, send)
            return
        variant = variant_of(scope)
        copy = self._stored.find(manuscript, served.revision, variant)
        if copy is None:
            made = await _made(self._django, scope, receive)
            if made.revision != served.revision:
                await made.forward(send)
                return
            store = sync_to_async(self._stored.store, thread_sensitive=False)
            copy = await store(manuscript, served.revision, variant, made.content_type, made.body, made.links)
        await _send_copy(copy, scope, send)


def _is_the_same_for_all(agreement: Agreement, scope: Scope) -> bool:
    """Return whether the reader of *scope*, who is not signed in, is shown what everyone is."""
    if isinstance(decide(agreement, Action.DESCRIBE, ANYONE), Refuse):
        return False
    return not has_access(scope) or isinstance(decide(agreement, Action.VIEW, ANYONE), Allow)


def manuscript_of(path: str) -> ManuscriptId | None:
    """Return the manuscript whose page or manifest *path* asks for, or None where it asks for anything else."""
    parts = path.split("/")
    if len(parts) >= 5 and parts[1] in _LANGUAGES and parts[2] == "m" and parts[3]:
        return ManuscriptId(parts[3])
    if len(parts) >= 4 and parts[1] == "iiif" and parts[2] == "manifest" and parts[3]:
        return ManuscriptId(parts[3])
    return None


def _takes_forms(path: str) -> bool:
    return bool(_FORMS.fullmatch(path) or _DESK.fullmatch(path))


def _names_one_host(scope: Scope) -> bool:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and is_host(hosts[0].decode("latin-1"))


def _may_be_stored(scope: Scope) -> bool:
    # A query would let a stranger fill the disk with copies of one page.
    return scope["method"] in ("GET", "HEAD") and not scope["query_string"] and not has_session(scope)


def variant_of(scope: Scope) -> str:
    """Return what of a request decides the answer besides the manuscript: address, and manifest version wanted."""
    path: str = scope["path"]
    if path.startswith("/iiif/") and wants_v2(_header(scope, b"accept")):
        return f"{path} v2"
    return path


class _Made:
    """An answer of Django, caught whole."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._size = 0

    async def catch(self, message: Message) -> None:
        self._messages.append(message)

    @property
    def _headers(self) -> dict[bytes, bytes]:
        return {name.lower(): value for name, value in self._messages[0].get("headers", ())}

    @property
    def revision(self) -> str | None:
        """The revision the answer was made from, or None where it may not be stored."""
        if not self._messages or self._messages[0].get("status") != 200:
            return None
        value = self._headers.get(STORABLE.encode())
        return value.decode("latin-1") if value and len(self.body) <= LARGEST_STORED else None

    @property
    def content_type(self) -> str:
        return self._headers.get(b"content-type", b"application/octet-stream").decode("latin-1")

    @property
    def links(self) -> str:
        return self._headers.get(b"link", b"").decode("latin-1")

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self._messages[1:])

    async def forward(self, send: Send) -> None:
        for message in self._messages:
            await send(message)


async def _made(django: Application, scope: Scope, receive: Receive) -> _Made:
    made = _Made()
    # A HEAD is made as a GET, so that what is stored is whole.
    await django({**scope, "method": "GET"} if scope["method"] == "HEAD" else scope, receive, made.catch)
    return made


async def _send_copy(copy: StoredCopy, scope: Scope, send: Send) -> None:
    manifest = scope["path"].startswith("/iiif/")
    headers = [
        (b"etag", copy.etag.encode()),
        (b"cache-control", OPEN_TEXT.encode()),
        (b"vary", b"Accept-Encoding, Accept, Cookie" if manifest else b"Accept-Encoding, Cookie"),
    ]
    if manifest:
        headers += [(b"access-control-allow-origin", b"*")]
    if copy.links:
        headers += [(b"link", copy.links.encode("latin-1"))]
    if _is_known(copy.etag, _header(scope, b"if-none-match")):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    match encoding_for(_header(scope, b"accept-encoding")):
        case "br":
            body = copy.body
            headers.append((b"content-encoding", b"br"))
        case "gzip":
            body = copy.gzipped
            headers.append((b"content-encoding", b"gzip"))
        case _:
            body = brotli.decompress(copy.body)
    headers += [(b"content-type", copy.content_type.encode()), (b"content-length", str(len(body)).encode())]
    if not manifest:
        headers += [(b"x-content-type-options", b"nosniff"), (b"x-frame-options", b"DENY")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _is_known(etag: str, if_none_match: str) -> bool:
    return etag in if_none_match or if_none_match.strip() == "*"


async def _whole(receive: Receive) -> bytes | None:
    """Return the body of a request, or None where it is longer than any form of ours."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LONGEST_FORM:
            return None
    return body


async def _refuse(send: Send, status: int, *headers: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *headers]})
    await send({"type": "http.response.body", "body": b""})


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")
