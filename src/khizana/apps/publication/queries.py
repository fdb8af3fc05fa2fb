"""What the doors ask: manuscripts as values, whoever may see them (the doors ask ``core.policy``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db.models import Count, Q

from khizana.apps.catalogue.models import Manuscript as ManuscriptRow
from khizana.apps.digitisation.models import PageElsewhere as PageElsewhereRow
from khizana.apps.digitisation.models import PageImage
from khizana.apps.publication.models import Generation, Publication
from khizana.apps.publication.shelf import on_shelf, shelf
from khizana.core.identifiers import Digest, ImageId, ManuscriptId
from khizana.core.library import LibraryFolder
from khizana.core.manuscript import (
    Description,
    Direction,
    Elsewhere,
    LibraryCard,
    Manuscript,
    Master,
    Page,
    PageElsewhere,
    Range,
    Words,
)
from khizana.core.policy import Agreement, Level, Reader
from khizana.core.serving import ServedImage

_AT_ONCE = 500  # manuscripts read with one query


@dataclass(frozen=True, slots=True)
class ManuscriptSummary:
    """One manuscript in a list."""

    id: ManuscriptId
    shelfmark: str
    titles: Words
    direction: Direction
    page_count: int
    first: Page | None
    agreement: Agreement
    modified: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One stretch of the list of manuscripts."""

    total: int
    items: tuple[ManuscriptSummary, ...]


@dataclass(frozen=True, slots=True)
class Folio:
    """One page in its manuscript, with what lies around it."""

    manuscript: Manuscript
    """Without its pages."""
    page_count: int
    index: int
    """Of the page, in reading order."""
    pages: Mapping[int, Page] | Mapping[int, PageElsewhere]
    """By index: the page, its neighbours, the first and the last."""

    @property
    def page(self) -> Page | PageElsewhere:
        """The page itself."""
        return self.pages[self.index]


def library_card() -> LibraryCard:
    """Return the library as its pages and manifests name it."""
    return settings.KHIZANA.card(serving_at=settings.KHIZANA_SERVING_AT)


def library_folder() -> LibraryFolder:
    """Return the folder of the library that is served."""
    return settings.KHIZANA_FOLDER


def generation() -> int:
    """Return the number that counts every change a door must know of."""
    return Generation.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def manuscript(id: ManuscriptId) -> Manuscript | None:  # noqa: A002 - the glossary's word for what it is
    """Return the manuscript with all its pages, published or not, or None."""
    row = ManuscriptRow.objects.select_related("publication").filter(slug=id).first()
    if row is None:
        return None
    elsewhere = row.pages_elsewhere.order_by("position") if row.elsewhere else ()
    return manuscript_of_row(row, row.page_images.order_by("position"), elsewhere)


def folio(id: ManuscriptId, name: str, *, around: int) -> Folio | None:  # noqa: A002 - the glossary's word
    """Return the page *name* of a manuscript with *around* pages on either side, published or not, or None.

    What it costs does not grow with the number of pages.
    """
    row = ManuscriptRow.objects.select_related("publication").filter(slug=id).first()
    if row is None:
        return None
    if row.elsewhere:
        return _folio(row, row.pages_elsewhere.all(), _page_elsewhere, name, around)
    return _folio(row, row.page_images.all(), _page, name, around)


def _folio(
    row: ManuscriptRow, rows: Any, value_of: Callable[[Any], Page | PageElsewhere], name: str, around: int
) -> Folio | None:
    page, last = rows.filter(name=name).first(), rows.order_by("position").last()
    if page is None or last is None:
        return None
    near = rows.filter(position__range=(page.position - around, page.position + around))
    pages: dict[int, Any] = {
        each.position: value_of(each) for each in (*rows.filter(position=0), *near.order_by("position"), last)
    }
    return Folio(manuscript_of_row(row, ()), last.position + 1, page.position, pages)


def listed(*, reader: Reader, offset: int, limit: int) -> Listing:
    """Return *limit* manuscripts from *offset* on, by shelfmark: the published ones, or all for staff.

    What a list costs grows with *limit* alone, wherever it begins and however many manuscripts there are.
    """
    stands = shelf(public=not reader.staff)
    if not 0 <= offset < stands.total:
        return Listing(stands.total, ())
    first, passed = stands.find(offset)
    rows_of_shelf = on_shelf(public=not reader.staff).filter(order__gte=first)
    wanted = list(rows_of_shelf.values_list("manuscript_id", flat=True)[passed : passed + limit])
    return Listing(stands.total, tuple(_summaries(wanted)))


def _summaries(wanted: Sequence[int]) -> Iterator[ManuscriptSummary]:
    """Yield what a list shows of the manuscripts with the primary keys *wanted*, in their order."""
    pages = PageImage.objects.filter(manuscript__in=wanted)
    counts = dict(pages.order_by().values_list("manuscript").annotate(Count("pk")))
    if any(row not in counts for row in wanted):
        others = PageElsewhereRow.objects.filter(manuscript__in=wanted)
        counts |= dict(others.order_by().values_list("manuscript").annotate(Count("pk")))
    firsts = {page.manuscript_id: _page(page) for page in pages.filter(position=0)}
    rows = ManuscriptRow.objects.select_related("publication").in_bulk(wanted)
    for row in map(rows.get, wanted):
        if row is not None:  # unless it was removed a moment ago
            yield ManuscriptSummary(
                id=ManuscriptId(row.slug),
                shelfmark=row.shelfmark,
                titles=_words(row.titles),
                direction=cast("Direction", row.direction),
                page_count=counts.get(row.pk, 0),
                first=firsts.get(row.pk),
                agreement=_agreement(row.publication),
                modified=row.publication.modified,
            )


