"""Write the rows of one manuscript from its preservation objects: the only way rows come to be."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import F

from khizana.apps.catalogue.models import Manuscript
from khizana.apps.digitisation.actions.make_access_copy import missing_copies
from khizana.apps.digitisation.models import PageElsewhere, PageImage
from khizana.apps.jobs import queue
from khizana.apps.preservation.actions.follow_versions import inventory_of
from khizana.apps.preservation.actions.index_object import events_of, index_object
from khizana.apps.publication.actions.note_change import note_change, note_gone
from khizana.apps.publication.models import Generation, Publication
from khizana.apps.publication.page_order import order_object, structure_of
from khizana.apps.publication.shelf import Standing, all_moved, moved, standing
from khizana.core.ark import blade_of
from khizana.core.errors import Damaged
from khizana.core.identifiers import ManuscriptId, description_object_id, images_object_id
from khizana.core.languages import reading_direction
from khizana.core.library import LibraryFolder
from khizana.core.manuscript import Description, Elsewhere
from khizana.core.oai.described import entry_of
from khizana.core.oai.sets import HarvestedSet, sets_of
from khizana.core.policy import Agreement
from khizana.core.preservation.ocfl.inventory import rfc3339
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.structure.elsewhere import ELSEWHERE, read_elsewhere
from khizana.core.structure.labels import natural_key
from khizana.core.structure.written import PUBLICATION, Structure, read_publication
from khizana.core.tei.read import read_description

DESCRIPTION = "description.xml"
IMPORTED = "imported.xml"
"""The description as it last came from elsewhere, in the object of one that was imported."""
ACCESSION = "Accession of the description"
"""Message of the first version of a description that came with photographs."""
SEARCH = "search"
"""The kind of job that brings what is searched of a manuscript up to date."""


def is_described_alone(description: StoredObject) -> bool:
    """Return whether *description* came to the catalogue without photographs, which may have followed."""
    return description.versions[0].message != ACCESSION


def index_manuscript(*, manuscript: ManuscriptId, folder: LibraryFolder, library: str, noting: bool = True) -> bool:
    """Write all rows of *manuscript* in one transaction; return False where it is not wholly accessioned.

    One that was described before it is photographed has no images yet; of one that was photographed they are missing.
    What that changes for other libraries is noted with them, unless *noting* is false: then whoever calls does it.

    Raises ``Damaged`` when an object cannot be read for what it is.
    """
    return _index(manuscript, folder, library, noting=noting, count=_counted_at_once)


def index_manuscripts(*, manuscripts: Iterable[ManuscriptId], folder: LibraryFolder, library: str) -> None:
    """Write all rows of every one of *manuscripts* in one transaction. Raises as ``index_manuscript``."""
    steps: list[tuple[Standing | None, Standing]] = []
    with transaction.atomic():
        for manuscript in manuscripts:
            _index(manuscript, folder, library, noting=True, count=lambda before, now: steps.append((before, now)))
        all_moved(steps)
        count_change()


Count = Callable[[Standing | None, Standing], None]
"""Counts, in the transaction of a manuscript's rows, that it stood there and stands here now."""


def _counted_at_once(before: Standing | None, now: Standing) -> None:
    moved(before, now)
    count_change()


def _index(manuscript: ManuscriptId, folder: LibraryFolder, library: str, *, noting: bool, count: Count) -> bool:
    try:
        return _indexed(manuscript, folder, library, noting=noting, count=count)
    except IntegrityError as error:
        # Two events of one identifier, in files that someone copied or wrote by hand.
        raise Damaged("STRUCTURE_UNREADABLE", manuscript=manuscript, problem=str(error)) from error


def _indexed(manuscript: ManuscriptId, folder: LibraryFolder, library: str, *, noting: bool, count: Count) -> bool:
    while True:
        # All files are read before the transaction: while thousands are, nobody else could write.
        images_object, description_object, order = _objects(manuscript, folder, library)
        if description_object is None or (images_object is None and not is_described_alone(description_object)):
            return False
        publication = read_publication(description_object.read_bytes(PUBLICATION), manuscript)
        # A description made elsewhere may state another shelfmark; the one given at accession is this library's.
        description = replace(
            read_description(description_object.read_bytes(DESCRIPTION)), shelfmark=publication.shelfmark
        )
        sets = sets_of(entry_of(description_object.read_bytes(DESCRIPTION), description))
        if images_object is None:
            structure = Structure(reading_direction(description.languages), ())
        else:
            structure = structure_of(images_object, order, manuscript)
        elsewhere = None
        if not structure.pages and ELSEWHERE in description_object.state():
            elsewhere, direction = read_elsewhere(description_object.read_bytes(ELSEWHERE), manuscript)
            structure = Structure(direction, ())
        objects = tuple(each for each in (images_object, description_object, order) if each is not None)
        events = [events_of(each) for each in objects]
        left = missing_copies(((page.image, page.master.digest) for page in structure.pages), folder=folder)
        with transaction.atomic():
            if _objects(manuscript, folder, library) != (images_object, description_object, order):
                # Another command wrote meanwhile: rows of what was read would open what it has closed.
                continue
            for stored, of_it in zip(objects, events, strict=True):
                index_object(stored, of_it, storage=folder.storage)
            stood = standing(manuscript)
            row = _manuscript_row(manuscript, description, structure, elsewhere)
            _page_rows(row, structure)
            _elsewhere_rows(row, elsewhere)
            for kind, images in left.items():
                queue.put(kind, images)
            was_concealed = Publication.objects.filter(manuscript=row, published=False).exists()
            written = _publication_row(row, publication.agreement, objects, description_object, sets)
            call_for_search(manuscript)
            count(stood, Standing(row.order, publication.agreement.published))
            if noting:
                note_change(written, shelfmark=description.shelfmark, was_concealed=was_concealed)
        return True


