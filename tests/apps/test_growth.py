"""What edits cost in the storage root: little each, and no more for a thick manuscript than for a thin one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from data.commands import command_environment

GROWTH = Path(__file__).parents[2] / "benchmarks" / "growth.py"
EDITS = 24
LONGEST_INVENTORY_LINE = 1100  # bytes that one version adds to the inventory of every later one


def grown(pages: int, tmp_path: Path) -> tuple[int, int]:
    """Return the bytes that the edits of a manuscript of so many pages added: of inventories, and of events."""
    out = tmp_path / f"{pages}.json"
    done = subprocess.run(
        [sys.executable, GROWTH, "--pages", str(pages), "--edits", f"0,{EDITS}", "--out", out],
        env=command_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before, after = json.loads(out.read_bytes())["measured"]
    assert (before["edits"], after["edits"]) == (0, EDITS)
    return tuple(after[name] - before[name] for name in ("inventory_bytes", "event_bytes"))


def test_an_edit_costs_little_and_no_more_where_there_are_more_pages(tmp_path: Path) -> None:
    inventories, events = grown(20, tmp_path)
    # Two objects, each of half the edits; version n repeats the n - 1 before it.
    versions = EDITS // 2 + 2
    assert 0 < inventories < 2 * LONGEST_INVENTORY_LINE * versions * (versions + 1) // 2
    assert 0 < events < EDITS * 4000
    assert grown(200, tmp_path) == (inventories, events)
