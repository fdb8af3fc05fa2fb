"""How an image address is answered the first time: policy, parsing, canonical form, headers, rendering."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

import orjson

from khizana.core.errors import Busy, KhizanaError
from khizana.core.identifiers import ImageId
from khizana.core.iiif.authorization import CONTEXT_AUTH, WHOLE, probe_service
from khizana.core.iiif.image_information import CONTEXTS, PROFILES, image_information
from khizana.core.iiif.image_request import (
    FORMATS,
    ImageRequest,
    RequestRefused,
    SmallerOnly,
    Version,
    parse,
)
from khizana.core.iiif.presented import LanguageMap
from khizana.core.imaging.pyramid import OpenPyramids
from khizana.core.imaging.rendering import RENDERING, render
from khizana.core.policy import ANYONE, Action, Allow, Degrade, Reader, Refuse, WayIn, decide, way_in
from khizana.core.serving import ServedImage, ServedImages
from khizana.web.freshness import image_for
from khizana.web.hosts import is_host
from khizana.web.iiif.http import OPEN_TO_ALL, Answer, Asked, Headers, is_known, refusal, unchanged
from khizana.web.iiif.opened import OpenImage, ReadyMade, ReadyText, ReadyTile, remember
from khizana.web.iiif.page_files import (
    READING_TYPES,
    READING_WIDTHS,
    PageFile,
    ReadyPage,
    read_page_file,
    reading_sizes,
)
from khizana.web.iiif.renders import Renders

Scope = MutableMapping[str, Any]

LONGEST_IDENTIFIER = 256  # characters; a shelfmark has 120 at most

_METHODS = ("allow", "GET, HEAD, OPTIONS")


@dataclass(frozen=True, slots=True)
class _Shown:
    """An image that this reader may see, and how much of it."""

    id: ImageId
    """As asked for, with ``WHOLE`` where that was asked for."""
    served: ServedImage
    side: int | None
    public: bool
    keeps: str
    """Its Cache-Control."""
    way: WayIn | None
    """What opens more of it to other readers."""


class _Refused(Exception):
    """Carries the answer that ends the request."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class ImageDoor:
    """Answers image addresses; see ``image_app`` for who calls it."""

    def __init__(
        self,
        images: ServedImages,
        opened: OpenPyramids[OpenImage],
        reader_of: Callable[[Scope], Reader],
        base_url: str | None,
        *,
        renders: Renders,
        preferred_formats: Sequence[str],
        title: LanguageMap,
    ) -> None:
        self._images = images
        self._open = opened
        self._reader_of = reader_of
        self._base_url = base_url.rstrip("/") if base_url else None
        self._renders = renders
        self._preferred_formats = preferred_formats
        self._title = title
        self.ready: dict[str, ReadyTile | ReadyMade] = {}
        self._texts: dict[tuple[str, str | None, bool], ReadyText] = {}
        self._pages: dict[str, ReadyPage] = {}

    async def answer(self, asked: Asked, scope: Scope) -> Answer:
        """Return the answer to *asked*: never an exception for anything that a stranger can send."""
        if asked.method == "OPTIONS":
            return _PREFLIGHT
        if asked.method not in {"GET", "HEAD"}:
            return refusal(405, "IMAGE_METHOD_REFUSED", asked, _METHODS)
        try:
            return await self._answer(asked, scope)
        except _Refused as refused:
            return refused.answer
        except KhizanaError as error:
            return _refusal_of(error, asked)

    async def _answer(self, asked: Asked, scope: Scope) -> Answer:
        parts = asked.path.split("/", 8)
        if parts[1] == "images" and len(parts) == 4:
            shown = await self._shown(ImageId(parts[2]), asked, scope)
            return await self._reading_size(parts[3], shown, asked)
        if parts[1] != "iiif" or len(parts) < 4 or parts[2] not in {"2", "3"}:
            raise _Refused(refusal(404, "IMAGE_ADDRESS_UNKNOWN", asked))
        version: Version = 3 if parts[2] == "3" else 2
        if len(parts) not in {4, 5, 8} or (len(parts) == 5 and parts[4] not in {"", "info.json"}):
            raise _Refused(refusal(404, "IMAGE_ADDRESS_UNKNOWN", asked))
        # How a reader is let in to an image stands in its document, which is therefore shown (Auth 2.0, 1.1).
        document = version == 3 and len(parts) in {4, 5}
        shown = await self._shown(ImageId(parts[3]), asked, scope, document=document)
        if len(parts) == 4 or parts[4] == "":
            location = f"{self._base(asked)}{_service(version, shown.id)}/info.json"
            return Answer(303, Headers([("location", location), ("content-length", "0"), OPEN_TO_ALL]))
        image = await self._opened(shown.served)
        if len(parts) == 5:
            return self._information(version, image, shown, asked)
        parameters = (parts[4], parts[5], parts[6], parts[7])
        return await self._image(version, parse(version, parameters, image.source(shown.side)), image, shown, asked)

    async def _shown(self, named: ImageId, asked: Asked, scope: Scope, *, document: bool = False) -> _Shown:
        """Return the image and how much of it this reader may see; ends the request where that is nothing.

        Of what a reader may be let in to, its *document* is shown to everyone.
        """
        image = ImageId(named.removesuffix(WHOLE))
        # What no identifier can be is not worth a question to the database.
        sensible = len(image) <= LONGEST_IDENTIFIER and image.isprintable()
        served = (self._images.peek(image) or await self._images.load(image)) if sensible else None
        if served is None:
            raise _Refused(refusal(404, "IMAGE_UNKNOWN", asked))
        decision = decide(served.agreement, Action.VIEW, ANYONE)
        public = isinstance(decision, Allow)
        reader = ANYONE
        if not public:
            # Who asks may have to be looked up in the database, which must not hold up the others.
            reader = await self._renders.read(partial(self._reader_of, scope))
            decision = decide(served.agreement, Action.VIEW, reader)
        public = public and named == image
        keeps, way = image_for(reader, public=public), way_in(served.agreement)
        match decision:
            case Allow():
                return _Shown(named, served, None, public, keeps, way)
            case Degrade(longest_side=side) if named == image:
                return _Shown(named, served, side, public, keeps, way)
            case Degrade() | Refuse(conceal=False) if document and way:
                return _Shown(named, served, None, public, keeps, way)
            case Degrade():
                raise _Refused(refusal(403, "READERS_ONLY", asked))
            case Refuse(conceal=True):
                raise _Refused(refusal(404, "IMAGE_UNKNOWN", asked))
            case Refuse(reason=reason):
                raise _Refused(refusal(403, reason, asked))

    async def _opened(self, served: ServedImage) -> OpenImage:
        path = f"{served.folder}/pyramid.tif"
        image = self._open.peek(path)
        if image is None or image.reading_sizes is None:
            image = await self._renders.read(partial(self._open.get, path))
            if image.reading_sizes is None:
                image.reading_sizes = await self._renders.read(partial(reading_sizes, served.folder, image))
        return image

    def _base(self, asked: Asked) -> str:
        """Return the public address of this server; a host name is a stranger's word, and only read as one."""
        if self._base_url is not None:
            return self._base_url
        host = asked.header("host") or "localhost"
        if not is_host(host):
            raise _Refused(refusal(400, "IMAGE_HOST_REFUSED", asked))
        return f"{asked.scheme}://{host}"

    # --- info.json -------------------------------------------------------------------------------------------------

    def ready_text(self, image: OpenImage, path: str, header: Callable[[str], str | None]) -> Answer | None:
        """Return the info.json that was sent to everyone before for this address, or None."""
        text = self._texts.get((path, None if self._base_url else header("host"), _wants_ld(header("accept"))))
        if text is None or text.tag != image.tag:
            return None
        return unchanged(text.answer.headers) if is_known(text.etag, header("if-none-match")) else text.answer

    def _information(self, version: Version, image: OpenImage, shown: _Shown, asked: Asked) -> Answer:
        base = self._base(asked)
        document = image_information(
            version,
            f"{base}{_service(version, shown.id)}",
            image.source(shown.side),
            levels=[(level.width, level.height) for level in image.levels],
            tile=image.tile,
            ready=list(image.reading_sizes or ()),
            preferred=self._preferred_formats,
        )
        if version == 3 and shown.way:
            image_only = ImageId(shown.id.removesuffix(WHOLE))
            document["@context"] = [CONTEXT_AUTH, document["@context"]]
            document["service"] = [probe_service(base, self._title, image_only, shown.way)]
        body = orjson.dumps(document)
        linked = _wants_ld(asked.header("accept"))
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}{"-ld" if linked else ""}"'
        profile = f';profile="{CONTEXTS[version]}"' if version == 3 else ""
        headers = [
            ("content-type", f"application/ld+json{profile}" if linked else "application/json"),
            ("content-length", str(len(body))),
            ("etag", etag),
            ("cache-control", shown.keeps),
            ("vary", "Accept" if shown.public else "Accept, Cookie"),
            ("link", f'<{PROFILES[version]}>;rel="profile"'),
            OPEN_TO_ALL,
        ]
        text = ReadyText(image.tag, etag, Answer(200, Headers(headers), body))
        if shown.public:
            host = None if self._base_url else asked.header("host")
            remember(self._texts, (asked.path, host, linked), text)
        return unchanged(text.answer.headers) if is_known(etag, asked.header("if-none-match")) else text.answer

    # --- images ----------------------------------------------------------------------------------------------------

    async def _image(
        self, version: Version, request: ImageRequest, image: OpenImage, shown: _Shown, asked: Asked
    ) -> Answer:
        canonical = f"{self._base_url or ''}{_service(version, shown.id)}/{request.canonical}"
        key = _key(request)
        etag = f'"{image.tag}-{key}"'
        headers = [
            ("content-type", FORMATS[request.format]),
            ("etag", etag),
            ("cache-control", shown.keeps),
            ("link", f'<{canonical}>;rel="canonical",<{PROFILES[version]}>;rel="profile"'),
            OPEN_TO_ALL,
        ]
        if not shown.public:
            headers.append(("vary", "Cookie"))
        whole = image.whole_tile(request)
        if whole is not None:
            level, x, y = whole
            headers.insert(0, ("content-length", str(image.tile_size(level, x, y))))
            tile = ReadyTile(image.tag, level, x, y, etag, Headers(headers))
            if shown.public:
                remember(self.ready, asked.path, tile)
            if is_known(etag, asked.header("if-none-match")):
                return unchanged(tile.headers)
            now = image.tile_jpeg_now(level, x, y)
            body = await self._renders.read(partial(image.tile_jpeg, level, x, y)) if now is None else bytes(now)
            return Answer(200, tile.headers, body)
        if is_known(etag, asked.header("if-none-match")):
            return unchanged(Headers(headers))
        body = await self._made(request, key, image)
        headers.insert(0, ("content-length", str(len(body))))
        made = ReadyMade(image.tag, (image.tag, key), etag, Headers(headers))
        if shown.public:
            remember(self.ready, asked.path, made)
        return Answer(200, made.headers, body)

    def ready_made(self, made: ReadyMade | ReadyTile) -> Answer | None:
        """Return an image that was made before, if it still lies in memory, or None."""
        body = self._renders.kept.get(made.kept) if isinstance(made, ReadyMade) else None
        return None if body is None else Answer(200, made.headers, body)

    async def _made(self, request: ImageRequest, key: str, image: OpenImage) -> bytes:
        whole = request.region_width == image.width and request.region_height == image.height
        path = (image.reading_sizes or {}).get((request.width, request.height))
        kept = self._renders.kept.get((image.tag, key))
        if kept is not None:
            return kept
        if whole and request.plain and path is not None:
            ready = await self._renders.read(partial(read_page_file, path))
            if ready is not None:
                self._renders.kept.put((image.tag, key), ready[1])
                return ready[1]
        return await self._renders.made(
            (image.tag, key), request.width * request.height, partial(render, image, request)
        )

    # --- reading sizes ---------------------------------------------------------------------------------------------

    def ready_page(self, path: str, header: Callable[[str], str | None]) -> Answer | None:
        """Return a reading size that was sent to everyone before, if it still lies in memory, or None."""
        page = self._pages.get(path)
        if page is None:
            return None
        served = self._images.peek(page.image)
        if served is None or type(decide(served.agreement, Action.VIEW, ANYONE)) is not Allow:
            return None
        body = self._renders.kept.get(page.file)
        if body is None or f"{served.folder}/{page.name}" != page.file.path or not page.file.is_same():
            return None
        asked = header("if-none-match")
        known = asked is not None and is_known(page.etag, asked)
        return unchanged(page.headers) if known else Answer(200, page.headers, body)

    async def _reading_size(self, name: str, shown: _Shown, asked: Asked) -> Answer:
        number, _, extension = name.partition(".")
        if extension not in READING_TYPES or number not in map(str, READING_WIDTHS):
            raise _Refused(refusal(404, "READING_SIZE_UNKNOWN", asked))
        width = int(number)
        height = max(1, round(width * shown.served.height / shown.served.width))
        if shown.side is not None and max(width, height) > shown.side:
            raise SmallerOnly("SMALLER_ONLY", longest=shown.side)
        found = await self._page_file(f"{shown.served.folder}/{name}")
        if found is None:
            if width > max(shown.served.width, READING_WIDTHS[0]):
                raise _Refused(refusal(404, "READING_SIZE_UNKNOWN", asked))
            # The larger sizes are made some time after a page is added: until then the pyramid gives them.
            size = f"full/{min(width, shown.served.width)},/0/default.jpg"
            location = f"{_service(3, shown.id)}/{size}"
            headers = [("location", location), ("content-length", "0"), ("cache-control", "no-store"), OPEN_TO_ALL]
            return Answer(307, Headers(headers))
        file, body = found
        etag = f'"{file.tag}"'
        headers = [
            ("content-length", str(len(body))),
            ("content-type", READING_TYPES[extension]),
            ("etag", etag),
            ("cache-control", shown.keeps),
            OPEN_TO_ALL,
        ]
        if not shown.public:
            headers.append(("vary", "Cookie"))
        page = ReadyPage(shown.id, name, file, etag, Headers(headers))
        if shown.public:
            remember(self._pages, asked.path, page)
        if is_known(etag, asked.header("if-none-match")):
            return unchanged(page.headers)
        return Answer(200, page.headers, body)

    async def _page_file(self, path: str) -> tuple[PageFile, bytes] | None:
        """Return a ready-made image, or None where there is none. Raises ``Unreadable`` or ``Damaged``."""
        found = await self._renders.read(partial(read_page_file, path))
        if found is not None:
            self._renders.kept.put(*found)
        return found


