"""The image doors: IIIF Image API 2.1 and 3.0 at level 2, and ready-made reading sizes.

``/iiif/{2|3}/{image}/...`` and ``/images/{image}/{width}.{avif|jpg}``, over ASGI, over granian's own interface
(RSGI), or behind ``front``, the cheapest of the three. An address that was answered before is answered again from
what is remembered of the open image: policy is asked, a tile is read (one ``preadv``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from khizana.core.identifiers import ImageId
from khizana.core.iiif.image_information import PREFERRED_FORMATS
from khizana.core.iiif.presented import LanguageMap
from khizana.core.imaging.pyramid import OpenPyramids
from khizana.core.policy import ANYONE, Action, Allow, Reader, decide
from khizana.core.serving import ServedImages
from khizana.web.iiif.http import Answer, Asked, is_known, unchanged
from khizana.web.iiif.image_door import ImageDoor
from khizana.web.iiif.opened import OpenImage, ReadyMade, ReadyTile
from khizana.web.iiif.renders import Renders

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_DOORS = ("/iiif/3/", "/iiif/2/")
_PREFIX = len("/iiif/3/")


class ImageApp:
    """Answers every image address.

    *base_url* is the public address, or None to take it from each request. *reader_of* is asked only about images that
    not everyone may see whole, in a thread of its own. *preferred_formats* are what viewers shall ask for first.
    *title* is the library's name, where a way in to closed images is named.
    """

    def __init__(
        self,
        images: ServedImages,
        reader_of: Callable[[Scope], Reader],
        base_url: str | None,
        *,
        renders: Renders | None = None,
        preferred_formats: Sequence[str] = PREFERRED_FORMATS,
        title: LanguageMap | None = None,
    ) -> None:
        self._images = images
        self._open = OpenPyramids(OpenImage)
        self._door = ImageDoor(
            images,
            self._open,
            reader_of,
            base_url,
            renders=renders or Renders(),
            preferred_formats=preferred_formats,
            title=title or {},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Answer one request over ASGI."""
        if scope["type"] != "http":
            return
        headers = scope["headers"]
        path, method = scope["path"], scope["method"]

        def header(wanted: str) -> str | None:
            name = wanted.encode()
            for key, value in headers:
                if key == name:
                    return str(value, "latin-1")
            return None

        answer = self.ready(path, header) if method == "GET" else None
        if answer is None:
            answer = await self._door.answer(Asked(method, path, scope.get("scheme", "http"), header), scope)
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers.raw}
        await send(start)
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request over RSGI."""
        headers = scope.headers
        path, method = scope.path, scope.method
        answer = self.ready(path, headers.get) if method == "GET" else None
        if answer is None:
            asked = Asked(method, path, scope.scheme, headers.get)
            answer = await self._door.answer(asked, _as_asgi(scope))
        if method == "HEAD" or not answer.body:
            protocol.response_empty(answer.status, answer.headers.text)
        else:
            protocol.response_bytes(answer.status, answer.headers.text, answer.body)

    async def answer(self, asked: Asked, scope: Scope) -> Answer:
        """Return the answer to *asked*; *scope* is what ``reader_of`` is given where it matters who asks."""
        return await self._door.answer(asked, scope)

    def found(self, path: str) -> tuple[OpenImage, ReadyTile | ReadyMade | None] | None:
        """Return the open image of an address, and what is remembered of the address if it was answered before.

        None where the image is not open, or not everyone may see it whole: then the address has to be thought about.
        """
        if not path.startswith(_DOORS):
            return None
        served = self._images.peek(ImageId(path[_PREFIX : path.find("/", _PREFIX)]))
        if served is None or type(decide(served.agreement, Action.VIEW, ANYONE)) is not Allow:
            return None
        image = self._open.peek(f"{served.folder}/pyramid.tif")
        if image is None:
            return None
        entry = self._door.ready.get(path)
        return image, (entry if entry is not None and entry.tag == image.tag else None)

    def ready(self, path: str, header: Callable[[str], str | None]) -> Answer | None:
        """Return the answer to an address that was answered before, or None where it has to be thought about."""
        found = self.found(path)
        if found is None:
            return self._door.ready_page(path, header)
        image, entry = found
        if entry is None:
            return self._door.ready_text(image, path, header)
        asked = header("if-none-match")
        if asked is not None and is_known(entry.etag, asked):
            return unchanged(entry.headers)
        if type(entry) is ReadyTile:
            tile = image.tile_jpeg_now(entry.level, entry.x, entry.y)
            return None if tile is None else Answer(200, entry.headers, bytes(tile))
        return self._door.ready_made(entry)


def _as_asgi(scope: Any) -> Scope:
    """Return what ``reader_of`` reads of a request that came over RSGI."""
    return {
        "type": "http",
        "method": scope.method,
        "scheme": scope.scheme,
        "path": scope.path,
        "query_string": scope.query_string.encode("latin-1", "replace"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in scope.headers.items()],
    }
