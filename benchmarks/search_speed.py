"""How quick the search index is: ``python benchmarks/search_speed.py [--size 100000] [--out FILE.json]``.

Descriptions and lines made of the words of real ones (the public TEI descriptions of OPenn): titles, names, notes are
drawn by chance from real ones, and every third name is made new from parts of real names, so that there are as many
different names as in a union catalogue. One process writes on while readers, processes of their own, ask. Beside the
time that passed stands the processor's own, which other work on the machine does not change.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import tarfile
import tempfile
import time
from collections.abc import Iterator
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
    times.put(spent)


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
    both = [one for _ in running for one in times.get()]
    for each in running:
        each.join()
    found = {}
    for kind, spent in (("", sorted(wall for wall, _ in both)), ("processor_", sorted(own for _, own in both))):
        found[f"{kind}p50_ms"] = round(statistics.median(spent), 1)
        found[f"{kind}p99_ms"] = round(spent[min(len(spent) - 1, int(len(spent) * 0.99))], 1)
    return found


def main() -> None:
    """Measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--size", type=int, default=100_000, help="descriptions, and lines")
    arguments.add_argument("--readers", type=int, nargs="+", default=[1, 16])
    arguments.add_argument("--descriptions", type=Path, default=DATA / DESCRIPTIONS, help="archive of TEI files")
    given = arguments.parse_args()
    if not given.descriptions.is_file():
        arguments.error(f"no descriptions at {given.descriptions}: name them, or set KHIZANA_TEST_DATA")
    words = real_words(given.descriptions)
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "search"
        started, worked = time.perf_counter(), time.process_time()
        with TantivyIndex(folder).writing() as writer:
            for number, document in enumerate(documents(words, given.size), 1):
                writer.put(document)
                if number % COMMIT_EVERY == 0:
                    writer.commit()
        took, worked = time.perf_counter() - started, time.process_time() - worked
        stopping = multiprocessing.Event()
        writing = multiprocessing.Process(target=_writer, args=(str(folder), words, given.size, stopping))
        writing.start()
        asked = questions(words)
        result = {
            "benchmark": "search_speed",
            "machine": machine.facts(),
            "descriptions": given.size,
            "lines": given.size,
            "index_mb": round(sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6, 1),
            "descriptions_a_second": round(given.size / took),
            "descriptions_a_processor_second": round(given.size / worked),
            "readers": {
                str(count): {kind: asked_by(folder, several, count) for kind, several in asked.items()}
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
