"""Lists and pages: whole, in order, told to whom they may be, and cheap in what is large as in what is small."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data.commands import command_environment, new_library

SCRIPT = """
from khizana.cli.verb import open_library
open_library(__import__('os').environ['KHIZANA_LIBRARY'])
from django.db import connection
from khizana.apps.catalogue.models import Manuscript
from khizana.apps.digitisation.models import PageImage
from khizana.apps.publication import queries, shelf
from khizana.apps.publication.doors import count_change
from khizana.apps.publication.models import Publication
from khizana.core.policy import ANYONE, STAFF, Level

def put(first, last):
    rows = Manuscript.objects.bulk_create(
        Manuscript(slug=f"m-{n}", shelfmark=f"M {n}", order=f"m {n:09d}") for n in range(first, last)
    )
    Publication.objects.bulk_create(
        Publication(manuscript=row, level="staff" if row.pk % 5 == 0 else "open", published=row.pk % 3 > 0,
                    order=row.order, revision="r", modified="2026-01-01T00:00:00Z") for row in rows
    )
    PageImage.objects.bulk_create(
        PageImage(manuscript=row, image=f"{row.slug}.{page:04d}", position=page, label=str(page), name=str(page),
                  number=page + 1, logical_path=f"masters/{page}.jpg", digest=f"{row.pk:0100d}{page:028d}", size=1,
                  media_type="image/jpeg", width=30, height=40, original_name="x") for row in rows for page in range(6)
    )
    shelf.recount()
    count_change()

def steps(work):
    if connection.vendor != "sqlite":
        work()
        return 0  # a server tells no steps
    taken = [0]
    def step():
        taken[0] += 10
    connection.ensure_connection()
    connection.connection.set_progress_handler(step, 10)
    work()
    connection.connection.set_progress_handler(None, 10)
    return taken[0]

put(0, 200)
for reader in (ANYONE, STAFF):
    known = Publication.objects.all() if reader.staff else Publication.objects.filter(published=True)
    wanted = [each.manuscript.slug for each in known.select_related("manuscript").order_by("manuscript__order")]
    found = [item for first in range(0, 220, 24)
             for item in queries.listed(reader=reader, offset=first, limit=24).items]
    assert [item.id for item in found] == wanted
    assert all((item.page_count, item.first.name) == (6, "0") for item in found)
    assert queries.listed(reader=reader, offset=10**30, limit=24) == queries.Listing(len(wanted), ())
manuscripts, levels = queries.counts()
assert manuscripts == 200
assert sum(levels.values()) == Publication.objects.filter(published=True).count()
assert levels[Level.STAFF] == Publication.objects.filter(published=True, level="staff").count()

def page():
    return queries.listed(reader=ANYONE, offset=48, limit=24)

page()
small = steps(page)
put(200, 2000)
page()  # the counts of the shelf are read once after a change
grown = steps(page) - small
assert grown < 500, f"{grown} steps for 1800 manuscripts that stand on other pages"
last = steps(lambda: queries.listed(reader=ANYONE, offset=1300, limit=24)) - small
assert last < 20 * 500, f"{last} steps for the last page: more than one stretch of the shelf was passed over"
def pages_of(number, count):
    row = Manuscript.objects.get(slug=f"m-{number}")
    PageImage.objects.bulk_create(
        PageImage(manuscript=row, image=f"{row.slug}.{page:04d}", position=page, label=str(page), name=str(page),
                  number=page + 1, logical_path=f"masters/{page}.jpg", digest=f"{row.pk:0100d}{page:028d}", size=1,
                  media_type="image/jpeg", width=30, height=40, original_name="x") for page in range(6, count)
    )

def folio(number, name):
    found = queries.folio(f"m-{number}", name, around=2)
    return found and (found.page_count, found.index, found.page.name, [page.name for page in found.pages.values()])

few = steps(lambda: folio(1, "4"))
pages_of(2, 2000)
many = steps(lambda: folio(2, "1000"))
assert many < few + 300, f"{few} steps for a page of 6, {many} for one of 2000"
assert folio(1, "0") == (6, 0, "0", ["0", "1", "2", "5"])
assert folio(1, "5") == (6, 5, "5", ["0", "3", "4", "5"])
assert folio(2, "1000") == (2000, 1000, "1000", ["0", "998", "999", "1000", "1001", "1002", "1999"])
assert folio(2, "none") is None is folio(9999, "1")
print("held")
"""


@pytest.mark.both_databases
def test_lists_are_whole_and_cost_no_more_in_a_large_library(database: Callable[[], str], tmp_path: Path) -> None:
    library = new_library(tmp_path / "library", database=database())
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "held", done.stderr


MOVES = """
import random
from khizana.cli.verb import open_library
open_library(__import__('os').environ['KHIZANA_LIBRARY'])
from django.db import transaction
from khizana.apps.catalogue.models import Manuscript
from khizana.apps.publication import queries, shelf
from khizana.apps.publication.doors import count_change
from khizana.apps.publication.models import Publication, Stretch
from khizana.core.policy import ANYONE, STAFF

shelf.LENGTH = 4
chance = random.Random(7)
ORDERS = [f"{letter} {number:09d}" for letter in ("A", "B", "a", "b", "\u00e9", "\u0645", "\U0001e900")
          for number in (1, 2, 10)]

def change(slug):
    stood = shelf.standing(slug)
    if stood and chance.random() < 0.3:
        Manuscript.objects.filter(slug=slug).delete()
    else:
        order, published = chance.choice(ORDERS), chance.random() < 0.6
        row, _ = Manuscript.objects.update_or_create(slug=slug, defaults={"order": order, "shelfmark": order})
        values = {"order": order, "published": published, "level": "open"}
        Publication.objects.update_or_create(manuscript=row, defaults=values)
    shelf.moved(stood, shelf.standing(slug))
    count_change()

for turn in range(300):
    with transaction.atomic():
        change(f"m-{chance.randrange(60)}")
    if turn % 20 == 0 or turn == 299:
        for reader in (ANYONE, STAFF):
            rows = Publication.objects.select_related("manuscript")
            known = [row for row in rows if reader.staff or row.published]
            # Sorted here, byte by byte, and not by the database.
            known.sort(key=lambda row: (row.order.encode(), row.manuscript_id))
            wanted = [row.manuscript.slug for row in known]
            found = [item.id for first in range(0, len(wanted) + 3, 3)
                     for item in queries.listed(reader=reader, offset=first, limit=3).items]
            assert found == wanted, (found, wanted)
            assert queries.count_listed(reader=reader) == len(wanted)
assert Stretch.objects.filter(public=False).count() > 3, "it grew until it was parted"
kept = [shelf.shelf(public=public).total for public in (True, False)]
shelf.recount()
count_change()
assert [shelf.shelf(public=public).total for public in (True, False)] == kept
print("held")
"""


@pytest.mark.both_databases
def test_the_shelf_is_in_the_order_of_its_bytes_whoever_comes_and_goes(
    database: Callable[[], str], tmp_path: Path
) -> None:
    library = new_library(tmp_path / "library", database=database())
    done = subprocess.run(
        [sys.executable, "-c", MOVES],
        env=command_environment(KHIZANA_LIBRARY=str(library.root)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "held", done.stderr
