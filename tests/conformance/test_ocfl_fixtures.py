"""The public OCFL fixtures, 1.0 and 1.1: every verdict and every code that a folder's name promises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from khizana.core.findings import Severity
from khizana.core.preservation.ocfl.validate import validate_object

if TYPE_CHECKING:
    from pathlib import Path

RELEASES = ("1.0", "1.1")

# Errors that a bad object's name does not promise, and that it has: docs/reference/ocfl-verdicts.md argues each.
BOTH: dict[str, set[str]] = {
    "E003_E063_empty": {"E001", "E008"},
    "E010_missing_versions": {"E046"},
    "E011_E013_invalid_padded_head_version": {"E014", "E023"},
    "E015_content_not_in_content_dir": {"E016"},
    "E017_invalid_content_dir": {"E023", "E092"},
    "E019_inconsistent_content_dir": {"E016", "E020"},
    "E040_head_not_most_recent": {"E064"},
    "E046_root_not_most_recent": {"E064"},
    "E049_E050_E054_bad_version_block_values": {"E094"},
    "E063_no_inv": {"E015"},
    "E096_manifest_duplicate_digests": {"E101"},
    "E097_fixity_duplicate_digests": {"E101"},
    "E100_E099_fixity_invalid_content_paths": {"E023", "E092"},
}
FURTHER: dict[str, dict[str, set[str]]] = {
    "1.0": {**BOTH, "E001_invalid_version_format": {"E008", "E040", "E042", "E046"}},
    "1.1": {
        **BOTH,
        "E001_invalid_version_format": {"E008", "E040", "E042", "E104", "E107"},
        "E037_inconsistent_id": {"E110"},
    },
}
SIZES = {("1.0", "bad"): 52, ("1.0", "good"): 10, ("1.0", "warn"): 14}
SIZES |= {("1.1", "bad"): 55, ("1.1", "good"): 12, ("1.1", "warn"): 13}


def objects(shared_data: Path, release: str, kind: str) -> list[Path]:
    return sorted((shared_data / "suites" / "ocfl-fixtures" / release / f"{kind}-objects").iterdir())


def codes(folder: Path, severity: Severity) -> set[str]:
    return {finding.code for finding in validate_object(folder) if finding.severity is severity}


def promised(folder: Path) -> set[str]:
    return set(re.findall(r"[EW]\d{3}", folder.name))


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("kind", ["bad", "good", "warn"])
def test_the_suite_has_all_its_156_objects(shared_data: Path, release: str, kind: str) -> None:
    assert len(objects(shared_data, release, kind)) == SIZES[release, kind]
    assert sum(SIZES.values()) == 156


@pytest.mark.parametrize("release", RELEASES)
def test_every_good_object_is_accepted_without_a_word(shared_data: Path, release: str) -> None:
    said = {folder.name: validate_object(folder) for folder in objects(shared_data, release, "good")}
    assert {name for name, findings in said.items() if findings} == set()


@pytest.mark.parametrize("release", RELEASES)
def test_every_bad_object_is_refused_with_every_code_of_its_name(shared_data: Path, release: str) -> None:
    lacking = {
        folder.name: promised(folder) - codes(folder, Severity.ERROR) for folder in objects(shared_data, release, "bad")
    }
    assert {name: missing for name, missing in lacking.items() if missing} == {}


@pytest.mark.parametrize("release", RELEASES)
def test_the_further_errors_of_bad_objects_are_exactly_those_argued(shared_data: Path, release: str) -> None:
    further = {
        folder.name: codes(folder, Severity.ERROR) - promised(folder) for folder in objects(shared_data, release, "bad")
    }
    assert {name: more for name, more in further.items() if more} == FURTHER[release]


@pytest.mark.parametrize("release", RELEASES)
def test_every_warned_object_has_exactly_the_warnings_of_its_name_and_no_error(shared_data: Path, release: str) -> None:
    for folder in objects(shared_data, release, "warn"):
        assert codes(folder, Severity.ERROR) == set(), folder.name
        assert codes(folder, Severity.WARNING) == promised(folder), folder.name
