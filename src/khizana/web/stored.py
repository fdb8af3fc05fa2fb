"""Stored pages and manifests: made once by Django, then sent from memory or disk without it.

A stored copy belongs to one revision of one manuscript: when anything a reader can see of it changes, the
revision changes, and the old copies are never asked for again.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import threading
from collections import OrderedDict
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import brotli

from khizana import __version__
from khizana.core.identifiers import ManuscriptId
from khizana.core.library import stored_pages

IN_MEMORY = 16 * 1024 * 1024  # bytes of stored copies kept in memory
QUALITY = 9  # brotli: a page in about 2 ms, a 500-canvas manifest in about 30 ms, once
GZIP_QUALITY = 6
FORM = 3  # of the files: counted up when they are written otherwise


@dataclass(frozen=True, slots=True)
class StoredCopy:
    """One answer as it was first made."""

    content_type: str
    etag: str
    body: bytes
    """Brotli-compressed."""
    gzipped: bytes
    """The same for browsers on a line without TLS, which take no brotli."""
    links: str = ""
    """Its ``Link`` header, or nothing."""

    @property
    def size(self) -> int:
        """Bytes that it takes in memory and on disk."""
        return len(self.body) + len(self.gzipped)


class StoredCopies:
    """Stored copies below one folder; at most 16 MiB of them in memory.

    *library* is all that pages and manifests say of the library itself (its titles, its address, its rights): where
    the settings change it, other copies are made.
    """

    def __init__(self, folder: Path, library: str) -> None:
        self._folder = folder
        self._library = library
        self._memory: OrderedDict[Path, StoredCopy] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        self._numbers = count()

    def find(self, manuscript: ManuscriptId, revision: str, variant: str) -> StoredCopy | None:
        """Return the stored copy of *variant* (address, language and form) of this revision, or None."""
        path = self._path(manuscript, revision, variant)
        if (copy := self._memory.get(path)) is not None:
            return copy
        try:
            raw = path.read_bytes()
        except OSError:
            return None
        digest, _, rest = raw.partition(b"\n")
        if hashlib.sha256(rest).hexdigest().encode() != digest:
            # Stored copies are not flushed: a power cut may tear one, and it is simply made again.
            return None
        content_type, etag, links, length, bodies = rest.split(b"\n", 4)
        packed, gzipped = bodies[: int(length)], bodies[int(length) :]
        copy = StoredCopy(content_type.decode(), etag.decode(), packed, gzipped, links.decode())
        self._remember(path, copy)
        return copy

    def store(  # noqa: PLR0917 - called through a thread, by place
        self, manuscript: ManuscriptId, revision: str, variant: str, content_type: str, body: bytes, links: str = ""
    ) -> StoredCopy:
        """Store and return *body* (not compressed) as the copy of *variant*; older revisions are removed.

        *links* is its ``Link`` header, on one line.

        Safe in a thread of its own: compressing a long manifest would keep every other reader waiting.
        """
        packed = brotli.compress(body, quality=QUALITY)
        gzipped = gzip.compress(body, GZIP_QUALITY, mtime=0)
        copy = StoredCopy(content_type, f'"{hashlib.sha256(body).hexdigest()[:24]}"', packed, gzipped, links)
        path = self._path(manuscript, revision, variant)
        try:
            if not path.parent.exists():
                for old in _children(path.parent.parent):
                    shutil.rmtree(old, ignore_errors=True)
                path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f"{path.name}.{os.getpid()}.{next(self._numbers)}")
            about = (content_type, copy.etag, links, str(len(packed)))
            rest = b"\n".join((*(each.encode() for each in about), packed + gzipped))
            beside.write_bytes(hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)
            beside.replace(path)
        except OSError:
            # A full disk costs the stored copy, not the answer.
            return copy
        self._remember(path, copy)
        return copy

    def _path(self, manuscript: ManuscriptId, revision: str, variant: str) -> Path:
        # Another version of the software makes other pages, and so do other settings.
        key = hashlib.sha256(f"{__version__} {FORM}\n{self._library}\n{variant}".encode()).hexdigest()[:32]
        return stored_pages(self._folder, manuscript) / revision / key

    def _remember(self, path: Path, copy: StoredCopy) -> None:
        with self._lock:
            if path in self._memory or copy.size > IN_MEMORY // 8:
                return
            self._memory[path] = copy
            self._held += copy.size
            while self._held > IN_MEMORY:
                self._held -= self._memory.popitem(last=False)[1].size


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []
