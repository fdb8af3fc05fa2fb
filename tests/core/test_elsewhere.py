"""Pages whose images another library holds: what is kept of them, and what viewers and pages ask for."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.described import CARD, manuscript
from khizana.core.catalogue.entry import Entry, Phrase
from khizana.core.catalogue.incoming import Incoming, RemoteImage
from khizana.core.errors import Damaged
from khizana.core.exchange.manifests import read_manifest
from khizana.core.exchange.pages_elsewhere import MOST_ORIGINS, elsewhere_of
from khizana.core.identifiers import ManuscriptId
from khizana.core.iiif.elsewhere import can_size, sized, within
from khizana.core.iiif.manifest import manifest_v3
from khizana.core.iiif.manifest_v2 import manifest_v2
from khizana.core.iiif.presented import to_bytes
from khizana.core.iiif.schema import problems_v3
from khizana.core.manuscript import Elsewhere, Manuscript, PageElsewhere
from khizana.core.policy import ANYONE, STAFF, Action, Agreement, Level, Refuse, decide
from khizana.core.structure.elsewhere import elsewhere_json, origin_of, read_elsewhere

MANIFESTS = Path(os.environ.get("KHIZANA_TEST_DATA", "../shared/data")) / "open" / "iiif-manifests"
SLUG = ManuscriptId("ms-1")
IMAGE = RemoteImage(
    "1r", "https://x.org/1.jpg", "https://x.org/s/1", 3000, 4000, 3, "level2", "https://x.org/c/1", 30, 40
)
ENTRY = Entry(
    shelfmark="MS 1",
    holding=(Phrase("A library by the river", "en"),),
    identifiers=(("iiif", "https://x.org/manifest"),),
    extra=(
        ("iiif:viewingDirection", "left-to-right"),
        ("iiif:rights", "http://x.org/r"),
        ("iiif:attribution", "River"),
    ),
)


def whole(images: list[RemoteImage], *, level: Level = Level.OPEN, published: bool = True) -> Manuscript:
    elsewhere, _ = elsewhere_of(ENTRY, images)
    return replace(manuscript(pages=0, level=level, published=published), elsewhere=elsewhere)


def page(**stated: Any) -> PageElsewhere:
    (made,) = elsewhere_of(ENTRY, [replace(IMAGE, **stated)])[0].pages
    return made


def test_what_is_written_is_read_as_it_was() -> None:
    images = [IMAGE, replace(IMAGE, label="", address="https://x.org/2.jpg", service="", width=0, height=0)]
    elsewhere, direction = elsewhere_of(ENTRY, images)
    assert direction == "ltr"
    assert [(each.label, each.name, each.number, each.width) for each in elsewhere.pages] == [
        ("1r", "1r", 1, 3000),
        ("2", "2", 2, 30),
    ]
    assert elsewhere.holder == {"en": ("A library by the river",)}
    assert (elsewhere.statement, elsewhere.rights) == ({"none": ("River",)}, "http://x.org/r")
    assert read_elsewhere(elsewhere_json(elsewhere, "ltr"), SLUG) == (elsewhere, "ltr")


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://X.org/a", "https://x.org"),
        ("http://x.org:8080/a", "http://x.org:8080"),
        ("https://u:p@x.org/a", "https://x.org"),
        ("https://مكتبة.example/a", "https://xn--ngbcb3hj.example"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]"),
        ("https://x.org; script-src */a", ""),
        ("https://x.org 'unsafe-inline'/a", ""),
        ("https://*/a", ""),
        ('https://x.org"><script>/a', ""),
        ("javascript:alert(1)", ""),
        ("https://x.org:99999/", ""),
        ("https://", ""),
    ],
)
def test_an_origin_is_safe_in_a_policy_or_there_is_none(address: str, origin: str) -> None:
    assert origin_of(address) == origin


@given(st.text(max_size=40))
def test_no_text_becomes_an_origin_that_says_more_than_one(text: str) -> None:
    for address in (text, f"https://{text}/x", f"https://x.org{text}"):
        assert re.fullmatch(r"(?:https?://[A-Za-z0-9.:\[\]-]+)?", origin_of(address))


def test_images_that_no_page_could_ask_for_are_left_out_and_servers_are_few() -> None:
    bad = replace(IMAGE, service="https://x.org; img-src */s")
    many = [replace(IMAGE, address=f"https://{n}.org/1.jpg", service="") for n in range(30)]
    elsewhere, _ = elsewhere_of(ENTRY, [bad, *many])
    assert len(elsewhere.origins) == MOST_ORIGINS
    assert len(elsewhere.pages) == MOST_ORIGINS
    assert "x.org; img-src" not in elsewhere_json(elsewhere, "rtl").decode()


OWN_NETWORK = [
    *("127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.9", "100.64.1.1", "[::1]", "[fd00::1]", "[::ffff:127.0.0.1]"),
    *("[64:ff9b::10.1.2.3]", "[2002:7f00:1::]", "１２７。0.0.1", "ⓛocalhost"),
    *("localhost", "LOCALHOST.", "nas", "nas.local", "scans.internal", "router.home.arpa", "a.localhost"),
]
NEVER = [
    "169.254.169.254",
    "[fe80::1]",
    "0.0.0.0",  # noqa: S104 - never asked
    "2130706433",
    "0x7f.1",
    "127.1",
    "0177.0.0.1",
    "a.b.0x",
    "[::127.0.0.1]",
    "255.255.255.255",
]


@pytest.mark.parametrize("host", [*OWN_NETWORK, *NEVER])
@pytest.mark.parametrize("of_service", [True, False])
def test_a_manifest_makes_no_browser_ask_its_own_network(host: str, of_service: bool) -> None:  # noqa: FBT001
    image = replace(IMAGE, **{"service" if of_service else "address": f"http://{host}/1"})
    elsewhere, _ = elsewhere_of(ENTRY, [IMAGE, image])
    assert [each.address for each in elsewhere.pages] == [IMAGE.address]
    assert elsewhere.origins == ("https://x.org",)
    allowed, _ = elsewhere_of(ENTRY, [IMAGE, image], nearby=True)
    assert len(allowed.pages) == (1 if host in NEVER else 2)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a;b/1.jpg", "data:,x"])
def test_an_address_that_is_none_is_left_out_though_its_service_is_good(address: str) -> None:
    elsewhere, direction = elsewhere_of(ENTRY, [IMAGE, replace(IMAGE, address=address)])
    assert len(elsewhere.pages) == 1
    assert read_elsewhere(elsewhere_json(elsewhere, "ltr"), SLUG) == (elsewhere, direction)


@pytest.mark.parametrize(
    "host", ["x.org", "93.184.215.14", "[2a00::1]", "[64:ff9b::93.184.215.14]", "xn--ngbcb3hj.example", "localhost.org"]
)
def test_servers_of_the_web_are_shown(host: str) -> None:
    assert elsewhere_of(ENTRY, [replace(IMAGE, service="", address=f"https://{host}/1.jpg")])[0].pages


def test_what_somebody_rewrote_opens_no_policy() -> None:
    elsewhere, _ = elsewhere_of(ENTRY, [IMAGE])
    value = json.loads(elsewhere_json(elsewhere, "rtl"))
    for change in ({"service": "https://a;b/"}, {"address": ""}, {"address": "data:,x"}, {"width": "x"}):
        altered = {**value, "pages": [{**value["pages"][0], **change}]}
        with pytest.raises(Damaged):
            read_elsewhere(json.dumps(altered).encode(), SLUG)
    with pytest.raises(Damaged):
        read_elsewhere(json.dumps({**value, "pages": value["pages"] * 2}).encode(), SLUG)


NAMES = st.sampled_from(["pages", "holder", "origins", "address", "label"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)
)


@given(ANYTHING)
def test_what_is_no_such_file_is_damaged(value: object) -> None:
    with pytest.raises(Damaged):
        read_elsewhere(json.dumps(value).encode(), SLUG)


def test_addresses_are_kept_as_a_request_names_them() -> None:
    made = page(address="https://X.org/Châteauroux/a%2Fb c.jpg?x=ص#1", service="http://u:p@x.org/é")
    assert made.address == "https://x.org/Ch%C3%A2teauroux/a%2Fb%20c.jpg?x=%D8%B5"
    assert made.service == "http://x.org/%C3%A9"


def test_sizes_are_asked_only_of_services_that_make_them() -> None:
    assert sized(page(), 1200) == "https://x.org/s/1/full/1200,/0/default.jpg"
    assert sized(page(), 5000) == "https://x.org/s/1/full/3000,/0/default.jpg"
    assert sized(page(version=1), 1200) == "https://x.org/s/1/full/1200,/0/native.jpg"
    zero = "http://library.stanford.edu/iiif/image-api/1.1/compliance.html#level0"
    for profile in ("level0", "http://iiif.io/api/image/2/level0.json", zero):
        assert not can_size(page(profile=profile))
    assert sized(page(profile="level0"), 1200) == "https://x.org/1.jpg"
    assert sized(page(service=""), 1200) == "https://x.org/1.jpg"
    assert within(page(), 800) == "https://x.org/s/1/full/600,/0/default.jpg"
    assert within(page(service="", width=3000), 800) == ""
    # Of a canvas alone nobody knows how many pixels there are.
    assert sized(page(width=0), 1200) == "https://x.org/1.jpg"
    assert within(page(width=0), 800) == ""
    assert within(page(service="", width=600, height=800), 800) == "https://x.org/1.jpg"


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_manifests_name_the_images_where_they_are_as_the_agreement_allows(level: Level, version: int) -> None:
    of_level = whole([replace(IMAGE, version=version), replace(IMAGE, label="1v", service="", width=0)], level=level)
    manifest = json.loads(to_bytes(manifest_v3(of_level, CARD)))
    assert list(problems_v3(manifest)) == []
    assert manifest["requiredStatement"]["value"] == {"none": ["River"]}
    bodies = [canvas["items"][0]["items"][0]["body"] if canvas["items"] else None for canvas in manifest["items"]]
    canvases = manifest_v2(of_level, CARD)["sequences"][0]["canvases"]
    older = [canvas["images"][0]["resource"] if canvas["images"] else None for canvas in canvases]
    if isinstance(decide(Agreement(level, published=True), Action.VIEW, ANYONE), Refuse):
        # Addresses at another library would be of use to whoever reads them: unlike our own, they are not named.
        assert bodies == older == [None, None]
        assert "x.org" not in json.dumps(manifest["items"])
        assert "x.org/s/1" in json.dumps(manifest_v3(of_level, CARD, reader=STAFF)["items"])
        return
    if level is Level.SMALLER:
        assert [body and body.get("service") for body in bodies] == [None, None]
        # Nobody knows how a service of no version is asked for less, nor a file.
        quality = {0: None, 1: "native"}.get(version, "default")
        assert (bodies[0] or {}).get("id") == (quality and f"https://x.org/s/1/full/600,/0/{quality}.jpg")
        assert bodies[1] is None
        return
    service = bodies[0]["service"][0]
    assert service.get("id", service.get("@id")) == older[0]["service"]["@id"] == "https://x.org/s/1"
    assert service.get("type", service.get("@type")) == f"ImageService{version or 2}"
    assert bodies[1]["id"] == older[1]["@id"] == "https://x.org/1.jpg"


@pytest.mark.skipif(not MANIFESTS.exists(), reason="the open data is not here")
def test_every_published_manifest_is_shown_from_where_it_is() -> None:
    count = 0
    for path in sorted(MANIFESTS.rglob("*.json")):
        found = read_manifest(path.read_bytes(), file=path.name)
        if not isinstance(found, Incoming) or not found.images:
            continue
        elsewhere, direction = elsewhere_of(found.entry, found.images)
        assert read_elsewhere(elsewhere_json(elsewhere, direction or "rtl"), SLUG)[0] == elsewhere
        assert len(elsewhere.pages) == len(found.images)
        shown = replace(manuscript(pages=0), elsewhere=elsewhere)
        assert list(problems_v3(json.loads(to_bytes(manifest_v3(shown, CARD))))) == [], path.name
        count += 1
    assert count > 60


def test_a_manuscript_with_pages_of_its_own_shows_those() -> None:
    own = replace(manuscript(), elsewhere=Elsewhere({}, {}, "", "", (), (page(),)))
    assert own.shown == own.pages
    assert "x.org" not in json.dumps(manifest_v3(own, CARD))
