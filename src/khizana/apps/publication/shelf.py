"""The shelf: all manuscripts by shelfmark, counted stretch by stretch, so that a list may begin anywhere at no cost.

To find the row at which a page of the list begins, a database reads every row before it. Here the rows are counted in
stretches of about five hundred, kept up to date by whoever writes: what is read is one row for each stretch, once per
change, and then at most one stretch. There are two shelves: of all manuscripts, and of the published ones.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from django.db.models import QuerySet

from khizana.apps.publication.models import Generation, Publication, Stretch
from khizana.core.identifiers import ManuscriptId

LENGTH = 500
"""Manuscripts in a stretch when it is made; one of more than twice as many is cut."""
FEW = 8
"""Places that are looked for one by one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a manuscript stands, and whether it is published."""

    order: str
    published: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """The stretches of one shelf."""

    firsts: tuple[str, ...]
    before: tuple[int, ...]
    """How many manuscripts stand before each stretch; at the end, all of them."""

    @property
    def total(self) -> int:
        """How many manuscripts there are."""
        return self.before[-1]

    def find(self, offset: int) -> tuple[str, int]:
        """Return where to begin reading, and how many rows to pass over, for the manuscript with *offset* before it.

        *offset* is at least 0 and less than the total.
        """
        at = bisect_right(self.before, offset) - 1
        return self.firsts[at], offset - self.before[at]


_kept: dict[bool, tuple[int, Shelf]] = {}


def shelf(*, public: bool) -> Shelf:
    """Return the shelf as it stands; it is read anew when the library's generation has changed."""
    generation = Generation.objects.filter(pk=1).values_list("number", flat=True).first()
    kept = _kept.get(public)
    if generation is not None and kept is not None and kept[0] == generation:
        return kept[1]
    rows = list(Stretch.objects.filter(public=public).order_by("first").values_list("first", "count"))
    read = Shelf(tuple(first for first, _ in rows), tuple(accumulate((count for _, count in rows), initial=0)))
    if generation is not None:
        _kept[public] = (generation, read)
    return read


def forget() -> None:
    """Forget what was read, so that it is read anew."""
    _kept.clear()


def on_shelf(*, public: bool) -> QuerySet[Publication]:
    """Return the rows of one shelf, in their order."""
    rows = Publication.objects.filter(published=True) if public else Publication.objects.all()
    return rows.order_by("order", "manuscript_id")


def standing(manuscript: ManuscriptId) -> Standing | None:
    """Return where a manuscript stands now, or None."""
    return standings([manuscript]).get(manuscript)


def standings(manuscripts: Collection[ManuscriptId]) -> dict[str, Standing]:
    """Return where each of *manuscripts* stands now that stands anywhere."""
    rows = Publication.objects.filter(manuscript__slug__in=manuscripts)
    found = rows.values_list("manuscript__slug", "order", "published")
    return {ManuscriptId(slug): Standing(order, published) for slug, order, published in found}


def moved(before: Standing | None, now: Standing | None) -> None:
    """Count that a manuscript stands elsewhere, has come or gone; call it in the transaction that wrote its row."""
    all_moved([(before, now)])


def all_moved(steps: Iterable[tuple[Standing | None, Standing | None]]) -> None:
    """Count all that moved, each from where it stood to where it stands; what it costs grows little with their number.

    Call it as ``moved``.
    """
    taken = [(before, now) for before, now in steps if before != now]
    for public in (False, True):
        counts: Counter[str] = Counter()
        for places, step in (((before for before, _ in taken), -1), ((now for _, now in taken), 1)):
            for place in places:
                if place is not None and (place.published or not public):
                    counts[place.order] += step
        if counts:
            _count(counts, public=public)


def counted() -> list[Stretch]:
    """Return the stretches as they would be by the rows alone."""
    return [
        Stretch(public=public, first=first, count=count)
        for public in (False, True)
        for first, count in stretches(on_shelf(public=public).values_list("order", flat=True).iterator())
    ]


def recount(found: list[Stretch] | None = None) -> None:
    """Count everything anew, or write what was *found*; call it in a transaction that also counts the change."""
    rows = counted() if found is None else found
    Stretch.objects.all().delete()
    Stretch.objects.bulk_create(rows)


def stretches(orders: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield the first place and the count of each stretch of *orders*; what has the same order is never parted."""
    first, count, last = "", 0, None
    for order in orders:
        if count >= LENGTH and order != last:
            yield first, count
            first, count = order, 0
        count, last = count + 1, order
    if count:
        yield first, count


def _count(counts: Mapping[str, int], *, public: bool) -> None:
    shelf_rows = Stretch.objects.filter(public=public).order_by("first")
    first = shelf_rows.first() or Stretch.objects.create(public=public, first="", count=0)
    # Of a few places each is looked for, of many all stretches are read once.
    rows = list(shelf_rows) if len(counts) > FEW else []
    firsts = [row.first for row in rows]
    changed: dict[str, tuple[Stretch, int]] = {}
    for order, count in counts.items():
        found = rows[max(0, bisect_right(firsts, order) - 1)] if rows else shelf_rows.filter(first__lte=order).last()
        row = found or first
        changed[row.first] = (row, changed.get(row.first, (row, 0))[1] + count)
    for row, count in changed.values():
        row.count = max(0, row.count + count)
        Stretch.objects.filter(pk=row.pk).update(count=row.count)
        _split(row)


def _split(row: Stretch) -> None:
    """Cut a stretch that has become too long; what has the same order is never parted."""
    if row.count <= 2 * LENGTH:
        return
    following = Stretch.objects.filter(public=row.public, first__gt=row.first).order_by("first").first()
    rows = on_shelf(public=row.public).filter(order__gte=row.first)
    if following is not None:
        rows = rows.filter(order__lt=following.first)
    (_, count), *others = stretches(rows.values_list("order", flat=True))
    Stretch.objects.filter(pk=row.pk).update(count=count)
    Stretch.objects.bulk_create(Stretch(public=row.public, first=first, count=count) for first, count in others)
