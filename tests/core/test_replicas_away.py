"""A place that cannot be reached says nothing of its files: neither that they are damaged, nor that none are good."""

from __future__ import annotations

import pytest

from data.memory_store import MemoryStore
from khizana.core.errors import Away
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.expected import Expected, Known
from khizana.core.preservation.replicas.mend import Mended, mend
from khizana.core.preservation.replicas.outcome import Missing
from khizana.core.preservation.replicas.reading import Reader

CONTENT = b"as it should be"


def test_a_file_of_a_place_that_is_away_has_no_outcome() -> None:
    store = MemoryStore({"a": CONTENT})
    store.is_gone = True
    with pytest.raises(Away):
        Reader(store).outcome("a", digest_of(CONTENT))


def test_mending_asks_the_next_place_when_one_is_away() -> None:
    wanted = Expected(
        Known(ObjectId("urn:khizana:test:ms-1:images"), {1: digest_of(b"")}),
        {"v1/content/a": digest_of(CONTENT)},
        {},
    )
    name = wanted.known.prefix + "v1/content/a"
    store, away, good = MemoryStore(), MemoryStore({name: CONTENT}), MemoryStore({name: CONTENT})
    away.is_gone = True
    (done,) = mend(store, wanted, [Missing(name)], [away, good], stamp="1")
    assert isinstance(done, Mended)
    assert store.files == {name: CONTENT}
