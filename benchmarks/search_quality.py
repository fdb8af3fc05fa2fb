"""How well names and noisy phrases are found by the index itself: ``python benchmarks/search_quality.py [--out FILE]``.

The names and questions of ``names.py``, real ones from the public TEI descriptions of OPenn, asked of the index that
readers ask, each person and each title a manuscript of its own, and of SQLite FTS5 with ``unicode61`` in the same run.
Two-word phrases of the opening words, closing words and titles of the same descriptions are asked of lines in which
letters were replaced, dropped and added at random.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import tarfile
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import machine
from lxml import etree
from names import ARABIC, DATA, DESCRIPTIONS, HALVES, SEED, TEI, Search, Task, catalogue, full_text, recall, tasks

from khizana.adapters.search.index import TantivyIndex
from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import Agreement
from khizana.core.search.analysis import ANALYSIS_VERSION
from khizana.core.search.document import Line, Part, Passage, SearchDocument
from khizana.core.search.query import parse_query
from khizana.core.search.results import Asked
from khizana.core.text.fold import fold
from khizana.core.text.words import words

LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
PHRASES = 400
RATES = (5, 10, 20)


def _index(documents: list[SearchDocument], folder: Path) -> TantivyIndex:
    index = TantivyIndex(folder)
    with index.writing() as writer:
        for document in documents:
            writer.put(document)
    return index


def through_index(kept: list[tuple[str, str]], part: Part, folder: Path) -> Search:
    """Return the search by the index that readers ask."""
    forms: dict[str, list[str]] = defaultdict(list)
    for name, text in kept:
        forms[name].append(text)
    numbered = {f"m-{number}": name for number, name in enumerate(forms)}
    index = _index(
        [
            SearchDocument(
                ManuscriptId(id_), id_, tuple(Passage(part, text) for text in forms[name]), Agreement(published=True)
            )
            for id_, name in numbered.items()
        ],
        folder,
    )

    def search(asked: str) -> list[str]:
        # What a query's operators would be in a name is no operator here.
        query = parse_query(asked.replace(":", " ").replace('"', " ").replace("-", " "))
        return [numbered[hit.manuscript] for hit in index.search(query, Asked(limit=11, facets=False)).hits]

    return search


def measured(task: Task, folder: Path) -> dict[str, Any]:
    """Return what both searches find of *task*, and what a question costs."""
    part = Part.TITLE if "titles" in task.name else Part.PERSON
    search = through_index(task.kept, part, folder)
    started = time.perf_counter()
    found = recall(search, task)
    spent = time.perf_counter() - started
    theirs = recall(full_text(task.kept), task)
    return {
        "task": task.name,
        "kept": len(task.kept),
        "asked": len(task.asked),
        "recall_at_1": found[0],
        "recall_at_10": found[1],
        "fts5_recall_at_1": theirs[0],
        "fts5_recall_at_10": theirs[1],
        "ms_a_question": round(1000 * spent / max(1, len(task.asked)), 1),
    }


def sampled(task: Task, questions: int) -> Task:
    """Return *task* with at most so many *questions*, drawn by seeded chance."""
    if not questions or len(task.asked) <= questions:
        return task
    return Task(task.name, task.kept, random.Random(SEED).sample(task.asked, questions))  # noqa: S311 seeded chance


def lines_of(descriptions: Path) -> list[str]:
    """Return what the descriptions quote in Arabic letters, in lines of about ten words."""
    found: dict[str, None] = {}
    with tarfile.open(descriptions) as archive:
        for member in archive:
            if not member.name.endswith(".xml"):
                continue
            tree = etree.parse(archive.extractfile(member), etree.XMLParser(resolve_entities=False))
            for each in tree.iterfind(".//t:msItem//*", TEI):
                text = " ".join((each.text or "").split())
                if ARABIC.search(text):
                    said = text.split()
                    for start in range(0, len(said), 10):
                        found[" ".join(said[start : start + 10])] = None
    return list(found)


def noisy(text: str, rate: float, chance: random.Random) -> str:
    """Return *text* with that share of its letters replaced, dropped, doubled by another, or spaces lost."""
    made = []
    for char in text:
        if chance.random() >= rate:
            made.append(char)
            continue
        kind = chance.random()
        if kind < 0.6:
            made.append(chance.choice(LETTERS) if char != " " else "")
        elif kind < 0.8:
            made.append(char + chance.choice(LETTERS))
    return "".join(made)


def phrases(lines: list[str], folder: Path) -> list[dict[str, Any]]:
    """Return the share of two-word phrases whose line is among the first ten, by the rate of errors."""
    chance = random.Random(SEED)  # noqa: S311 seeded chance, not cryptography
    two = []
    for number in chance.sample(range(len(lines)), len(lines)):
        said = [each.text for each in words(lines[number])]
        if len(said) >= 2 and ARABIC.search(lines[number]):
            place = chance.randrange(len(said) - 1)
            phrase = " ".join(said[place : place + 2])
            if len(phrase) >= 7 and ARABIC.search(phrase):
                two.append(phrase)
        if len(two) == PHRASES:
            break
    plain = [fold(" ".join(each.text for each in words(line))).text for line in lines]
    right = {phrase: {n for n, line in enumerate(plain) if phrase in line} for phrase in two}
    results = []
    for rate in RATES:
        written = [noisy(line, rate / 100, chance) for line in lines]
        index = _index(
            [
                SearchDocument(
                    ManuscriptId(f"m-{n}"), f"m-{n}", (), Agreement(published=True), lines=(Line(text, "1r", 1),)
                )
                for n, text in enumerate(written)
            ],
            folder / str(rate),
        )
        database = sqlite3.connect(":memory:")
        database.execute("create virtual table lines using fts5(n unindexed, text, tokenize='unicode61')")
        database.executemany("insert into lines values (?, ?)", enumerate(written))
        found = theirs = 0
        started = time.perf_counter()
        for phrase in two:
            hits = index.search(parse_query(phrase), Asked(limit=10, facets=False)).hits
            found += any(int(hit.manuscript[2:]) in right[phrase] for hit in hits)
        spent = time.perf_counter() - started
        for phrase in two:
            rows = database.execute(
                "select n from lines where lines match ? order by rank limit 10", (f'"{phrase}"',)
            ).fetchall()
            theirs += any(row[0] in right[phrase] for row in rows)
        results.append(
            {
                "character_error_rate": rate,
                "lines": len(lines),
                "phrases": len(two),
                "recall_at_10": round(100 * found / len(two), 1),
                "fts5_recall_at_10": round(100 * theirs / len(two), 1),
                "ms_a_question": round(1000 * spent / len(two), 1),
            }
        )
    return results


def main() -> None:
    """Measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--only", choices=("names", "phrases"))
    arguments.add_argument("--half", choices=HALVES, help="one half of the names")
    arguments.add_argument("--questions", type=int, default=0, help="at most so many of each task, by chance; 0: all")
    arguments.add_argument("--descriptions", type=Path, default=DATA / DESCRIPTIONS, help="archive of TEI files")
    given = arguments.parse_args()
    if not given.descriptions.is_file():
        arguments.error(f"no descriptions at {given.descriptions}: name them, or set KHIZANA_TEST_DATA")
    result: dict[str, Any] = {
        "benchmark": "search_quality",
        "machine": machine.facts(),
        "analysis_version": ANALYSIS_VERSION,
    }
    with tempfile.TemporaryDirectory() as folder:
        if given.only != "phrases":
            known = catalogue(given.descriptions)
            result["halves"] = {
                half: [
                    measured(sampled(task, given.questions), Path(folder) / half / str(n))
                    for n, task in enumerate(tasks(known, half))
                ]
                for half in ([given.half] if given.half else HALVES)
            }
        if given.only != "names":
            result["phrases"] = phrases(lines_of(given.descriptions), Path(folder) / "lines")
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    print(text, end="")
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
