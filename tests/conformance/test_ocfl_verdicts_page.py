"""The page that argues the verdicts says what the validator does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import khizana.core.preservation.ocfl
from khizana.core.findings import catalogue
from khizana.core.preservation.ocfl.validate_report import severity

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "reference" / "ocfl-verdicts.md").read_text(encoding="utf-8")
SPECIFIED = re.compile(r"[EW]\d{3}")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under *heading*, without backquotes."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").replace("`", "") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


def codes_in_source() -> set[str]:
    folder = Path(khizana.core.preservation.ocfl.__path__[0])
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("validate*.py"))
    return set(re.findall(r'"([EW]\d{3}|OCFL_[A-Z_]+)"', text))


def fixtures_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fixtures", Path(__file__).with_name("test_ocfl_fixtures.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_codes_that_are_never_used_are_exactly_those_listed() -> None:
    specified = {code for code in catalogue("en") if SPECIFIED.fullmatch(code)}
    listed = {row[0] for row in rows("Codes that are never used")}
    assert specified - codes_in_source() == listed


def test_the_codes_of_our_own_are_listed_with_their_severities() -> None:
    listed = {row[0]: row[1] for row in rows("Codes of our own")}
    raised = {code for code in codes_in_source() if code.startswith("OCFL_")}
    as_errors = {"OCFL_NEITHER", "OCFL_NOT_A_FOLDER", "OCFL_NOTHING_THERE", "OCFL_PATH_UNREADABLE"}
    assert listed.keys() == raised - as_errors
    words = {"information": "info", "error": "error"}
    assert {code: words[word] for code, word in listed.items()} == {code: severity(code).value for code in listed}


@pytest.mark.parametrize("release", ["1.0", "1.1"])
def test_the_further_errors_listed_are_those_the_fixtures_are_held_to(release: str) -> None:
    listed = {
        row[0]: set(row[2].split())
        for row in rows("More than the fixtures' names promise")
        if row[1] in {release, "both"}
    }
    assert listed == fixtures_module().FURTHER[release]
