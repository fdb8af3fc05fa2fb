"""Merging entries: what one side changed is taken, what both changed differently is a conflict, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.catalogue.entry import Entry, Origin, Person, Phrase, Physical, Place, Text
from khizana.core.catalogue.merge import Merged, differing, merge_columns, merge_entries

_PHRASES = st.lists(st.builds(Phrase, st.sampled_from(["a", "b", "ج"])), max_size=2).map(tuple)
_ENTRIES = st.builds(
    Entry,
    shelfmark=st.just("A 1"),
    titles=_PHRASES,
    summary=_PHRASES,
    settlement=st.sampled_from(["", "Timbuktu", "Gao"]),
    origin=st.builds(Origin, places=st.lists(st.builds(Place, _PHRASES), max_size=1).map(tuple)),
    physical=st.builds(Physical, extent=_PHRASES, leaves=st.sampled_from([None, 1, 2]), binding=_PHRASES),
)
_BASE = Entry("A 1", titles=(Phrase("one"),), physical=Physical(leaves=10))


def test_what_only_they_changed_is_taken() -> None:
    theirs = replace(_BASE, titles=(Phrase("two"),))
    merged = merge_entries(_BASE, _BASE, theirs)
    assert merged.entry == theirs
    assert merged.changed == ("titles",)
    assert merged.conflicts == ()


def test_what_only_we_changed_stays() -> None:
    ours = replace(_BASE, summary=(Phrase("ours"),))
    merged = merge_entries(_BASE, ours, replace(_BASE, titles=(Phrase("two"),)))
    assert merged.entry == replace(ours, titles=(Phrase("two"),))


def test_a_changed_binding_is_no_conflict_with_a_changed_number_of_leaves() -> None:
    ours = replace(_BASE, physical=Physical(leaves=11))
    theirs = replace(_BASE, physical=Physical(leaves=10, binding=(Phrase("leather"),)))
    merged = merge_entries(_BASE, ours, theirs)
    assert merged.entry.physical == Physical(leaves=11, binding=(Phrase("leather"),))
    assert merged.conflicts == ()


def test_a_field_that_both_changed_is_a_conflict_and_stays_as_it_is_here() -> None:
    ours, theirs = replace(_BASE, titles=(Phrase("ours"),)), replace(_BASE, titles=(Phrase("theirs"),))
    merged = merge_entries(_BASE, ours, theirs)
    assert merged.entry == ours
    assert [(each.field, each.ours, each.theirs) for each in merged.conflicts] == [
        ("titles", (Phrase("ours"),), (Phrase("theirs"),))
    ]
    assert merge_entries(_BASE, ours, theirs, prefer_theirs=True).entry == theirs


def test_a_list_without_a_column_takes_nothing_away_and_a_description_does() -> None:
    theirs = Entry("A 1", titles=(Phrase("one"),))
    assert merge_columns(_BASE, _BASE, theirs).entry == _BASE
    assert merge_entries(_BASE, _BASE, theirs).entry.physical.leaves is None


def test_without_a_common_ancestor_what_is_empty_here_is_filled_and_what_differs_is_a_conflict() -> None:
    merged = merge_columns(None, _BASE, Entry("A 1", titles=(Phrase("two"),), settlement="Gao"))
    assert merged.entry == replace(_BASE, settlement="Gao")
    assert [each.field for each in merged.conflicts] == ["title"]


@pytest.mark.parametrize("merge", [merge_entries, merge_columns])
@given(base=_ENTRIES, theirs=_ENTRIES)
def test_merging_again_changes_nothing(merge: Callable[..., Merged], base: Entry, theirs: Entry) -> None:
    once = merge(base, base, theirs)
    again = merge(base, once.entry, theirs)
    assert again.entry == once.entry
    assert again.changed == again.conflicts == ()


def test_a_list_that_shows_the_first_text_leaves_the_others_as_they_are() -> None:
    texts = (Text(titles=(Phrase("one", "ar"),), locus="1r"), Text(titles=(Phrase("two", "ar"),), locus="9v"))
    ours = Entry("A 1", titles=(Phrase("one", "ar"),), texts=texts)
    author = Text(persons=(Person((Phrase("أحمد بابا", "ar"),), "author"),))
    merged = merge_columns(ours, ours, Entry("A 1", texts=(author,)))
    assert merged.changed == ("author_ar",)
    assert [each.locus for each in merged.entry.texts] == ["1r", "9v"]
    assert merged.entry.texts[0].persons == author.persons


@given(_ENTRIES, _ENTRIES, _ENTRIES)
def test_every_field_is_either_ours_or_theirs_and_no_change_of_one_side_is_lost(
    base: Entry, ours: Entry, theirs: Entry
) -> None:
    merged = merge_entries(base, ours, theirs)
    disputed = {each.field for each in merged.conflicts}
    for field in differing(merged.entry, ours):
        assert field in merged.changed
    for field in differing(merged.entry, theirs):
        assert field in disputed or field in differing(base, ours)
