"""The public addresses that manifests and collections name, percent-encoded, made in one place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from khizana.core.identifiers import ImageId, ManuscriptId


@lru_cache(maxsize=2048)
def _quoted(name: str) -> str:
    # A page's name stands four times in its canvas, and encoding Arabic letters was half the time of a manifest.
    return quote(name, safe="")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses under one public base (without a closing slash)."""

    base: str

    def manifest(self, manuscript: ManuscriptId) -> str:
        """Return the address of the manifest, Presentation 3.0 unless another version is asked for."""
        return f"{self.base}/iiif/manifest/{_quoted(manuscript)}"

    def collection(self, part: int | None = None) -> str:
        """Return the address of the collection of all manuscripts, or of its *part* (from 1)."""
        return f"{self.base}/iiif/collection" + (f"/{part}" if part else "")

    def description(self, manuscript: ManuscriptId) -> str:
        """Return the address of the TEI description."""
        return f"{self.base}/m/{_quoted(manuscript)}/description.xml"

    def reading_room(self, language: str, manuscript: ManuscriptId | None = None) -> str:
        """Return the address of the reading room, or of one manuscript in it, in *language* (ar, fr, en)."""
        return f"{self.base}/{language}/" + (f"m/{_quoted(manuscript)}/" if manuscript else "")

    def citation(self, manuscript: ManuscriptId, ending: str) -> str:
        """Return the address of the citation in the form whose files have that *ending* (bib, ris, json)."""
        return f"{self.base}/m/{_quoted(manuscript)}/cite.{ending}"

    def linkset(self, manuscript: ManuscriptId) -> str:
        """Return the address of all typed links of a manuscript."""
        return f"{self.base}/m/{_quoted(manuscript)}/linkset.json"

    def permanent(self, ark: str) -> str:
        """Return the permanent address of what has that *ark*."""
        return f"{self.base}/{ark}"

    def changes(self, page: int | None = None) -> str:
        """Return the address of the list of changes, or of its *page* (from 1)."""
        return f"{self.base}/iiif/changes" + (f"/{page}" if page else "")

    def oai(self) -> str:
        """Return the address for harvests over OAI-PMH."""
        return f"{self.base}/oai"

    def image_service(self, image: ImageId, version: int) -> str:
        """Return the address of the image service of Image API *version* (2 or 3)."""
        return f"{self.base}/iiif/{version}/{_quoted(image)}"

    def reading_size(self, image: ImageId, width: int) -> str:
        """Return the address of the ready-made JPEG of a nominal *width* (480, 800, 1200 or 2000)."""
        return f"{self.base}/images/{_quoted(image)}/{width}.jpg"
