"""Names in the index that sound like a name, in any script or romanisation: found by keys, compared sound by sound."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import tantivy

from khizana.adapters.search.engine import body_of, within
from khizana.adapters.search.schema import NAME
from khizana.core.search.document import NAMES, Part
from khizana.core.text.fold import fold
from khizana.core.text.nearest import CONSIDERED, MOST_WORDS
from khizana.core.text.nearness import nearness, rarest, weighted_keys
from khizana.core.text.sounds import sounded

LEAST: Final = 0.5
"""Names less near than this are none."""
_HELD = 150_000
"""Names that hold one of the keys that are looked for: the rarest keys first, at least two.

What the frequent ones would find beside them is not near, and takes most of the time.
"""
_FEWEST = 2
_WORDS = 8
_FEWEST_CONSIDERED = 30
"""Of a name of up to so many words, all are compared that may be near; of a longer one fewer, but so many at least."""


@dataclass(frozen=True, slots=True)
class NearName:
    """A name that was found, and how near it is, from 0 to 1."""

    number: int
    part: Part
    text: str
    nearness: float
    same_letters: bool


def near_names(
    searcher: tantivy.Searcher, schema: tantivy.Schema, text: str, part: Part | None, considered: int = CONSIDERED
) -> list[NearName]:
    """Return the names that are near *text*, the nearest first; of *part* only, where it is given."""
    sounds = sounded(text)[:MOST_WORDS]
    if part not in (None, *NAMES) or not sounds:
        return []
    number = searcher.doc_freq("kind", NAME)
    query = _keys(searcher, schema, sounds, number)
    if query is None:
        return []
    if part is not None:
        of_part = tantivy.Query.const_score_query(tantivy.Query.term_query(schema, "part", part.value), 0.0)
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, of_part)])
    # Long names share many keys, so fewer have to be compared to find the nearest, and each takes longer.
    considered = min(considered, max(_FEWEST_CONSIDERED, considered * _WORDS // len(sounds)))
    found = searcher.search(query, considered, count=False, weight_by_field="shortness").hits
    weights: dict[str, float] = {}

    def weight(word: str) -> float:
        if word not in weights:
            weights[word] = math.log1p((1 + number) / (1 + searcher.doc_freq("rarest", rarest(word))))
        return weights[word]

    folded, near = fold(text).text, {}
    for _, address in found:
        of, kept, kept_sounds, kept_folded, name = body_of(searcher, address)
        like = nearness(sounds, tuple(kept_sounds), weight)
        if like >= LEAST:
            # The same letters are nearer than the same sounds.
            like = min(1.0, like * 0.99 + (0.01 if folded == kept_folded else 0.0))
            near[name] = NearName(name, Part(of), kept, like, folded == kept_folded)
    return sorted(near.values(), key=lambda each: -each.nearness)


def _keys(
    searcher: tantivy.Searcher, schema: tantivy.Schema, sounds: tuple[str, ...], number: int
) -> tantivy.Query | None:
    weighed = []
    for key, worth in weighted_keys(sounds).items():
        holders = searcher.doc_freq("keys", key)
        if holders:
            rarity = math.log1p(number / holders)
            weighed.append((holders, key, worth * rarity * rarity))
    rare = within(sorted(weighed), _HELD, _FEWEST)
    if not rare:
        return None
    query = tantivy.Query
    return query.boolean_query(
        [
            (tantivy.Occur.Should, query.const_score_query(query.term_query(schema, "keys", key), score))
            for _, key, score in rare
        ]
    )
