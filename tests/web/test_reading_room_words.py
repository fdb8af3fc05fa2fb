"""Which words of several languages a page shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.web.reading_room.words import comma, direction_of, others, shortened, shown

TITLES = {"ar": ("كتاب الشفا",), "fr": ("Le Livre de la guérison",), "none": ("Shifa",)}


@pytest.mark.parametrize(
    ("words", "language", "text", "tag", "direction"),
    [
        (TITLES, "ar", "كتاب الشفا", "ar", "rtl"),
        (TITLES, "fr", "Le Livre de la guérison", "fr", "ltr"),
        (TITLES, "en", "Shifa", "", "ltr"),
        ({"ar": ("كتاب",)}, "en", "كتاب", "ar", "rtl"),
        ({"en-GB": ("Colour",), "ar": ("لون",)}, "en", "Colour", "en-GB", "ltr"),
        ({"ha": ("Waka",)}, "fr", "Waka", "ha", "ltr"),
        ({"fr": ("Un", "Deux")}, "fr", "Un · Deux", "fr", "ltr"),
        ({"en": ("  ",), "ar": ("كتاب",)}, "en", "كتاب", "ar", "rtl"),
    ],
)
def test_a_page_shows_its_own_language_or_else_what_there_is(
    words: dict[str, tuple[str, ...]], language: str, text: str, tag: str, direction: str
) -> None:
    found = shown(words, language)
    assert found is not None
    assert (found.text, found.language, found.direction) == (text, tag, direction)


@pytest.mark.parametrize("words", [{}, {"ar": ()}, {"ar": ("",), "fr": (" ",)}])
def test_no_words_are_shown_as_none(words: dict[str, tuple[str, ...]]) -> None:
    assert shown(words, "ar") is None


@pytest.mark.parametrize(
    ("text", "letters", "cut"),
    [
        ("Le Livre", 8, "Le Livre"),
        ("Le Livre de la guérison", 12, "Le Livre de…"),
        ("Le Livre, sa suite", 10, "Le Livre…"),
        ("كِتَابُ الشِّفَا", 10, "كِتَابُ الشِّفَا"),
        ("كِتَابُ الشِّفَا", 8, "كِتَابُ…"),
        ("Donaudampfschifffahrt", 5, "Donau…"),
        ("", 5, ""),
    ],
)
def test_a_long_title_is_cut_between_words_by_letters_without_their_signs(text: str, letters: int, cut: str) -> None:
    assert shortened(text, letters) == cut


def test_other_titles_leave_out_the_one_shown_and_repetitions() -> None:
    words = {**TITLES, "en": ("Shifa",)}
    assert [each.text for each in others(words, shown(words, "ar"))] == ["Le Livre de la guérison", "Shifa"]


@pytest.mark.parametrize(
    ("text", "direction"), [("١٢ كتاب A", "rtl"), ("12 A كتاب", "ltr"), ("12 · 13", "ltr"), ("ߒߞߏ", "rtl"), ("", "ltr")]
)
def test_the_first_strong_letter_decides_the_direction(text: str, direction: str) -> None:
    assert direction_of(text) == direction


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=12), max_size=3).map(tuple), max_size=5))
def test_whatever_is_shown_was_said(words: dict[str, tuple[str, ...]]) -> None:
    for language in ("ar", "fr", "en"):
        found = shown(words, language, between="\n")
        said = ["\n".join(text for text in texts if text.strip()) for texts in words.values()]
        assert (found.text in said) if found else not any(said)


def test_a_list_in_arabic_is_parted_by_the_arabic_comma() -> None:
    assert [comma(language).join("ab") for language in ("ar", "fr", "en")] == ["a، b", "a, b", "a, b"]
