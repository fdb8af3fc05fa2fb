"""Images being made: a few threads, a bounded queue, a bounded memory of what was made last."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import cv2

from khizana.core.errors import Busy

Result = TypeVar("Result")

MOST_WAITING = 256  # images asked for and not yet made; each is a few hundred bytes until its turn comes
KEPT_BYTES = 48 * 1024 * 1024
LARGEST_KEPT = 2 * 1024 * 1024
LARGE_PIXELS = 6_000_000  # of these one at a time is made: two of 36 megapixels would take 600 MB


class Kept:
    """What was used last, within a number of bytes."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()

    def get(self, key: Hashable) -> bytes | None:
        """Return the bytes kept under *key*."""
        data = self._kept.get(key)
        if data is not None:
            self._kept.move_to_end(key)
        return data

    def put(self, key: Hashable, data: bytes) -> None:
        """Keep *data*, and let go of the least recently used where there is no room."""
        if len(data) > LARGEST_KEPT or key in self._kept:
            return
        self._kept[key] = data
        self._size += len(data)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1])


class Renders:
    """Makes images in threads; the same image asked for twice at once is made once."""

    def __init__(self, *, threads: int | None = None, most_waiting: int = MOST_WAITING) -> None:
        threads = threads or os.cpu_count() or 2
        # One thread a render: OpenCV's own threads would take the cores from the other readers.
        cv2.setNumThreads(1)
        self._makers = ThreadPoolExecutor(threads, "render")
        self._disk = ThreadPoolExecutor(8, "read")
        self._most_waiting = most_waiting
        self._under_way: dict[Hashable, asyncio.Future[bytes]] = {}
        self._large = asyncio.Semaphore(1)
        self.kept = Kept()

    async def made(self, key: Hashable, pixels: int, work: Callable[[], bytes]) -> bytes:
        """Return what *work* makes, or what it made under *key* before. *pixels* tell what memory it takes.

        Raises ``Busy`` when too much is waiting already, and whatever *work* raises.
        """
        data = self.kept.get(key)
        if data is not None:
            return data
        future = self._under_way.get(key)
        if future is None:
            if len(self._under_way) >= self._most_waiting:
                raise Busy("IMAGE_BUSY")
            future = asyncio.ensure_future(self._make(pixels, work))
            self._under_way[key] = future
            future.add_done_callback(lambda done: self._finish(key, done))
        # A reader who goes away must not take the image from the others who wait for it.
        return await asyncio.shield(future)

    async def read(self, work: Callable[[], Result]) -> Result:
        """Return what *work* reads, while the other readers are answered."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)

    async def _make(self, pixels: int, work: Callable[[], bytes]) -> bytes:
        loop = asyncio.get_running_loop()
        if pixels <= LARGE_PIXELS:
            return await loop.run_in_executor(self._makers, work)
        async with self._large:
            return await loop.run_in_executor(self._makers, work)

    def _finish(self, key: Hashable, done: asyncio.Future[bytes]) -> None:
        del self._under_way[key]
        # Asking for the exception marks it as seen, should every reader have gone away.
        if not done.cancelled() and done.exception() is None:
            self.kept.put(key, done.result())
