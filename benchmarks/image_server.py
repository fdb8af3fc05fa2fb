"""Image doors alone, for the serving benchmark: every folder below KHIZANA_BENCH_IMAGES is an open image.

The server as ``khizana serve`` runs it, less Django and the library: started by granian with ``--factory``. With
KHIZANA_BENCH_PORT the front listens there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from khizana.core.identifiers import ImageId
from khizana.core.imaging.pyramid import Pyramid
from khizana.core.policy import ANYONE, Agreement, Level
from khizana.core.serving import ServedImage
from khizana.web.iiif.front import Front
from khizana.web.iiif.image_app import ImageApp


class Images:
    """All images in memory, as a library's register has them."""

    def __init__(self, folder: Path) -> None:
        agreement = Agreement(Level.OPEN, published=True)
        self._images: dict[ImageId, ServedImage] = {}
        for access in sorted(folder.iterdir()):
            pyramid = Pyramid(f"{access}/pyramid.tif")
            self._images[ImageId(access.name)] = ServedImage(access, pyramid.width, pyramid.height, agreement)

    def peek(self, image: ImageId) -> ServedImage | None:
        """Return the image."""
        return self._images.get(image)

    async def load(self, image: ImageId) -> ServedImage | None:
        """Return the image."""
        return self._images.get(image)


def application() -> Any:
    """Return the ASGI application."""
    doors = ImageApp(Images(Path(os.environ["KHIZANA_BENCH_IMAGES"])), lambda _: ANYONE, None)
    front = Front(doors, os.environ.get("KHIZANA_BENCH_BEHIND", ""))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await doors(scope, receive, send)
            return
        while (await receive())["type"] == "lifespan.startup":
            if "KHIZANA_BENCH_PORT" in os.environ:
                await front.listen("127.0.0.1", int(os.environ["KHIZANA_BENCH_PORT"]))
            await send({"type": "lifespan.startup.complete"})
        front.close()
        await send({"type": "lifespan.shutdown.complete"})

    return app
