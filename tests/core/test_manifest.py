"""Presentation 3.0 manifests: what the standard asks, what viewers need, what the owner allows."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.described import CARD, DESCRIPTION, manuscript
from khizana.core.errors import NotFound
from khizana.core.iiif.manifest import manifest_v3
from khizana.core.iiif.manifest_v2 import manifest_v2
from khizana.core.iiif.presented import to_bytes
from khizana.core.iiif.schema import problems_v3
from khizana.core.manuscript import Description, Range
from khizana.core.policy import SMALLER_IMAGE, STAFF, Level


def whole(value: dict[str, Any]) -> dict[str, Any]:
    """Return *value* as a reader gets it, after it is found to be a valid manifest or collection."""
    read: dict[str, Any] = json.loads(to_bytes(value))
    assert list(problems_v3(read)) == []
    if official := os.environ.get("IIIF_PRESENTATION_3_SCHEMA"):
        validator = jsonschema_rs.validator_for(json.loads(Path(official).read_text(encoding="utf-8")))
        assert [error.message for error in validator.iter_errors(read)] == []
    return read


def bodies(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [canvas["items"][0]["items"][0]["body"] for canvas in manifest["items"]]


def addresses(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inside in value.items():
            if key in ("id", "@id"):
                yield inside
            yield from addresses(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from addresses(inside)


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("direction", ["rtl", "ltr"])
def test_every_manifest_is_valid(level: Level, direction: Any) -> None:
    manifest = whole(manifest_v3(manuscript(level=level, direction=direction), CARD))
    assert manifest["viewingDirection"] == {"rtl": "right-to-left", "ltr": "left-to-right"}[direction]
    assert [canvas["label"]["none"] for canvas in manifest["items"]] == [["1r"], ["2r"], ["3r"]]


def test_a_manifest_without_anything_optional_is_valid() -> None:
    bare = dataclasses.replace(CARD, rights="", required_statement={}, homepage="", titles={})
    manifest = whole(manifest_v3(manuscript(description=Description("T 1", {})), bare, behavior=None))
    assert manifest["label"] == {"none": ["T 1"]}
    assert manifest["provider"][0]["label"] == {"none": ["specimens"]}
    assert not {"rights", "requiredStatement", "behavior", "structures", "summary"} & manifest.keys()


def test_the_label_speaks_every_language_known() -> None:
    manifest = whole(manifest_v3(manuscript(), CARD))
    assert manifest["label"] == {tag: list(strings) for tag, strings in DESCRIPTION.titles.items()}
    assert manifest["summary"]["fr"] == ["Traité d’astronomie."]


def test_the_pairs_are_labelled_in_three_languages() -> None:
    pairs = {pair["label"]["en"][0]: pair for pair in whole(manifest_v3(manuscript(), CARD))["metadata"]}
    assert pairs["Shelfmark"]["label"] == {"ar": ["رقم الحفظ"], "fr": ["Cote"], "en": ["Shelfmark"]}
    assert pairs["Language"]["value"]["fr"] == ["arabe", "haoussa"]
    assert pairs["Date as written"]["value"] == {"none": ["سنة ١١٣٥"]}
    assert pairs["Kept in"]["value"] == {"en": ["a leather satchel"]}


def test_a_manifest_leads_to_the_description_the_reading_room_and_the_collection() -> None:
    manifest = whole(manifest_v3(manuscript(), CARD))
    slug = "%D8%AA%D8%A8-42"
    assert manifest["id"] == f"http://127.0.0.1:8000/iiif/manifest/{slug}"
    assert manifest["seeAlso"][0]["id"] == f"http://127.0.0.1:8000/m/{slug}/description.xml"
    assert manifest["seeAlso"][0]["format"] == "application/tei+xml"
    assert [home["id"] for home in manifest["homepage"]] == [
        f"http://127.0.0.1:8000/{language}/m/{slug}/" for language in ("ar", "fr", "en")
    ]
    assert manifest["provider"][0]["homepage"][0]["id"] == "https://library.example/home"
    assert manifest["partOf"][0]["id"] == "http://127.0.0.1:8000/iiif/collection"


def test_every_image_has_both_image_services() -> None:
    body = bodies(whole(manifest_v3(manuscript(), CARD)))[0]
    image = "%D8%AA%D8%A8-42.0001"
    assert body["id"] == f"http://127.0.0.1:8000/iiif/3/{image}/full/2000,2667/0/default.jpg"
    assert (body["width"], body["height"]) == (2000, 2667)
    assert [service.get("type", service.get("@type")) for service in body["service"]] == [
        "ImageService3",
        "ImageService2",
    ]


def test_a_page_smaller_than_the_reading_size_is_never_enlarged() -> None:
    body = bodies(whole(manifest_v3(manuscript(size=(900, 1200)), CARD)))[0]
    assert body["id"].endswith("/full/max/0/default.jpg")
    assert (body["width"], body["height"]) == (900, 1200)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_smaller_images_only_means_no_image_beyond_the_bound(width: int, height: int) -> None:
    manifest = whole(manifest_v3(manuscript(level=Level.SMALLER, pages=1, size=(width, height)), CARD))
    (body,) = bodies(manifest)
    assert 1 <= max(body["width"], body["height"]) <= SMALLER_IMAGE
    assert (manifest["items"][0]["width"], manifest["items"][0]["height"]) == (width, height)


def test_images_for_staff_only_are_not_named_to_a_reader() -> None:
    manifest = whole(manifest_v3(manuscript(level=Level.STAFF), CARD))
    assert [canvas["items"] for canvas in manifest["items"]] == [[], [], []]
    assert not any("/images/" in address or "/iiif/3/" in address for address in addresses(manifest))
    access = next(pair for pair in manifest["metadata"] if pair["label"]["en"] == ["Access"])
    assert "ask the library" in access["value"]["en"][0]
    assert len(bodies(whole(manifest_v3(manuscript(level=Level.STAFF), CARD, reader=STAFF)))) == 3


@pytest.mark.parametrize("make", [manifest_v3, manifest_v2])
def test_an_unpublished_manuscript_has_no_manifest_but_for_staff(make: Any) -> None:
    with pytest.raises(NotFound) as refused:
        make(manuscript(published=False), CARD)
    assert refused.value.code == "MANIFEST_NOT_FOUND"
    assert make(manuscript(published=False), CARD, reader=STAFF)


@pytest.mark.parametrize("make", [manifest_v3, manifest_v2])
def test_a_manuscript_without_pages_has_no_manifest(make: Any) -> None:
    with pytest.raises(NotFound) as refused:
        make(manuscript(pages=0), CARD)
    assert "photographs" in refused.value.sentence("en")


def test_ranges_name_canvases_that_exist() -> None:
    long = dataclasses.replace(DESCRIPTION, ranges=(*DESCRIPTION.ranges, Range({}, 2, 99), Range({}, 50, 60)))
    manifest = whole(manifest_v3(manuscript(description=long), CARD))
    canvases = {canvas["id"] for canvas in manifest["items"]}
    ranges = manifest["structures"][0]["items"]
    assert [len(part["items"]) for part in ranges] == [2, 1, 1]
    assert {item["id"] for part in ranges for item in part["items"]} <= canvases


def test_a_canvas_keeps_its_address_when_the_order_changes() -> None:
    before = manuscript()
    after = dataclasses.replace(before, pages=before.pages[::-1])
    was, now = (manifest_v3(order, CARD)["items"] for order in (before, after))
    assert [canvas["id"] for canvas in was] == [canvas["id"] for canvas in now][::-1]


def test_all_addresses_are_plain_and_those_of_a_manifest_are_its_own() -> None:
    manifest = whole(manifest_v3(manuscript(), CARD))
    assert all(address.isascii() and " " not in address for address in addresses(manifest))
    made = [part["id"] for canvas in manifest["items"] for part in (canvas, *canvas["items"])]
    made += [canvas["items"][0]["items"][0]["id"] for canvas in manifest["items"]]
    assert len(made) == len(set(made)) == 9


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        ("https://creativecommons.org/publicdomain/mark/1.0/", "http://creativecommons.org/publicdomain/mark/1.0/"),
        ("http://rightsstatements.org/vocab/NoC-NC/1.0/", "http://rightsstatements.org/vocab/NoC-NC/1.0/"),
        ("https://library.example/terms", None),
        ("Ask the family", None),
    ],
)
def test_rights_of_another_kind_are_shown_as_words(rights: str, said: str | None) -> None:
    manifest = whole(manifest_v3(manuscript(), dataclasses.replace(CARD, rights=rights)))
    assert manifest.get("rights") == said
    shown = [pair["value"]["none"] for pair in manifest["metadata"] if pair["label"].get("en") == ["Rights"]]
    assert shown == ([] if said else [[rights]])


def test_words_that_look_like_markup_are_shown_as_they_are() -> None:
    odd = Description("T 1", {"none": ("<i>",)}, summary={"en": ("<script>alert(1)</script>",)})
    manifest = whole(manifest_v3(manuscript(description=odd), CARD))
    assert manifest["summary"]["en"] == ["<span>&lt;script&gt;alert(1)&lt;/script&gt;</span>"]
    assert manifest["label"]["none"] == ["<i>"]


words = st.dictionaries(st.text(max_size=12) | st.just("ar"), st.lists(st.text(max_size=9), max_size=3).map(tuple))


@given(words, words, st.text(max_size=20), words, words)
def test_whatever_the_catalogue_holds_the_manifest_is_valid(
    titles: Any, summary: Any, date: str, label: Any, value: Any
) -> None:
    odd = Description("T 1", titles, (), date, summary, ((label, value),), (Range(label, 0, 1),))
    for make in (manifest_v3, manifest_v2):
        made = make(manuscript(description=odd), CARD)
        if make is manifest_v3:
            whole(made)
        else:
            json.loads(to_bytes(made))
