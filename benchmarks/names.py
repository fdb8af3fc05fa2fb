"""How well names are found across scripts and romanisations: ``python benchmarks/names.py [--out FILE.json]``.

Real names of persons and titles of works, in Latin and in Arabic letters, from the public TEI descriptions of OPenn
(``KHIZANA_TEST_DATA``, default ../shared/data), asked of the keys of ``khizana.core.text`` and of SQLite FTS5 with
``unicode61`` on the same data. Half of the names, chosen by digest, is held out: what was missed was looked
at in the other half only (a hundred names of both had been read before there were rules). The romanisations other than
ALA-LC are made from it by their tables, so they are more regular than real ones; all else is as catalogued. Names that
are written alike are answers as right as one another.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import sqlite3
import tarfile
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any

import machine
from lxml import etree

from khizana.core.text.fold import FOLDING_VERSION, fold
from khizana.core.text.nearest import Names

ROOT = Path(__file__).parents[1]
DATA = (ROOT / os.environ.get("KHIZANA_TEST_DATA", "../shared/data")).resolve()
DESCRIPTIONS = Path("open/openn-tei/openn-tei-arabic-script-1036.tar.xz")
TEI = {"t": "http://www.tei-c.org/ns/1.0"}
HALVES = ("looked-at", "held-out")
SEED = 20261126
# Dates stand in fields of their own; what follows the first of them is dates too.
DATES = re.compile(r",?\s*(?:active|approximately|ca\.|born|died|-?\d).*$", re.IGNORECASE)
ARABIC = re.compile("[\u0621-\u06ff]{2}")
Search = Callable[[str], list[str]]


@dataclass(frozen=True)
class Catalogue:
    """Names as catalogued: by authority heading, Latin and Arabic forms; by Latin title, Arabic titles."""

    persons: dict[str, tuple[set[str], set[str]]]
    titles: dict[str, set[str]]


@dataclass(frozen=True)
class Task:
    """What is kept, under which identifier, and what is asked, with every right answer."""

    name: str
    kept: list[tuple[str, str]]
    asked: list[tuple[str, set[str]]] = field(default_factory=list)


def catalogue(descriptions: Path) -> Catalogue:
    """Return the names in the archive of *descriptions*."""
    persons: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    titles: dict[str, set[str]] = defaultdict(set)
    with tarfile.open(descriptions) as archive:
        for member in sorted((each for each in archive if each.name.endswith(".xml")), key=lambda each: each.name):
            tree = etree.parse(archive.extractfile(member), etree.XMLParser(resolve_entities=False))
            for named in tree.iterfind(".//t:msItem/*[t:persName]", TEI):
                heading, arabic = _pair(named.findall("t:persName", TEI), "authority")
                if heading:
                    forms = persons[" ".join(heading.split()).rstrip(".,")]
                    forms[0].add(_clean(heading))
                    forms[1].update({_clean(arabic)} if ARABIC.search(arabic) else ())
            for item in tree.iterfind(".//t:msItem", TEI):
                title, arabic = _pair(item.findall("t:title", TEI), None)
                if title and ARABIC.search(arabic) and not ARABIC.search(title):
                    titles[_clean(title.partition(" / ")[0])].add(_clean(arabic.partition(" / ")[0]))
    return Catalogue(dict(persons), dict(titles))


def _pair(found: list[Any], kind: str | None) -> tuple[str, str]:
    latin = [each.text for each in found if each.get("type") == kind and each.text]
    arabic = [each.text for each in found if each.get("type") == "vernacular" and each.text]
    return (latin[0] if len(latin) == 1 else ""), (arabic[0] if len(arabic) == 1 else "")


def _clean(name: str) -> str:
    return DATES.sub("", " ".join(name.split())).strip(" ,.،[]؟?;:/-")


def half_of(name: str) -> str:
    """Return the half that a name is in."""
    return HALVES[hashlib.sha256(name.encode()).digest()[0] % 2]


def _alike(forms: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return who has each folded form: names that are written alike are answers as right as one another."""
    alike: dict[str, set[str]] = defaultdict(set)
    for name, form in forms:
        alike[fold(form).text].add(name)
    return alike


def _task(name: str, kept: list[tuple[str, str]], asked: Iterable[tuple[str, str]], half: str) -> Task:
    """Return a task whose right answers are who is asked for, and who is kept under a form written alike."""
    alike = _alike(kept)
    own: dict[str, list[str]] = defaultdict(list)
    for who, form in kept:
        own[who].append(form)
    chosen = sorted((who, form) for who, form in asked if half_of(who) == half and form)
    rights = [(form, {who}.union(*(alike[fold(each).text] for each in own[who]))) for who, form in chosen]
    return Task(name, kept, rights)


