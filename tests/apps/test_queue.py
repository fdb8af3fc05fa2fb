"""Jobs: taken once, given back when a worker falls silent, tried again, and at last marked failed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data.commands import command_environment, new_library

SCRIPT = """
from khizana.cli.verb import open_library
open_library(None or __import__('os').environ['KHIZANA_LIBRARY'])
from khizana.apps.jobs import queue

queue.put("s", ["m 5", "m 9"]); queue.put("k", ["c"])
assert [each.subject for each in queue.take_all("s", most=9, now=1.0)] == ["m 5", "m 9"]
assert queue.take_all("s", most=9, now=1.0) == [], "what is held no other takes"
queue.finish_waiting("s", before=7)
(left,) = queue.take_all("s", most=9, now=2.0 + queue.LEASE)
assert left.subject == "m 9", "what was called for later is still to be done"
queue.finish(left)
queue.finish(queue.take(now=1.0))
queue.put("k", ["old"]); queue.put("d", ["new"], first=True)
held = queue.take(now=1.0)
assert held.subject == "new", "what a person waits for is done first"
queue.put_again("d", ["new", "lost"])
queue.finish(held)
assert {queue.take(now=1.0).subject for _ in range(2)} == {"new", "lost"}, "what is asked for again is not ended"
queue.put_again("d", ["new"])
queue.finish(queue.take(now=1.0))
queue.finish(queue.take(now=1.0))
queue.finish(queue.take(now=1.0 + 2 * queue.LEASE))
assert queue.counts() == {"waiting": 0, "running": 0, "failed": 0}
queue.put("k", ["a"]); queue.put("k", ["a", "b"])
assert queue.counts() == {"waiting": 2, "running": 0, "failed": 0}
first = queue.take(now=100.0)
second = queue.take(now=100.0)
assert {first.subject, second.subject} == {"a", "b"}
assert queue.take(now=100.0) is None, "what one worker holds no other takes"
assert queue.take(now=100.0 + queue.LEASE) is None
again = queue.take(now=101.0 + queue.LEASE)
assert again.subject == "a" and again.attempts == 2, "a worker that fell silent loses its job"
queue.finish(second)
now = 2000.0
queue.give_up(again, "broken", now=now)
assert queue.take(now=now + 1) is None, "not before its time"
for attempt in range(3, queue.ATTEMPTS + 1):
    now += 10_000
    again = queue.take(now=now)
    assert again.attempts == attempt
    queue.give_up(again, "broken", now=now)
assert queue.counts() == {"waiting": 0, "running": 0, "failed": 1}
assert queue.take(now=now + 10**6) is None
queue.put("k", ["of a later year"])
queue.take(now=10.0**9)
assert queue.take(now=10.0**8).attempts == 2, "a clock that was years ahead holds no job"
print("held")
"""


@pytest.mark.both_databases
def test_the_queue_holds_its_laws(database: Callable[[], str], tmp_path: Path) -> None:
    library = new_library(tmp_path / "library", database=database())
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "held", done.stderr


@pytest.mark.both_databases
def test_asking_again_for_work_that_failed_tries_it_again(database: Callable[[], str], tmp_path: Path) -> None:
    library = new_library(tmp_path / "library", database=database())
    script = SCRIPT.replace('print("held")', "") + (
        'queue.put("k", ["a"])\nassert queue.take(now=now).attempts == 1\nprint("held")\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "held", done.stderr
