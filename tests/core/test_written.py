"""Page order and agreement as the preservation objects keep them."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ManuscriptId
from khizana.core.manuscript import Master
from khizana.core.policy import Agreement, Level
from khizana.core.structure.written import (
    Publication,
    Structure,
    ordered,
    pages_of,
    publication_json,
    read_publication,
    read_structure,
    structure_json,
)

MANUSCRIPT = ManuscriptId("tb-42")


def _master(number: int, name: str = "P1.tif") -> Master:
    path = f"masters/{number:04d}.tif"
    return Master(number, path, Digest(f"{number:0128x}"), 1000 + number, "image/tiff", 3000, 4000, name)


def _digests(*masters: Master) -> dict[str, Digest]:
    return {master.logical_path: master.digest for master in masters}


PAGES = st.lists(
    st.tuples(st.integers(1, 99_999), st.text(st.characters(codec="utf-8"), max_size=20)),
    unique_by=lambda pair: pair[0],
)


@given(PAGES, st.sampled_from(["rtl", "ltr"]))
def test_what_is_written_is_read_back_the_same_and_writes_the_same_bytes(
    pages: list[tuple[int, str]], direction: str
) -> None:
    labelled = [(_master(number, f"{label}.tif"), label) for number, label in pages]
    structure = Structure("rtl" if direction == "rtl" else "ltr", pages_of(MANUSCRIPT, labelled))
    raw = structure_json(structure)
    digests = _digests(*(master for master, _ in labelled))
    assert read_structure(raw, MANUSCRIPT, digests) == structure
    assert structure_json(read_structure(raw, MANUSCRIPT, digests)) == raw
    assert raw.endswith(b"}\n")


def test_a_page_keeps_its_image_whatever_its_place_and_label() -> None:
    first, second = _master(1), _master(2)
    one = pages_of(MANUSCRIPT, [(first, "1r"), (second, "1v")])
    other = pages_of(MANUSCRIPT, [(second, "1r"), (first, "1r")])
    assert {page.image: page.master for page in one} == {page.image: page.master for page in other}
    assert [(page.image, page.name) for page in other] == [("tb-42.0002", "1r"), ("tb-42.0001", "1r-2")]


@given(PAGES, st.data())
def test_an_order_by_hand_stands_and_pages_it_does_not_know_come_last(
    pages: list[tuple[int, str]], data: st.DataObject
) -> None:
    kept = Structure("rtl", pages_of(MANUSCRIPT, [(_master(number), label) for number, label in pages]))
    chosen = data.draw(st.lists(st.sampled_from(kept.pages), unique=True) if pages else st.just([]))
    by_hand = Structure("ltr", pages_of(MANUSCRIPT, [(page.master, f"{page.label}+") for page in chosen]))
    became = ordered(kept, by_hand, MANUSCRIPT)
    assert became.direction == "ltr"
    assert [(page.master, page.label) for page in became.pages] == [
        *((page.master, f"{page.label}+") for page in chosen),
        *((page.master, page.label) for page in kept.pages if page not in chosen),
    ]


@pytest.mark.parametrize("numbers", [(1, 1), (1, 3)])
def test_an_order_that_has_a_page_twice_or_one_that_is_not_kept_is_damaged(numbers: tuple[int, int]) -> None:
    kept = Structure("rtl", pages_of(MANUSCRIPT, [(_master(1), "1r"), (_master(2), "1v")]))
    by_hand = Structure("rtl", pages_of(MANUSCRIPT, [(_master(number), "x") for number in numbers]))
    with pytest.raises(Damaged) as caught:
        ordered(kept, by_hand, MANUSCRIPT)
    assert "tb-42" in str(caught.value)


def _altered(**changes: object) -> bytes:
    value = json.loads(structure_json(Structure("rtl", pages_of(MANUSCRIPT, [(_master(1), "1r"), (_master(2), "1v")]))))
    for name, change in changes.items():
        if name == "direction":
            value[name] = change
        else:
            value["pages"][1][name] = change
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"direction": "rtl"}',
        b'{"direction": "rtl", "pages": 3}',
        b"[" * 200_000,
        b'{"direction": "rtl", "pages": ["masters/0001.tif"]}',
        b"\xff",
        _altered(file="masters/0009.tif", digest="f" * 16),
        _altered(digest=7),
        _altered(file=["masters/0001.tif"]),
        _altered(number=1),
        _altered(number=0),
        _altered(number="one"),
        _altered(width=float("inf")),
        _altered(size=None),
    ],
)
def test_a_structure_that_is_not_what_is_written_is_damaged(raw: bytes) -> None:
    with pytest.raises(Damaged) as caught:
        read_structure(raw, MANUSCRIPT, _digests(_master(1), _master(2)))
    assert "tb-42" in str(caught.value)


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("published", [True, False])
def test_an_agreement_is_read_back_as_it_was_written(level: Level, published: bool) -> None:  # noqa: FBT001 - a case
    publication = Publication("TB 42 / ٤٢", Agreement(level, published))
    raw = publication_json(publication)
    assert read_publication(raw, MANUSCRIPT) == publication
    assert "٤٢".encode() in raw


@pytest.mark.parametrize("published", ["true", 1, None, "false", [1]])
def test_only_a_plain_true_publishes(published: object) -> None:
    raw = json.dumps({"shelfmark": "TB 42", "level": "open", "published": published}).encode()
    assert not read_publication(raw, MANUSCRIPT).agreement.published


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"shelfmark": "a", "level": "everyone", "published": true}', b'{"level": []}', b"\x80"]
)
def test_an_agreement_that_cannot_be_read_opens_nothing(raw: bytes) -> None:
    with pytest.raises(Damaged):
        read_publication(raw, MANUSCRIPT)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["pages", "direction", "number", "file", "level"]), inner)
    ),
).map(lambda value: json.dumps(value).encode())


@given(st.binary(max_size=200) | ANY_JSON)
def test_no_bytes_are_met_with_anything_but_a_value_or_a_sentence(raw: bytes) -> None:
    with suppress(Damaged):  # anything else fails the test
        assert isinstance(read_structure(raw, MANUSCRIPT, {}), Structure)
    with suppress(Damaged):
        assert isinstance(read_publication(raw, MANUSCRIPT), Publication)
