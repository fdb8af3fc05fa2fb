"""What is asked of page images."""

from __future__ import annotations

from khizana.apps.digitisation.models import PageImage
from khizana.core.identifiers import Digest, ManuscriptId
from khizana.core.imaging.access_copy import is_complete
from khizana.core.library import LibraryFolder


def pages_without_copy(manuscript: ManuscriptId, folder: LibraryFolder) -> int:
    """Return how many pages of *manuscript* have no access copy yet."""
    digests = PageImage.objects.filter(manuscript__slug=manuscript).values_list("digest", flat=True)
    return sum(not is_complete(folder.access_copy(Digest(digest))) for digest in digests)


def count() -> int:
    """Return the number of page images."""
    return PageImage.objects.count()
