"""What lists cost in a large library: ``python benchmarks/lists.py [--out FILE.json] [--manuscripts 5000,1000000]``.

A library is given so many manuscripts (as rows alone: no photograph is made), two of three published, on SQLite and on
a PostgreSQL server of its own. Then the queries of the list page (first, middle and last), of the collection document
and of its last part are timed, for a reader and for staff: processor time, that of the server's process included, in
the mean of many runs, so that whatever else the machine does tells little. *ratio* is the time with the most
manuscripts over that with the fewest, *worst* the greatest of them; 1 is what is wanted. Also told: the list just after
a change, what a manuscript that is published or withdrawn costs in its rows, and counting the shelf anew, as
``khizana rebuild`` does. Prints JSON, and writes it to FILE.json where one is named.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from machine import facts

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from data.databases import KINDS, new_server

SHELF, PART = 24, 500
RUNS = 40

# Shelfmarks as they come: not in the order in which they are entered.
FILL = (
    """WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < %(count)s)
    INSERT INTO catalogue_manuscript (slug, shelfmark, "order", titles, languages, date_as_written, summary, details,
                                      ranges, direction)
    SELECT 'm-' || n, 'M ' || n, 'M ' || substr(CAST(1000000000 + n * CAST(7919 AS bigint) %% %(count)s AS text), 2),
           '{"ar": ["كتاب في الفلك"]}', '[]', '', '{}', '[]', '[]', 'rtl' FROM numbers""",
    """INSERT INTO publication_publication (manuscript_id, level, published, revision, modified, "order")
    SELECT id, 'open', id % 3 > 0, 'r', '', "order" FROM catalogue_manuscript""",
    """INSERT INTO digitisation_pageimage (manuscript_id, image, position, label, name, number, logical_path, digest,
                                        size, media_type, width, height, original_name)
    SELECT id, slug || '.1', 0, '1r', '1r', 1, 'masters/0001.jpg', 'd', 1, 'image/jpeg', 30, 40, 'x'
    FROM catalogue_manuscript WHERE id % 4 = 0""",
)


def fill(count: int) -> None:
    """Make *count* manuscripts as rows; one in four has a page."""
    from django.db import connection, transaction  # noqa: PLC0415 - Django is set up by now

    with transaction.atomic(), connection.cursor() as cursor:
        for statement in FILL:
            cursor.execute(statement, {"count": count} if "%(count)s" in statement else None)


def mean(work: Callable[[], object]) -> float:
    """Return the milliseconds of processor time that *work* takes, here and in the server, in the mean of many runs."""
    work()
    began = _processor()
    for _ in range(RUNS):
        work()
    return round((_processor() - began) / RUNS * 1000, 3)


def _processor() -> float:
    """Return the seconds of processor time that this process and its server's have taken."""
    from django.db import connection  # noqa: PLC0415 - Django is set up by now

    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return time.process_time()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text(encoding="ascii")
    return time.process_time() + int(server.split()[0]) / 1e9


def measured(count: int) -> dict[str, float]:
    """Return what each list costs in the library that Django is set up for."""
    from django.db import connection, transaction  # noqa: PLC0415 - as above

    from khizana.apps.publication import queries, shelf  # noqa: PLC0415 - the same
    from khizana.apps.publication.doors import count_change  # noqa: PLC0415 - the same
    from khizana.apps.publication.models import Publication  # noqa: PLC0415 - the same
    from khizana.core.policy import ANYONE, STAFF  # noqa: PLC0415 - the same

    began = time.perf_counter()
    with transaction.atomic():
        shelf.recount()
        count_change()
    found = {"recount_seconds": round(time.perf_counter() - began, 2)}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for name, reader in (("reader", ANYONE), ("staff", STAFF)):
        total = queries.count_listed(reader=reader)
        for place, offset in (("first", 0), ("middle", total // 2), ("last", total - SHELF)):
            found[f"list_{place}_{name}_ms"] = mean(
                lambda offset=offset, reader=reader: queries.listed(reader=reader, offset=offset, limit=SHELF)
            )
        found[f"collection_{name}_ms"] = mean(lambda reader=reader: queries.count_listed(reader=reader))
        last = (total - PART) // PART * PART
        found[f"collection_last_part_{name}_ms"] = mean(
            lambda reader=reader, last=last: queries.listed(reader=reader, offset=last, limit=PART)
        )

    def after_a_change() -> None:
        shelf.forget()
        queries.listed(reader=ANYONE, offset=count // 2, limit=SHELF)

    found["list_after_a_change_ms"] = mean(after_a_change)

    def turn() -> None:
        with transaction.atomic():
            stood = shelf.standing("m-1")  # type: ignore[arg-type]  # an identifier
            rows = Publication.objects.filter(manuscript__slug="m-1")
            rows.update(published=not stood.published)  # type: ignore[union-attr]  # it is there
            shelf.moved(stood, shelf.standing("m-1"))  # type: ignore[arg-type]  # the same
            count_change()

    found["publish_or_withdraw_rows_ms"] = mean(turn)
    return found


def in_library(root: Path, count: int) -> None:
    """Fill and measure, in a process of its own: one process knows one database."""
    from khizana.cli.verb import open_library  # noqa: PLC0415 - the tool itself needs no library

    open_library(str(root))
    fill(count)
    print(json.dumps(measured(count)))


def main() -> None:
    """Measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--manuscripts", default="5000,1000000")
    arguments.add_argument("--databases", default=",".join(KINDS))
    arguments.add_argument("--library", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.library:
        in_library(given.library, int(given.manuscripts))
        return
    results: dict[str, Any] = {}
    counts = sorted(map(int, given.manuscripts.split(",")))
    for kind in given.databases.split(","):
        by_count = {}
        for count in counts:
            with ExitStack() as stack:
                place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khizana-bench-")))
                address = ""
                if kind == "postgresql":
                    server = stack.enter_context(new_server())
                    stack.enter_context(server.running())
                    address = server.new()
                init = [sys.executable, "-m", "khizana.cli.main", "init", str(place / "library"), "--database", address]
                subprocess.run(init, check=True, stdout=sys.stderr)
                again = [sys.executable, __file__, "--library", str(place / "library"), "--manuscripts", str(count)]
                by_count[count] = json.loads(subprocess.run(again, check=True, stdout=subprocess.PIPE).stdout)
            print(f"{kind} {count}: {by_count[count]}", file=sys.stderr, flush=True)
        few, many = by_count[counts[0]], by_count[counts[-1]]
        ratios = {name: round(many[name] / few[name], 2) for name in few if name.endswith("_ms")}
        results[kind] = {"measured": by_count, "ratio": ratios, "worst": max(ratios.values())}
    result = {"benchmark": "lists", "machine": facts(), **results}
    text = json.dumps(result, indent=1) + "\n"
    print(text, end="")
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
