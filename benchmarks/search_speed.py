"""How quick the search index is: ``python benchmarks/search_speed.py [--size 100000] [--out FILE.json]``.

With ``--index FOLDER`` the index is kept there, and asked without being made again where it is there already; with
``--lines 1400000`` an index of so many lines of text alone is made and measured before.

Descriptions and lines made of the words of real ones (the public TEI descriptions of OPenn): titles, names, notes are
drawn by chance from real ones, and every third name is made new from parts of real names, so that there are as many
different names as in a union catalogue. One process writes on while readers, processes of their own, ask. Beside the
time that passed stands the processor's own, which other work on the machine does not change.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import statistics
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import machine
from lxml import etree
from names import DATA, DESCRIPTIONS, SEED, TEI, catalogue
from search_quality import lines_of

from khizana.adapters.search.index import TantivyIndex
from khizana.core.dates import Days
from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import Agreement
from khizana.core.search.document import Facet, Line, Part, Passage, SearchDocument
from khizana.core.search.query import parse_query
from khizana.core.search.results import Asked

COMMIT_EVERY = 20_000
QUESTIONS = 60
LEAST_TIME = 2.0  # seconds of the loop of the writer between two commits


@dataclass(frozen=True)
class Words:
    """Real pieces that descriptions are made of."""

    titles: list[str]
    persons: list[str]
    notes: list[str]
    lines: list[str]


def real_words(descriptions: Path) -> Words:
    """Return what the archive of *descriptions* says."""
    known = catalogue(descriptions)
    notes: list[str] = []
    with tarfile.open(descriptions) as archive:
        for member in archive:
            if member.name.endswith(".xml"):
                tree = etree.parse(archive.extractfile(member), etree.XMLParser(resolve_entities=False))
                notes += [" ".join(each.text.split()) for each in tree.iterfind(".//t:p", TEI) if each.text]
    persons = sorted({form for latin, arabic in known.persons.values() for form in latin | arabic})
    titles = sorted({form for title, arabic in known.titles.items() for form in (title, *arabic)})
    return Words(titles, persons, sorted({each for each in notes if len(each) > 20}), lines_of(descriptions))


def documents(words: Words, size: int, first: int = 0) -> Iterator[SearchDocument]:
    """Yield *size* descriptions, each with one line of text, by seeded chance."""
    for number in range(first, first + size):
        chance = random.Random(SEED + number)  # noqa: S311 seeded chance, not cryptography
        title = chance.choice(words.titles)
        if number % 3 == 0:
            title = " ".join([*title.split()[:3], *chance.choice(words.titles).split()[-3:]])
        person = chance.choice(words.persons)
        if number % 3 == 1:
            person = " ".join([*person.split()[:3], *chance.choice(words.persons).split()[-3:]])
        line = " ".join([*chance.choice(words.lines).split()[:6], *chance.choice(words.lines).split()[-6:]])
        made = 2_200_000 + chance.randrange(200_000)
        yield SearchDocument(
            ManuscriptId(f"m-{number}"),
            f"MS {number}",
            (
                Passage(Part.TITLE, title),
                Passage(Part.TITLE, chance.choice(words.titles)),
                Passage(Part.PERSON, person, kind="author"),
                Passage(Part.NOTE, chance.choice(words.notes)),
                Passage(Part.SHELFMARK, f"MS {number}"),
            ),
            Agreement(published=number % 20 != 0),
            {
                Facet.LANGUAGE: (chance.choice(["ar", "fa", "ha-Arab", "ff-Arab", "ota"]),),
                Facet.HIJRI_CENTURY: (str(chance.randrange(5, 14)),),
                Facet.PLACE: (f"place {chance.randrange(500)}",),
            },
            Days(made, made + 354),
            lines=(Line(line, "1r", 1),),
        )


def pages_of_lines(words: Words, size: int) -> Iterator[SearchDocument]:
    """Yield manuscripts of 500 lines, *size* lines in all."""
    for first in range(0, size, 500):
        chance = random.Random(SEED + first)  # noqa: S311 seeded chance, not cryptography
        lines = [
            " ".join([*chance.choice(words.lines).split()[:6], *chance.choice(words.lines).split()[-6:]])
            for _ in range(min(500, size - first))
        ]
        yield SearchDocument(
            ManuscriptId(f"m-{first}"),
            f"MS {first}",
            (Passage(Part.SHELFMARK, f"MS {first}"),),
            Agreement(published=True),
            lines=tuple(Line(text, f"{1 + number // 20}r", 1 + number % 20) for number, text in enumerate(lines)),
        )


def questions(words: Words) -> dict[str, list[tuple[str, Asked]]]:
    """Return what is asked, by kind."""
    chance = random.Random(SEED)  # noqa: S311 seeded chance, not cryptography
    plain = Asked(facets=False)

    def word(text: str) -> str:
        return max(text.split(), key=len)

    titles, persons = chance.choices(words.titles, k=QUESTIONS), chance.choices(words.persons, k=QUESTIONS)
    notes = chance.choices(words.notes, k=QUESTIONS)
    return {
        # Of one part and with an excluded word, a query is no name and asks for words alone.
        "term": [(f"note:{word(each)} -zzzz", plain) for each in notes],
        "phrase": [(f'"{" ".join(each.split()[:3])}"', plain) for each in titles],
        "prefix": [(f"{word(each)[:4]}*", plain) for each in titles],
        "faceted": [(f"{word(each)[:5]}* date:900..1100", Asked()) for each in titles],
        "tolerant": [(f"{word(each)[:-2]}x{word(each)[-1:]}", plain) for each in titles],
        "cross-script": [(each, plain) for each in persons],
        "with facets": [(each, Asked()) for each in titles],
    }


def _reader(folder: str, asked: list[tuple[str, Asked]], times: Any) -> None:
    index = TantivyIndex(Path(folder))
    index.search(parse_query("warm"), Asked(limit=1))
    spent = []
    for typed, how in asked:
        started, worked = time.perf_counter(), time.process_time()
        index.search(parse_query(typed), how)
        spent.append((1000 * (time.perf_counter() - started), 1000 * (time.process_time() - worked)))
    times.put((spent, _peak()))


def _peak() -> float:
    """Return the most memory this process has had, in MB: what it maps of the index included."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, 1)


