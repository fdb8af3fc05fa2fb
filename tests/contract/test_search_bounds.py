"""What is bounded in a large collection, and that the answer says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.searched import document
from khizana.adapters.search import counting, reader
from khizana.adapters.search.index import TantivyIndex
from khizana.core.search.document import Facet, Part
from khizana.core.search.query import parse_query
from khizana.core.search.results import Asked, Results, Tier

MANUSCRIPTS = 380


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> TantivyIndex:
    made = TantivyIndex(tmp_path_factory.mktemp("bounds") / "search")
    with made.writing() as writer:
        for number in range(MANUSCRIPTS):
            place = "Timbuktu" if number % 4 else "Gao"
            line = "هذا كتاب الفقه" if number % 2 else "بسم الله الرحمن الرحيم"
            writer.put(
                document(
                    f"m-{number}",
                    (Part.TITLE, f"Kitāb {number}"),
                    published=number % 10 != 0,
                    facets={Facet.PLACE: (place,)},
                    lines=(line,),
                )
            )
        # Both words, letter by letter and apart; and near one another, in another spelling.
        for number in range(30):
            writer.put(document(f"apart-{number}", (Part.NOTE, f"فتح {'ثم ' * 9} الباب")))
        writer.put(document("near", (Part.NOTE, "ڢتح الباب")))
    return made


def asked(index: TantivyIndex, typed: str, **more: object) -> Results:
    return index.search(parse_query(typed), Asked(**more))


@pytest.mark.parametrize("typed", ["kitab -zzz", ""])
def test_of_many_hits_a_part_is_counted_by_facet_and_the_answer_says_which(
    index: TantivyIndex, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    whole = asked(index, typed)
    monkeypatch.setattr(counting, "COUNTED", 120)
    part = asked(index, typed)
    assert whole.facets_part == 1.0
    assert 0.1 < part.facets_part < 0.5
    assert part.total == whole.total >= 342
    exact, estimated = (dict(each.facets[Facet.PLACE]) for each in (whole, part))
    assert exact == {"Timbuktu": 266, "Gao": 76}
    assert list(estimated) == list(exact)
    assert estimated["Timbuktu"] == pytest.approx(266, rel=0.35)


def test_staff_have_the_same_part_counted_of_what_is_closed(
    index: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "COUNTED", 120)
    found = asked(index, "kitab -zzz", everything=True)
    assert found.total == MANUSCRIPTS
    assert sum(dict(found.facets[Facet.PLACE]).values()) == pytest.approx(MANUSCRIPTS, rel=0.35)


def test_lines_that_are_met_more_often_than_they_are_looked_at_make_the_total_a_least_one(
    index: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not asked(index, "text:الفقه").at_least
    assert asked(index, "text:الفقه").total == 190
    monkeypatch.setattr(reader, "_MERGED", 20)
    assert asked(index, "text:الفقه").at_least
    assert asked(index, "text:الفقه").total == 20


def test_hits_by_lines_beside_more_hits_by_words_are_counted_once_each(
    index: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = "kitab OR الفقه"
    exact = asked(index, typed)
    assert (exact.total, exact.at_least) == (342, False)
    monkeypatch.setattr(reader, "_MERGED", 250)
    again = asked(index, typed)
    assert (again.total, again.at_least) == (342, False)
    assert asked(index, typed, facets=False).at_least


def test_words_near_one_another_are_among_the_first_however_many_have_them_apart(
    index: TantivyIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_MERGED", 10)
    first = asked(index, "فتح الباب", limit=5).hits[0]
    assert (first.manuscript, first.evidence.tier) == ("near", Tier.FOLDED)


def test_several_spellings_of_one_manuscript_meet_under_the_nearest(tmp_path: Path) -> None:
    small = TantivyIndex(tmp_path / "search")
    with small.writing() as writer:
        writer.put(document("m-1", (Part.PERSON, "محمد المغيلي"), (Part.PERSON, "Muḥammad al-Maghīlī")))
        writer.put(document("m-2", (Part.PERSON, "محمد المغلي")))
    hits = small.search(parse_query("Muhammad al-Maghili"), Asked()).hits
    assert hits[0].manuscript == "m-1"
    assert hits[0].evidence.spelling == "Muḥammad al-Maghīlī"


def test_a_beginning_after_the_article_is_looked_for_alone() -> None:
    assert parse_query("al-mu*").wanted[0].terms == ("mu",)
    assert parse_query('"al-mu*"').wanted[0].terms == ("al", "mu")
    assert parse_query("al*").wanted[0].terms == ("al",)
