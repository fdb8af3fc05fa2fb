"""An indexer that is killed at any moment loses nothing that was committed, and leaves an index that opens.

``KHIZANA_DAMAGE=long`` kills a thousand times.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from data.searched import document
from khizana.adapters.search.index import TantivyIndex
from khizana.core.search.document import Part
from khizana.core.search.query import parse_query
from khizana.core.search.results import Asked

KILLS = 1_000 if os.environ.get("KHIZANA_DAMAGE") == "long" else 8
SEED = 20261126
# Tells each commit that has returned, and writes on until it is killed.
INDEXER = """
import sys
from pathlib import Path
from data.searched import document
from khizana.adapters.search.index import TantivyIndex
from khizana.core.search.document import Part

first = int(sys.argv[2])
with TantivyIndex(Path(sys.argv[1])).writing() as writer:
    print("begun", flush=True)
    for number in range(first, first + 100_000):
        writer.put(document(f"m-{number}", (Part.TITLE, f"كتاب {number}")))
        if number % 7 == 0:
            writer.commit()
            print(number, flush=True)
"""


def test_a_killed_indexer_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    folder, chance, committed = tmp_path / "search", random.Random(SEED), 0
    with TantivyIndex(folder).writing() as writer:
        writer.put(document("m-0", (Part.TITLE, "كتاب 0")))
    for _ in range(KILLS):
        indexer = subprocess.Popen(
            [sys.executable, "-c", INDEXER, str(folder), str(committed + 1)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert indexer.stdout is not None
        assert indexer.stdout.readline() == "begun\n"
        time.sleep(chance.random() * 0.5)
        indexer.send_signal(signal.SIGKILL)
        told = [int(line) for line in indexer.stdout.read().split("\n")[:-1] if line.isdecimal()]
        indexer.wait()
        committed = max([committed, *told])
        index = TantivyIndex(folder)
        assert index.is_usable()
        found = index.search(parse_query("title:كتاب"), Asked(limit=1))
        assert found.total >= committed
        assert index.search(parse_query(f'"كتاب {committed}"'), Asked(limit=1)).hits[0].manuscript == f"m-{committed}"


def test_an_index_of_another_version_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "search"
    index = TantivyIndex(folder)
    with index.writing() as writer:
        writer.put(document("m-1", (Part.TITLE, "one")))
    named = folder / "index.json"
    named.write_text(named.read_text(encoding="utf-8").replace('"schema": ', '"schema": 9'), encoding="utf-8")
    assert index.is_of_another_version()
    assert not index.is_usable()
    with index.writing() as writer:
        writer.put(document("m-2", (Part.TITLE, "two")))
    assert not index.is_of_another_version()
    assert index.search(parse_query(""), Asked()).total == 1
    assert len(list(folder.glob("index-*"))) == 1


def test_an_index_that_is_no_index_any_more_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "search"
    with TantivyIndex(folder).writing() as writer:
        writer.put(document("m-1", (Part.TITLE, "one")))
    for meta in folder.glob("index-*/meta.json"):
        meta.write_bytes(b"\0" * 40)
    index = TantivyIndex(folder)
    assert not index.is_usable()
    with index.writing() as writer:
        writer.put(document("m-2", (Part.TITLE, "two")))
    assert [hit.manuscript for hit in index.search(parse_query("two"), Asked()).hits] == ["m-2"]
