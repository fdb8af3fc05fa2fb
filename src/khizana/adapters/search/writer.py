"""Writes manuscripts, their names and their lines into the index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import orjson
import tantivy

from khizana.adapters.search.engine import with_room
from khizana.adapters.search.schema import (
    BETWEEN,
    CLOSED,
    FACETS,
    LINE,
    LINE_FACETS,
    LINE_TERMS,
    MANUSCRIPT,
    NAME,
    NAME_TERMS,
    NO_BOUND,
    OPEN,
    SLICE,
    TERMS,
    number_of,
    of_line,
    shortness,
    slice_of,
)
from khizana.core.identifiers import ManuscriptId
from khizana.core.search.analysis import exact_terms, grams, terms, unspaced_letters
from khizana.core.search.document import NAMES, Facet, Line, Part, Passage, SearchDocument
from khizana.core.text.fold import fold
from khizana.core.text.nearest import MOST_WORDS
from khizana.core.text.nearness import rarest, weighted_keys
from khizana.core.text.sounds import sounded

HEAP = 64_000_000
"""Bytes the engine gathers before it writes a segment."""
_MOST_KNOWN = 1 << 20


class TantivyWriter:
    """The writer of one index; it holds the engine's lock from its making to ``close``."""

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        with with_room():
            self._writer = index.writer(HEAP, 1)
        index.reload()
        self._searcher = index.searcher()
        self._known: set[int] = set()
        self._put: set[ManuscriptId] = set()

    def put(self, document: SearchDocument) -> None:
        """Write *document*, in the place of what is there of the same manuscript."""
        self.remove(document.manuscript)
        self._put.add(document.manuscript)
        common = _common(document)
        self._add(_manuscript(document, common))
        for passage in document.passages:
            if passage.part in NAMES:
                self._name(passage)
        for line in document.lines:
            self._add(_line(line, document.facets, common))

    def remove(self, manuscript: ManuscriptId) -> None:
        """Take *manuscript* out, if it is there; its names stay until the index is made anew, and are not shown."""
        # Every removal is looked for in every segment, and most of what is put in is new.
        if manuscript in self._put or self._searcher.doc_freq("id", manuscript):
            with with_room():
                self._writer.delete_documents_by_term("id", manuscript)

    def commit(self) -> None:
        """Make durable what was written until now."""
        with with_room():
            self._writer.commit()
        self._put.clear()
        self._index.reload()
        self._searcher = self._index.searcher()

    def close(self) -> None:
        """Let merges end and the lock go; what was not committed is forgotten."""
        with with_room():
            self._writer.wait_merging_threads()

    def _add(self, document: tantivy.Document) -> None:
        with with_room():
            self._writer.add_document(document)

    def _name(self, passage: Passage) -> None:
        """Write the name once, in however many manuscripts it stands."""
        number = number_of(passage.part.value, passage.text)
        if number in self._known or self._searcher.doc_freq("name", number):
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()  # a name that is written twice is found twice, and shown once
        self._known.add(number)
        sounds = sounded(passage.text)[:MOST_WORDS]
        document = tantivy.Document()
        document.add_text("kind", NAME)
        document.add_text("part", passage.part.value)
        document.add_unsigned("name", number)
        document.add_text(NAME_TERMS, " ".join(terms(passage.text)))
        document.add_text("keys", " ".join(weighted_keys(sounds)))
        document.add_text("rarest", " ".join({rarest(each) for each in sounds}))
        document.add_float("shortness", shortness(len(sounds)))
        document.add_bytes(
            "body", orjson.dumps([passage.part, _text(passage.text), sounds, _text(fold(passage.text).text), number])
        )
        self._add(document)


def _common(document: SearchDocument) -> Callable[[str], tantivy.Document]:
    """Return what makes documents with what a manuscript and its lines share: by what they are found together."""
    number = number_of(document.manuscript)
    published = document.agreement.published

    def made(kind: str) -> tantivy.Document:
        found = tantivy.Document()
        found.add_text("kind", kind)
        found.add_text("kind", kind + (OPEN if published else CLOSED))
        found.add_text("id", document.manuscript)
        found.add_unsigned("manuscript", number)
        found.add_text(SLICE, slice_of(number, published=published))
        if document.days is not None:
            earliest, latest = document.days.earliest, document.days.latest
            found.add_integer("earliest", -NO_BOUND if earliest is None else earliest)
            found.add_integer("latest", NO_BOUND if latest is None else latest)
        return found

    return made


def _manuscript(document: SearchDocument, common: Callable[[str], tantivy.Document]) -> tantivy.Document:
    found = common(MANUSCRIPT)
    for part in Part:
        texts = [each.text for each in document.passages if each.part is part]
        if texts:
            found.add_text(TERMS[part], _joined(terms(text) for text in texts))
    found.add_text("letters", " ".join(sorted({each for p in document.passages for each in exact_terms(p.text)})))
    for facet, values in document.facets.items():
        for value in values:
            found.add_text(FACETS[facet], _text(value))
    for passage in document.passages:
        if passage.part in NAMES:
            found.add_unsigned("spelling", number_of(passage.part.value, passage.text))
    passages = [[each.part, each.kind, each.language, _text(each.text)] for each in document.passages]
    found.add_bytes("body", orjson.dumps([document.manuscript, _text(document.shelfmark), passages]))
    return found


def _line(
    line: Line, facets: Mapping[Facet, tuple[str, ...]], common: Callable[[str], tantivy.Document]
) -> tantivy.Document:
    found = common(LINE)
    for facet, values in facets.items():
        for value in values:
            found.add_text(LINE_FACETS, _text(of_line(facet, value)))
    found.add_text(LINE_TERMS, " ".join(terms(line.text)))
    found.add_text("letters", " ".join(set(exact_terms(line.text))))
    found.add_text("grams", " ".join(set(grams(unspaced_letters(line.text)))))
    said = [_text(line.text), line.page, line.number, line.language, line.machine]
    found.add_bytes("body", orjson.dumps(said))
    return found


def _joined(passages: Iterable[list[str]]) -> str:
    return f" {BETWEEN} ".join(" ".join(passage) for passage in passages)


def _text(text: str) -> str:
    # A lone surrogate is no text that could be encoded; one character stands for it, so that offsets stay.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
