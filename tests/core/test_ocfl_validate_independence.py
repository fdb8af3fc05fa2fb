"""A validator that shares code with the writer shares its mistakes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import khizana.core.preservation.ocfl

FOLDER = Path(khizana.core.preservation.ocfl.__path__[0])
MODULES = sorted(FOLDER.glob("validate*.py"))
OWN = ("khizana.core.preservation.ocfl.validate", "khizana.core.findings", "khizana.core.errors")


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_the_validator_imports_nothing_of_the_writer(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            if node.module == "khizana.core.preservation.ocfl":  # the package itself: what is taken must be ours
                assert all(alias.name.startswith("validate") for alias in node.names)
            else:
                imported.add(node.module or "")
    assert not [name for name in imported if name.startswith("khizana") and not name.startswith(OWN)]