def persons_to_arabic(known: Catalogue, half: str, spelt: Callable[[str], str] = str, name: str = "") -> Task:
    """Return: Latin forms, as *spelt*, ask for Arabic ones."""
    kept = [(who, form) for who, (_, arabic) in known.persons.items() for form in sorted(arabic)]
    asked = [(who, spelt(form)) for who, (latin, arabic) in known.persons.items() if arabic for form in latin]
    return _task(name or "persons, Latin to Arabic", kept, asked, half)


def persons_to_latin(known: Catalogue, half: str) -> Task:
    """Return: Arabic forms ask for Latin ones, among persons with no Arabic form too."""
    kept = [(who, form) for who, (latin, _) in known.persons.items() for form in sorted(latin)]
    asked = [(who, form) for who, (_, arabic) in known.persons.items() for form in arabic]
    return _task("persons, Arabic to Latin", kept, asked, half)


def form_never_seen(known: Catalogue, half: str) -> Task:
    """Return: a form asks for the person kept under every form but that, in whichever script."""
    kept, asked = [], []
    for who, (latin, arabic) in known.persons.items():
        forms = sorted(latin | arabic)
        shuffled = random.Random(f"{SEED}{who}").sample(forms, len(forms))  # noqa: S311 seeded chance, not cryptography
        if len(forms) > 1:
            asked.append((who, shuffled[0]))
        kept += [(who, form) for form in (shuffled[1:] or shuffled)]
    return _task("a form never seen", kept, asked, half)


def arabic_to_arabic(known: Catalogue, half: str) -> Task:
    """Return: one Arabic form of a person or title asks for another that is written otherwise."""
    forms = {who: arabic for who, (_, arabic) in known.persons.items()} | known.titles
    kept, asked = [], []
    for who, arabic in forms.items():
        one, *others = sorted(arabic) or [""]
        kept += [(who, one)] if one else []
        asked += [(who, other) for other in others]
    return _task("Arabic to Arabic", kept, asked, half)


def latin_to_latin(known: Catalogue, half: str) -> Task:
    """Return: headings and titles that share their Arabic ask for one another, where their Latin folds otherwise."""
    pairs = {who: arabic for who, (_, arabic) in known.persons.items()} | known.titles
    alike = _alike((who, form) for who, arabic in pairs.items() for form in arabic if len(form.split()) > 2)
    kept = [(who, _clean(who)) for who in pairs]
    asked: dict[str, set[str]] = defaultdict(set)
    for group in alike.values():
        for one, other in permutations(sorted(group), 2):
            if fold(_clean(one)).text != fold(_clean(other)).text:
                asked[one].add(other)
    chosen = sorted((one, others) for one, others in asked.items() if half_of(one) == half)
    # Who is asked for is kept too, and would be found: it is left out of the answers.
    rights = [(_clean(one), {f"not {one}", *others}) for one, others in chosen]
    return Task("Latin to Latin, as catalogued", kept, rights)


def titles_across(known: Catalogue, half: str, *, to_arabic: bool) -> Task:
    """Return: titles in one script ask for the other."""
    arabic = [(title, form) for title, forms in known.titles.items() for form in sorted(forms)]
    latin = [(title, title) for title in known.titles]
    if to_arabic:
        return _task("titles, Latin to Arabic", arabic, latin, half)
    alike = _alike(arabic)
    rights = [(form, alike[fold(form).text]) for title, form in sorted(arabic) if half_of(title) == half]
    return Task("titles, Arabic to Latin", latin, rights)


def _table(**letters: str) -> Callable[[str], str]:
    def spelt(name: str) -> str:
        written = unicodedata.normalize("NFC", name)
        for one, other in letters.items():
            written = written.replace(one, other).replace(one.capitalize(), other.capitalize())
        return unicodedata.normalize("NFC", written)

    return spelt


def dmg(name: str) -> str:
    """Return an ALA-LC *name* as DIN 31635 has it."""
    written = _table(kh="ḫ", gh="ġ", th="ṯ", dh="ḏ", sh="š", j="ǧ", á="ā", ʻ="ʿ", ʼ="ʾ")(name)
    written = re.sub(r"(?<=\w)ah\b", "a", written)
    written = re.sub(r"(?<=. )ibn\b", "b.", written)
    return re.sub(
        r"\b([aA])l-(?=([tṯdḏrzsšṣḍṭẓn]))", lambda found: f"{found[1]}{found[2].lower()}-", written, flags=re.IGNORECASE
    )


