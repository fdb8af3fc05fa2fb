"""Puts the doors together: image doors, stored copies, Django behind ``a2wsgi``, and the worker's start."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from typing import cast

from a2wsgi import WSGIMiddleware
from asgiref.sync import sync_to_async
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

from khizana.apps.publication import queries
from khizana.core.policy import ANYONE, Reader
from khizana.web.dispatch import Application, Dispatcher, Message, Receive, Scope, Send
from khizana.web.iiif.image_app import ImageApp
from khizana.web.readers import Readers, has_session
from khizana.web.register import Register
from khizana.web.stored import StoredCopies

DJANGO_THREADS = 4  # a page takes about 2 ms: more threads would only fight for the interpreter
READER = "khizana.reader"


def application(start: Callable[[], Callable[[], None]] | None = None) -> Application:
    """Return the ASGI application of the library that the settings name.

    *start* starts what runs beside the doors (the worker) and returns what stops it.
    """
    register = Register()
    images = ImageApp(register, _reader_of, queries.library_card().base_url)
    return Dispatcher(
        images=_with_readers(images),
        django=_behind_wsgi(cast("Application", WSGIMiddleware(_django(), workers=DJANGO_THREADS))),
        register=register,
        stored=StoredCopies(queries.library_folder().stored, repr(queries.library_card())),
        start=start,
    )


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


def _reader_of(scope: Scope) -> Reader:
    reader: Reader = scope.get(READER, ANYONE)
    return reader


def _with_readers(images: Application) -> Application:
    """Return *images* told who asks; a sign-in is looked up off the event loop, and rarely."""
    readers = Readers()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if has_session(scope):
            scope[READER] = await sync_to_async(readers, thread_sensitive=False)(scope)
        await images(scope, receive, send)

    return answer
