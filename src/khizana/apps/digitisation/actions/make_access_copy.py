"""Make the access copies of one page image from its master, and the larger reading sizes that can wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from khizana.apps.digitisation.models import PageImage
from khizana.apps.preservation.queries import content_path
from khizana.core.identifiers import Digest, ImageId, ManuscriptId, images_object_id
from khizana.core.imaging.access_facts import read_access_copy
from khizana.core.imaging.lanes import ImageLanes
from khizana.core.library import LibraryFolder

ACCESS_COPY = "access copy"
LARGER_SIZES = "larger sizes"


def make_access_copy(*, image: ImageId, folder: LibraryFolder, library: str, lanes: ImageLanes) -> None:
    """Make what is missing of the access copies of *image*; nothing where the page image is no more.

    Raises ``BadInput`` or ``Damaged`` where the master cannot be read.
    """
    page = PageImage.objects.select_related("manuscript").filter(image=image).first()
    if page is None:
        return
    identifier = images_object_id(library, ManuscriptId(page.manuscript.slug))
    master = content_path(folder.storage, identifier, page.logical_path)
    digest = Digest(page.digest)
    lanes.submit(master, folder.access_copy(digest), digest, name=page.original_name).result()


def make_larger_sizes(*, image: ImageId, folder: LibraryFolder, library: str, lanes: ImageLanes) -> None:
    """Make the reading sizes of *image* that were left for later; the whole access copy where there is none."""
    page = PageImage.objects.filter(image=image).first()
    if page is None:
        return
    digest = Digest(page.digest)
    made = lanes.submit_complete(folder.access_copy(digest), digest, name=page.original_name).result()
    if made is None:
        make_access_copy(image=image, folder=folder, library=library, lanes=lanes)


def missing_copies(pages: Iterable[tuple[ImageId, Digest]], *, folder: LibraryFolder) -> Mapping[str, list[ImageId]]:
    """Return the work that is left on the access copies of *pages*: by its kind, the page images."""
    wanted: dict[str, list[ImageId]] = {ACCESS_COPY: [], LARGER_SIZES: []}
    for image, digest in pages:
        copy = read_access_copy(folder.access_copy(digest), digest=digest)
        if copy is None:
            wanted[ACCESS_COPY].append(image)
        elif copy.awaited:
            wanted[LARGER_SIZES].append(image)
    return wanted
