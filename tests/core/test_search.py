"""Queries, search documents and highlights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.catalogue.entry import Entry, Origin, Person, Phrase, Text
from khizana.core.dates import Calendar, Days, parse_date
from khizana.core.dates.calendars import year_days
from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import Agreement
from khizana.core.search.analysis import common_terms, grams, unspaced
from khizana.core.search.document import Facet, Part, Passage
from khizana.core.search.from_entry import search_document
from khizana.core.search.highlight import highlights, window_span, word_spans
from khizana.core.search.query import LONGEST, MOST_CLAUSES, MOST_WORDS, Dated, Words, parse_query
from khizana.core.search.results import Tier

OPERATORS = st.text(alphabet='"“”«»-−*:|()..  \u200f\u202eORأوdatetitleعنوان١٢كتاب', max_size=200)


def codes(typed: str) -> set[str]:
    return {finding.code for finding in parse_query(typed).findings}


@given(st.one_of(st.text(max_size=400), OPERATORS, st.text(alphabet='ab "-*:', min_size=2000, max_size=10_000)))
def test_whatever_is_typed_is_a_bounded_query(typed: str) -> None:
    query = parse_query(typed)
    clauses = [clause for group in query.groups for clause in group]
    assert len(clauses) <= MOST_CLAUSES
    assert all(0 < len(each.terms) <= MOST_WORDS for each in clauses if isinstance(each, Words))
    assert len(query.typed) <= LONGEST
    assert all(finding.sentence(language) for finding in query.findings for language in ("ar", "fr", "en"))


def test_ten_thousand_characters_are_cut_and_that_is_said() -> None:
    assert "QUERY_TOO_LONG" in codes("كتاب " * 2_000)
    assert "QUERY_TOO_MANY" in codes("a1 " * 300)


@pytest.mark.parametrize("typed", ["", "   ", '"', "***", "- - -", ":::", '""', "\u202e\u200f", "(((", "OR OR |"])
def test_operators_alone_ask_for_nothing(typed: str) -> None:
    assert parse_query(typed).groups == ()


def test_fields_are_named_in_three_languages() -> None:
    parts = [parse_query(typed).wanted[0].part for typed in ("title:falak", "titre:falak", "عنوان:الفلك")]
    assert parts == [Part.TITLE] * 3
    assert parse_query('person:"Ahmad Baba"').wanted[0].terms == ("ahmad", "baba")


def test_a_field_that_is_none_is_read_as_a_word() -> None:
    assert parse_query("colour:red").wanted[0].terms == ("colour", "red")
    assert "QUERY_FIELD_UNKNOWN" in codes("colour:red")


def test_phrases_exclusions_beginnings_and_alternatives() -> None:
    query = parse_query('"علم النحو" -فقه gram* a1 OR b2')
    first, second, third, fourth = query.groups
    assert first[0] == Words("علم النحو", ("علم", "نحو"), quoted=True)
    assert isinstance(second[0], Words)
    assert second[0].negated
    assert isinstance(third[0], Words)
    assert third[0].prefix
    assert len(fourth) == 2
    assert "QUERY_QUOTE_OPEN" in codes('"no end')
    assert "QUERY_ONLY_NOT" in codes("-only")
    assert "QUERY_PREFIX_SHORT" in codes("a*")


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("date:1100..1200", year_days(Calendar.HIJRI, 1100, 1200)),
        ("date:1200..1100 AH", year_days(Calendar.HIJRI, 1100, 1200)),
        ("تاريخ:١١٠٠..١٢٠٠", year_days(Calendar.HIJRI, 1100, 1200)),
        ("date:1700..1800", year_days(Calendar.COMMON, 1700, 1800)),
        ("date:1100 CE", year_days(Calendar.COMMON, 1100)),
        ("date:1100..", Days(year_days(Calendar.HIJRI, 1100).earliest, None)),
        ("date:..1100 هـ", Days(None, year_days(Calendar.HIJRI, 1100).latest)),
    ],
)
def test_dates_are_days_in_either_calendar(typed: str, days: Days) -> None:
    (clause,) = parse_query(typed).groups[0]
    assert isinstance(clause, Dated)
    assert clause.days == days


def test_a_date_that_is_none_is_said_and_left_out() -> None:
    assert "QUERY_DATE_UNREADABLE" in codes("date:someday")


LETTERS = st.text(alphabet="كتابفقهنحوعلمةىآأإؤئءًٌٍَُِّْـ ڢڧݣpqāʿ-'\u200f\ufefb", max_size=60)


@given(LETTERS, LETTERS)
def test_what_is_marked_is_what_was_asked_letter_for_letter(text: str, typed: str) -> None:
    query = parse_query(typed)
    asked = {term for each in query.wanted for term in each.terms}
    end = 0
    for start, stop in word_spans(text, query.wanted):
        assert end <= start < stop <= len(text)
        end = stop
    alone = [each for each in query.wanted if len(each.terms) == 1 and not each.prefix]
    spans = word_spans(text, alone)
    expected = [
        (word.start, word.end)
        for term, word in common_terms(text)
        if any(term == each.terms[0] or word.text == each.terms[0] for each in alone)
    ]
    assert all(any(a <= start and stop <= b for a, b in spans) for start, stop in expected)
    assert asked or not spans


@given(LETTERS)
def test_marks_of_cut_passages_mark_the_same_text(word: str) -> None:
    query = parse_query("كتاب")
    passage = Passage(Part.NOTE, f"{word} " * 20 + "الكتابُ " + f"{word} " * 20)
    for each in highlights([passage], query, Tier.FOLDED):
        assert passage.text[each.offset : each.offset + len(each.text)] == each.text
        assert all("كتاب" in each.text[start:end] for start, end in each.spans[:1]) or "كتاب" in word


def test_marks_stand_on_the_text_as_stored() -> None:
    text = "هذا كِتَابُ الفِقْهِ الكبيرِ"
    spans = word_spans(text, parse_query("الفقه كتاب").wanted)
    assert [text[start:end] for start, end in spans] == ["كِتَابُ", "الفِقْهِ"]


def test_a_window_is_marked_where_the_noisy_letters_stand() -> None:
    text = "هذا كتا ب الففه على مذهب"
    like, ((start, end),) = window_span(text, unspaced("كتاب الفقه").letters)
    assert like > 0.9
    assert text[start:end] == "كتا ب الففه"


@given(st.text(max_size=80))
def test_letters_without_spaces_know_where_they_stood(text: str) -> None:
    found = unspaced(text)
    assert len(found.letters) == len(found.origins)
    assert all(0 <= place < max(1, len(text)) for place in found.origins)
    assert len(grams(found.letters)) == max(0, len(found.letters) - 2)


def test_where_it_lies_today_is_never_searched() -> None:
    entry = Entry(
        shelfmark="TB 1",
        titles=(Phrase("كتاب", "ar"),),
        present_location=(Phrase("the house behind the mosque"),),
        texts=(Text(titles=(Phrase("فقه", "ar"),), persons=(Person((Phrase("Aḥmad"),), "author"),)),),
        origin=Origin(dates=(parse_date("1190 AH"),)),
    )
    document = search_document(entry, manuscript=ManuscriptId("tb-1"), agreement=Agreement())
    assert not any("mosque" in each.text for each in document.passages)
    assert Passage(Part.PERSON, "Aḥmad", kind="author") in document.passages
    assert document.facets[Facet.HIJRI_CENTURY] == ("12",)
    assert document.facets[Facet.CENTURY] == ("18",)
    assert document.days == parse_date("1190 AH").possible