def conceal(manuscript: ManuscriptId, *, is_withdrawn: bool = False) -> None:
    """Close every door of a manuscript whose objects cannot be read: nothing is shown on a guess.

    It is as its objects say again when they are indexed again. To other libraries it counts as withdrawn only where
    that was asked for (*is_withdrawn*).
    """
    with transaction.atomic():
        stood = standing(manuscript)
        if Publication.objects.filter(manuscript__slug=manuscript, published=True).update(published=False):
            moved(stood, standing(manuscript))
            call_for_search(manuscript)
            count_change()
            if is_withdrawn:
                note_gone([manuscript])


def call_for_search(manuscript: ManuscriptId) -> None:
    """Ask that what is searched of *manuscript* be brought up to date; call it in the transaction of the change."""
    # Each change is a job of its own: one that comes while an earlier one is being done must not be lost with it.
    queue.put(SEARCH, [f"{manuscript} {time.time_ns()}"])


def count_change() -> None:
    """Tell every door that something it may remember has changed; call it in the transaction of the change."""
    # Counted from the time at which the database was made: doors that knew another one see that it is not theirs.
    Generation.objects.get_or_create(pk=1, defaults={"number": time.time_ns()})
    Generation.objects.filter(pk=1).update(number=F("number") + 1)


def _objects(manuscript: ManuscriptId, folder: LibraryFolder, library: str) -> tuple[StoredObject | None, ...]:
    """Return the objects of *manuscript* as they stand now: images, description, order."""
    paths = [
        folder.storage / object_path(part(library, manuscript)) for part in (images_object_id, description_object_id)
    ]
    images, description = (read_object(path) if path.is_dir() else None for path in paths)
    # Without pages there is nothing to put in order.
    return images, description, order_object(folder, library, manuscript) if images else None


def _manuscript_row(
    manuscript: ManuscriptId, description: Description, structure: Structure, elsewhere: Elsewhere | None
) -> Manuscript:
    order = " ".join(
        f"{part:>09}" if isinstance(part, int) else str(part) for _, part, _ in natural_key(description.shelfmark)
    )
    row, _ = Manuscript.objects.update_or_create(
        slug=manuscript,
        defaults={
            "shelfmark": description.shelfmark,
            "order": order[:400],
            "titles": _plain(description.titles),
            "languages": list(description.languages),
            "date_as_written": description.date_as_written,
            "summary": _plain(description.summary),
            "details": [[_plain(label), _plain(value)] for label, value in description.details],
            "ranges": [[_plain(each.label), each.first, each.last] for each in description.ranges],
            "direction": structure.direction,
            "elsewhere": _elsewhere(elsewhere) if elsewhere and elsewhere.pages else {},
        },
    )
    return row


def _plain(words: object) -> dict[str, list[str]]:
    return {tag: list(texts) for tag, texts in dict(words).items()}  # type: ignore[call-overload]  # JSON of Words


def _elsewhere(elsewhere: Elsewhere) -> dict[str, object]:
    return {
        "holder": _plain(elsewhere.holder),
        "statement": _plain(elsewhere.statement),
        "rights": elsewhere.rights,
        "manifest": elsewhere.manifest,
        "origins": list(elsewhere.origins),
    }


def _elsewhere_rows(row: Manuscript, elsewhere: Elsewhere | None) -> None:
    PageElsewhere.objects.filter(manuscript=row).delete()
    PageElsewhere.objects.bulk_create(
        PageElsewhere(
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
        for position, page in enumerate(elsewhere.pages if elsewhere else ())
    )


def _page_rows(row: Manuscript, structure: Structure) -> None:
    PageImage.objects.filter(manuscript=row).delete()
    PageImage.objects.bulk_create(
        PageImage(
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
        for position, page in enumerate(structure.pages)
    )


def _publication_row(
    row: Manuscript,
    agreement: Agreement,
    objects: Iterable[StoredObject],
    description: StoredObject,
    sets: Iterable[HarvestedSet],
) -> Publication:
    # The same objects give the same revision, on this laptop and after a rebuild on another.
    together = hashlib.sha256("\n".join(each.inventory_digest for each in objects).encode()).hexdigest()
    written, _ = Publication.objects.update_or_create(
        manuscript=row,
        defaults={
            "level": agreement.level.value,
            "published": agreement.published,
            "order": row.order,
            "revision": together[:32],
            "modified": max(rfc3339(each.versions[-1].created) for each in objects),
            "blade": blade_of(description.id, inventory_of(description, 1)),
            "sets": [[each.spec, _plain(each.names)] for each in sets],
        },
    )
    return written
