"""Every benchmark that ``make bench`` runs is there, says its help, and takes the file for its result."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TREE = ast.parse((BENCHMARKS / "run.py").read_text(encoding="utf-8"))
NAMES = next(
    ast.literal_eval(node.value)
    for node in TREE.body
    if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "BENCHMARKS"
)


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_takes_the_file_for_its_result(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / f"{name}.py", "--help"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "--out" in done.stdout
    assert not list(tmp_path.iterdir())
