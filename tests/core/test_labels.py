"""Folio labels of file names, and their addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.structure.labels import LONGEST_NAME, label_from_file_name, natural_key, page_names


@pytest.mark.parametrize(
    ("stem", "label"),
    [
        ("12r", "12r"),
        ("0007_12v", "12v"),
        ("tb42-f012v", "12v"),
        ("TB 42 fol. 3R", "3r"),
        ("ff 1v", "1v"),
        ("folio-120r", "120r"),
        ("card/0001_1r", "1r"),
        ("IMG_0012", None),
        ("DSC0012r", None),
        ("12", None),
        ("0r", None),
        ("12345r", None),
        ("12r cover", None),
        ("", None),
    ],
)
def test_a_file_name_states_its_folio_side_or_none(stem: str, label: str | None) -> None:
    assert label_from_file_name(stem) == label


def test_numbers_in_names_are_read_as_numbers() -> None:
    names = ["page 10", "page 2", "Page 1", "page 02", "page", "cover", "٣", "2"]
    assert sorted(names, key=natural_key) == ["2", "٣", "cover", "page", "Page 1", "page 02", "page 2", "page 10"]


@given(st.lists(st.text(max_size=60), max_size=12))
def test_any_names_can_be_put_in_one_order(names: list[str]) -> None:
    backwards = names[::-1]
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["12r", "12v"], ["12r", "12v"]),
        (["12r", "12r", "12R"], ["12r", "12r-2", "12R-3"]),
        (["12r", "12r", "12r-2"], ["12r", "12r-2", "12r-2-2"]),
        (["front cover", "", "..", "a/b"], ["front-cover", "page", "page-2", "a-b"]),
        (["ورقة ١٢", "f. 1v, detail"], ["ورقة-١٢", "f-1v-detail"]),
    ],
)
def test_a_label_becomes_an_address_that_its_manuscript_has_once(labels: list[str], names: list[str]) -> None:
    assert page_names(labels) == names


@given(st.lists(st.text(max_size=120) | st.sampled_from(["1r", "1r-2", "1R"]), max_size=20))
def test_every_label_has_an_address_and_no_two_are_alike(labels: list[str]) -> None:
    names = page_names(labels)
    assert len(names) == len(labels)
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert name
        assert not set(name) & set("/.%?# ")
        assert len(name) <= LONGEST_NAME + 4
