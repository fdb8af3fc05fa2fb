"""Counts of what was found: exact as long as that takes little time, from a part of the collection where it is much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import tantivy

from khizana.adapters.search.asking import Made, Must, Should
from khizana.adapters.search.engine import Filters, one_of
from khizana.adapters.search.schema import CLOSED, FACETS, OPEN, SLICE, SLICES
from khizana.core.search.document import Facet

COUNTED: Final = 20_000
"""Hits by words that are counted again, by facet and together with hits by names and lines."""
_VALUES = 30
_ALL = "all"

FacetCounts = dict[Facet, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts in one state of the index, for a reader who finds *everything* or only what is open."""

    searcher: tantivy.Searcher
    schema: tantivy.Schema
    everything: bool

    def united(self, by_words: Made, numbers: list[int], filters: Filters) -> Made:
        """Return: met by words, or one of the manuscripts with *numbers* that pass *filters*."""
        if not numbers:
            return by_words
        others = Made.boolean_query([(Must, one_of(self.schema, "manuscript", numbers)), *filters])
        return Made.boolean_query([(Should, by_words), (Should, others)])

    def slices(self, total: int) -> int:
        """Return in how many of the slices *total* hits are counted by facet."""
        return SLICES if total <= COUNTED else max(1, SLICES * COUNTED // total)

    def facets(self, query: Made, total: int) -> tuple[FacetCounts, int]:
        """Return the values of each facet among the hits of *query*, the most frequent first, and how many hits met it.

        Of more than ``COUNTED`` hits (*total* says about how many there are), those in some slices are counted, and the
        counts are what they come to for all.
        """
        looked_at = self.slices(total)
        if looked_at < SLICES:
            seen = (OPEN, CLOSED) if self.everything else (OPEN,)
            names = [f"{each}{number}" for each in seen for number in range(looked_at)]
            query = Made.boolean_query([(Must, query), (Must, one_of(self.schema, SLICE, names))])
        asked: dict[str, Any] = {name: {"terms": {"field": name, "size": _VALUES}} for name in FACETS.values()}
        counted = self.searcher.aggregate(query, {**asked, _ALL: {"value_count": {"field": "manuscript"}}})
        facets = {
            facet: tuple((each["key"], round(each["doc_count"] * SLICES / looked_at)) for each in found)
            for facet, name in FACETS.items()
            if (found := counted[name]["buckets"])
        }
        return facets, round(counted[_ALL]["value"] * SLICES / looked_at)
