"""Tables are made all or none: whatever stops that in the middle, the same command makes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from data.commands import command_environment, new_library

CUT_OFF = """
import sys
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
real, calls = MigrationRecorder.record_applied, []
def full(*arguments):
    calls.append(1)
    if len(calls) == int(sys.argv[1]):
        raise OperationalError("database or disk is full")
    return real(*arguments)
MigrationRecorder.record_applied = full
from khizana.cli.main import run
sys.exit(run(["rebuild"]))
"""


@pytest.mark.parametrize("migration", [2, 9])
def test_a_disk_that_fills_up_between_two_tables_leaves_none_and_the_same_command_goes_on(
    tmp_path: Path, migration: int
) -> None:
    library = new_library(tmp_path / "library")
    library.lose_database()
    done = subprocess.run(
        [sys.executable, "-c", CUT_OFF, str(migration)],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (6, 1), done.stderr
    assert library.json("rebuild")["manuscripts"] == 0
