"""Lines of noisy text in which letters stand like those of a query, spaces and dots apart."""

from __future__ import annotations

import math
from typing import Final

import tantivy
from rapidfuzz import fuzz

from khizana.adapters.search.engine import Filters, body_of, within
from khizana.adapters.search.schema import LINE
from khizana.core.search.analysis import grams, unspaced_letters

LEAST_LETTERS: Final = 5
LIKE: Final = 60.0
"""Likeness, of 100, of the likest stretch of a line; what is less like is not what was asked."""
_CONSIDERED = 250
_HELD = 250_000
"""Lines that hold one of the pieces that are looked for: the rarest pieces first, at least three."""
_FEWEST = 3


def like_lines(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    text: str,
    filters: Filters,
) -> list[tuple[float, tantivy.DocAddress]]:
    """Return lines with a stretch like *text* and how like it is (0 to 1), the likest first."""
    asked = unspaced_letters(text)
    number = searcher.doc_freq("kind", LINE)
    if len(asked) < LEAST_LETTERS or not number:
        return []
    pieces = sorted((searcher.doc_freq("grams", each), each) for each in set(grams(asked)))
    kept = within([each for each in pieces if each[0]], _HELD, _FEWEST)
    if not kept:
        return []
    query = tantivy.Query
    weighed = [
        (
            tantivy.Occur.Should,
            query.const_score_query(query.term_query(schema, "grams", gram), math.log1p(number / holders)),
        )
        for holders, gram in kept
    ]
    asked_for = query.boolean_query([(tantivy.Occur.Must, query.boolean_query(weighed)), *filters])
    found = []
    for _, address in searcher.search(asked_for, _CONSIDERED, count=False).hits:
        line = body_of(searcher, address)[0]
        like = fuzz.partial_ratio(asked, unspaced_letters(line), score_cutoff=LIKE)
        if like:
            found.append((like / 100, address))
    return sorted(found, key=lambda each: -each[0])
