"""Note what other libraries may know from now on of a manuscript, in the transaction of its rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from khizana.apps.publication.models import Change, Departed, HarvestSet, Offered, OfferedSet, Publication
from khizana.core.ark import blade_of
from khizana.core.changes import ChangeKind, change_of, is_offered, to_the_second
from khizana.core.identifiers import ManuscriptId, description_object_id, manuscript_of
from khizana.core.policy import Agreement, Level, is_named_when_gone
from khizana.core.preservation.ledger.deletions import Request

WITH_SHELFMARK = "with its shelfmark"
WITHOUT_SHELFMARK = "without its shelfmark"
"""What the fact ``offered`` of a tombstone says of how a manuscript may be told of: it was open to others once."""


def note_change(
    publication: Publication, *, shelfmark: str, was_concealed: bool = False, now: datetime | None = None
) -> None:
    """Note what the row *publication*, just written, changes for other libraries; nothing where it changes nothing.

    *was_concealed*: it was closed until now; who looked for it meanwhile must hear that it is there again. Call it last
    in the transaction: what was noted must not lie open long before it can be seen.
    """
    slug = ManuscriptId(publication.manuscript.slug)
    agreement = Agreement(Level(publication.level), publication.published)
    before = Offered.objects.filter(slug=slug).first()
    kind = change_of(
        was_open=before is not None and before.is_open,
        is_open=is_offered(agreement),
        is_other=was_concealed
        or (before is not None and (before.revision, before.blade) != (publication.revision, publication.blade)),
    )
    told = shelfmark if is_named_when_gone(agreement) else ""
    if kind is not None:
        row = before or Offered(slug=slug)
        row.is_open, row.is_deleted, row.revision = is_offered(agreement), False, publication.revision
        row.blade, row.shelfmark = publication.blade, told
        specs = _sets(publication) if row.is_open else None
        _put(row, kind, when=_stamp(now), specs=specs)
    elif before is not None and not before.is_open and before.shelfmark != told:
        Offered.objects.filter(pk=before.pk).update(shelfmark=told)


def note_gone(manuscripts: Iterable[str], *, is_deleted: bool = False, now: datetime | None = None) -> None:
    """Note that *manuscripts* are open to nobody any more: their rows go, or are closed. Call it as ``note_change``."""
    for row in Offered.objects.filter(slug__in=list(manuscripts)):
        was_open, row.is_open, row.is_deleted = row.is_open, False, row.is_deleted or is_deleted
        if was_open:
            _put(row, ChangeKind.DELETE, when=_stamp(now), specs=None)
        else:
            row.save()


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


def append(kind: ChangeKind, slug: str, when: str) -> str:
    """Append a change and return its time: *when*, or that of the change before it where the clock went back."""
    last = Change.objects.order_by("-number").first()
    stamped = max(when, last.when) if last else when
    Change.objects.create(number=last.number + 1 if last else 1, slug=slug, kind=kind.value, when=stamped)
    return stamped


def place_of(when: str, slug: str) -> str:
    """Return the place of a manuscript in the order of harvests."""
    return f"{when} {slug}"


def write_sets(place: str, sets: Iterable[tuple[str, dict[str, list[str]]]]) -> None:
    """Write that what is at *place* is in *sets*."""
    for spec, names in sets:
        HarvestSet.objects.update_or_create(spec=spec, defaults={"names": names})
        OfferedSet.objects.get_or_create(spec=spec, place=place)


def _put(row: Offered, kind: ChangeKind, *, when: str, specs: list[tuple[str, dict[str, list[str]]]] | None) -> None:
    """Move *row* to the place of its newest change; with *specs* None it stays in the sets in which it was."""
    old, row.place = row.place, place_of(append(kind, row.slug, when), row.slug)
    row.save()
    if specs is None:
        OfferedSet.objects.filter(place=old).update(place=row.place)
    else:
        OfferedSet.objects.filter(place=old).delete()
        write_sets(row.place, specs)


def _sets(publication: Publication) -> list[tuple[str, dict[str, list[str]]]]:
    return [(spec, names) for spec, names in publication.sets]


def _manuscript_described(identifier: str, library: str) -> ManuscriptId | None:
    """Return the manuscript whose description the object *identifier* is, or None."""
    manuscript = manuscript_of(library, identifier)
    if manuscript is None or identifier != description_object_id(library, manuscript):
        return None
    return manuscript


def _stamp(now: datetime | None) -> str:
    return to_the_second(now or datetime.now(UTC))
