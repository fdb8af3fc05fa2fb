"""Note what other libraries may know from now on of a manuscript, in the transaction of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from khizana.apps.publication.models import Change, Departed, HarvestSet, Offered, OfferedSet, Publication
from khizana.core.ark import blade_of
from khizana.core.changes import ChangeKind, change_of, is_offered, to_the_second
from khizana.core.identifiers import ManuscriptId, description_object_id, manuscript_of
from khizana.core.policy import Agreement, Level, is_named_when_gone
from khizana.core.preservation.ledger.deletions import Request

Sets = Sequence[tuple[str, Mapping[str, Sequence[str]]]]
"""Specification and names of each set."""

WITH_SHELFMARK = "with its shelfmark"
WITHOUT_SHELFMARK = "without its shelfmark"
"""What the fact ``offered`` of a tombstone says of how a manuscript may be told of: it was open to others once."""


@dataclass(frozen=True, slots=True)
class Written:
    """A manuscript whose rows were just written."""

    manuscript: ManuscriptId
    publication: Publication
    shelfmark: str
    was_concealed: bool
    """It was closed until now; who looked for it meanwhile must hear that it is there again."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What a change makes of the row of a manuscript."""

    row: Offered
    kind: ChangeKind
    sets: Sets | None
    """None: it stays in those in which it was."""


def note_changes(several: Iterable[Written], *, now: datetime | None = None) -> None:
    """Note what the rows of *several* manuscripts change for other libraries; nothing where they change nothing.

    Call it last in the transaction: what was noted must not lie open long before it can be seen.
    """
    written = list(several)
    known = {row.slug: row for row in Offered.objects.filter(slug__in=[each.manuscript for each in written])}
    steps: list[_Step] = []
    for each in written:
        before, publication = known.get(each.manuscript), each.publication
        agreement = Agreement(Level(publication.level), publication.published)
        kind = change_of(
            was_open=before is not None and before.is_open,
            is_open=is_offered(agreement),
            is_other=each.was_concealed
            or (before is not None and (before.revision, before.blade) != (publication.revision, publication.blade)),
        )
        told = each.shelfmark if is_named_when_gone(agreement) else ""
        if kind is not None:
            row = before or Offered(slug=each.manuscript)
            row.is_open, row.is_deleted, row.revision = is_offered(agreement), False, publication.revision
            row.blade, row.shelfmark = publication.blade, told
            steps.append(_Step(row, kind, _sets(publication) if row.is_open else None))
        elif before is not None and not before.is_open and before.shelfmark != told:
            Offered.objects.filter(pk=before.pk).update(shelfmark=told)
    _take(steps, when=_stamp(now))


def note_gone(manuscripts: Iterable[str], *, is_deleted: bool = False, now: datetime | None = None) -> None:
    """Note that *manuscripts* are open to nobody any more: their rows go, or are closed.

    Call it as ``note_changes``.
    """
    steps: list[_Step] = []
    for row in Offered.objects.filter(slug__in=list(manuscripts)):
        was_open, row.is_open, row.is_deleted = row.is_open, False, row.is_deleted or is_deleted
        if was_open:
            steps.append(_Step(row, ChangeKind.DELETE, None))
        else:
            row.save()
    _take(steps, when=_stamp(now))


def note_departed(request: Request, *, library: str) -> None:
    """Keep what the tombstone *request* tells: the permanent address of what it deleted leads to nothing else ever."""
    for each in request.objects:
        manuscript = _manuscript_described(each.object_id, library)
        if manuscript is not None and request.offered:
            Departed.objects.update_or_create(
                blade=blade_of(each.object_id, each.first),
                defaults={
                    "slug": manuscript,
                    "shelfmark": request.shelfmark[:120] if request.offered == WITH_SHELFMARK else "",
                    "when": to_the_second(request.carried_out),
                },
            )


def offered_of(objects: Iterable[str], *, library: str) -> str:
    """Return the fact ``offered`` for the tombstone of *objects*; nothing where no other library ever knew of them."""
    slugs = [slug for each in objects if (slug := _manuscript_described(each, library)) is not None]
    row = Offered.objects.filter(slug__in=slugs).first()
    if row is None:
        return ""
    return WITH_SHELFMARK if row.shelfmark else WITHOUT_SHELFMARK


def append(changes: Sequence[tuple[ChangeKind, str, str]]) -> list[str]:
    """Append *changes*, each a kind, a manuscript and a time; return their times.

    That is the one given, or that of the change before it where the clock went back.
    """
    last = Change.objects.order_by("-number").first()
    number, stamped = (last.number, last.when) if last else (0, "")
    rows = []
    for kind, slug, when in changes:
        number, stamped = number + 1, max(when, stamped)
        rows.append(Change(number=number, slug=slug, kind=kind.value, when=stamped))
    Change.objects.bulk_create(rows)
    return [row.when for row in rows]


def place_of(when: str, slug: str) -> str:
    """Return the place of a manuscript in the order of harvests."""
    return f"{when} {slug}"


def write_sets(at_places: Iterable[tuple[str, Sets]]) -> None:
    """Write which sets that is in which is at each place."""
    names: dict[str, Mapping[str, Sequence[str]]] = {}
    offered: list[OfferedSet] = []
    for place, sets in at_places:
        names |= dict(sets)
        offered += [OfferedSet(spec=spec, place=place) for spec, _ in sets]
    HarvestSet.objects.bulk_create(
        [HarvestSet(spec=spec, names=each) for spec, each in names.items()],
        update_conflicts=True,
        unique_fields=["spec"],
        update_fields=["names"],
    )
    OfferedSet.objects.bulk_create(offered, ignore_conflicts=True)


def _take(steps: Sequence[_Step], *, when: str) -> None:
    """Move the row of each of *steps* to the place of its newest change."""
    stamps = append([(each.kind, each.row.slug, when) for each in steps])
    left: list[str] = []
    entered: list[tuple[str, Sets]] = []
    for each, stamp in zip(steps, stamps, strict=True):
        old, each.row.place = each.row.place, place_of(stamp, each.row.slug)
        if each.sets is None:
            OfferedSet.objects.filter(place=old).update(place=each.row.place)
        else:
            left.append(old)
            entered.append((each.row.place, each.sets))
    Offered.objects.bulk_create(
        [each.row for each in steps],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["place", "is_open", "is_deleted", "revision", "blade", "shelfmark"],
    )
    OfferedSet.objects.filter(place__in=left).delete()
    write_sets(entered)


def _sets(publication: Publication) -> Sets:
    return [(spec, names) for spec, names in publication.sets]


def _manuscript_described(identifier: str, library: str) -> ManuscriptId | None:
    """Return the manuscript whose description the object *identifier* is, or None."""
    manuscript = manuscript_of(library, identifier)
    if manuscript is None or identifier != description_object_id(library, manuscript):
        return None
    return manuscript


def _stamp(now: datetime | None) -> str:
    return to_the_second(now or datetime.now(UTC))
