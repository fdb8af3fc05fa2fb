"""What other libraries hear of a manuscript, from the versions of its objects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.changes import Change, ChangeKind, VersionSeen, history_of, is_offered
from khizana.core.errors import NotFound
from khizana.core.identifiers import ManuscriptId
from khizana.core.iiif.discovery import PAGE, ordered_collection, ordered_page
from khizana.core.manuscript import LibraryCard
from khizana.core.policy import Agreement, Level

TB = ManuscriptId("tb-1")
CARD = LibraryCard("reading", {"en": ("Treasury",)}, "https://treasury.example")
OPEN = Agreement(Level.OPEN, published=True)
CLOSED = Agreement(Level.OPEN, published=False)
STAFF = Agreement(Level.STAFF, published=True)
AGREEMENTS = st.sampled_from([None, OPEN, CLOSED, STAFF, Agreement(Level.SMALLER, published=True)])


def at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02d}Z"


def told(*versions: Agreement | None) -> list[str]:
    seen = [VersionSeen(at(second), agreement) for second, agreement in enumerate(versions)]
    return [change.kind.value for change in history_of(TB, seen)]


def test_what_was_never_open_is_never_told() -> None:
    assert told(CLOSED, None, STAFF, None) == []


def test_what_is_opened_changed_and_closed_is_told_so() -> None:
    assert told(CLOSED, OPEN, None, CLOSED, None, OPEN) == ["create", "update", "delete", "create"]


def test_what_is_narrowed_to_staff_is_told_as_gone() -> None:
    assert told(OPEN, STAFF) == ["create", "delete"]


def test_versions_of_one_time_are_one_change() -> None:
    seen = [VersionSeen(at(1), OPEN), VersionSeen(at(1)), VersionSeen(at(1))]
    assert [change.kind for change in history_of(TB, seen)] == [ChangeKind.CREATE]


@given(st.lists(st.tuples(st.integers(0, 59), AGREEMENTS), max_size=12))
def test_a_history_opens_before_it_changes_and_ends_as_the_last_agreement_has_it(
    versions: list[tuple[int, Agreement | None]],
) -> None:
    seen = [VersionSeen(at(second), agreement) for second, agreement in versions]
    is_open = False
    changes = list(history_of(TB, seen))
    for change in changes:
        assert (change.kind is ChangeKind.CREATE) != is_open
        is_open = change.kind is not ChangeKind.DELETE
    stated = [each.agreement for each in sorted(seen, key=lambda each: each.when) if each.agreement]
    assert is_open == bool(stated and is_offered(stated[-1]))
    assert [change.when for change in changes] == sorted(change.when for change in changes)


def test_pages_of_changes_lead_through_all_of_them() -> None:
    total = 2 * PAGE + 1
    whole = ordered_collection(CARD, total=total)
    assert (whole["first"]["id"], whole["last"]["id"]) == tuple(
        f"https://treasury.example/iiif/changes/{number}" for number in (1, 3)
    )
    pages = [ordered_page(CARD, number, [], total=total) for number in (1, 2, 3)]
    assert [page.get("next", {}).get("id") for page in pages] == [pages[1]["id"], pages[2]["id"], None]
    assert [page.get("prev", {}).get("id") for page in pages] == [None, pages[0]["id"], pages[1]["id"]]
    assert [page["startIndex"] for page in pages] == [0, PAGE, 2 * PAGE]
    with pytest.raises(NotFound):
        ordered_page(CARD, 4, [], total=total)


def test_of_what_is_closed_only_that_it_went_is_told() -> None:
    changes = [(Change(TB, kind, at(1)), False) for kind in ChangeKind]
    (activity,) = ordered_page(CARD, 1, changes, total=3)["orderedItems"]
    assert activity["type"] == "Delete"
    assert activity["object"] == {"id": "https://treasury.example/iiif/manifest/tb-1", "type": "Manifest"}
    assert activity["endTime"] == at(1)


def test_nothing_is_a_list_without_pages() -> None:
    assert "first" not in ordered_collection(CARD, total=0)
