"""The page about spreadsheets says what the code does: settings, columns, limits, and an example that can be read."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from khizana.core.catalogue.columns import COLUMNS
from khizana.core.sheets.guard import LARGEST_GRID, LARGEST_UNPACKED
from khizana.core.sheets.layout import LOOKED_AT
from khizana.core.sheets.profile import Profile, profile_from

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "spreadsheets.md").read_text(encoding="utf-8")


def table(mark: str) -> list[list[str]]:
    lines = PAGE.partition(f"<!-- {mark}:")[2].splitlines()[3:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def test_every_setting_stands_there_with_its_default() -> None:
    shown = {name: default for name, default, _ in table("settings")}
    bare = Profile()
    expected = {each.name: str(getattr(bare, each.name) or "").lower() for each in fields(Profile)}
    expected = {name: default or "none" for name, default in expected.items() if name != "columns"}
    assert {name: default.replace("0", "none") for name, default in shown.items()} == expected


def test_every_column_stands_there_with_its_labels() -> None:
    assert table("columns") == [[each.name, *(each.labels[tag] for tag in ("ar", "fr", "en"))] for each in COLUMNS]


def test_the_limits_are_those_of_the_code() -> None:
    assert f"{LARGEST_UNPACKED >> 20} MiB" in PAGE
    assert f"{LARGEST_GRID:,} cells" in PAGE
    assert f"first {LOOKED_AT} rows" in PAGE.replace("\n", " ")


def test_the_example_is_a_profile() -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    profile = profile_from(found[1].encode(), "example")
    assert profile.header == "2"
    assert [rule.field for rule in profile.columns] == ["shelfmark", "title"]
