"""What a page of a harvest costs at any length.

python benchmarks/harvest.py [--out FILE.json] [--sizes 1000,100000]

Libraries are made of rows alone, and answer as they would to readers, in one process and without a network: an
OAI-PMH answer of 500 headers and one of 50 descriptions (at the beginning, in the middle and at the end of the list,
of all and of one set), a page of IIIF changes, the sitemap's index and one part of it. Each is the median of several
rounds. ``ratio`` is the largest library's cost over the smallest's; a part of the sitemap holds 5,000 manuscripts, or
all where they are fewer. Every description is one and the same file, taken apart anew for each.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from machine import facts

ROUNDS = 9
INSIDE = "--inside"
SET = "language:ar"
_MANUSCRIPT = """insert into catalogue_manuscript
(slug, shelfmark, "order", titles, languages, date_as_written, summary, details, ranges, direction)
values (%s, %s, %s, '{}', '[]', '', '{}', '[]', '[]', 'rtl')"""
_OFFERED = """insert into publication_offered (slug, place, is_open, is_deleted, revision, blade, shelfmark)
values (%s, %s, 1, 0, 'r', %s, %s)"""
_IN_SET = "insert into publication_offeredset (spec, place) values (%s, %s)"
_CHANGE = """insert into publication_change (number, slug, kind, "when") values (%s, %s, 'create', %s)"""
_PUBLICATION = """insert into publication_publication
(manuscript_id, level, published, revision, modified, blade, sets)
select id, 'open', 1, 'r', '2020-01-01T00:00:00Z', slug, '[]' from catalogue_manuscript where slug <> 'b-0'"""


def medians(questions: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Return the median milliseconds of each of *questions*, asked in turn so that all meet the same disturbances."""
    times: dict[str, list[float]] = {name: [] for name in questions}
    for name, ask in [*questions.items()] * ROUNDS:
        started = time.perf_counter()
        ask()
        times[name].append((time.perf_counter() - started) * 1000)
    return {name: round(statistics.median(each[1:]), 2) for name, each in times.items()}


def make_library(root: Path) -> None:
    """Make a library with one manuscript, whose description all others are given."""
    from data.cards import card  # noqa: PLC0415 - imports Django's part of the tests only where it is needed
    from data.commands import new_library  # noqa: PLC0415 - the same

    library = new_library(root)
    library.run("add", card(root.with_name("card"), ["1r.jpg"]), "--shelfmark", "B 0", "--title", "ar=كتاب في الفلك")


def fill(size: int) -> None:
    """Write the rows of *size* manuscripts, changed one a second."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - beside its only use

    from django.db import connection, transaction  # noqa: PLC0415 - Django is set up by now

    def when(number: int) -> str:
        return (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=number)).strftime("%Y-%m-%dT%H:%M:%SZ")

    numbers = range(1, size)
    slugs = [f"b-{number}" for number in numbers]
    places = [f"{when(number)} b-{number}" for number in numbers]
    with transaction.atomic(), connection.cursor() as cursor:
        for into, rows in (
            (_MANUSCRIPT, [(slug, slug, slug) for slug in slugs]),
            (_OFFERED, [(slug, place, slug, slug) for slug, place in zip(slugs, places, strict=True)]),
            (_IN_SET, [(SET, place) for place in places]),
            (_CHANGE, [(number + 1, slug, when(number)) for number, slug in zip(numbers, slugs, strict=True)]),
        ):
            cursor.executemany(into, rows)
        cursor.execute(_PUBLICATION)


def measured(size: int) -> dict[str, Any]:
    """Return what each question costs in a library of *size*, in milliseconds."""
    from khizana.cli.verb import open_library  # noqa: PLC0415 - sets Django up

    opened = open_library(os.environ["KHIZANA_LIBRARY"])
    fill(size)

    from django.test import Client  # noqa: PLC0415 - Django is set up by now

    from khizana.apps.publication.models import Offered  # noqa: PLC0415 - the same
    from khizana.core.oai.token import Place, write_token  # noqa: PLC0415 - the same
    from khizana.web import described  # noqa: PLC0415 - the same

    one = described.document_of("b-0", opened.configuration.card(serving_at=""))  # type: ignore[arg-type]  # an identifier
    described.document_of = lambda *_: one  # type: ignore[assignment]  # all have that description
    client = Client()

    def ask(path: str) -> None:
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code != 200 or b"<error" in body:
            raise SystemExit(f"{path} was not answered: {body[:1000]!r}")

    def listed(verb: str, place: str, spec: str) -> Callable[[], None]:
        token = write_token(Place(verb, "oai_dc", "", "", spec, place, 0), secret=opened.configuration.secret)
        return lambda: ask(f"/oai?verb={verb}&resumptionToken={token}")

    places = list(Offered.objects.order_by("place").values_list("place", flat=True))
    goals = {"begin": "0", "middle": places[len(places) // 2], "end": places[-502]}
    questions: dict[str, Callable[[], Any]] = {
        f"{verb} {name}{' of a set' if spec else ''}": listed(verb, place, spec)
        for verb in ("ListIdentifiers", "ListRecords")
        for spec in ("", SET)
        for name, place in goals.items()
    }
    last = (size + 99) // 100
    questions |= {
        "changes first": lambda: ask("/iiif/changes/1"),
        "changes last but one": lambda: ask(f"/iiif/changes/{last - 1}"),
        "sitemap index": lambda: ask("/sitemap.xml"),
        "sitemap part": lambda: ask("/sitemap/1.xml"),
    }
    return {"manuscripts": size, "ms": medians(questions)}


def main() -> None:
    """Measure each size in a process of its own, and print the result."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--sizes", default="1000,100000")
    arguments.add_argument(INSIDE, type=int, default=0, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.inside:
        print(json.dumps(measured(given.inside)))
        return
    found = []
    for size in (int(each) for each in given.sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="khizana-harvest-") as place:
            root = Path(place) / "library"
            make_library(root)
            done = subprocess.run(
                [sys.executable, __file__, INSIDE, str(size)],
                env={**os.environ, "KHIZANA_LIBRARY": str(root)},
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            found.append(json.loads(done.stdout))
    small, large = found[0]["ms"], found[-1]["ms"]
    ratio = {name: round(large[name] / small[name], 2) for name in small if small[name] and name in large}
    text = json.dumps({"machine": facts(), "measured": found, "ratio": ratio}, indent=2, ensure_ascii=False)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
