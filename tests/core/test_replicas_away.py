"""A place that cannot be reached says nothing of its files: neither that they are damaged, nor that none are good."""

from __future__ import annotations

import pytest

from data.memory_store import MemoryStore
from data.replicated import put_object
from khizana.core.errors import Away, Damaged
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Expected, Known, expected, small_file
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
        1,
        {"v1/content/a": digest_of(CONTENT)},
        {},
    )
    name = wanted.known.prefix + "v1/content/a"
    store, away, good = MemoryStore(), MemoryStore({name: CONTENT}), MemoryStore({name: CONTENT})
    away.is_gone = True
    (done,) = mend(store, wanted, [Missing(name)], [away, good], stamp="1")
    assert isinstance(done, Mended)
    assert store.files == {name: CONTENT}


def test_a_site_that_is_ahead_is_not_set_back() -> None:
    here, site = MemoryStore(), MemoryStore()
    known = put_object(here, "ms", [{"a": b"1"}, {"a": b"2"}])
    whole = expected(known, 2, [small_file(here, known.prefix)])
    assert whole is not None
    copy_object(here, site, whole, stamp="1")
    before = dict(site.files)
    older = Known(known.object_id, {1: known.versions[1]})
    wanted = expected(older, 1, [small_file(here, known.prefix)])
    assert wanted is not None
    with pytest.raises(Damaged) as refused:
        copy_object(here, site, wanted, stamp="2")
    assert refused.value.code == "SITE_AHEAD"
    assert site.files == before


@pytest.mark.parametrize("differs", ["v2/inventory.json", "inventory.json", "v2/content/stray", "v1/content/a"])
def test_nothing_is_set_aside_or_replaced_where_that_must_not_be(differs: str) -> None:
    here, site = MemoryStore(), MemoryStore()
    known = put_object(here, "ms", [{"a": b"1"}, {"a": b"2"}])
    put_object(site, "ms", [{"a": b"1"}])
    site.files[known.prefix + differs] = b"written elsewhere"
    before = dict(site.files)
    wanted = expected(known, 2, [small_file(here, known.prefix)])
    assert wanted is not None
    with pytest.raises(Damaged) as refused:
        copy_object(here, site, wanted, stamp="1", may_replace=False)
    assert (refused.value.code, refused.value.facts["name"]) == ("SITE_NOT_REPLACED", known.prefix + differs)
    assert site.files == before


def test_where_nothing_may_be_replaced_a_next_version_is_copied_all_the_same() -> None:
    here, site = MemoryStore(), MemoryStore()
    known = put_object(here, "ms", [{"a": b"1"}, {"a": b"2"}])
    put_object(site, "ms", [{"a": b"1"}])
    wanted = expected(known, 2, [small_file(here, known.prefix)])
    assert wanted is not None
    copy_object(here, site, wanted, stamp="1", may_replace=False)
    assert site.files == here.files


def test_a_stray_file_where_a_later_version_would_be_keeps_nothing_from_being_copied() -> None:
    here, site = MemoryStore(), MemoryStore()
    known = put_object(here, "ms", [{"a": b"1"}])
    site.files[f"{known.prefix}v2/inventory.json"] = b"stray"
    wanted = expected(known, 1, [small_file(here, known.prefix)])
    assert wanted is not None
    copy_object(here, site, wanted, stamp="1")
    assert {name: site.files[name] for name in here.files} == here.files
