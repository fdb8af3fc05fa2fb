"""The search index: opens it for readers, and for the one writer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import tantivy

from khizana.adapters.search.place import IndexFolder
from khizana.adapters.search.reader import Reading
from khizana.adapters.search.suggesting import suggested
from khizana.adapters.search.writer import TantivyWriter
from khizana.core.errors import NotFound
from khizana.core.search.query import Query
from khizana.core.search.results import Asked, Results, Suggestion


class TantivyIndex:
    """A ``SearchIndex`` in the folder *root*; several threads may ask at once."""

    def __init__(self, root: Path) -> None:
        self._folder = IndexFolder(root)
        self._lock = Lock()
        self._opened: tuple[Path, int, tantivy.Index] | None = None

    def is_usable(self) -> bool:
        """Say whether there is an index, made by this version of the analysis, that opens."""
        try:
            self._folder.opened()
        except NotFound:
            return False
        return True

    def is_of_another_version(self) -> bool:
        """Say whether there is an index, and another version made it."""
        return self._folder.is_of_another_version()

    @contextmanager
    def writing(self, *, anew: bool = False) -> Iterator[TantivyWriter]:
        """Write to the index, from nothing with *anew* or where it is not usable."""
        with self._folder.held():
            self._folder.sweep()
            anew = anew or not self.is_usable()
            folder, index = self._folder.made() if anew else (None, self._folder.opened())
            writer = TantivyWriter(index)
            try:
                yield writer
                writer.commit()
            finally:
                writer.close()
            if folder is not None:
                self._folder.use(folder)

    def search(self, query: Query, asked: Asked) -> Results:
        """Return what meets *query*."""
        return self._reading().search(query, asked)

    def suggest(self, typed: str, *, everything: bool, limit: int = 8) -> tuple[Suggestion, ...]:
        """Return names that begin like *typed*, or sound so."""
        return suggested(self._reading(), typed, everything=everything, limit=limit)

    def _reading(self) -> Reading:
        with self._lock:
            folder = self._folder.current()
            try:
                stamp = (folder / "meta.json").stat().st_mtime_ns if folder else 0
            except FileNotFoundError:
                stamp = 0
            if self._opened is None or self._opened[0] != folder:
                index = self._folder.opened()
                index.config_reader("manual")
                index.reload()
                self._opened = (folder or Path(), stamp, index)
            elif self._opened[1] != stamp:
                self._opened[2].reload()
                self._opened = (self._opened[0], stamp, self._opened[2])
            index = self._opened[2]
        return Reading(index.searcher(), index.schema)
