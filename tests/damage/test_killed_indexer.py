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
from khizana.adapters.search.place import IndexFolder
from khizana.core.search.document import Part
from khizana.core.search.query import parse_query
from khizana.core.search.results import Asked

KILLS = 1_000 if os.environ.get("KHIZANA_DAMAGE") == "long" else 8
ANEW = 4
"""One indexer of so many makes the whole index anew."""
SEED = 20261126
# Tells each commit that has returned, and writes on until it is killed. Commits are small, so that segments are merged
# all the while. What is made anew is in use when it is whole, so no commit of it is told.
INDEXER = """
import sys
from pathlib import Path
from data.searched import document
from khizana.adapters.search.index import TantivyIndex
from khizana.core.search.document import Part

first, anew = int(sys.argv[2]), sys.argv[3] == "anew"
with TantivyIndex(Path(sys.argv[1])).writing(anew=anew) as writer:
    print("begun", flush=True)
    for number in range(1 if anew else first, first + 100_000):
        writer.put(document(f"m-{number}", (Part.TITLE, f"كتاب {number}"), lines=("هذا كتاب الفقه",)))
        if number % 7 == 0:
            writer.commit()
            if not anew:
                print(number, flush=True)
"""


def test_a_killed_indexer_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    folder, chance, committed = tmp_path / "search", random.Random(SEED), 0
    with TantivyIndex(folder).writing() as writer:
        writer.put(document("m-0", (Part.TITLE, "كتاب 0")))
    for kill in range(1, KILLS + 1):
        how = "anew" if kill % ANEW == 0 else "more"
        indexer = subprocess.Popen(
            [sys.executable, "-c", INDEXER, str(folder), str(committed + 1), how],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert indexer.stdout is not None
        assert indexer.stdout.readline() == "begun\n"
        # On a busy machine too, some commits return before the end comes, at any moment of the next.
        first = [] if how == "anew" else [indexer.stdout.readline() for _ in range(chance.randrange(4))]
        time.sleep(chance.random() * (0.5 if how == "anew" else 0.2))
        indexer.send_signal(signal.SIGKILL)
        lines = "".join([*first, indexer.stdout.read()]).split("\n")[:-1]
        told = [int(line) for line in lines if line.isdecimal()]
        indexer.wait()
        committed = max([committed, *told])
        index = TantivyIndex(folder)
        assert index.is_usable()
        held = IndexFolder(folder).opened().searcher()
        assert [n for n in range(committed + 1) if not held.doc_freq("id", f"m-{n}")] == [], f"after {kill} kills"
        assert index.search(parse_query(f'"كتاب {committed}"'), Asked(limit=1)).hits[0].manuscript == f"m-{committed}"
    assert committed > KILLS, "the indexers were killed before they committed anything"


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
