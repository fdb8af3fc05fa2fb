"""The flat columns of an entry keep the laws of lenses, and are what tables, edits and spreadsheets share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.made_entries import clean, entries
from khizana.core.catalogue.columns import COLUMNS, Column, NotOfThisKind, column, made, settled
from khizana.core.catalogue.entry import Entry, Person, Phrase, Text
from khizana.core.catalogue.lenses import Dated, Number, OneText, Pairs
from khizana.core.findings import LANGUAGES

columns = st.sampled_from(COLUMNS)


def values_for(chosen: Column) -> st.SearchStrategy[tuple[str, ...]]:
    """Return values that the column can hold, as a person writes them."""
    match chosen.lens:
        case Number():
            return st.integers(0, 10**9 - 1).map(lambda number: (str(number),)) | st.just(())
        case OneText():
            return clean.map(lambda value: (value,)) | st.just(())
        case Pairs():
            return st.lists(
                st.builds("{}={}".format, clean.filter(lambda name: not set("=\\") & set(name)), clean)
            ).map(tuple)
        case Dated():
            return st.lists(clean, unique=True, max_size=3).map(tuple)
        case _:
            return st.lists(clean, max_size=4).map(tuple)


@given(columns, entries)
def test_putting_back_what_a_column_shows_changes_nothing(chosen: Column, entry: Entry) -> None:
    assert chosen.put(entry, chosen.get(entry)) is entry


@given(entries, columns, st.data())
def test_what_was_put_is_what_the_column_shows_and_putting_it_again_changes_nothing(
    entry: Entry, chosen: Column, data: st.DataObject
) -> None:
    values = data.draw(values_for(chosen))
    after = chosen.put(entry, values)
    assert chosen.get(after) == values
    assert chosen.put(after, values) == after


@given(entries, columns, st.data())
def test_putting_one_column_leaves_what_every_other_column_shows(
    entry: Entry, chosen: Column, data: st.DataObject
) -> None:
    after = chosen.put(entry, data.draw(values_for(chosen)))
    for other in COLUMNS:
        if other is not chosen:
            assert other.get(after) == other.get(entry), other.name


@given(entries)
def test_the_columns_of_an_entry_make_an_entry_that_shows_the_same(entry: Entry) -> None:
    in_turn = Entry()
    for each in COLUMNS:
        in_turn = each.put(in_turn, each.get(entry))
    in_turn = settled(in_turn)
    assert [each.get(in_turn) for each in COLUMNS] == [each.get(settled(entry)) for each in COLUMNS]
    assert made({each.name: each.get(entry) for each in COLUMNS}) == in_turn


def test_every_column_has_its_own_name_and_its_own_label_in_each_language() -> None:
    assert len({each.name for each in COLUMNS}) == len(COLUMNS)
    for language in LANGUAGES:
        assert len({each.labels[language] for each in COLUMNS}) == len(COLUMNS)


def test_a_phrase_in_another_language_keeps_its_place_and_a_tag_tells_which_language_it_is() -> None:
    entry = Entry(titles=(Phrase("a", "fr"), Phrase("ب", "ar"), Phrase("c", "ha-Arab")))
    assert column("title").get(entry) == ("[ha-Arab] c",)
    after = column("title_ar").put(entry, ("ج", "د"))
    assert after.titles == (Phrase("a", "fr"), Phrase("ج", "ar"), Phrase("c", "ha-Arab"), Phrase("د", "ar"))


def test_names_in_two_scripts_stand_side_by_side_and_empty_places_keep_them_so() -> None:
    entry = column("author_ar").put(column("author").put(Entry(), ("Ahmad", "", "Musa")), ("أحمد", "عمر"))
    assert settled(entry).texts == (
        Text(
            persons=(
                Person((Phrase("Ahmad"), Phrase("أحمد", "ar")), "author"),
                Person((Phrase("عمر", "ar"),), "author"),
                Person((Phrase("Musa"),), "author"),
            )
        ),
    )
    assert settled(column("author").put(Entry(), ("", "B"))).texts[0].persons == (Person((Phrase("B"),), "author"),)


@pytest.mark.parametrize(
    ("name", "values"),
    [("leaves", ("many",)), ("leaves", ("1", "2")), ("leaves", ("-3",)), ("leaves", ("9" * 30,)), ("extra", ("no",))],
)
def test_a_value_that_a_column_cannot_hold_is_refused(name: str, values: tuple[str, ...]) -> None:
    with pytest.raises(NotOfThisKind):
        column(name).put(Entry(), values)


def test_a_number_in_arabic_digits_is_that_number() -> None:
    assert column("leaves").put(Entry(), ("١٢٣",)).physical.leaves == 123
