"""What is written as TEI is read back the same."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from data.described import CARD, DESCRIPTION
from khizana.core.errors import BadInput
from khizana.core.manuscript import Description, Range
from khizana.core.tei.fields import FIELDS
from khizana.core.tei.read import read, read_description
from khizana.core.tei.write import description_tei

TEI = "{http://www.tei-c.org/ns/1.0}"

tags = st.sampled_from(["none", "ar", "fr", "en", "ar-Latn", "ha-Arab", "und-Arab", "fr-x-notes"])
writable = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\n\t\r "
)
strings = st.text(writable, max_size=12)
words = st.dictionaries(tags, st.lists(strings, min_size=1, max_size=3).map(tuple), max_size=3)
labels = st.sampled_from([field.label for field in FIELDS]) | words
descriptions = st.builds(
    Description,
    shelfmark=strings,
    titles=words,
    languages=st.lists(tags.filter(lambda tag: tag != "none"), max_size=3).map(tuple),
    date_as_written=strings,
    summary=words,
    details=st.lists(st.tuples(labels, words), max_size=6).map(tuple),
    ranges=st.lists(st.builds(Range, words, st.integers(0, 999), st.integers(0, 999)), max_size=3).map(tuple),
)


def valid(written: bytes) -> bytes:
    """Return *written*, checked against the schema of the TEI where ``TEI_SCHEMA`` names a copy (``tei_all.rng``)."""
    if schema := os.environ.get("TEI_SCHEMA"):
        relax = tei_schema(schema)
        assert relax.validate(etree.fromstring(written)), relax.error_log
    return written


@cache
def tei_schema(path: str) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(path)))


@given(descriptions)
def test_what_is_written_is_read_back_the_same(description: Description) -> None:
    written = description_tei(description, card=CARD)
    assert read_description(written) == description
    assert description_tei(read_description(written), card=CARD) == written


def test_a_description_is_valid_tei_with_its_parts_where_others_look_for_them() -> None:
    root = etree.fromstring(valid(description_tei(DESCRIPTION, card=CARD)))
    source = root.find(f".//{TEI}msDesc")
    assert source is not None
    assert source.findtext(f"{TEI}msIdentifier/{TEI}idno") == "تب 42"
    assert [title.text for title in source.iterfind(f"{TEI}msContents/{TEI}msItem[1]/{TEI}title")] == [
        "رسالة في النجوم",
        "Risālah fī al-nujūm",
        "A letter on the stars",
    ]
    language = source.find(f"{TEI}msContents/{TEI}textLang")
    assert language is not None
    assert dict(language.attrib) == {"mainLang": "ar", "otherLangs": "ha-Arab"}
    assert source.findtext(f".//{TEI}origDate") == "سنة ١١٣٥"
    scribes = source.findall(f".//{TEI}respStmt/{TEI}name")
    assert [scribe.text for scribe in scribes] == ["أحمد بابا", "Aḥmad Bābā"]


def test_every_kind_of_detail_has_its_place_in_valid_tei() -> None:
    every = tuple((field.label, {"ar": ("نص",), "none": ("text", "more")}) for field in FIELDS)
    description = Description("T 1", {}, details=every[::-1], ranges=(Range({"en": ("One",)}, 0, 4),))
    assert read_description(valid(description_tei(description))) == description


def test_a_bare_description_is_valid_tei() -> None:
    assert read_description(valid(description_tei(Description("T 1", {})))) == Description("T 1", {})


def test_the_same_description_is_written_as_the_same_bytes() -> None:
    written = description_tei(DESCRIPTION, card=CARD)
    assert description_tei(read_description(written), card=CARD) == written
    assert written.endswith(b"</TEI>\n")


@pytest.mark.parametrize(
    "odd",
    [
        Description("T 1", {"none": ("a\x00b",)}),
        Description("T\ud800", {}),
        Description("T 1", {}, summary={"en": ("\ufffe",)}),
        Description("T 1", {}, details=(({"en": ("x",)}, {"en": ("\x1b[31m",)}),)),
        Description("T 1", {"\x00": ("title",)}),
    ],
)
def test_what_xml_cannot_hold_is_refused_in_one_sentence(odd: Description) -> None:
    with pytest.raises(BadInput) as refused:
        description_tei(odd)
    assert refused.value.code == "TEI_UNWRITABLE"
    assert "\n" not in refused.value.sentence("en")


def test_a_file_of_ours_edited_by_hand_is_read_as_far_as_it_goes() -> None:
    written = description_tei(DESCRIPTION).decode()
    for was, now in (('n="1"', 'n="x"'), ('from="1"', 'from=""'), ("<idno", "<name"), ("</idno", "</name")):
        written = written.replace(was, now)
    reading = read(written.encode())
    assert reading.description.titles == DESCRIPTION.titles
    assert [finding.code for finding in reading.findings] == ["TEI_NO_SHELFMARK"]


damage: Any = st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=4)), min_size=1, max_size=4)


@given(damage)
def test_a_damaged_file_is_read_or_refused_with_its_line(cuts: list[tuple[int, bytes]]) -> None:
    data = description_tei(DESCRIPTION, card=CARD)
    for place, replacement in cuts:
        at = place % len(data)
        data = data[:at] + replacement + data[at + 3 :]
    refused: BadInput | None = None
    try:
        read(data, file="x.xml")
    except BadInput as error:
        refused = error
    assert refused is None or (refused.facts["file"] == "x.xml" and int(refused.facts["line"]) >= 1)
