"""Make the access copies of one page image again, from its master in the storage root."""

from __future__ import annotations

from khizana.apps.digitisation.models import PageImage
from khizana.apps.jobs import queue
from khizana.apps.preservation.queries import content_path
from khizana.core.identifiers import Digest, ImageId, ManuscriptId, images_object_id
from khizana.core.imaging.access_facts import read_access_copy
from khizana.core.imaging.lanes import ImageLanes
from khizana.core.library import LibraryFolder

JOB = "access copy"


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


def ask_for_missing(*, folder: LibraryFolder) -> int:
    """Put a job for every page image without access copies; return how many."""
    missing = 0
    for image, digest in PageImage.objects.values_list("image", "digest").iterator(chunk_size=1000):
        if read_access_copy(folder.access_copy(Digest(digest)), digest=Digest(digest)) is None:
            queue.put(JOB, image)
            missing += 1
    return missing
