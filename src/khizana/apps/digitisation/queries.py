"""What is asked of page images."""

from __future__ import annotations

from khizana.apps.digitisation.models import PageImage
from khizana.core.identifiers import Digest, ManuscriptId
from khizana.core.imaging.access_facts import read_access_copy
from khizana.core.library import LibraryFolder


def pages_without_copy(manuscript: ManuscriptId, folder: LibraryFolder) -> int:
    """Return how many pages of *manuscript* have no access copy yet."""
    digests = PageImage.objects.filter(manuscript__slug=manuscript).values_list("digest", flat=True)
    return sum(read_access_copy(folder.access_copy(digest), digest=digest) is None for digest in map(Digest, digests))


def count() -> int:
    """Return the number of page images."""
    return PageImage.objects.count()