def _refusal_of(error: KhizanaError, asked: Asked) -> Answer:
    match error:
        case SmallerOnly():
            return refusal(403, error.code, asked, **error.facts)
        case RequestRefused():
            return refusal(400, error.code, asked, **error.facts)
        case Busy():
            return refusal(503, error.code, asked, ("retry-after", "3"))
        case _:
            # The master is safe and the copy can be made again: the reader learns that, and no path of this machine.
            return refusal(503, "IMAGE_NOT_READY", asked, ("retry-after", "600"))


def _key(request: ImageRequest) -> str:
    """Return what decides the pixels of an answer, and so its entity tag; the canonical form leaves sizes open."""
    return (
        f"{RENDERING}-{request.x},{request.y},{request.region_width},{request.region_height}"
        f"-{request.width},{request.height}-{'!' * request.mirror}{request.rotation}-{request.quality}.{request.format}"
    )


def _service(version: Version, image: ImageId) -> str:
    return f"/iiif/{version}/{quote(image, safe='')}"


def _wants_ld(accept: str | None) -> bool:
    return accept is not None and "application/ld+json" in accept


_PREFLIGHT = Answer(
    204,
    Headers(
        [
            OPEN_TO_ALL,
            _METHODS,
            ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
            ("access-control-allow-headers", "*"),
            ("access-control-max-age", "86400"),
        ]
    ),
)
