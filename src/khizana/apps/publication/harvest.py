"""What the doors of the harvest ask: what other libraries may know, at the same cost at any length of the list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max, Min

from khizana.apps.catalogue.models import Manuscript as ManuscriptRow
from khizana.apps.digitisation.models import PageImage
from khizana.apps.publication import queries
from khizana.apps.publication.models import (
    Change,
    Departed,
    Generation,
    HarvestSet,
    Offered,
    OfferedSet,
    Publication,
)
from khizana.core.changes import Change as Changed
from khizana.core.changes import ChangeKind, is_offered
from khizana.core.identifiers import ManuscriptId
from khizana.core.manuscript import Manuscript, Words
from khizana.core.oai.sets import GROUPS
from khizana.core.policy import Agreement, Level

SITEMAP_PART = 5_000
"""Manuscripts in one part of the sitemap, each with an address in three languages."""
AT_ONCE = 500  # rows in one query


@dataclass(frozen=True, slots=True)
class OfferedManuscript:
    """A manuscript that other libraries may know, or knew once."""

    id: ManuscriptId
    when: str
    """RFC 3339, UTC, to the second: of its newest change."""
    place: str
    """In the order of a harvest."""
    is_open: bool
    sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """A manuscript that was open once and is no longer."""

    shelfmark: str
    """Nothing where it may not be told."""
    when: str
    is_deleted: bool
    blade: str


def settled_now(now: str) -> str:
    """Return *now*, a time that no change which is still being written can be dated before.

    Writers date what they note while they hold the database, and this waits for those that do. A clock that was set
    back does not make it earlier than the newest change.
    """
    with transaction.atomic():
        # SQLite gives the whole database to whoever begins; elsewhere this row is what every writer changes first.
        Generation.objects.select_for_update().filter(pk=1).first()
        newest = Change.objects.order_by("-number").values_list("when", flat=True).first()
    return max(now, newest or now)


def is_being_made() -> bool:
    """Return whether the record of changes is still to be made again: a harvest now would miss what it will hold."""
    if Change.objects.exists():
        return False
    rows = Publication.objects.filter(published=True).values_list("level", flat=True).distinct()
    return any(is_offered(Agreement(Level(level), published=True)) for level in rows)


def earliest() -> str | None:
    """Return the time of the first change, or None where there is none."""
    place = Offered.objects.aggregate(first=Min("place"))["first"]
    return place.partition(" ")[0] if place else None


def offered(*, since: str, until: str, spec: str, after: str, limit: int) -> list[OfferedManuscript]:
    """Return at most *limit* manuscripts in the order of their newest changes, those after the place *after*.

    *since* and *until* are the first and last second asked for, *spec* is a set; nothing where all are.
    """
    rows = OfferedSet.objects.filter(spec=spec) if spec else Offered.objects.all()
    if since:
        rows = rows.filter(place__gte=since)
    if until:
        rows = rows.filter(place__lt=f"{until}!")  # the character after the space that follows a time
    if after:
        rows = rows.filter(place__gt=after)
    places = list(rows.order_by("place").values_list("place", flat=True)[:limit])
    return _offered(places)


def offered_one(manuscript: ManuscriptId) -> OfferedManuscript | None:
    """Return one of them, or None where no other library ever knew of it."""
    place = Offered.objects.filter(slug=manuscript).values_list("place", flat=True).first()
    return next(iter(_offered([place])), None) if place else None


def harvest_sets(*, after: str, limit: int) -> list[tuple[str, Words]]:
    """Return at most *limit* sets after the specification *after*, in their order, without those above all others."""
    rows = HarvestSet.objects.filter(spec__gt=after).exclude(spec__in=GROUPS).order_by("spec")[:limit]
    return [(row.spec, {tag: tuple(texts) for tag, texts in row.names.items()}) for row in rows]


def manuscripts(ids: Iterable[ManuscriptId]) -> dict[ManuscriptId, Manuscript]:
    """Return those that are there, published or not, each with its first page alone."""
    rows = ManuscriptRow.objects.select_related("publication").filter(slug__in=list(ids))
    found = {row.pk: row for row in rows}
    firsts = {page.manuscript_id: page for page in PageImage.objects.filter(manuscript__in=found, position=0)}
    return {
        ManuscriptId(row.slug): queries.manuscript_of_row(row, [firsts[key]] if key in firsts else [])
        for key, row in found.items()
    }


def change_count() -> int:
    """Return how many changes were noted: the number of the newest."""
    return Change.objects.aggregate(last=Max("number"))["last"] or 0


def changes(*, first: int, limit: int) -> list[tuple[Changed, bool]]:
    """Return the changes numbered from *first* on, *limit* of them, each with whether its manuscript is open now."""
    rows = list(Change.objects.filter(number__gte=first, number__lt=first + limit).order_by("number"))
    is_open = dict(Offered.objects.filter(slug__in={row.slug for row in rows}).values_list("slug", "is_open"))
    return [
        (Changed(ManuscriptId(row.slug), ChangeKind(row.kind), row.when), is_open.get(row.slug, False)) for row in rows
    ]


def sitemap_parts() -> list[tuple[int, str]]:
    """Return the number of each part of the sitemap that has an open manuscript, and when it changed last."""
    rows = (
        Offered.objects.filter(is_open=True)
        .values(part=(F("pk") - 1) / SITEMAP_PART)
        .annotate(newest=Max("place"))
        .order_by("part")
    )
    return [(int(row["part"]) + 1, row["newest"].partition(" ")[0]) for row in rows]


def sitemap_part(number: int) -> Iterator[tuple[ManuscriptId, str, Agreement]]:
    """Yield the open manuscripts of part *number* (from 1), when each changed, and its agreement as it is now."""
    first, last = (number - 1) * SITEMAP_PART, number * SITEMAP_PART
    while first < last:
        stretch = Offered.objects.filter(pk__gt=first, pk__lte=min(first + AT_ONCE, last), is_open=True).order_by("pk")
        places = dict(stretch.values_list("slug", "place"))
        rows = Publication.objects.filter(manuscript__slug__in=places)
        agreements = {
            slug: Agreement(Level(level), published)
            for slug, level, published in rows.values_list("manuscript__slug", "level", "published")
        }
        for slug, place in places.items():
            if slug in agreements:
                yield ManuscriptId(slug), place.partition(" ")[0], agreements[slug]
        first += AT_ONCE


def is_sitemap_part(number: int) -> bool:
    """Return whether there is such a part."""
    return Offered.objects.filter(pk__gt=(number - 1) * SITEMAP_PART, pk__lte=number * SITEMAP_PART).exists()


def by_blade(blade: str) -> ManuscriptId | Gone | None:
    """Return the manuscript with that permanent name, what is left of it where it was deleted, or None."""
    slug = Publication.objects.filter(blade=blade).values_list("manuscript__slug", flat=True).first()
    if slug is not None:
        return ManuscriptId(slug)
    departed = Departed.objects.filter(blade=blade).first()
    return Gone(departed.shelfmark, departed.when, is_deleted=True, blade=blade) if departed else None


def gone(manuscript: ManuscriptId) -> Gone | None:
    """Return what is left of a manuscript that was open once and is no longer, or None where it never was."""
    row = Offered.objects.filter(slug=manuscript).first()
    if row is not None:
        if row.is_open:
            return None
        return Gone(row.shelfmark, row.place.partition(" ")[0], row.is_deleted, row.blade)
    departed = Departed.objects.filter(slug=manuscript).order_by("-when").first()
    return Gone(departed.shelfmark, departed.when, is_deleted=True, blade=departed.blade) if departed else None


def _offered(places: list[str]) -> list[OfferedManuscript]:
    rows = {row.place: row for row in Offered.objects.filter(place__in=places)}
    sets: dict[str, list[str]] = {}
    for place, spec in OfferedSet.objects.filter(place__in=places).order_by("spec").values_list("place", "spec"):
        sets.setdefault(place, []).append(spec)
    return [
        OfferedManuscript(
            ManuscriptId(rows[place].slug),
            place.partition(" ")[0],
            place,
            rows[place].is_open,
            tuple(sets.get(place, ())),
        )
        for place in places
        if place in rows  # unless it changed a moment ago: then it stands at the end
    ]
