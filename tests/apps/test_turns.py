"""What is asked of objects and their states some at a time is what would be asked of all of them together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data.commands import command_environment, new_library

SCRIPT = """
import os, sys
from khizana.cli.verb import open_library
open_library(os.environ["KHIZANA_LIBRARY"])
from khizana.apps.preservation import queries
from khizana.apps.preservation.actions.check_site import count_due, due
from khizana.apps.preservation.actions.note_replica import note_replica
from khizana.apps.preservation.actions.replicate import count_lacking, lacking
from khizana.apps.preservation.models import ObjectVersion, Replica
from khizana.core.preservation.replicas.rule import Light, Rule
from khizana.core.preservation.replicas.sites import HERE, Site

queries.AT_ONCE = int(sys.argv[1])
# Of one to three versions each; at each of two sites a third was never seen.
heads = {f"o{number:02}": number % 3 + 1 for number in range(23)}
for name, head in heads.items():
    for version in range(1, head + 1):
        ObjectVersion.objects.create(identifier=name, number=version, inventory_digest=f"{name} {version}")
states = {}
for place, site in enumerate((HERE, "a")):
    for number, name in enumerate(heads):
        if (number + place) % 3:
            state = "altered" if number % 4 == 0 else "intact"
            head = max(1, heads[name] - number % 2)
            states[site, name] = (state, float(100 - number), head)
            Replica.objects.create(site=site, identifier=name, head=head, state=state, checked=100.0 - number)
Replica.objects.create(site="a", identifier="unknown", head=1, state="intact", checked=1.0)

found = {known.object_id: dict(known.versions) for known in queries.known_objects()}
assert list(found) == sorted(heads)
assert found == {name: {v: f"{name} {v}" for v in range(1, head + 1)} for name, head in heads.items()}

def turn(site, name):
    state, checked, _ = states.get((site, name), ("intact", 0.0, 0))
    return state == "intact", checked

here = [known.object_id for known, _ in due(HERE, now=9e9)]
assert here == sorted(heads, key=lambda name: turn(HERE, name)) and count_due(HERE) == len(here)
there = [(known.object_id, head) for known, head in due("a", now=9e9)]
at_a = sorted((name for site, name in states if site == "a"), key=lambda name: turn("a", name))
assert there == [(name, states["a", name][2]) for name in at_a] and count_due("a") == len(there)
assert queries.count_seen("a") == len(there) + 1

def whole(site, name):
    state, _, head = states.get((site, name), ("", 0.0, 0))
    return state == "intact" and head == heads[name]

wanted = [name for name in heads if not whole("a", name)]
assert [known.object_id for known, _ in lacking("a")] == wanted and count_lacking("a") == len(wanted)
safety = {each.identifier: each for each in queries.safety(Rule(2, 2, 0), [Site("a", "disk:/a", "u")], place="b")}
assert list(safety) == list(heads)
for name, each in safety.items():
    good = [site for site in (HERE, "a") if whole(site, name)]
    assert each.light is (Light.GREEN if len(good) == 2 else Light.RED)
    assert set(each.lacking) == {HERE, "a"} - set(good)
assert len({each.light for each in safety.values()}) == 2

# What is written down meanwhile neither repeats nor skips anything.
met = []
for known, head in due(HERE, now=9e9):
    met.append(known.object_id)
    note_replica(site=HERE, identifier=known.object_id, head=head, wrong=(), checked=1000.0)
assert met == here
copied = []
for known, _ in lacking("a"):
    copied.append(known.object_id)
    note_replica(site="a", identifier=known.object_id, head=known.head, wrong=(), checked=1000.0)
assert copied == wanted and count_lacking("a") == 0
print("held")
"""


@pytest.mark.both_databases
@pytest.mark.parametrize("at_once", [3, 7, 500])
def test_what_is_asked_some_at_a_time_is_the_same_as_all_together(
    database: Callable[[], str], tmp_path: Path, at_once: int
) -> None:
    library = new_library(tmp_path / "library", database=database())
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(at_once)],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "held", done.stderr
