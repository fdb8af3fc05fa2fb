"""What the engine gives, with the types that its own stubs lack."""

from __future__ import annotations

from typing import Any, cast

import orjson
import tantivy

Filters = list[tuple[tantivy.Occur, tantivy.Query]]
"""What every hit must meet or must not, at no score."""
Terms = list[str | tuple[int, str]]


def body_of(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Any:
    """Return what is stored of a document, as the writer has put it together."""
    return orjson.loads(cast("bytes", searcher.doc(address).get_first("body")))


def count_of(found: tantivy.SearchResult) -> int:
    """Return how many documents met a query, shown or not."""
    return int(cast("Any", found).count or 0)
