"""Merging entries: what one side changed is taken, what both changed differently is a conflict, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from khizana.core.catalogue.entry import Entry, Origin, Phrase, Physical, Place
from khizana.core.catalogue.merge import differing, merge_entries

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


def _merged(base: Entry | None, ours: Entry, theirs: Entry, *, partial: bool = False, prefer_theirs: bool = False):  # noqa: ANN202 - a test's own shorthand
    return merge_entries(base, ours, theirs, partial=partial, prefer_theirs=prefer_theirs)


def test_what_only_they_changed_is_taken() -> None:
    theirs = replace(_BASE, titles=(Phrase("two"),))
    merged = _merged(_BASE, _BASE, theirs)
    assert merged.entry == theirs
    assert merged.changed == ("titles",)
    assert merged.conflicts == ()


def test_what_only_we_changed_stays() -> None:
    ours = replace(_BASE, summary=(Phrase("ours"),))
    merged = _merged(_BASE, ours, replace(_BASE, titles=(Phrase("two"),)))
    assert merged.entry == replace(ours, titles=(Phrase("two"),))


def test_a_changed_binding_is_no_conflict_with_a_changed_number_of_leaves() -> None:
    ours = replace(_BASE, physical=Physical(leaves=11))
    theirs = replace(_BASE, physical=Physical(leaves=10, binding=(Phrase("leather"),)))
    merged = _merged(_BASE, ours, theirs)
    assert merged.entry.physical == Physical(leaves=11, binding=(Phrase("leather"),))
    assert merged.conflicts == ()


def test_a_field_that_both_changed_is_a_conflict_and_stays_as_it_is_here() -> None:
    ours, theirs = replace(_BASE, titles=(Phrase("ours"),)), replace(_BASE, titles=(Phrase("theirs"),))
    merged = _merged(_BASE, ours, theirs)
    assert merged.entry == ours
    assert [(each.field, each.ours, each.theirs) for each in merged.conflicts] == [
        ("titles", (Phrase("ours"),), (Phrase("theirs"),))
    ]
    assert _merged(_BASE, ours, theirs, prefer_theirs=True).entry == theirs


def test_a_list_without_a_column_takes_nothing_away_and_a_description_does() -> None:
    theirs = Entry("A 1", titles=(Phrase("one"),))
    assert _merged(_BASE, _BASE, theirs, partial=True).entry == _BASE
    assert _merged(_BASE, _BASE, theirs).entry.physical.leaves is None


def test_without_a_common_ancestor_what_is_empty_here_is_filled_and_what_differs_is_a_conflict() -> None:
    merged = _merged(None, _BASE, Entry("A 1", titles=(Phrase("two"),), settlement="Gao"), partial=True)
    assert merged.entry == replace(_BASE, settlement="Gao")
    assert [each.field for each in merged.conflicts] == ["titles"]


@given(_ENTRIES, _ENTRIES, st.booleans())
def test_merging_again_changes_nothing(base: Entry, theirs: Entry, partial: bool) -> None:  # noqa: FBT001 - Hypothesis gives it by place
    once = _merged(base, base, theirs, partial=partial)
    again = _merged(base, once.entry, theirs, partial=partial)
    assert again.entry == once.entry
    assert again.changed == again.conflicts == ()


@given(_ENTRIES, _ENTRIES, _ENTRIES)
def test_every_field_is_either_ours_or_theirs_and_no_change_of_one_side_is_lost(
    base: Entry, ours: Entry, theirs: Entry
) -> None:
    merged = _merged(base, ours, theirs)
    disputed = {each.field for each in merged.conflicts}
    for field in differing(merged.entry, ours):
        assert field in merged.changed
    for field in differing(merged.entry, theirs):
        assert field in disputed or field in differing(base, ours)
