"""IIIF manifests of many libraries, sound and broken, become entries with images, or are told in one sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.catalogue.entry import Person, Phrase
from khizana.core.catalogue.incoming import Incoming, RemoteImage, Reported
from khizana.core.exchange.manifests import read_manifest
from khizana.core.exchange.whole_image import is_another_shape, is_smaller, known_as, labelled, requests_of

MANIFESTS = Path(os.environ.get("KHIZANA_TEST_DATA", "../shared/data")) / "open" / "iiif-manifests"
here = pytest.mark.skipif(not MANIFESTS.exists(), reason="the open data is not here")

FILES = sorted(MANIFESTS.rglob("*.json"))
# File: images, those with an image service, texts, languages, the title as it begins.
READ: dict[str, tuple[int, int, int, tuple[str, ...], str]] = {
    "presentation-2/bodleian-manifest.json": (149, 149, 1, (), "Mushaf"),
    "presentation-2/codex.json": (729, 729, 1, ("es",), "Historia general"),
    "presentation-2/nested-ranges.json": (920, 920, 5, ("en",), "Mr. William Shakespeares"),
    "presentation-2/ghent-omeka.json": (33, 33, 1, ("fa",), "BU29"),
    "presentation-2/malformed-image-annotation.json": (1, 1, 1, (), "Test manifest with malformed"),
    "presentation-2/iiif-fixture-manifest.json": (1, 0, 1, (), "Test 1 Manifest"),
    "presentation-2/biblissima-manifest.json": (44, 44, 1, (), "Reconstructed manifest"),
    "presentation-2/body-choice.json": (72, 72, 1, (), "Created by DLCS"),
    "presentation-2/uni-goettingen.json": (69, 69, 15, ("de",), "Algebra"),
    "presentation-2/folger-manifest.json": (117, 117, 1, (), "The tragedy of Hamlet"),
    "presentation-3/wellcome-p3-2.json": (36, 36, 3, (), "Wunder der Vererbung"),
    "presentation-3/ghent-choices.json": (11, 11, 1, (), "O.0219"),
    "presentation-3/ldmax.json": (6, 6, 1, (), "De familie van Grenthe"),
    "presentation-3/bl-ranges.json": (0, 0, 10, (), "[Recordings in Soqotri"),
    "cookbook/0001-mvm-image.json": (1, 0, 1, (), "Single Image Example"),
    "cookbook/0002-mvm-audio.json": (0, 0, 1, (), "Simplest Audio Example"),
    "cookbook/0010-book-2-viewing-direction-manifest-rtl.json": (5, 5, 1, (), "Book with Right-to-Left"),
    "cookbook/0024-book-4-toc.json": (6, 6, 2, (), "Ethiopic Ms 10"),
    "cookbook/0033-choice.json": (2, 2, 1, (), "John Dee"),
    "cookbook/0036-composition-from-multiple-images.json": (2, 2, 1, (), "Folio from Grandes Chroniques"),
    "cookbook/0283-missing-image.json": (3, 3, 1, (), "Ethiopic Ms 10"),
}
REPORTED: dict[str, tuple[str, str | int]] = {
    "presentation-2/paginated-collection.json": ("MANIFEST_COLLECTION", 3074231),
    "presentation-2/collection-scta.json": ("MANIFEST_COLLECTION", 205),
    "presentation-3/wellcome-collection.json": ("MANIFEST_COLLECTION", 4),
    "cookbook/0032-collection-collection.json": ("MANIFEST_COLLECTION", 2),
    "presentation-2/europeana.json": ("MANIFEST_OTHER_KIND", "Canvas"),
    "presentation-2/anno_list_choice.json": ("MANIFEST_OTHER_KIND", "AnnotationList"),
    "cookbook/0269-embedded-or-referenced-annotations-annotationpage.json": ("MANIFEST_OTHER_KIND", "AnnotationPage"),
    "cookbook/_index.json": ("MANIFEST_OTHER_KIND", "JSON"),
}


def _file(name: str) -> Incoming | Reported:
    return read_manifest((MANIFESTS / name).read_bytes(), file=name)


def _incoming(manifest: dict[str, Any]) -> Incoming:
    found = read_manifest(json.dumps({"type": "Manifest", **manifest}).encode(), file="m.json")
    assert isinstance(found, Incoming)
    return found


@here
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_a_manuscript_or_is_told_in_a_sentence(path: Path) -> None:
    found = read_manifest(path.read_bytes(), file=path.name)
    findings = found.findings if isinstance(found, Incoming) else (found.finding,)
    for finding in findings:
        assert path.name in finding.sentence("ar")
    if isinstance(found, Incoming):
        assert found.entry.titles
        for image in found.images:
            assert image.address.startswith("http")


@here
@pytest.mark.parametrize("name", READ)
def test_a_published_manifest_is_read_as_a_person_reads_it(name: str) -> None:
    found = _file(name)
    assert isinstance(found, Incoming)
    images, services, texts, languages, title = READ[name]
    assert len(found.images) == images
    assert sum(bool(image.service) for image in found.images) == services
    assert len(found.entry.texts) == texts
    assert found.entry.languages == languages
    assert found.entry.titles[0].text.startswith(title)


@here
@pytest.mark.parametrize("name", REPORTED)
def test_what_is_no_manifest_is_told_with_its_kind_or_how_many_it_lists(name: str) -> None:
    found = _file(name)
    assert isinstance(found, Reported)
    code, fact = REPORTED[name]
    assert found.finding.code == code
    assert fact in found.finding.facts.values()


@here
def test_pairs_of_real_manifests_find_their_places() -> None:
    found = _file("presentation-2/nested-ranges.json")
    assert isinstance(found, Incoming)
    entry = found.entry
    assert entry.shelfmark == "Bodleian Library Arch. G c.7"
    assert ("Shakespeare, William, 1564-1616", "author") in [(each.names[0].text, each.role) for each in entry.persons]
    assert [date.words for date in entry.origin.dates] == ["1623"]
    assert entry.texts[1].locus == "²A1r-2C2r"
    assert entry.texts[1].notes
    assert any(key == "iiif:attribution" for key, _ in entry.extra)
    toc = _file("cookbook/0024-book-4-toc.json")
    assert isinstance(toc, Incoming)
    assert [(text.titles[0].text, text.locus) for text in toc.entry.texts] == [
        ("Tabiba Tabiban [ጠቢበ ጠቢባን]", "1r-1v"),
        ("Arede'et [አርድዕት]", "2r-3v"),
    ]
    rtl = _file("cookbook/0010-book-2-viewing-direction-manifest-rtl.json")
    assert isinstance(rtl, Incoming)
    assert ("iiif:viewingDirection", "right-to-left") in rtl.entry.extra


def test_pairs_in_three_languages_are_understood_and_unknown_ones_are_kept() -> None:
    pairs = {
        "عُنوان": "تاريخ السودان",
        "Auteur": "Saʿdī",
        "الناسخ:": "أحمد",
        "Date": "1106 AH",
        "Cote": "MS 42",
        "Langues": "arabe, peul",
        "Dimensions": "220 x 160 mm",
        "Étendue": "120 feuillets",
        "Lieu de copie": "Tombouctou",
        "Shade of ink": "brown",
    }
    entry = _incoming({"label": "x", "metadata": [{"label": k, "value": v} for k, v in pairs.items()]}).entry
    assert entry.titles == (Phrase("تاريخ السودان", "und-Arab"),)
    assert entry.texts[0].persons == (Person((Phrase("Saʿdī"),), "author"),)
    assert entry.persons == (Person((Phrase("أحمد", "und-Arab"),), "scribe"),)
    assert (entry.shelfmark, entry.languages) == ("MS 42", ("ar", "ff"))
    assert [date.words for date in entry.origin.dates] == ["1106 AH"]
    assert (entry.physical.leaves, entry.physical.height, entry.physical.width) == (120, 220, 160)
    assert entry.origin.places[0].names == (Phrase("Tombouctou"),)
    assert ("iiif:Shade of ink", "brown") in entry.extra
    assert ("iiif:label", "x") in entry.extra


def test_a_name_in_two_languages_is_one_person_and_two_names_in_one_are_two() -> None:
    both = _incoming(
        {"metadata": [{"label": "Scribe", "value": {"ar": ["أحمد", "علي"], "fr": ["Ahmed", "Ali"]}}]}
    ).entry
    assert both.persons == (
        Person((Phrase("أحمد", "ar"), Phrase("Ahmed", "fr")), "scribe"),
        Person((Phrase("علي", "ar"), Phrase("Ali", "fr")), "scribe"),
    )
    two = _incoming({"metadata": [{"label": "Scribe", "value": ["Ahmed", "Ali"]}]}).entry
    assert [person.names for person in two.persons] == [(Phrase("Ahmed"),), (Phrase("Ali"),)]


LABELS = [
    ("a <b>bold</b> word &amp; more", ("a bold word & more", "none")),
    ({"@value": "x", "@language": "fre"}, ("x", "fr")),
    ({"en": "x"}, ("x", "en")),
    ({"@none": ["x"]}, ("x", "none")),
    ([[{"none": ["x"]}]], ("x", "none")),
    (12, ("12", "none")),
]


@pytest.mark.parametrize(("label", "phrase"), LABELS)
def test_words_in_odd_shapes_are_words(label: object, phrase: tuple[str, str]) -> None:
    assert _incoming({"label": label}).entry.titles == (Phrase(*phrase),)


V2, V3 = "http://iiif.io/api/image/2/level1.json", "level2"
FILE = "https://x.org/1.jpg"
IMAGES: list[tuple[object, RemoteImage | None]] = [
    ({"@id": FILE, "@type": "dctypes:Image", "width": 3, "height": 4}, RemoteImage("1r", FILE, "", 3, 4)),
    (
        {"id": FILE, "type": "Image", "service": [{"id": "https://x.org/s", "type": "ImageService3", "profile": V3}]},
        RemoteImage("1r", FILE, "https://x.org/s", version=3, profile=V3),
    ),
    (
        {"service": {"@id": "https://x.org/s/", "profile": V2}},
        RemoteImage("1r", "https://x.org/s/full/max/0/default.jpg", "https://x.org/s", version=2, profile=V2),
    ),
    (
        {"id": FILE, "service": [{"profile": "x", "service": {"@id": "https://x.org/s", "profile": [V2, {}]}}]},
        RemoteImage("1r", FILE, "https://x.org/s", version=2, profile=V2),
    ),
    ({"id": FILE, "service": "https://x.org/s"}, RemoteImage("1r", FILE, "https://x.org/s")),
    (
        {"id": "https://x.org/s/full/full/0/native.jpg"},
        RemoteImage("1r", "https://x.org/s/full/full/0/native.jpg", "https://x.org/s"),
    ),
    (FILE, RemoteImage("1r", FILE)),
    ({"type": "SpecificResource", "source": {"id": FILE, "type": "Image"}}, RemoteImage("1r", FILE)),
    ({"id": "javascript:alert(1)", "type": "Image"}, None),
    ({"id": "file:///etc/passwd", "type": "Image"}, None),
    ({"id": "https://[x", "type": "Image"}, None),
    ({"id": "https://x.org/a.mp3", "type": "Sound"}, None),
    ({"id": FILE, "type": "Image", "width": -1, "height": "4"}, RemoteImage("1r", FILE)),
]


@pytest.mark.parametrize(("resource", "image"), IMAGES)
@pytest.mark.parametrize("version", [2, 3])
def test_an_image_is_found_however_it_is_named(resource: object, image: RemoteImage | None, version: int) -> None:
    painted: dict[str, Any] = (
        {"sequences": [{"canvases": [{"label": "1r", "images": [{"resource": resource}]}]}]}
        if version == 2
        else {"items": [{"type": "Canvas", "label": {"en": ["1r"]}, "items": [{"items": [{"body": resource}]}]}]}
    )
    found = _incoming(painted)
    assert found.images == (() if image is None else (image,))
    if image is None:
        assert [each.code for each in found.findings[:2]] == ["MANIFEST_NO_IMAGES", "MANIFEST_NOT_IMAGES"]


def test_a_choice_gives_every_image_and_its_name() -> None:
    choice = {"type": "Choice", "items": [{"id": FILE, "label": "Day"}, {"id": f"{FILE}?uv", "label": {"en": ["UV"]}}]}
    found = _incoming({"items": [{"type": "Canvas", "label": "1r", "items": [{"items": [{"body": choice}]}]}]})
    assert [(image.label, image.beside) for image in found.images] == [("1r", ""), ("UV", "UV")]
    assert [label for _, label in labelled(found.images)] == ["1r", "1r, UV"]


def test_the_size_of_a_canvas_and_the_version_of_a_service_are_read_as_they_are_stated() -> None:
    service = {
        "@id": "https://x.org/s",
        "profile": "http://library.stanford.edu/iiif/image-api/1.1/conformance.html#level1",
    }
    canvas = {
        "@id": "https://x.org/c",
        "label": "1r",
        "width": 30,
        "height": 40,
        "images": [{"resource": {"service": service}}],
    }
    (image,) = _incoming({"sequences": [{"canvases": [canvas]}]}).images
    assert (image.canvas, image.canvas_width, image.canvas_height, image.version) == ("https://x.org/c", 30, 40, 1)
    assert requests_of(image)[0] == "https://x.org/s/full/full/0/native.jpg"


@here
def test_every_published_image_is_asked_for_at_an_address_of_the_web_and_known_by_one() -> None:
    images = [image for name in READ for image in getattr(_file(name), "images", ())]
    assert len(images) > 2_000
    for image in images:
        assert known_as(image).startswith("http")
        assert image.address in requests_of(image)
    assert {image.version for image in images if image.service} >= {2, 3}


PART = "https://x.org/s/0,0,300,400"
SHAPES = [
    (RemoteImage("", FILE, "", 3000, 4000), (3000, 4000), False, False),
    (RemoteImage("", FILE, "", 3000, 4000), (1500, 2000), True, False),
    (RemoteImage("", FILE, "", 3000, 4000), (4000, 3000), False, False),  # turned, as its EXIF says
    (RemoteImage("", FILE, "", 300, 400), (3000, 4001), False, False),  # more than the manifest knew
    (RemoteImage("", FILE, "", 3000, 4000), (400, 400), True, True),  # a placard
    (RemoteImage("", FILE, "", 0, 0), (400, 400), False, False),
    (RemoteImage("", f"{PART}/full/0/default.jpg", "https://x.org/s", 300, 400), (90, 900), False, False),
]  # fmt: skip


@pytest.mark.parametrize(("image", "given", "smaller", "other"), SHAPES)
def test_less_than_stated_and_another_image_are_told_apart(
    image: RemoteImage, given: tuple[int, int], *, smaller: bool, other: bool
) -> None:
    assert (is_smaller(image, *given), is_another_shape(image, *given)) == (smaller, other)


def test_ranges_that_hold_each_other_come_to_an_end() -> None:
    ranges = [{"@id": "a", "label": "A", "ranges": ["b"]}, {"@id": "b", "label": "B", "ranges": ["a"]}]
    assert len(_incoming({"label": "x", "structures": ranges}).entry.texts) == 2


def test_ranges_that_name_each_other_many_times_stay_few() -> None:
    ranges = [{"@id": str(level), "label": str(level), "ranges": [str(level + 1)] * 20} for level in range(14)]
    (text,) = _incoming({"label": "x", "structures": ranges}).entry.texts
    assert len(text.notes) <= 14


def test_ranges_without_addresses_are_told_apart() -> None:
    inner = [{"type": "Range", "label": {"en": [name]}} for name in ("A", "B")]
    outer = [{"type": "Range", "label": {"en": [name]}, "items": inner} for name in ("First", "Second")]
    texts = _incoming({"label": "x", "structures": outer}).entry.texts
    assert [text.titles[0].text for text in texts] == ["First", "Second"]
    assert [[note.text for note in text.notes] for text in texts] == [["A", "B"], ["A", "B"]]


@given(st.binary(max_size=100))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    assert isinstance(read_manifest(data, file="m"), Reported | Incoming)


NAMES = "id @id type @type label value @value @language en none items sequences canvases images resource body service"
NAMES += (
    " source default item metadata structures ranges members behavior rights provider seeAlso summary requiredStatement"
)
NAMES += " profile width height viewingDirection attribution motivation"
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(
        ["Manifest", "Canvas", "Range", "Choice", "SpecificResource", "Image", FILE, "author", "date", "top"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=4),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(NAMES.split()), JSON, max_size=8))
def test_no_manifest_however_odd_makes_it_raise(manifest: dict[str, Any]) -> None:
    data = json.dumps({**manifest, "type": "Manifest"}).encode()
    assert isinstance(read_manifest(data, file="m"), Incoming | Reported)
