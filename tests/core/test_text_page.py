"""The published page of folding: each of its examples is read from it and must be so."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from khizana.core.text.fold import FOLDING_VERSION, Level, fold
from khizana.core.text.keys import name_keys
from khizana.core.text.words import alternatives, without_article

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "folding.md").read_text(encoding="utf-8")
ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


def _rows(heading: str) -> list[list[str]]:
    """Return the cells of every row of the table under *heading*."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith(("| ", "|-"))]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]
    return [[ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell) for cell in row] for row in rows]


RULES = _rows("Letters, marks, forms and digits")
NAMES = [
    (row[0], other, row[2]) for row in _rows("Names across scripts and romanisations") for other in row[1].split(", ")
]


def test_the_page_names_the_version() -> None:
    assert f"\nFolding version: {FOLDING_VERSION}\n" in PAGE


@pytest.mark.parametrize("row", RULES, ids=lambda row: row[0])
def test_a_rule_has_its_example_and_its_source(row: list[str]) -> None:
    _, written, folded, source = row
    assert written != folded
    assert fold(written).text == folded
    assert source


def test_the_page_has_a_rule_for_everything_that_is_folded() -> None:
    assert len(RULES) >= 24


@pytest.mark.parametrize("row", _rows("Kept apart, but reachable"), ids=lambda row: row[0])
def test_a_letter_is_kept_apart_and_reachable(row: list[str]) -> None:
    written, letters, common = row
    assert letters != common
    assert fold(written, Level.LETTERS).text == letters
    assert fold(written).text == common


@pytest.mark.parametrize("row", _rows("Without dots"), ids=lambda row: row[0])
def test_a_text_without_dots(row: list[str]) -> None:
    assert fold(row[0], Level.UNDOTTED).text == row[1]


@pytest.mark.parametrize("row", _rows("Article and clitics"), ids=lambda row: row[0])
def test_an_article_and_a_clitic(row: list[str]) -> None:
    word, bare, looked_for = row
    assert without_article(word) == bare
    assert alternatives(word) == (() if looked_for == "-" else tuple(looked_for.split(", ")))


@pytest.mark.parametrize(("name", "other", "key"), NAMES)
def test_two_spellings_of_a_name_meet_in_the_key_that_the_page_gives(name: str, other: str, key: str) -> None:
    assert key in name_keys(name)
    assert key in name_keys(other)


def test_every_letter_is_on_the_page_under_what_it_folds_to() -> None:
    table = {char: row[0] for row in _rows("Every letter") for char in row[1].split()}
    assert len(table) >= 262
    assert {char: fold(char).text for char in table} == {
        char: "" if common == "(dropped)" else common for char, common in table.items()
    }
    # Letters of later versions of Unicode than the page's fold too (see the tests of folding), but are not on it.
    arabic = [chr(point) for block in ((0x600, 0x870), (0x870, 0x88F), (0x8A0, 0x8CA)) for point in range(*block)]
    missing = [
        char
        for char in arabic
        if unicodedata.category(char) in ("Lo", "Lm")
        and unicodedata.normalize("NFKD", char) == char
        and unicodedata.name(char).startswith("ARABIC")
        and char not in table
    ]
    assert missing == []
