"""One manuscript as its preservation objects have it: what its rows are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from khizana.apps.digitisation.actions.make_access_copy import missing_copies
from khizana.apps.preservation.actions.index_object import events_of
from khizana.apps.publication.page_order import order_object, structure_of
from khizana.core.identifiers import ImageId, ManuscriptId, description_object_id, images_object_id, object_ids
from khizana.core.languages import reading_direction
from khizana.core.library import LibraryFolder
from khizana.core.manuscript import Description, Elsewhere
from khizana.core.oai.sets import HarvestedSet, sets_of
from khizana.core.policy import Agreement
from khizana.core.preservation import premis
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.structure.elsewhere import ELSEWHERE, read_elsewhere
from khizana.core.structure.written import PUBLICATION, Structure, read_publication
from khizana.core.tei.read import read_with_entry

DESCRIPTION = "description.xml"
ACCESSION = "Accession of the description"
"""Message of the first version of a description that came with photographs."""


def is_described_alone(description: StoredObject) -> bool:
    """Return whether *description* came to the catalogue without photographs, which may have followed."""
    return description.versions[0].message != ACCESSION


@dataclass(frozen=True, slots=True)
class FromObjects:
    """A manuscript as it was read from its objects."""

    manuscript: ManuscriptId
    objects: tuple[StoredObject, ...]
    """Those that it has, of images, description and order."""
    events: tuple[tuple[premis.Event, ...], ...]
    """Of each object."""
    described_by: StoredObject
    description: Description
    sets: tuple[HarvestedSet, ...]
    structure: Structure
    elsewhere: Elsewhere | None
    """Its images at another library, where it has none here."""
    agreement: Agreement
    work_left: Mapping[str, list[ImageId]]
    """On its access copies: page images, by the kind of work."""

    @property
    def page_count(self) -> int:
        """How many pages it has, here or at another library."""
        return len(self.structure.pages) + len(self.elsewhere.pages if self.elsewhere else ())

    def is_as_it_stands(self, folder: LibraryFolder, library: str) -> bool:
        """Return whether the objects are still those that were read, no more and no fewer."""
        there = {each.id for each in self.objects}
        return all(each.is_as_it_stands() for each in self.objects) and not any(
            (folder.storage / object_path(identifier)).is_dir()
            for identifier in object_ids(library, self.manuscript)
            if identifier not in there
        )


def read_manuscript(manuscript: ManuscriptId, folder: LibraryFolder, library: str) -> FromObjects | None:
    """Return *manuscript* as its objects have it; None where it is not wholly accessioned.

    One that was described before it is photographed has no images yet; of one that was photographed they are missing.

    Raises ``Damaged`` when an object cannot be read for what it is, ``BadInput`` for a description that is none.
    """
    paths = [
        folder.storage / object_path(part(library, manuscript)) for part in (images_object_id, description_object_id)
    ]
    images, described_by = (read_object(path) if path.is_dir() else None for path in paths)
    if described_by is None or (images is None and not is_described_alone(described_by)):
        return None
    publication = read_publication(described_by.read_bytes(PUBLICATION), manuscript)
    description, entry = read_with_entry(described_by.read_bytes(DESCRIPTION))
    # Without pages there is nothing to put in order.
    order = order_object(folder, library, manuscript) if images else None
    structure = (
        structure_of(images, order, manuscript) if images else Structure(reading_direction(description.languages), ())
    )
    elsewhere = None
    if not structure.pages and ELSEWHERE in described_by.state():
        elsewhere, direction = read_elsewhere(described_by.read_bytes(ELSEWHERE), manuscript)
        structure = Structure(direction, ())
    objects = tuple(each for each in (images, described_by, order) if each is not None)
    return FromObjects(
        manuscript,
        objects,
        tuple(tuple(events_of(each)) for each in objects),
        described_by,
        # A description made elsewhere may state another shelfmark; the one given at accession is this library's.
        replace(description, shelfmark=publication.shelfmark),
        sets_of(entry),
        structure,
        elsewhere,
        publication.agreement,
        missing_copies(((page.image, page.master.digest) for page in structure.pages), folder=folder),
    )
