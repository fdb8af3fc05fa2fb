"""The collection of all manuscripts, whole and in parts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.described import CARD
from khizana.core.errors import NotFound
from khizana.core.identifiers import ManuscriptId, image_id
from khizana.core.iiif.collection import PART, Entry, collection_v3
from khizana.core.iiif.presented import to_bytes
from khizana.core.iiif.schema import problems_v3
from khizana.core.policy import STAFF, Agreement, Level

OPEN = Agreement(Level.OPEN, published=True)


def entries(count: int, agreement: Agreement = OPEN) -> list[Entry]:
    slugs = [ManuscriptId(f"tb-{number:04d}") for number in range(1, count + 1)]
    return [Entry(slug, slug.upper(), {"ar": ("كتاب",)}, agreement, image_id(slug, 1)) for slug in slugs]


def read(listed: list[Entry], *, part: int | None = None, **facts: Any) -> dict[str, Any]:
    """Return the collection of *listed* as its door makes it: it is given the entries of one part alone."""
    first = ((part or 1) - 1) * PART
    value = collection_v3(CARD, listed[first : first + PART], total=len(listed), part=part, **facts)
    collection: dict[str, Any] = json.loads(to_bytes(value))
    assert list(problems_v3(collection)) == []
    return collection


def test_a_small_collection_lists_its_manuscripts() -> None:
    collection = read(entries(3))
    assert [item["type"] for item in collection["items"]] == ["Manifest"] * 3
    assert collection["items"][0]["id"] == "http://127.0.0.1:8000/iiif/manifest/tb-0001"
    assert collection["items"][0]["thumbnail"][0]["id"] == "http://127.0.0.1:8000/images/tb-0001.0001/480.jpg"


def test_an_empty_library_has_an_empty_collection() -> None:
    assert read([])["items"] == []


@given(st.integers(0, 3 * PART))
def test_the_parts_together_list_every_manuscript_once(count: int) -> None:
    whole = read(entries(count))
    if count <= PART:
        listed = [item["id"] for item in whole["items"]]
    else:
        parts = [item["id"] for item in whole["items"]]
        assert [int(address.rsplit("/", 1)[1]) for address in parts] == list(range(1, len(parts) + 1))
        read_parts = [read(entries(count), part=number) for number in range(1, len(parts) + 1)]
        assert [part["id"] for part in read_parts] == parts
        listed = [item["id"] for part in read_parts for item in part["items"]]
    assert listed == [f"http://127.0.0.1:8000/iiif/manifest/tb-{number:04d}" for number in range(1, count + 1)]


def test_a_collection_of_parts_is_valid_and_says_which_manuscripts_each_holds() -> None:
    whole = read(entries(PART + 1))
    assert [part["label"]["en"] for part in whole["items"]] == [["Manuscripts 1–500"], ["Manuscripts 501–501"]]
    last = read(entries(PART + 1), part=2)
    assert [item["label"] for item in last["items"]] == [{"ar": ["كتاب"]}]
    assert last["partOf"][0]["id"] == whole["id"]


@pytest.mark.parametrize("part", [0, -1, 3])
def test_a_part_that_does_not_exist_is_not_found(part: int) -> None:
    with pytest.raises(NotFound) as refused:
        collection_v3(CARD, [], total=PART + 1, part=part)
    assert refused.value.facts["parts"] == 2


def test_what_is_not_published_is_not_listed() -> None:
    hidden = entries(2, Agreement(Level.OPEN, published=False))
    assert read(hidden)["items"] == []
    assert len(read(hidden, reader=STAFF)["items"]) == 2


def test_an_image_for_staff_only_stands_for_nothing_in_a_reader_s_list() -> None:
    (item,) = read(entries(1, Agreement(Level.STAFF, published=True)))["items"]
    assert "thumbnail" not in item
