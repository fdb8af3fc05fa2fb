"""A manuscript as one plain value: what the objects keep, the manifest says and the reading room shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from khizana.core.ark import TEST_NAAN
from khizana.core.identifiers import Digest, ImageId, ManuscriptId
from khizana.core.policy import Agreement

Direction = Literal["rtl", "ltr"]

Words = Mapping[str, tuple[str, ...]]
"""Words in several languages: BCP 47 tag (or "none") to one or more strings, as in IIIF Presentation 3.0."""


@dataclass(frozen=True, slots=True)
class Master:
    """The best file of one page image, kept for ever in the images object."""

    number: int
    """From 1, in the order of accession; never reused, never changed by a new page order."""
    logical_path: str
    """Path in the images object: ``masters/0001.tif``."""
    digest: Digest
    size: int
    """Bytes."""
    media_type: str
    """``image/tiff`` ..., found by reading the file, not from its name."""
    width: int
    """Pixels, after the EXIF orientation is applied."""
    height: int
    original_name: str
    """File name on the card, with undecodable bytes and control characters escaped."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page image in reading order."""

    image: ImageId
    label: str
    """What a person calls it: "12r", "front cover"."""
    name: str
    """The label as an address; one manuscript has each name once."""
    master: Master


@dataclass(frozen=True, slots=True)
class PageElsewhere:
    """One page in reading order whose image another library holds and serves."""

    number: int
    """From 1, in the order of its manifest."""
    label: str
    name: str
    """The label as an address; one manuscript has each name once."""
    address: str
    """Of the image, as a file."""
    service: str
    """Base address of its IIIF image service, or nothing."""
    version: int
    """Of the image service: 1, 2 or 3; 0 where it is not stated."""
    profile: str
    """What the image service can do, as it is stated."""
    width: int
    """Pixels as they are stated, else of its canvas; 0 where nothing is."""
    height: int
    measured: bool
    """Whether these are the pixels of the image: of a canvas the proportions are right, and the size may be any."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The pages of a manuscript whose images another library holds, and what that library says of them."""

    holder: Words
    """Who holds the images."""
    statement: Words
    """What must be shown with every image."""
    rights: str
    """Address of a rights statement, or nothing."""
    manifest: str
    """Address of the manifest that names the images, or nothing."""
    origins: tuple[str, ...]
    """Servers that a page asks for images: "https://iiif.example.org"."""
    pages: tuple[PageElsewhere, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """A named run of pages (a text, a section), by index into the pages, first and last included."""

    label: Words
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Description:
    """What the catalogue says of a manuscript, as far as this library's pages and manifests show it."""

    shelfmark: str
    titles: Words
    languages: tuple[str, ...] = ()
    """BCP 47 tags of the texts, main one first."""
    date_as_written: str = ""
    summary: Words = field(default_factory=dict)
    details: tuple[tuple[Words, Words], ...] = ()
    """Label and value pairs to show: place, scribe, extent ..."""
    ranges: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True)
class Manuscript:
    """One manuscript, whole: description, reading direction, pages in order, and who may see it."""

    id: ManuscriptId
    description: Description
    direction: Direction
    pages: tuple[Page, ...]
    agreement: Agreement
    revision: str
    """Changes whenever anything a reader can see of it changes; stored pages and manifests are keyed by it."""
    modified: str
    """RFC 3339 time of the newest object version."""
    elsewhere: Elsewhere | None = None
    """Pages that another library holds, of a manuscript that has none of its own here."""
    blade: str = ""
    """Name of its permanent address, without check character (``core.ark``), or nothing where it has none yet."""

    @property
    def shown(self) -> tuple[Page, ...] | tuple[PageElsewhere, ...]:
        """The pages that readers see: its own, or where it has none those that another library holds."""
        return self.pages or (self.elsewhere.pages if self.elsewhere else ())


@dataclass(frozen=True, slots=True)
class LibraryCard:
    """The library as its manifests and pages name it."""

    name: str
    """Short name used in identifiers: "ahmed-baba"."""
    titles: Words
    base_url: str
    """Public address without a closing slash: "http://127.0.0.1:8000"."""
    rights: str = ""
    """A rights statement address (Creative Commons or RightsStatements.org), or nothing."""
    required_statement: Words = field(default_factory=dict)
    homepage: str = ""
    naan: str = TEST_NAAN
    """Name assigning authority number of its permanent addresses."""
    terms: Words = field(default_factory=dict)
    """What readers agree to before they see images whose owner asks for that; empty: the words of every library."""
