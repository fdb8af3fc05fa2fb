"""Write the rows of manuscripts: of many at once by a few statements, so that one of many costs little."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from django.db.models import Model

from khizana.apps.catalogue.models import Manuscript
from khizana.apps.digitisation.models import PageElsewhere, PageImage
from khizana.apps.preservation.actions.follow_versions import inventory_of
from khizana.apps.publication.from_objects import FromObjects
from khizana.apps.publication.models import Publication
from khizana.core.ark import blade_of
from khizana.core.manuscript import Elsewhere
from khizana.core.preservation.ocfl.inventory import rfc3339
from khizana.core.structure.labels import natural_key

_LONGEST_ORDER = 400  # characters: of the column


def write_rows(several: Sequence[FromObjects]) -> list[Publication]:
    """Write the rows of *several* manuscripts, each named once, and return those of their publication, in that order.

    Call it inside a transaction.
    """
    manuscripts = Manuscript.objects.bulk_create(
        (_manuscript(each) for each in several),
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=_columns(Manuscript, but="slug"),
    )
    PageImage.objects.filter(manuscript__in=manuscripts).delete()
    PageImage.objects.bulk_create(
        page for row, each in zip(manuscripts, several, strict=True) for page in _pages(row, each)
    )
    PageElsewhere.objects.filter(manuscript__in=manuscripts).delete()
    PageElsewhere.objects.bulk_create(
        page for row, each in zip(manuscripts, several, strict=True) for page in _pages_elsewhere(row, each)
    )
    return Publication.objects.bulk_create(
        (_publication(row, each) for row, each in zip(manuscripts, several, strict=True)),
        update_conflicts=True,
        unique_fields=["manuscript"],
        update_fields=_columns(Publication, but="manuscript"),
    )


def _columns(model: type[Model], *, but: str) -> list[str]:
    """Return the columns of *model* other than its key and the one by which it is found."""
    return [each.name for each in model._meta.concrete_fields if not each.primary_key and each.name != but]  # noqa: SLF001 - Django's public way to them


def plain(words: object) -> dict[str, list[str]]:
    """Return *words*, strings by language, as JSON keeps them."""
    return {tag: list(texts) for tag, texts in dict(words).items()}  # type: ignore[call-overload]  # JSON of Words


def _manuscript(each: FromObjects) -> Manuscript:
    description = each.description
    order = " ".join(
        f"{part:>09}" if isinstance(part, int) else str(part) for _, part, _ in natural_key(description.shelfmark)
    )
    return Manuscript(
        slug=each.manuscript,
        shelfmark=description.shelfmark,
        order=order[:_LONGEST_ORDER],
        titles=plain(description.titles),
        languages=list(description.languages),
        date_as_written=description.date_as_written,
        summary=plain(description.summary),
        details=[[plain(label), plain(value)] for label, value in description.details],
        ranges=[[plain(range_.label), range_.first, range_.last] for range_ in description.ranges],
        direction=each.structure.direction,
        elsewhere=_elsewhere(each.elsewhere) if each.elsewhere and each.elsewhere.pages else {},
    )


def _pages(row: Manuscript, each: FromObjects) -> Iterator[PageImage]:
    for position, page in enumerate(each.structure.pages):
        yield PageImage(
            manuscript=row,
            image=page.image,
            position=position,
            label=page.label,
            name=page.name,
            number=page.master.number,
            logical_path=page.master.logical_path,
            digest=page.master.digest,
            size=page.master.size,
            media_type=page.master.media_type,
            width=page.master.width,
            height=page.master.height,
            original_name=page.master.original_name,
        )


def _elsewhere(elsewhere: Elsewhere) -> dict[str, object]:
    return {
        "holder": plain(elsewhere.holder),
        "statement": plain(elsewhere.statement),
        "rights": elsewhere.rights,
        "manifest": elsewhere.manifest,
        "origins": list(elsewhere.origins),
    }


def _pages_elsewhere(row: Manuscript, each: FromObjects) -> Iterator[PageElsewhere]:
    for position, page in enumerate(each.elsewhere.pages if each.elsewhere else ()):
        yield PageElsewhere(
            manuscript=row,
            position=position,
            number=page.number,
            label=page.label,
            name=page.name,
            address=page.address,
            service=page.service,
            version=page.version,
            profile=page.profile,
            width=page.width,
            height=page.height,
            measured=page.measured,
        )


def _publication(row: Manuscript, each: FromObjects) -> Publication:
    # The same objects give the same revision, on this laptop and after a rebuild on another.
    together = hashlib.sha256("\n".join(stored.inventory_digest for stored in each.objects).encode()).hexdigest()
    return Publication(
        manuscript=row,
        level=each.agreement.level.value,
        published=each.agreement.published,
        order=row.order,
        revision=together[:32],
        modified=max(rfc3339(stored.versions[-1].created) for stored in each.objects),
        blade=blade_of(each.described_by.id, inventory_of(each.described_by, 1)),
        sets=[[one.spec, plain(one.names)] for one in each.sets],
    )