def ijmes(name: str) -> str:
    """Return an ALA-LC *name* as IJMES has it, without the marks that it leaves out of names."""
    return re.sub(r"(?<=\w)ah\b", "a", _table(á="a", ʻ="ʿ", ʼ="ʾ")(name))


def french(name: str) -> str:
    """Return an ALA-LC *name* in French letters."""
    written = _table(sh="ch", j="dj", q="k", ū="u", u="ou", á="a", ā="â", ī="i")(name)
    written = re.sub(r"\bibn\b", "ben", re.sub(r"\bal-", "el-", written))
    return re.sub(r"(?<=\w)ah\b", "a", plain(written))


def turkish(name: str) -> str:
    """Return an ALA-LC *name* in modern Turkish letters."""
    return plain(_table(kh="h", gh="ğ", th="s", dh="z", sh="ş", j="c", q="k", w="v")(name), keep="ğşç")


def plain(name: str, keep: str = "") -> str:
    """Return *name* without marks and signs, but for the letters to *keep*."""
    bare = []
    for char in unicodedata.normalize("NFC", name):
        apart = char if char.casefold() in keep else unicodedata.normalize("NFD", char)
        bare += [part for part in apart if not unicodedata.combining(part) and part not in "ʻʼʹʿʾ"]
    return "".join(bare)


ROMANISATIONS = {
    "ALA-LC": str, "DMG": dmg, "IJMES": ijmes, "French": french, "Turkish": turkish, "none": plain,
}  # fmt: skip


def ours(kept: list[tuple[str, str]]) -> Search:
    """Return the search by keys and sounds."""
    names: Names[str] = Names()
    for name, text in kept:
        names.add(name, text)
    return lambda asked: [near.name for near in names.nearest(asked, 11)]


def full_text(kept: list[tuple[str, str]]) -> Search:
    """Return the search by SQLite FTS5 with its usual tokens."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table names using fts5(name unindexed, text, tokenize='unicode61')")
    database.executemany("insert into names values (?, ?)", kept)

    def search(asked: str) -> list[str]:
        words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", asked))
        if not words:
            return []
        rows = database.execute("select name from names where names match ? order by rank limit 40", (words,))
        return list(dict.fromkeys(row[0] for row in rows))

    return search


def recall(search: Search, task: Task) -> tuple[float, float]:
    """Return the shares of questions, in percent, with a right answer first and within the first ten."""
    first = ten = 0
    for asked, right in task.asked:
        left_out = {each.removeprefix("not ") for each in right if each.startswith("not ")}
        found = [name for name in search(asked) if name not in left_out][:10]
        first += bool(found) and found[0] in right
        ten += bool(right & set(found))
    count = max(1, len(task.asked))
    return round(100 * first / count, 1), round(100 * ten / count, 1)


def measured(task: Task) -> dict[str, Any]:
    """Return what both searches find of *task*, and what a question costs."""
    search = ours(task.kept)
    started = time.process_time()
    found = recall(search, task)
    spent = time.process_time() - started
    theirs = recall(full_text(task.kept), task)
    return {
        "task": task.name,
        "kept": len(task.kept),
        "asked": len(task.asked),
        "recall_at_1": found[0],
        "recall_at_10": found[1],
        "fts5_recall_at_1": theirs[0],
        "fts5_recall_at_10": theirs[1],
        "processor_ms_a_question": round(1000 * spent / max(1, len(task.asked)), 1),
    }


def tasks(known: Catalogue, half: str) -> list[Task]:
    """Return everything that is asked of one *half*."""
    return [
        persons_to_arabic(known, half),
        persons_to_latin(known, half),
        form_never_seen(known, half),
        titles_across(known, half, to_arabic=True),
        titles_across(known, half, to_arabic=False),
        arabic_to_arabic(known, half),
        latin_to_latin(known, half),
        *(
            persons_to_arabic(known, half, spelt, f"persons, {name} to Arabic")
            for name, spelt in list(ROMANISATIONS.items())[1:]
        ),
    ]


def main() -> None:
    """Measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--descriptions", type=Path, default=DATA / DESCRIPTIONS, help="archive of TEI files")
    given = arguments.parse_args()
    if not given.descriptions.is_file():
        arguments.error(f"no descriptions at {given.descriptions}: name them, or set KHIZANA_TEST_DATA")
    known = catalogue(given.descriptions)
    result = {
        "benchmark": "names",
        "machine": machine.facts(),
        "folding_version": FOLDING_VERSION,
        "persons": len(known.persons),
        "persons_in_both_scripts": sum(1 for _, arabic in known.persons.values() if arabic),
        "titles_in_both_scripts": len(known.titles),
        "halves": {half: [measured(task) for task in tasks(known, half)] for half in HALVES},
    }
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    print(text, end="")
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
