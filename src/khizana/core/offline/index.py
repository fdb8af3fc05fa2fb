"""The search index of an offline edition: words and what has them, cut into scripts of which a search loads few.

Words become terms as everywhere (``core.search.analysis``). The index is sorted on disk, in runs, so that memory does
not grow with the edition.
"""

from __future__ import annotations

import heapq
import pickle
import tempfile
from collections.abc import Iterator
from itertools import groupby
from typing import IO, Any, Final, Self

from khizana.core.offline.scripts import data_script
from khizana.core.search.analysis import terms
from khizana.core.search.document import Part, SearchDocument

HEAD: Final = "s/index.js"
DOCUMENTS: Final = 50
"""Manuscripts whose words stand in one script."""
LARGEST: Final = 48_000
"""Bytes of postings, about, of one script of terms; a term is never cut in two."""

_RUN: Final = 200_000  # postings sorted in memory
_WEIGHTS: Final = {Part.TITLE: 3, Part.PERSON: 3, Part.SHELFMARK: 3, Part.SUBJECT: 2, Part.PLACE: 2}
_BITS: Final = 2  # of a posting are its weight

Posting = tuple[str, int, int]
"""Term, number of the document, weight from 1 to 3."""


class IndexMaker:
    """Takes documents one after the other, and gives the scripts."""

    def __init__(self) -> None:
        self._count = 0
        self._postings: list[Posting] = []
        self._runs: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for run in self._runs:
            run.close()

    def add(self, document: SearchDocument) -> int:
        """Take *document* in and return its number."""
        weights: dict[str, int] = {}
        passages = [(Part.SHELFMARK, document.shelfmark), *((each.part, each.text) for each in document.passages)]
        passages += [(Part.TEXT, line.text) for line in document.lines]
        for part, text in passages:
            weight = _WEIGHTS.get(part, 1)
            for term in terms(text):
                weights[term] = max(weight, weights.get(term, 0))
        self._postings += ((term, self._count, weight) for term, weight in weights.items())
        self._count += 1
        if len(self._postings) >= _RUN:
            self._keep_run()
        return self._count - 1

    def scripts(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of every script of terms, and of the head that says where each begins."""
        self._keep_run()
        firsts: list[str] = []
        for number, shard in enumerate(self._shards()):
            firsts.append(shard["terms"][0])
            name = f"s/t{number:04d}.js"
            yield name, data_script(name, shard)
        yield HEAD, data_script(HEAD, {"count": self._count, "documents": DOCUMENTS, "firsts": firsts})

    def _keep_run(self) -> None:
        self._postings.sort()
        run = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the maker
        for posting in self._postings:
            pickle.dump(posting, run)
        self._runs.append(run)
        self._postings = []

    def _shards(self) -> Iterator[dict[str, Any]]:
        names: list[str] = []
        found: list[list[int]] = []
        size = 0
        merged = heapq.merge(*map(_read, self._runs))
        for term, postings in groupby(merged, key=lambda posting: posting[0]):
            numbers = _apart([number << _BITS | weight for _, number, weight in postings])
            names.append(term)
            found.append(numbers)
            size += len(term) + 4 + 3 * len(numbers)
            if size >= LARGEST:
                yield {"terms": names, "found": found}
                names, found, size = [], [], 0
        if names:
            yield {"terms": names, "found": found}


def _read(run: IO[bytes]) -> Iterator[Posting]:
    run.seek(0)
    while True:
        try:
            yield pickle.load(run)  # noqa: S301 - our own file, which has no name
        except EOFError:
            return


def _apart(numbers: list[int]) -> list[int]:
    """Return each of the rising *numbers* less the one before it."""
    return [number - before for before, number in zip([0, *numbers], numbers, strict=False)]
