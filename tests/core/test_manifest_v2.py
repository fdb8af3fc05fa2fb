"""Presentation 2.1 for older viewers, and which version a request asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.described import CARD, manuscript
from khizana.core.iiif.manifest import manifest_v3
from khizana.core.iiif.manifest_v2 import manifest_v2
from khizana.core.iiif.negotiation import MEDIA_TYPE_V2, MEDIA_TYPE_V3, wants_v2
from khizana.core.iiif.presented import to_bytes
from khizana.core.policy import Level

V2 = 'application/ld+json;profile="http://iiif.io/api/presentation/2/context.json"'
V3 = 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'


def read(**facts: Any) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(to_bytes(manifest_v2(manuscript(**facts), CARD)))
    return manifest


def test_the_older_manifest_shows_the_same_pages() -> None:
    older, newer = read(), manifest_v3(manuscript(), CARD)
    (sequence,) = older["sequences"]
    assert older["@context"] == "http://iiif.io/api/presentation/2/context.json"
    assert older["@id"] == newer["id"] + "/v2"
    assert sequence["viewingDirection"] == older["viewingDirection"] == "right-to-left"
    assert [(c["@id"], c["label"], c["width"], c["height"]) for c in sequence["canvases"]] == [
        (c["id"], c["label"]["none"][0], c["width"], c["height"]) for c in newer["items"]
    ]


def test_every_older_image_names_an_image_service_with_its_context() -> None:
    for canvas in read()["sequences"][0]["canvases"]:
        (image,) = canvas["images"]
        assert image["on"] == canvas["@id"]
        assert image["resource"]["@id"].endswith("/full/2000,/0/default.jpg")
        assert image["resource"]["service"] == {
            "@context": "http://iiif.io/api/image/2/context.json",
            "@id": image["resource"]["@id"].split("/full/", 1)[0],
            "profile": "http://iiif.io/api/image/2/level2.json",
        }


def test_older_labels_keep_their_languages() -> None:
    manifest = read()
    assert {"@value": "رسالة في النجوم", "@language": "ar"} in manifest["label"]
    assert manifest["metadata"][0]["value"] == "تب 42"
    assert manifest["license"] == "http://creativecommons.org/licenses/by/4.0/"
    assert {"@value": "Shown with the leave of the family.", "@language": "en"} in manifest["attribution"]


def test_older_ranges_name_canvases_that_exist() -> None:
    manifest = read()
    canvases = {canvas["@id"] for canvas in manifest["sequences"][0]["canvases"]}
    assert [len(part["canvases"]) for part in manifest["structures"]] == [2, 1]
    assert {canvas for part in manifest["structures"] for canvas in part["canvases"]} <= canvases


def test_the_owner_s_bound_holds_for_older_viewers_too() -> None:
    canvas = read(level=Level.SMALLER)["sequences"][0]["canvases"][0]
    assert canvas["images"][0]["resource"]["@id"].endswith("/full/600,/0/default.jpg")
    assert read(level=Level.STAFF)["sequences"][0]["canvases"][0]["images"] == []
    assert "thumbnail" not in read(level=Level.STAFF)


@pytest.mark.parametrize(
    ("accept", "second"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("application/ld+json", False),
        (V2, True),
        (V3, False),
        (f"{V2}, {V3}", False),
        (f"{V3};q=0.5, {V2}", True),
        (f"{V3}, {V2};q=0.9", False),
        (f"{V2}, application/json;q=0.8, */*;q=0.1", True),
        (f"{V2};q=0.5, application/json", False),
        (f"{V2};q=0", False),
        (V2.replace("ld+json;", "ld+json ; "), True),
        (
            V2.upper().replace(
                "HTTP://IIIF.IO/API/PRESENTATION/2/CONTEXT.JSON", "http://iiif.io/api/presentation/2/context.json"
            ),
            True,
        ),
        ("application/json;profile=http://iiif.io/api/presentation/2/context.json", True),
        (f'text/html;profile="{V2}"', False),
        ('application/ld+json;profile="http://example.org/a, http://iiif.io/api/presentation/2/context.json"', True),
    ],
)
def test_version_two_is_given_only_where_it_is_asked_for(accept: str, *, second: bool) -> None:
    assert wants_v2(accept) is second


def test_what_a_response_says_it_is_is_what_asks_for_it() -> None:
    assert wants_v2(MEDIA_TYPE_V2)
    assert not wants_v2(MEDIA_TYPE_V3)


@given(st.text(max_size=60) | st.lists(st.sampled_from([V2, V3, ",", ";", '"', "q=", "\\", "0.5", " "])).map("".join))
def test_no_accept_header_raises(accept: str) -> None:
    assert wants_v2(accept) in (True, False)


@pytest.mark.parametrize("hostile", ['"' * 9999, ";q=" * 9999, "," * 99999, 'a;profile="' + "\\" * 9999, "a;" * 50000])
def test_a_hostile_accept_header_is_bounded_work(hostile: str) -> None:
    assert wants_v2(hostile) is False
