"""Puts the doors together: image doors, stored copies, Django behind ``a2wsgi``, and the worker's start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

from khizana.apps.publication import queries
from khizana.core.iiif.presented import library_title
from khizana.web.dispatch import Application, Dispatcher, Message, Receive, Scope, Send
from khizana.web.iiif.front import Front
from khizana.web.iiif.image_app import ImageApp
from khizana.web.readers import Readers
from khizana.web.register import Register
from khizana.web.stored import StoredCopies

DJANGO_THREADS = 4  # a page takes about 2 ms: more threads would only fight for the interpreter


@dataclass(frozen=True, slots=True)
class Listening:
    """Where readers are listened for, and the local socket of the general server behind (see ``web.iiif.front``)."""

    host: str
    port: int
    behind: str


def application(
    start: Callable[[], Callable[[], None]] | None = None, listening: Listening | None = None
) -> Application:
    """Return the ASGI application of the library that the settings name.

    *start* starts what runs beside the doors (the worker) and returns what stops it. With *listening*, image
    addresses are answered on the socket itself while this application lives.
    """
    register = Register()
    readers = Readers()
    card = queries.library_card()
    images = ImageApp(register, readers, card.base_url, title=library_title(card))
    dispatcher = Dispatcher(
        images=images,
        django=_behind_wsgi(cast("Application", WSGIMiddleware(_django(), workers=DJANGO_THREADS))),
        register=register,
        stored=StoredCopies(queries.library_folder().stored, repr(card)),
        start=start,
        readers=readers,
    )
    return _fronted(dispatcher, Front(images, listening.behind), listening) if listening else dispatcher


def _fronted(application: Application, front: Front, listening: Listening) -> Application:
    """Return *application* with *front* listening from its start to its end."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                await front.listen(listening.host, listening.port)
            elif message["type"] == "lifespan.shutdown.complete":
                front.close()
            await send(message)

        await application(scope, receive, told if scope["type"] == "lifespan" else send)

    return answer


def _django() -> WhiteNoise:
    static = files("khizana.web") / "static"
    # File names carry a digest of their content where it may change, so a browser may keep them for ever.
    return WhiteNoise(get_wsgi_application(), root=str(static), prefix="static/", max_age=31_536_000)


def _behind_wsgi(application: Application) -> Application:
    """Return *application* with bodies it can read: granian's receive gives a future, a2wsgi wants a coroutine."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def received() -> Message:
            return await receive()

        await application(scope, received, send)

    return answer
