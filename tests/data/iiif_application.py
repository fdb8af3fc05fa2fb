"""An application of image doors alone, for a real server: every folder below KHIZANA_TEST_IMAGES is an open image.

With KHIZANA_TEST_FRONT (a port) the front listens there, and the server behind it on KHIZANA_TEST_BEHIND (a path).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from data.iiif_images import OPEN, FewImages
from khizana.core.imaging.pyramid import Pyramid
from khizana.core.policy import ANYONE
from khizana.core.serving import ServedImage
from khizana.web.iiif.front import Front
from khizana.web.iiif.image_app import ImageApp


class Application:
    """Image doors over ASGI and RSGI, and the front for as long as the server lives."""

    def __init__(self, doors: ImageApp) -> None:
        self._doors = doors
        self.__rsgi__ = doors.__rsgi__

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == "/other":
            body = b"".join([message.get("body", b"") async for message in _messages(receive)])
            headers = [(b"content-length", str(len(body) + 6).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"other " + body})
        else:
            await self._doors(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        front = Front(self._doors, os.environ.get("KHIZANA_TEST_BEHIND", ""))
        while True:
            if (await receive())["type"] == "lifespan.shutdown":
                front.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
            if "KHIZANA_TEST_FRONT" in os.environ:
                await front.listen("127.0.0.1", int(os.environ["KHIZANA_TEST_FRONT"]))
            await send({"type": "lifespan.startup.complete"})


async def _messages(receive: Any) -> Any:
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        yield message


def application() -> Application:
    """Return the application; granian calls this with ``--factory``."""
    images = {}
    for folder in sorted(Path(os.environ["KHIZANA_TEST_IMAGES"]).iterdir()):
        pyramid = Pyramid(f"{folder}/pyramid.tif")
        images[folder.name] = ServedImage(folder, pyramid.width, pyramid.height, OPEN)
    return Application(ImageApp(FewImages(images), lambda _: ANYONE, os.environ.get("KHIZANA_TEST_BASE_URL")))