def count_listed(*, reader: Reader) -> int:
    """Return how many manuscripts ``listed`` has in all."""
    return shelf(public=not reader.staff).total


def served_image(image: ImageId) -> ServedImage | None:
    """Return what the image doors need to know of *image*, or None."""
    page = PageImage.objects.select_related("manuscript__publication").filter(image=image).first()
    if page is None:
        return None
    return ServedImage(
        folder=library_folder().access_copy(Digest(page.digest)),
        width=page.width,
        height=page.height,
        agreement=_agreement(page.manuscript.publication),
    )


def agreement_and_revision(id: ManuscriptId) -> tuple[Agreement, str] | None:  # noqa: A002 - the glossary's word
    """Return the agreement in force for the manuscript and its revision, or None."""
    row = Publication.objects.filter(manuscript__slug=id).first()
    return (_agreement(row), row.revision) if row else None


def manuscript_ids(*, published_only: bool) -> Iterator[ManuscriptId]:
    """Yield every manuscript, by its shelfmark; some hundred are read at a time."""
    rows = ManuscriptRow.objects.order_by("order", "pk")
    if published_only:
        rows = rows.filter(publication__published=True)
    after: tuple[str, int] | None = None
    while True:
        later = rows if after is None else rows.filter(Q(order__gt=after[0]) | Q(order=after[0], pk__gt=after[1]))
        found = list(later.values_list("slug", "order", "pk")[:_AT_ONCE])
        if not found:
            return
        yield from (ManuscriptId(slug) for slug, _, _ in found)
        after = found[-1][1:]


@dataclass(frozen=True, slots=True)
class Searchable:
    """What of a manuscript's search document is known from rows alone."""

    id: ManuscriptId
    shelfmark: str
    agreement: Agreement
    page_count: int


def searchable(ids: Sequence[ManuscriptId] | None = None) -> Iterator[Searchable]:
    """Yield what is to be searched: the manuscripts with *ids* that there are, or all."""
    rows = Publication.objects.select_related("manuscript").annotate(
        # Of one of the two there are none, so that neither multiplies the other.
        pages=Count("manuscript__page_images") + Count("manuscript__pages_elsewhere")
    )
    if ids is not None:
        rows = rows.filter(manuscript__slug__in=ids)
    for row in rows.order_by("manuscript__pk").iterator(chunk_size=500):
        yield Searchable(ManuscriptId(row.manuscript.slug), row.manuscript.shelfmark, _agreement(row), row.pages)


def agreements(ids: Sequence[ManuscriptId]) -> dict[ManuscriptId, Agreement]:
    """Return the agreements in force now for those of *ids* that there are."""
    rows = Publication.objects.select_related("manuscript").filter(manuscript__slug__in=ids)
    return {ManuscriptId(row.manuscript.slug): _agreement(row) for row in rows}


def summaries(ids: Sequence[ManuscriptId]) -> dict[ManuscriptId, ManuscriptSummary]:
    """Return what a list shows of those of *ids* that there are, published or not."""
    wanted = list(ManuscriptRow.objects.filter(slug__in=ids, publication__isnull=False).values_list("pk", flat=True))
    return {each.id: each for each in _summaries(wanted)}


def counts() -> tuple[int, dict[Level, int]]:
    """Return the number of manuscripts, and how many of them are published at each level."""
    published = Publication.objects.filter(published=True).order_by().values_list("level").annotate(Count("pk"))
    return Publication.objects.count(), dict.fromkeys(Level, 0) | {Level(level): count for level, count in published}


def manuscript_of_row(
    row: ManuscriptRow, pages: Iterable[PageImage], elsewhere: Iterable[PageElsewhereRow] = ()
) -> Manuscript:
    """Return the value of *row*, with *pages*, or those *elsewhere*, in their order."""
    publication = row.publication
    return Manuscript(
        id=ManuscriptId(row.slug),
        description=Description(
            shelfmark=row.shelfmark,
            titles=_words(row.titles),
            languages=tuple(row.languages),
            date_as_written=row.date_as_written,
            summary=_words(row.summary),
            details=tuple((_words(label), _words(value)) for label, value in row.details),
            ranges=tuple(Range(_words(label), first, last) for label, first, last in row.ranges),
        ),
        direction=cast("Direction", row.direction),
        pages=tuple(map(_page, pages)),
        agreement=_agreement(publication),
        elsewhere=_elsewhere(row.elsewhere, tuple(map(_page_elsewhere, elsewhere))) if row.elsewhere else None,
        revision=publication.revision,
        modified=publication.modified,
        blade=publication.blade,
    )


def _elsewhere(value: dict[str, Any], pages: tuple[PageElsewhere, ...]) -> Elsewhere:
    return Elsewhere(
        holder=_words(value["holder"]),
        statement=_words(value["statement"]),
        rights=value["rights"],
        manifest=value["manifest"],
        origins=tuple(value["origins"]),
        pages=pages,
    )


def _page_elsewhere(row: PageElsewhereRow) -> PageElsewhere:
    return PageElsewhere(
        number=row.number,
        label=row.label,
        name=row.name,
        address=row.address,
        service=row.service,
        version=row.version,
        profile=row.profile,
        width=row.width,
        height=row.height,
        measured=row.measured,
    )


def _words(value: Any) -> Words:
    return {tag: tuple(texts) for tag, texts in value.items()}


def _agreement(row: Publication) -> Agreement:
    return Agreement(Level(row.level), row.published)


def _page(row: PageImage) -> Page:
    master = Master(
        number=row.number,
        logical_path=row.logical_path,
        digest=Digest(row.digest),
        size=row.size,
        media_type=row.media_type,
        width=row.width,
        height=row.height,
        original_name=row.original_name,
    )
    return Page(ImageId(row.image), row.label, row.name, master)
