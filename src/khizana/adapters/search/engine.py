"""What the engine gives, with the types that its own stubs lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any, TypeVar, cast

import orjson
import tantivy

from khizana.core.errors import NoSpace

Filters = list[tuple[tantivy.Occur, tantivy.Query]]
"""What every hit must meet or must not, at no score."""
Terms = list[str | tuple[int, str]]
Held = TypeVar("Held", tuple[int, str], tuple[int, str, float])


def body_of(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Any:
    """Return what is stored of a document, as the writer has put it together."""
    return orjson.loads(cast("bytes", searcher.doc(address).get_first("body")))


def count_of(found: tantivy.SearchResult) -> int:
    """Return how many documents met a query, shown or not."""
    return int(cast("Any", found).count or 0)


def one_of(schema: tantivy.Schema, field: str, values: Iterable[str | int]) -> tantivy.Query:
    """Return: *field* has one of *values*, at no score. The engine's own query for it takes five times as long."""
    query = tantivy.Query
    several = [(tantivy.Occur.Should, query.term_query(schema, field, value)) for value in values]
    return query.const_score_query(query.boolean_query(several), 0.0)


def within(rarest_first: Sequence[Held], most: int, fewest: int) -> Sequence[Held]:
    """Return as many of the pieces, each after the number of its holders, as have *most* holders; *fewest* anyhow."""
    held = accumulate(each[0] for each in rarest_first)
    return rarest_first[: max(fewest, sum(1 for number in held if number <= most))]


@contextmanager
def with_room() -> Iterator[None]:
    """Say in our words that the disk is full, which the engine says in a sentence of its own. Raises ``NoSpace``."""
    try:
        yield
    except (ValueError, OSError) as error:
        if "No space left" in str(error) or "os error 28" in str(error):
            raise NoSpace("NO_SPACE", path="search") from error
        raise
