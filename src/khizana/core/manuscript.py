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
    blade: str = ""
    """Name of its permanent address, without check character (``core.ark``), or nothing where it has none yet."""


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
