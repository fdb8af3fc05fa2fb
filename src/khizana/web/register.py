"""What the doors remember: agreements and image sizes in memory, so that a tile costs no database query."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import Error, close_old_connections

from khizana.apps.publication import queries
from khizana.core.errors import Busy
from khizana.core.identifiers import ImageId, ManuscriptId
from khizana.core.policy import Agreement
from khizana.core.serving import ServedImage

logger = logging.getLogger(__name__)

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Found = TypeVar("_Found")

REMEMBERED = 50_000  # entries of each kind, some 25 MB at most
LOOK_EVERY = 0.5  # seconds: a change of agreement is in force at every door within one


@dataclass(frozen=True, slots=True)
class ServedManuscript:
    """One manuscript as the doors of stored pages see it."""

    agreement: Agreement
    revision: str


class Register:
    """Remembers what was asked for, and forgets all of it when the library's generation changes."""

    def __init__(
        self,
        *,
        find_image: Callable[[ImageId], ServedImage | None] = queries.served_image,
        find_manuscript: Callable[[ManuscriptId], tuple[Agreement, str] | None] = queries.agreement_and_revision,
        generation: Callable[[], int] = queries.generation,
    ) -> None:
        self._find_image = find_image
        self._find_manuscript = find_manuscript
        self._generation_of_library = generation
        self._images: OrderedDict[ImageId, ServedImage] = OrderedDict()
        self._manuscripts: OrderedDict[ManuscriptId, ServedManuscript] = OrderedDict()
        self.generation = -1

    def peek(self, image: ImageId) -> ServedImage | None:
        """Return the image if it is in memory; never blocks."""
        return self._images.get(image)

    async def load(self, image: ImageId) -> ServedImage | None:
        """Return the image, from the database where needed, or None where there is none. Raises ``Busy``."""
        if (known := self._images.get(image)) is not None:
            return known
        before = self.generation
        found = await sync_to_async(_anew, thread_sensitive=False)(self._find_image, image)
        if found is not None and before == self.generation:
            _keep(self._images, image, found)
        return found

    async def manuscript(self, manuscript: ManuscriptId) -> ServedManuscript | None:
        """Return agreement and revision of the manuscript, or None where there is none. Raises ``Busy``."""
        if (known := self._manuscripts.get(manuscript)) is not None:
            return known
        before = self.generation
        found = await sync_to_async(_anew, thread_sensitive=False)(self._find_manuscript, manuscript)
        if found is None:
            return None
        served = ServedManuscript(*found)
        if before == self.generation:
            _keep(self._manuscripts, manuscript, served)
        return served

    async def watch(self) -> None:
        """Look at the library's generation twice a second, for ever; forget everything when it has changed."""
        while True:
            # A locked or replaced database is looked at again a second later; what is remembered stays in force.
            try:
                self.forget_if_changed(await sync_to_async(_anew, thread_sensitive=False)(self._generation_of_library))
            except Busy:
                pass
            except Exception:
                # To stop looking would leave every door as it is: nothing withdrawn would ever be closed.
                logger.exception("the library's generation could not be looked at")
            await asyncio.sleep(LOOK_EVERY)

    def forget_if_changed(self, generation: int) -> None:
        """Forget all when *generation* is not the one that was remembered under."""
        if generation != self.generation:
            self.generation = generation
            self._images.clear()
            self._manuscripts.clear()


def _anew(find: Callable[..., _Found], *what: str) -> _Found:
    """Return what *find* finds, over a connection of this thread that is not older than the settings allow.

    Raises ``Busy`` while the database is locked, or is being replaced.
    """
    try:
        close_old_connections()
        return find(*what)
    except Error as error:
        raise Busy("LIBRARY_RESTING") from error


def _keep(kept: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    kept[key] = value
    if len(kept) > REMEMBERED:
        kept.popitem(last=False)
