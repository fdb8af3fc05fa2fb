"""What comes to the catalogue from elsewhere: one manuscript of a TEI file, a row, a MARC record or a manifest."""

from __future__ import annotations

from dataclasses import dataclass

from khizana.core.catalogue.entry import Entry
from khizana.core.findings import Finding


@dataclass(frozen=True, slots=True)
class RemoteImage:
    """An image that another library serves."""

    label: str
    address: str
    """Of the whole image, as a file."""
    service: str = ""
    """Base address of its IIIF image service, or nothing."""
    width: int = 0
    height: int = 0
    """Pixels; 0 where it is not stated."""
    version: int = 0
    """Of the image service: 1, 2 or 3; 0 where it is not stated."""
    profile: str = ""
    """What the image service can do, as it is stated: an address, or "level2"."""
    canvas: str = ""
    """Address of the canvas that it is painted on."""
    canvas_width: int = 0
    canvas_height: int = 0
    """Of the canvas, in units of its own; 0 where it is not stated."""
    beside: str = ""
    """What it shows in the place of the first image of its canvas ("UV"); nothing for the first."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One manuscript as a file describes it."""

    entry: Entry
    file: str
    """Name of the file, as a person gave it."""
    line: int
    """Of the file, from 1, where its description begins: of the row in a spreadsheet."""
    document: bytes = b""
    """The TEI document that it was read from, byte for byte; nothing where it came in another form."""
    images: tuple[RemoteImage, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """A row or record that became no manuscript: why, and where it stands. Nothing is dropped without one."""

    finding: Finding
    file: str
    line: int