def _writer(folder: str, words: Words, first: int, stopping: Any) -> None:
    number = first
    with TantivyIndex(Path(folder)).writing() as writer:
        while not stopping.is_set():
            for document in documents(words, 50, number):
                writer.put(document)
            number += 50
            writer.commit()
            stopping.wait(LEAST_TIME)


def asked_by(folder: Path, asked: list[tuple[str, Asked]], readers: int) -> dict[str, float]:
    """Return the milliseconds of a question with *readers* that ask at once."""
    times: Any = multiprocessing.Queue()
    running = [
        multiprocessing.Process(target=_reader, args=(str(folder), asked[n:] + asked[:n], times))
        for n in range(readers)
    ]
    for each in running:
        each.start()
    answers = [times.get() for _ in running]
    both = [one for spent, _ in answers for one in spent]
    for each in running:
        each.join()
    found = {"reader_peak_mb": max(peak for _, peak in answers)}
    for kind, spent in (("", sorted(wall for wall, _ in both)), ("processor_", sorted(own for _, own in both))):
        found[f"{kind}p50_ms"] = round(statistics.median(spent), 1)
        found[f"{kind}p99_ms"] = round(spent[min(len(spent) - 1, int(len(spent) * 0.99))], 1)
    return found


def made(folder: Path, several: Iterator[SearchDocument], what: str, size: int, commit_every: int) -> dict[str, Any]:
    """Make the index of *several* in *folder*; return how quickly *size* of *what* were in it, and how large it is."""
    started, worked = time.perf_counter(), time.process_time()
    with TantivyIndex(folder).writing() as writer:
        for number, document in enumerate(several, 1):
            writer.put(document)
            if number % commit_every == 0:
                writer.commit()
    took, worked = time.perf_counter() - started, time.process_time() - worked
    return {
        what: size,
        "index_mb": _size(folder),
        f"{what}_a_second": round(size / took),
        f"{what}_a_processor_second": round(size / worked),
        "indexer_peak_mb": _peak(),
    }


def _size(folder: Path) -> float:
    return round(sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6, 1)


def main() -> None:
    """Measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--size", type=int, default=100_000, help="descriptions, and lines")
    arguments.add_argument("--index", type=Path, help="folder in which the index is kept")
    arguments.add_argument("--lines", type=int, default=0, help="lines of an index of lines alone; 0: none")
    arguments.add_argument("--questions", type=int, default=QUESTIONS, help="of each kind, by each reader")
    arguments.add_argument("--readers", type=int, nargs="+", default=[1, 16])
    arguments.add_argument("--descriptions", type=Path, default=DATA / DESCRIPTIONS, help="archive of TEI files")
    given = arguments.parse_args()
    if not given.descriptions.is_file():
        arguments.error(f"no descriptions at {given.descriptions}: name them, or set KHIZANA_TEST_DATA")
    words = real_words(given.descriptions)
    result: dict[str, Any] = {"benchmark": "search_speed", "machine": machine.facts()}
    with ExitStack() as held:
        root = Path(held.enter_context(tempfile.TemporaryDirectory()))
        if given.lines:
            result["lines_alone"] = made(root / "lines", pages_of_lines(words, given.lines), "lines", given.lines, 40)
        folder = given.index or root / "search"
        if not TantivyIndex(folder).is_usable():
            descriptions = documents(words, given.size)
            result["making"] = made(folder, descriptions, "descriptions", given.size, COMMIT_EVERY)
        stopping = multiprocessing.Event()
        # What is written while others read comes after all that is there, however often the same index is asked.
        first = given.size + time.time_ns()
        writing = multiprocessing.Process(target=_writer, args=(str(folder), words, first, stopping))
        writing.start()
        asked = questions(words)
        result |= {
            "descriptions": given.size,
            "lines": given.size,
            "index_mb": _size(folder),
            "load": os.getloadavg()[0],
            "readers": {
                str(count): {
                    kind: asked_by(folder, several[: given.questions], count) for kind, several in asked.items()
                }
                for count in given.readers
            },
        }
        stopping.set()
        writing.join()
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    print(text, end="")
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
