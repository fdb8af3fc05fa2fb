"""Citations, as programs that were written by others read them."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace

import pybtex.database
import pytest
import rispy
from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st

from data.described import CARD, manuscript
from khizana.core.catalogue.entry import Entry, Origin, Person, Phrase, Text
from khizana.core.citation import Citation, Form, for_readers
from khizana.core.dates import DateStatement, Days, parse_date
from khizana.core.identifiers import ManuscriptId
from khizana.core.oai.described import Described
from khizana.core.tei.rewrite import new_document

ENTRY = Entry(
    shelfmark="TB 42 & 43",
    titles=(Phrase("شرح الأجرومية", "ar"), Phrase("Sharḥ al-Ājurrūmīyah", "ar-Latn"), Phrase("A commentary", "en")),
    languages=("ar", "ha-Arab"),
    settlement="Timbuktu",
    texts=(
        Text(
            titles=(Phrase("شرح الأجرومية", "ar"),),
            persons=(
                Person((Phrase("أحمد بابا", "ar"), Phrase("Aḥmad Bābā al-Tinbuktī", "ar-Latn")), "author"),
                Person((Phrase("كاتب", "ar"),), "scribe"),
            ),
        ),
    ),
    origin=Origin(dates=(parse_date("3 Rajab 1107 AH"),)),
)


def described(entry: Entry = ENTRY, blade: str = "k1bcd") -> Described:
    shown = replace(manuscript(), blade=blade)
    shown = replace(shown, description=replace(shown.description, shelfmark=entry.shelfmark))
    return Described.of(shown, new_document(entry, CARD), CARD)


def cited(language: str = "en", *, page: int | None = None, entry: Entry = ENTRY, blade: str = "k1bcd") -> Citation:
    whole = described(entry, blade)
    return Citation.of(whole, language, page=None if page is None else whole.manuscript.pages[page])


def in_style(citation: Citation, style: str = "harvard-cite-them-right") -> str:
    """Return what a program that knows styles makes of *citation*."""
    source = CiteProcJSON(json.loads(citation.written(Form.CSL)))
    made = CitationStylesBibliography(CitationStylesStyle(style, validate=False), source, formatter.plain)
    made.register(Cited([CitationItem(citation.key)]))
    return "".join(str(each) for each in made.bibliography()[0])


def test_a_style_of_citation_programs_writes_it_out() -> None:
    said = in_style(cited())
    for part in ("Aḥmad Bābā al-Tinbuktī", "1696", "A commentary"):
        assert part in said, said
    assert "كاتب" not in said


def test_csl_says_where_it_is_kept_and_which_leaf() -> None:
    (item,) = json.loads(cited("fr", page=1).written(Form.CSL))
    assert item == {
        "id": "specimens-c38c109f-2r",
        "type": "manuscript",
        "title": "Sharḥ al-Ājurrūmīyah",
        "author": [{"literal": "Aḥmad Bābā al-Tinbuktī"}],
        "archive": "Bibliothèque des spécimens",
        "archive-place": "Timbuktu",
        "archive_location": "TB 42 & 43",
        "call-number": "TB 42 & 43",
        "language": "ar",
        "note": "3 Rajab 1107 AH",
        "locator": "2r",
        "URL": item["URL"],
        "issued": {"date-parts": [[1696]]},
    }
    assert item["URL"].startswith("http://127.0.0.1:8000/ark:99999/k1bcd")
    assert item["URL"].endswith("/2r")


def test_what_has_no_permanent_address_yet_is_cited_by_its_page() -> None:
    citation = cited("ar", page=0, blade="")
    assert citation.address == "http://127.0.0.1:8000/ar/m/%D8%AA%D8%A8-42/1r"


def test_no_two_manuscripts_or_pages_have_one_key() -> None:
    def key(slug: str, page: str = "") -> str:
        whole = described()
        whole = replace(whole, manuscript=replace(whole.manuscript, id=ManuscriptId(slug)))
        leaf = replace(whole.manuscript.pages[0], name=page)
        return Citation.of(whole, "ar", page=leaf if page else None).key

    asked = [
        ("tb-42",),
        ("تب-42",),
        ("كك-42",),
        ("42",),
        ("tb-42", "1r"),
        ("tb-42", "1و"),
        ("tb-42", "2و"),
        ("tb-42-x",),
    ]
    keys = [key(*each) for each in asked]
    assert len(set(keys)) == len(asked)
    assert all(re.fullmatch("[a-z0-9-]+", each) for each in keys)
    assert keys[0] == "specimens-tb-42"
    assert keys[4] == "specimens-tb-42-1r"


@pytest.mark.parametrize("days", [Days(-(10**9), -(10**9)), Days(10**9, 10**9 + 5), Days(None, 5), Days()])
@pytest.mark.parametrize("form", Form)
def test_the_end_of_time_and_letters_that_are_none_are_cited_too(days: Days, form: Form) -> None:
    entry = replace(ENTRY, shelfmark="TB 1")
    whole = described(entry)
    dated = replace(whole.entry, origin=Origin(dates=(DateStatement("\ud800 ??", days=days),)), texts=())
    citation = Citation.of(replace(whole, entry=dated), "fr")
    assert "TB 1" in citation.written(form).encode("utf-8").decode()


def test_bibtex_is_read_as_it_was_meant() -> None:
    read = pybtex.database.parse_string(cited("ar", page=0).written(Form.BIBTEX), "bibtex").entries[
        "specimens-c38c109f-1r"
    ]
    assert read.type == "misc"
    assert read.fields["title"] == "{شرح الأجرومية}"
    assert [str(each) for each in read.persons["author"]] == ["{أحمد بابا}"]
    assert read.fields["howpublished"] == r"خزانة النماذج، Timbuktu، TB 42 \& 43، 1r"
    assert (read.fields["year"], read.fields["language"]) == ("1696", "ar")


def test_ris_is_read_as_it_was_meant() -> None:
    (read,) = rispy.loads(cited(page=0).written(Form.RIS))
    assert read["type_of_reference"] == "MANSCPT"
    assert read["authors"] == ["Aḥmad Bābā al-Tinbuktī"]
    assert (read["title"], read["year"], read["language"]) == ("A commentary", "1696", "ar")
    # RIS has this tag, and the reader no name for it.
    assert read["unknown_tag"]["AV"] == ["Specimen Library, Timbuktu, TB 42 & 43"]
    assert read["call_number"] == "TB 42 & 43"
    assert read["urls"] == [cited(page=0).address]


@pytest.mark.parametrize(
    ("language", "title"), [("ar", "شرح الأجرومية"), ("en", "A commentary"), ("fr", "Sharḥ al-Ājurrūmīyah")]
)
def test_readers_get_the_title_that_they_read_best(language: str, title: str) -> None:
    assert for_readers(ENTRY.titles, language) == title


def test_one_alphabet_alone_is_given_to_everybody() -> None:
    assert {for_readers((Phrase("شرح", "ar"),), language) for language in ("ar", "fr", "en")} == {"شرح"}
    assert for_readers((), "en") == ""


@pytest.mark.parametrize(
    ("written", "issued"),
    [
        ("1107 AH", {"date-parts": [[1695], [1696]]}),
        ("ca. 1690 CE", {"date-parts": [[1685], [1695]], "circa": True}),
        ("before 1200 AH", {"literal": "before 1200 AH"}),
        ("long ago", {"literal": "long ago"}),
    ],
)
def test_dates_are_years_where_they_are_known_and_words_where_they_are_not(
    written: str, issued: dict[str, object]
) -> None:
    entry = replace(ENTRY, origin=Origin(dates=(parse_date(written),)))
    (item,) = json.loads(cited(entry=entry).written(Form.CSL))
    assert item["issued"] == issued
    assert item["note"] == written


def test_nothing_known_but_the_shelfmark_is_a_citation_too() -> None:
    entry = Entry(shelfmark="X 1")
    for form in Form:
        assert "X 1" in cited(entry=entry).written(form)
    assert rispy.loads(cited(entry=entry).written(Form.RIS))[0]["title"]


HOSTILE = st.text(st.sampled_from([*string.printable, "\u2028", "\x00", "\u202e", "ش", "é", "\U0001f4dc"]), max_size=60)


@given(HOSTILE, HOSTILE)
def test_no_title_or_name_breaks_out_of_its_field(title: str, name: str) -> None:
    entry = replace(ENTRY, titles=(Phrase(f"T{title}"),), shelfmark=f"S{name.strip()}")
    author = Person((Phrase(f"A{name}"),), "author")
    made = Citation.of(described(), "en")
    made = replace(made, title=f"T{title}", authors=(author.names[0].text,), shelfmark=entry.shelfmark, date=title)
    (item,) = json.loads(made.written(Form.CSL))
    assert item["title"] == f"T{title}"
    (read,) = rispy.loads(made.written(Form.RIS))
    assert len(read["authors"]) == 1
    assert "\u202e" not in made.written(Form.RIS) + made.written(Form.BIBTEX)
    assert read["type_of_reference"] == "MANSCPT"
    entries = pybtex.database.parse_string(made.written(Form.BIBTEX), "bibtex").entries
    assert list(entries) == ["specimens-c38c109f"]
    assert len(entries["specimens-c38c109f"].persons["author"]) == 1
    assert set(entries["specimens-c38c109f"].fields) <= {"title", "howpublished", "year", "note", "language", "url"}
