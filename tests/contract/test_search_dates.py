"""What was made within some days is found, and nothing else, wherever the days begin and end."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from data.searched import document
from khizana.adapters.search.index import TantivyIndex
from khizana.core.dates import Days
from khizana.core.ports import SearchIndex
from khizana.core.search.query import Dated, Query
from khizana.core.search.results import MOST_HITS, Asked

INDEXES = {"tantivy": TantivyIndex}
MANUSCRIPTS, QUESTIONS = MOST_HITS, 400
SPANS = (0, 1, 354, 40_000, 400_000)


def some_days(chance: random.Random) -> Days:
    """Return days that begin or end with those of others as often as not."""
    earliest = chance.choice((chance.randrange(-20, 700) * 4_000, chance.randrange(-80_000, 2_800_000)))
    latest = earliest + chance.choice(SPANS) + chance.randrange(0, 3)
    if chance.random() < 0.1:
        return Days(*chance.choice(((None, latest), (earliest, None), (None, None))))
    return Days(earliest, latest)


@pytest.mark.parametrize("kind", INDEXES)
def test_days_are_compared_as_if_each_were_looked_at(kind: str, tmp_path: Path) -> None:
    made: Callable[[Path], SearchIndex] = INDEXES[kind]
    index, chance = made(tmp_path / "search"), random.Random(7)
    dated = {f"m-{number}": some_days(chance) for number in range(MANUSCRIPTS - 1)}
    with index.writing() as writer:
        for name, days in dated.items():
            writer.put(document(name, days=days))
        writer.put(document("undated"))
    sizes = set()
    for _ in range(QUESTIONS):
        days = some_days(chance)
        query = Query("", ((Dated("", days),),))
        found = {hit.manuscript for hit in index.search(query, Asked(limit=MOST_HITS, facets=False)).hits}
        assert found == {name for name, made_in in dated.items() if made_in.common(days) is not None}, days
        sizes.add(len(found))
    assert len(sizes) > 10
