"""Identifiers made of shelfmarks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from khizana.core.errors import BadInput
from khizana.core.identifiers import (
    LONGEST_SHELFMARK,
    description_object_id,
    image_id,
    images_object_id,
    manuscript_id,
)
from khizana.core.preservation.ocfl.layout import object_path


@pytest.mark.parametrize(
    ("shelfmark", "expected"),
    [
        ("TB 42", "tb-42"),
        ("tb-42", "tb-42"),
        ("  Tb/42.  ", "tb-42"),
        ("MS. Or. 150", "ms-or-150"),
        ("خ ٤٢", "خ-42"),
        ("ⴰⵎⴰⵣⵉⵖ 7", "ⴰⵎⴰⵣⵉⵖ-7"),
        ("\u0643\u064e 1", "\u0643\u064e-1"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("①", "1"),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_a_shelfmark_becomes_lower_case_letters_digits_and_single_hyphens(shelfmark: str, expected: str) -> None:
    assert manuscript_id(shelfmark) == expected


@pytest.mark.parametrize("shelfmark", ["", " ", "---", "/", "…", "x" * 121, "a\n", "a\x00b", "a\udcff", "\u0301\u064e"])
def test_a_shelfmark_of_nothing_too_long_or_unwritable_is_refused(shelfmark: str) -> None:
    with pytest.raises(BadInput) as caught:
        manuscript_id(shelfmark)
    assert caught.value.code == "SHELFMARK_UNUSABLE"
    str(caught.value).encode()


@given(st.text(max_size=LONGEST_SHELFMARK))
def test_an_identifier_is_its_own_identifier_and_no_two_forms_differ(shelfmark: str) -> None:
    try:
        made = manuscript_id(shelfmark)
    except BadInput:
        assume(False)
    assert manuscript_id(made) == made
    assert not set(made) & set("/.%?#\\ ")
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        normal = unicodedata.normalize(form, shelfmark)
        if len(normal) <= LONGEST_SHELFMARK:
            assert manuscript_id(normal) == made


@given(st.text(max_size=LONGEST_SHELFMARK), st.sampled_from(["ahmed-baba", "x"]))
def test_every_identifier_has_a_place_on_any_file_system(shelfmark: str, library: str) -> None:
    try:
        made = manuscript_id(shelfmark)
    except BadInput:
        assume(False)
    for identifier in (images_object_id(library, made), description_object_id(library, made)):
        assert identifier.isascii()
        assert all(len(part) < 255 for part in object_path(identifier).parts)
    assert images_object_id(library, made) != description_object_id(library, made)


def test_the_images_of_two_manuscripts_never_share_an_identifier() -> None:
    assert image_id(manuscript_id("TB 42"), 7) == "tb-42.0007"
    assert image_id(manuscript_id("TB 42"), 12345) == "tb-42.12345"
    # A manuscript's identifier holds no dot, so the last dot of an image's always sets off the number.
    assert image_id(manuscript_id("TB 42.0007"), 1) == "tb-42-0007.0001"
