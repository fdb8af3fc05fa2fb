"""Where the index lies, by which version it was made, and who writes to it.

A folder with ``index.json``, which names the folder of the index in use: one that is made anew takes its place at once,
when it is complete.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tantivy

from khizana.adapters.search.engine import with_room
from khizana.adapters.search.schema import SCHEMA_VERSION, register, schema
from khizana.core.errors import Busy, NotFound
from khizana.core.search.analysis import ANALYSIS_VERSION

_VERSIONS = {"schema": SCHEMA_VERSION, "analysis": ANALYSIS_VERSION}


class IndexFolder:
    """The folder of one index and its generations."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def _named(self) -> Path:
        return self.root / "index.json"

    def current(self) -> Path | None:
        """Return the folder of the index in use; None where there is none, or one of another version."""
        try:
            said = json.loads(self._named.read_text(encoding="utf-8"))
            folder = self.root / str(said["folder"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        mine = {name: said.get(name) for name in _VERSIONS} == _VERSIONS
        return folder if mine and (folder / "meta.json").is_file() else None

    def is_of_another_version(self) -> bool:
        """Say whether there is an index, and another version made it."""
        return self._named.is_file() and self.current() is None

    def opened(self) -> tantivy.Index:
        """Return the index in use. Raises ``NotFound`` where there is none that opens."""
        folder = self.current()
        try:
            if folder is None:
                raise NotFound("SEARCH_NO_INDEX", path=str(self.root))
            index = tantivy.Index.open(str(folder))
        except (ValueError, OSError) as error:
            raise NotFound("SEARCH_NO_INDEX", path=str(self.root)) from error
        register(index)
        return index

    def made(self) -> tuple[Path, tantivy.Index]:
        """Return a new and empty index, and where it lies; it is not in use before ``use``."""
        folder = self.root / f"index-{secrets.token_hex(6)}"
        folder.mkdir(parents=True)
        with with_room():
            index = tantivy.Index(schema(), str(folder))
        register(index)
        return folder, index

    def use(self, folder: Path) -> None:
        """Let *folder* be the index in use, and throw the others away."""
        beside = self._named.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as written:
            json.dump({"folder": folder.name, **_VERSIONS}, written)
            written.flush()
            os.fsync(written.fileno())
        beside.replace(self._named)
        self.sweep()

    def sweep(self) -> None:
        """Throw away what is not in use: another version's, and what a killed writer began."""
        kept = self.current()
        for each in self.root.glob("index-*"):
            if each != kept:
                shutil.rmtree(each, ignore_errors=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other writer away. Raises ``Busy`` when one is at work; a killed one holds nothing."""
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy("SEARCH_BUSY", path=str(self.root)) from error
            yield
        finally:
            os.close(handle)
