"""What every search index must do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data.searched import document
from khizana.adapters.search.index import TantivyIndex
from khizana.core.dates import Days
from khizana.core.errors import Busy, NotFound
from khizana.core.ports import SearchIndex
from khizana.core.search.document import Facet, Part
from khizana.core.search.query import parse_query
from khizana.core.search.results import Asked, Results, Tier

INDEXES = {"tantivy": TantivyIndex}

BOOKS = (
    document(
        "tb-1",
        (Part.TITLE, "كتاب في علم النحو"),
        (Part.PERSON, "محمد بن عبد الكريم المغيلي"),
        (Part.SUBJECT, "Arabic language -- Grammar"),
        facets={Facet.LANGUAGE: ("ar",), Facet.PLACE: ("Timbuktu",)},
        days=Days(2_337_000, 2_337_300),
    ),
    document(
        "tb-2",
        (Part.TITLE, "Kitāb al-falak"),
        (Part.PERSON, "Aḥmad Bābā al-Tinbuktī"),
        (Part.NOTE, "A commentary on grammar and the stars, كتاب"),
        facets={Facet.LANGUAGE: ("ar", "ha-Arab"), Facet.PLACE: ("Timbuktu",)},
        days=Days(2_373_000, 2_373_300),
    ),
    document("tb-3", (Part.TITLE, "رسالة في السحر"), (Part.PERSON, "الولي المستور"), published=False),
    document("tb-4", (Part.TITLE, "ڢتح الڢتاح"), lines=("هذا كتاب الفقه على مذهب مالك", "بسم الله الرحمن الرحيم")),
    document("tb-5", (Part.TITLE, "فتح الفتاح")),
)


@pytest.fixture(params=INDEXES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> SearchIndex:
    made: Callable[[Path], SearchIndex] = INDEXES[request.param]
    filled = made(tmp_path / "search")
    with filled.writing() as writer:
        for book in BOOKS:
            writer.put(book)
    return filled


def asked(index: SearchIndex, typed: str, **more: object) -> Results:
    return index.search(parse_query(typed), Asked(**more))


def names(results: Results) -> list[str]:
    return [hit.manuscript for hit in results.hits]


def test_words_are_found_however_their_letters_are_written(index: SearchIndex) -> None:
    assert names(asked(index, "نَحْو"))[0] == "tb-1"
    assert names(asked(index, "FALAK")) == ["tb-2"]


def test_the_letter_as_typed_comes_before_its_common_letter(index: SearchIndex) -> None:
    assert names(asked(index, "ڢتح"))[:2] == ["tb-4", "tb-5"]
    assert names(asked(index, "فتح"))[:2] == ["tb-5", "tb-4"]
    assert asked(index, "فتح").hits[0].evidence.tier is Tier.EXACT


@pytest.mark.parametrize(
    ("typed", "manuscript"),
    [("al-Maghīlī", "tb-1"), ("Maghili", "tb-1"), ("Mohamed ben Abdelkrim el-Meghili", "tb-1"), ("التنبكتي", "tb-2")],
)
def test_names_are_found_in_the_other_script(index: SearchIndex, typed: str, manuscript: str) -> None:
    hit = asked(index, typed).hits[0]
    assert hit.manuscript == manuscript
    assert hit.evidence.part is Part.PERSON
    marked = next(each for each in hit.highlights if each.text == hit.evidence.spelling)
    assert marked.spans


def test_a_word_misspelt_by_a_letter_is_found_and_called_so(index: SearchIndex) -> None:
    hit = asked(index, "commentory").hits[0]
    assert (hit.manuscript, hit.evidence.tier) == ("tb-2", Tier.FUZZY)


def test_noisy_lines_are_found_by_two_words(index: SearchIndex) -> None:
    hit = asked(index, "كتابالففه على").hits[0]
    assert hit.manuscript == "tb-4"
    assert hit.highlights[0].page == "12r"


def test_phrases_do_not_run_from_one_passage_into_the_next(index: SearchIndex) -> None:
    assert names(asked(index, '"علم النحو"'))[0] == "tb-1"
    with index.writing() as writer:
        writer.put(document("tb-6", (Part.NOTE, "alpha beta"), (Part.NOTE, "gamma delta")))
    assert names(asked(index, '"beta gamma"')) == []
    assert names(asked(index, '"gamma delta"')) == ["tb-6"]


def test_what_is_excluded_alternative_or_of_one_part_is_respected(index: SearchIndex) -> None:
    assert "tb-2" not in names(asked(index, "كتاب -commentary"))
    assert {"tb-1", "tb-2"} <= set(names(asked(index, "grammar OR falak")))
    assert names(asked(index, "title:grammar")) == []
    assert names(asked(index, "sujet:grammar")) == ["tb-1"]
    assert names(asked(index, "gram*")) == ["tb-1", "tb-2"]


def test_dates_find_what_may_have_been_made_then(index: SearchIndex) -> None:
    assert names(asked(index, "date:1090..1110 AH")) == ["tb-1"]
    assert names(asked(index, "date:1780..1790 CE")) == ["tb-2"]
    assert names(asked(index, "date:..1150")) == ["tb-1"]
    assert names(asked(index, "-date:1090..1110 grammar")) == ["tb-2"]
    assert names(asked(index, "", sort="date"))[-2:] == ["tb-1", "tb-2"] or names(asked(index, "", sort="date"))[
        :2
    ] == ["tb-1", "tb-2"]


def test_facets_count_and_narrow_down(index: SearchIndex) -> None:
    results = asked(index, "grammar")
    assert dict(results.facets[Facet.LANGUAGE]) == {"ar": 2, "ha-Arab": 1}
    assert names(asked(index, "grammar", filters=((Facet.LANGUAGE, "ha-Arab"),))) == ["tb-2"]


@pytest.mark.parametrize("typed", ["السحر", "al-Walī al-Mastūr", "سحر", "مستور", "", "الولي المستوز"])
def test_nothing_of_what_is_not_published_is_in_an_answer(index: SearchIndex, typed: str) -> None:
    results = asked(index, typed)
    assert "tb-3" not in names(results)
    assert not [each for each in results.suggestions if "مستور" in each.text]
    assert not [each for each in index.suggest(typed, everything=False) if "مستور" in each.text]
    assert results.total == len(results.hits)


def test_staff_find_everything(index: SearchIndex) -> None:
    assert names(asked(index, "السحر", everything=True)) == ["tb-3"]
    assert index.suggest("المست", everything=True)


def test_what_is_written_again_takes_the_place_of_what_was_there(index: SearchIndex) -> None:
    with index.writing() as writer:
        writer.put(document("tb-1", (Part.TITLE, "كتاب في الطب")))
        writer.remove(BOOKS[1].manuscript)
    assert names(asked(index, "النحو")) == []
    assert names(asked(index, "falak")) == []
    assert names(asked(index, "الطب")) == ["tb-1"]


def test_what_is_raised_leaves_the_index_as_it_was(index: SearchIndex) -> None:
    def stopped() -> None:
        with index.writing() as writer:
            writer.remove(BOOKS[1].manuscript)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stopped()
    assert names(asked(index, "falak")) == ["tb-2"]


def test_one_writes_at_a_time_while_others_read(index: SearchIndex, tmp_path: Path) -> None:
    with index.writing() as writer:
        with pytest.raises(Busy), TantivyIndex(tmp_path / "search").writing():
            pass
        writer.put(document("tb-7", (Part.TITLE, "new")))
        assert names(asked(index, "new")) == []
        writer.commit()
        assert names(asked(index, "new")) == ["tb-7"]


def test_an_index_made_anew_is_seen_when_it_is_whole(index: SearchIndex) -> None:
    with index.writing(anew=True) as writer:
        writer.put(document("tb-9", (Part.TITLE, "alone")))
        writer.commit()
        assert names(asked(index, "falak")) == ["tb-2"]
    assert names(asked(index, "falak")) == []
    assert names(asked(index, "alone")) == ["tb-9"]


def test_suggestions_begin_as_typed_in_either_script(index: SearchIndex) -> None:
    assert [each.text for each in index.suggest("المغي", everything=False)] == ["محمد بن عبد الكريم المغيلي"]
    assert "محمد بن عبد الكريم المغيلي" in [each.text for each in index.suggest("Maghili", everything=False)]
    assert index.suggest("", everything=False) == ()


def test_without_an_index_the_answer_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        asked(TantivyIndex(tmp_path / "none"), "x")
