"""The page on forms of other libraries says what the code reads."""

from __future__ import annotations

import re
from pathlib import Path

from khizana.core.exchange.dublin_core import TERMS
from khizana.core.exchange.kinds import NOT_READ, Kind
from khizana.core.exchange.marc_linked import linked
from khizana.core.exchange.marc_record import Field, Record
from khizana.core.exchange.marc_said import LABELS, Reader

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "exchange.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| ")]
BY_HAND = {"001", "003", "008", "041"}


def _tags() -> set[str]:
    named = {tag for row in ROWS for tag in re.findall(r"\b\d{3}\b", row)}
    return named | {str(tag) for tag in range(501, 600)}


def test_every_field_that_says_something_stands_on_the_page_and_no_other() -> None:
    subfields = tuple((code, "Words") for code in "abcjt")
    for number in range(10, 1000):
        field = Field(f"{number:03}", "", "  ", subfields)
        says = bool(Reader("ar").said(linked(Record("", (field,)))[0]))
        if field.tag not in BY_HAND and not 501 <= number <= 599:
            assert says == (field.tag in _tags()), field.tag
    assert _tags() >= BY_HAND


def test_every_label_element_and_form_stands_on_the_page() -> None:
    assert [label for label in LABELS if label.capitalize() not in PAGE] == []
    assert [term for term in TERMS if term not in ROWS] == []
    forms = PAGE.partition("## MARC 21")[0]
    assert [kind for kind in Kind if kind.value.removesuffix(" 2").removesuffix(" 3") not in forms] == []
    assert all(kind.value in forms.partition("are known by sight")[0] for kind in NOT_READ)
