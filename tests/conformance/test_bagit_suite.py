"""The public BagIt conformance suite: every bag judged as the folder it lies in says, on any operating system."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import khizana.core.preservation.bagit
from khizana.core.findings import Severity
from khizana.core.preservation.bagit.validate import BagVerdict, validate_bag
from khizana.core.preservation.bagit.validate_report import LENIENT_BEFORE_1_0, WARNINGS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "bagit-verdicts.md").read_text(encoding="utf-8")
SIZES = {"valid": 27, "invalid": 15, "warning": 6, "linux-only": 6, "windows-only": 6}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under *heading*, without backquotes."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").replace("`", "") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


DIFFERENT = {row[0]: set(row[2].split()) for row in rows("Where the verdict is not that of the public suite")}


def bags(shared_data: Path, kind: str) -> list[Path]:
    suite = shared_data / "suites" / "bagit-conformance-suite"
    return sorted(path for path in suite.glob(f"v*/{kind}/*") if path.is_dir())


def judged(shared_data: Path, kind: str) -> dict[str, BagVerdict]:
    suite = shared_data / "suites" / "bagit-conformance-suite"
    return {str(bag.relative_to(suite)): validate_bag(bag) for bag in bags(shared_data, kind)}


def errors(verdict: BagVerdict) -> set[str]:
    return {finding.code for finding in verdict.findings if finding.severity is Severity.ERROR}


def test_the_suite_has_all_its_60_bags(shared_data: Path) -> None:
    assert {kind: len(bags(shared_data, kind)) for kind in SIZES} == SIZES


def test_every_valid_bag_is_accepted(shared_data: Path) -> None:
    assert {name: errors(verdict) for name, verdict in judged(shared_data, "valid").items() if errors(verdict)} == {}


def test_every_invalid_bag_is_refused_on_every_operating_system(shared_data: Path) -> None:
    for kind in ("invalid", "linux-only", "windows-only"):
        assert {name for name, verdict in judged(shared_data, kind).items() if verdict.is_valid} == set()


def test_every_warned_bag_has_a_warning_and_no_error_but_those_argued(shared_data: Path) -> None:
    verdicts = judged(shared_data, "warning")
    assert all(verdict.findings for verdict in verdicts.values())
    assert {name: errors(verdict) for name, verdict in verdicts.items() if errors(verdict)} == DIFFERENT


def test_the_bag_that_lost_its_system_file_is_a_warning_once_it_is_back(shared_data: Path, tmp_path: Path) -> None:
    (name,) = DIFFERENT
    shutil.copytree(shared_data / "suites" / "bagit-conformance-suite" / name, tmp_path / "bag")
    (tmp_path / "bag" / "data").chmod(0o755)
    (tmp_path / "bag" / "data" / ".DS_Store").touch()
    verdict = validate_bag(tmp_path / "bag")
    assert verdict.is_valid
    assert {finding.code for finding in verdict.findings} == {"BAGIT_NAME_SYSTEM"}


def test_the_page_lists_every_code_with_its_severity() -> None:
    folder = Path(khizana.core.preservation.bagit.__path__[0])
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("validate*.py"))
    raised = set(re.findall(r'"(BAGIT_[A-Z0-9_]+)"', text)) - {"BAGIT_NOTHING_THERE", "BAGIT_NEITHER"}

    def severity(code: str) -> str:
        if code == "BAGIT_MORE":
            return "information"
        return "warning" if code in WARNINGS else "error" + ", warning before 1.0" * (code in LENIENT_BEFORE_1_0)

    assert {row[0]: row[1] for row in rows("Codes")} == {code: severity(code) for code in raised}
