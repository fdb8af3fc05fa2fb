"""Folding does what its published rules say, tells where everything stood, and never fails."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from khizana.core.text.fold import Level, fold
from khizana.core.text.letters import COMMON
from khizana.core.text.words import words

MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654\u0655\u065b\u065c\u0670\u06e1\u0640"
INSIDE = str.maketrans("ںىٯ", "ٮٮڡ")
CONTROLS = "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069\u061c\ufeff"

any_text = st.text(st.characters(exclude_categories=()), max_size=60)
arabic_text = st.text(st.sampled_from(COMMON + "ةىگپڢڧݑ" + "ٮںٯ" + "أؤءﻻﷲﷺ" + MARKS + CONTROLS + " ،1٣"), max_size=40)
latin_text = st.text("abdḥṣāīʻʼʾ'’ɓɗßİﬁ\u0323\u0304 -", max_size=40)
texts = any_text | arabic_text | latin_text
levels = st.sampled_from(Level)


def _arabic_letters() -> list[str]:
    return [
        chr(point)
        for point in range(sys.maxunicode + 1)
        if unicodedata.name(chr(point), "").startswith("ARABIC ") and unicodedata.category(chr(point)) in ("Lo", "Lm")
    ]


def test_every_letter_of_the_script_folds_to_common_letters() -> None:
    letters = _arabic_letters()
    assert len(letters) > 1000
    unfolded = [char for char in letters if not set(fold(char).text) <= set(COMMON) | {" "}]
    assert unfolded == []


def test_every_letter_keeps_the_base_letter_that_unicode_names() -> None:
    # Letters named after a common letter ("FEH WITH DOT BELOW") must fold to it, whatever table is in the code.
    named = {unicodedata.name(char).removeprefix("ARABIC LETTER "): char for char in COMMON}
    checked = Counter(
        fold(char).text == named[base]
        for char in _arabic_letters()
        for base in [unicodedata.name(char).removeprefix("ARABIC LETTER ").partition(" WITH ")[0]]
        if base in named
    )
    assert checked[False] == 0
    assert checked[True] > 150


@pytest.mark.parametrize("level", Level)
def test_every_code_point_folds_and_folding_it_again_changes_nothing(level: Level) -> None:
    once = [fold(chr(point), level).text for point in range(sys.maxunicode + 1)]
    twice = [fold(each, level).text for each in once]
    assert once == twice


@given(texts, levels)
@example("ں\u200fب", Level.UNDOTTED)
@example("ىa", Level.UNDOTTED)
def test_folding_twice_changes_nothing(text: str, level: Level) -> None:
    folded = fold(text, level).text
    assert fold(folded, level).text == folded


@given(texts, levels)
def test_what_is_folded_can_be_encoded_and_has_no_marks_or_controls(text: str, level: Level) -> None:
    folded = fold(text, level).text
    folded.encode()
    assert not {unicodedata.category(char) for char in folded} & {"Mn", "Me", "Cf", "Cs"}


@given(texts, levels)
def test_canonically_equivalent_texts_fold_alike(text: str, level: Level) -> None:
    forms = {fold(unicodedata.normalize(form, text), level).text for form in ("NFC", "NFD")}
    assert forms == {fold(text, level).text}


@given(texts, levels)
def test_every_folded_character_comes_from_where_its_origin_says(text: str, level: Level) -> None:
    folded = fold(text, level)
    origins = folded.origins()
    assert len(origins) == len(folded.text)
    assert origins == sorted(origins)
    made: dict[int, str] = {}
    for place, char in zip(origins, folded.text, strict=True):
        made[place] = made.get(place, "") + char
    for place, char in enumerate(text):
        alone, given_there = fold(char, level).text, made.get(place, "")
        # Within a word the undotted shapes of noon, ya and qaf are others than alone.
        assert given_there.translate(INSIDE) == alone.translate(INSIDE)


@given(texts, levels, st.data())
def test_a_span_holds_what_was_found_and_no_more(text: str, level: Level, data: st.DataObject) -> None:
    folded = fold(text, level)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    first, last = folded.span(start, end)
    assert 0 <= first <= last <= len(text)
    if start == end:
        assert first == last
        return
    origins = folded.origins()
    assert first <= origins[start]
    assert origins[end - 1] < last
    # Nothing beside the span's own characters is in it but what left nothing.
    whole = [place for place, origin in enumerate(origins) if first <= origin < last]
    assert whole[0] <= start
    assert {origins[place] for place in whole} == {origins[place] for place in range(start, end)}


dressed_letters = st.tuples(st.sampled_from(COMMON), st.text(MARKS, max_size=3))


@given(
    st.lists(st.lists(dressed_letters, min_size=1, max_size=6), min_size=1, max_size=6), st.text(CONTROLS, max_size=2)
)
def test_a_vowelled_word_is_marked_with_all_its_signs_and_without_its_neighbours(
    sentence: list[list[tuple[str, str]]], control: str
) -> None:
    written = ["".join(letter + marks for letter, marks in word) for word in sentence]
    text = control + " ".join(each + control for each in written)
    found = words(text)
    assert [word.text for word in found] == ["".join(letter for letter, _ in word) for word in sentence]
    assert [text[word.start : word.end] for word in found] == written


@given(texts)
def test_words_stand_in_order_and_hold_what_they_fold_to(text: str) -> None:
    before = 0
    for word in words(text):
        assert before <= word.end
        assert word.text in fold(text[word.start : word.end]).text.replace("'", "")
        before = word.start


def test_a_hamza_at_the_end_of_a_word_is_highlighted_with_it() -> None:
    text = "شَيْءٌ، قراءة"
    folded = fold(text)
    assert folded.text == "شي، قراه"
    assert text[slice(*folded.span(0, 2))] == "شَيْءٌ"
    assert text[slice(*folded.span(4, 7))] == "قرا"
    assert text[slice(*folded.span(4, 8))] == "قراءة"


def test_a_span_beyond_the_text_is_refused() -> None:
    with pytest.raises(IndexError):
        fold("قال").span(1, 9)


def test_a_text_of_every_code_point_leaves_no_table_of_every_code_point() -> None:
    from khizana.core.text import fold as module  # noqa: PLC0415 the table is the module's own

    fold("".join(map(chr, range(sys.maxunicode + 1))))
    assert all(len(table) <= 1 << 14 for table in module._TABLES.values())  # noqa: SLF001 memory is what is tested


def test_the_letter_itself_stays_reachable() -> None:
    assert fold("ڢاس").text == fold("فاس").text
    assert fold("ڢاس", Level.LETTERS).text != fold("فاس", Level.LETTERS).text
    assert fold("ɗan", Level.LETTERS).text != fold("dan", Level.LETTERS).text


def test_a_transcription_without_dots_meets_the_text_with_them() -> None:
    assert fold("ڡال ٮں ٯٮٮٮه", Level.UNDOTTED).text == fold("قال بن قتيبة", Level.UNDOTTED).text
    assert fold("من", Level.UNDOTTED).text != fold("مت", Level.UNDOTTED).text
