"""Dublin Core out of entries: each thing once, in its place, in its language, and nothing that is restricted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from khizana.core.catalogue.entry import (
    Entry,
    HistoryNote,
    NoteKind,
    Origin,
    Person,
    Phrase,
    Physical,
    Place,
    Text,
)
from khizana.core.dates import parse_date
from khizana.core.exchange.dublin_core import DC, TERMS, Statement, statements, to_oai_dc

TITLE = (Phrase("تاريخ السودان", "ar"), Phrase("Tārīkh al-Sūdān", "ar-Latn"))
AUTHOR = Person((Phrase("عبد الرحمن السعدي", "ar"), Phrase("al-Saʿdī", "ar-Latn")), "author")
WHOLE = Entry(
    shelfmark="MS 42",
    former_shelfmarks=("A 7",),
    identifiers=(("oclc", "123"),),
    titles=TITLE,
    languages=("ar", "ha-Arab"),
    custodian=(Phrase("Mamma Haidara Library", "en"),),
    holding=(Phrase("Mamma Haidara Library", "en"), Phrase("Main collection", "en")),
    present_location=(Phrase("a room that nobody is told of", "en"),),
    settlement="Timbuktu",
    summary=(Phrase("A history of the Songhay.", "en"),),
    texts=(Text(titles=TITLE, work="https://example.org/work/1", persons=(AUTHOR,)),),
    persons=(Person((Phrase("Aḥmad"),), "scribe"), Person((Phrase("Alfa"),), "former owner")),
    origin=Origin((parse_date("1106 AH"),), (Place((Phrase("تمبكتو", "ar"), Phrase("Timbuktu", "en"))),)),
    physical=Physical(leaves=120, height=220, width=160, material="paper"),
    history=(HistoryNote(NoteKind.ENDOWMENT, (Phrase("Endowed in 1200", "en"),)),),
    subjects=(Phrase("History", "en"),),
    genres=(Phrase("Chronicles", "en"),),
)


def _said(entry: Entry, term: str) -> list[tuple[str, str]]:
    return [(each.text, each.language) for each in statements(entry) if each.term == term]


def test_a_title_in_two_scripts_is_two_titles_each_with_its_language() -> None:
    assert _said(WHOLE, "title") == [("تاريخ السودان", "ar"), ("Tārīkh al-Sūdān", "ar-Latn")]


def test_an_author_is_a_creator_a_scribe_contributes_and_an_owner_is_told_in_words() -> None:
    assert _said(WHOLE, "creator") == [("عبد الرحمن السعدي", "ar"), ("al-Saʿdī", "ar-Latn")]
    assert _said(WHOLE, "contributor") == [("Aḥmad (scribe)", "none")]
    assert ("Alfa (former owner)", "none") in _said(WHOLE, "description")


def test_a_date_is_told_as_written_and_again_as_edtf() -> None:
    assert _said(WHOLE, "date") == [("1106 AH", "none"), ("1694-08-22~/1695-08-11~", "none")]


def test_the_manuscript_is_cited_as_the_source_from_the_larger_to_the_smaller() -> None:
    assert _said(WHOLE, "source") == [("Timbuktu, Mamma Haidara Library, Main collection, MS 42", "none")]


def test_what_remains_stands_under_its_element() -> None:
    assert _said(WHOLE, "identifier") == [("MS 42", "none"), ("A 7", "none"), ("oclc:123", "none")]
    assert [text for text, _ in _said(WHOLE, "language")] == ["ar", "ha-Arab"]
    assert [text for text, _ in _said(WHOLE, "type")] == ["Text", "manuscript", "Chronicles"]
    assert [text for text, _ in _said(WHOLE, "format")] == ["120 ff.", "220 × 160 mm", "paper"]
    assert [text for text, _ in _said(WHOLE, "coverage")] == ["تمبكتو", "Timbuktu"]
    assert [text for text, _ in _said(WHOLE, "relation")] == ["https://example.org/work/1"]
    assert [text for text, _ in _said(WHOLE, "publisher")] == ["Mamma Haidara Library"]
    assert ("Endowed in 1200", "en") in _said(WHOLE, "description")


def test_where_it_lies_today_is_told_nowhere() -> None:
    written = to_oai_dc(WHOLE, identifier="https://example.org/m/42", rights="https://example.org/rights")
    assert b"nobody is told" not in written


def test_several_texts_are_listed_with_their_places() -> None:
    texts = (Text(titles=(Phrase("A"),), locus="1v-9r"), Text(titles=(Phrase("B"),), locus="9v-20r"))
    assert _said(Entry(texts=texts), "description") == [("1v-9r: A", "none"), ("9v-20r: B", "none")]
    assert _said(Entry(texts=texts), "title") == [("A", "none")]


def test_the_document_is_oai_dc_with_its_schema_its_address_first_and_its_languages() -> None:
    root = etree.fromstring(to_oai_dc(WHOLE, identifier="https://example.org/m/42", rights="CC0"))
    assert root.tag == "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
    assert root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation") == (
        "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
    )
    assert root.findtext(f"{{{DC}}}identifier") == "https://example.org/m/42"
    assert root.findtext(f"{{{DC}}}rights") == "CC0"
    titles = root.findall(f"{{{DC}}}title")
    assert [title.get("{http://www.w3.org/XML/1998/namespace}lang") for title in titles] == ["ar", "ar-Latn"]


@given(st.text(), st.text())
def test_any_words_and_any_language_make_a_well_formed_document(words: str, language: str) -> None:
    entry = Entry(titles=(Phrase(words, language),), shelfmark=words)
    root = etree.fromstring(to_oai_dc(entry, identifier=words, rights=words))
    assert {etree.QName(child).localname for child in root} <= set(TERMS)


def test_nothing_is_said_twice() -> None:
    assert len(statements(WHOLE)) == len(set(statements(WHOLE)))
    assert Statement("type", "Text") in statements(Entry())
