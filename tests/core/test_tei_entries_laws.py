"""Laws of catalogue entries in TEI: what is written is read, and what nobody changed is as it was."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from data.any_entries import entries
from data.foreign_tei import FOREIGN
from khizana.core.catalogue.entry import Entry
from khizana.core.tei.entries import read_entry
from khizana.core.tei.read import read_description
from khizana.core.tei.rewrite import changed_document, new_document

much = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
)


@much
@given(entries)
def test_what_is_written_anew_is_read_the_same(entry: Entry) -> None:
    written = new_document(entry)
    assert read_entry(written) == entry
    assert new_document(entry) == written
    read_description(written)


@much
@given(entries, entries)
def test_what_is_changed_is_read_as_it_was_wanted(before: Entry, after: Entry) -> None:
    document = new_document(before)
    assert read_entry(changed_document(document, before, after)) == after


@much
@given(entries)
def test_the_description_of_another_can_be_made_to_say_anything(wanted: Entry) -> None:
    before = read_entry(FOREIGN)
    changed = changed_document(FOREIGN, before, wanted)
    assert read_entry(changed) == wanted
    assert all(kept in changed for kept in (b"<!-- kept -->", b"<?keep this?>", b'a="1"', b'form="codex"', b"modern"))
    assert read_entry(changed_document(changed, wanted, before)) == before


@much
@given(entries)
def test_what_is_not_changed_is_the_same_bytes(entry: Entry) -> None:
    document = new_document(entry)
    assert changed_document(document, entry, replace(entry)) is document
