"""What the image doors need to know of one page image, small enough to keep thousands in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from khizana.core.identifiers import ImageId
from khizana.core.policy import Agreement


@dataclass(frozen=True, slots=True)
class ServedImage:
    """One page image as the doors see it."""

    folder: Path
    """Its access copies: ``pyramid.tif``, ``480.avif`` ..."""
    width: int
    """Pixels of the full image."""
    height: int
    agreement: Agreement


class ServedImages(Protocol):
    """Finds page images for the doors; answers from memory, and from the database only on a first meeting."""

    def peek(self, image: ImageId) -> ServedImage | None:
        """Return the image if it is in memory; never blocks."""

    async def load(self, image: ImageId) -> ServedImage | None:
        """Return the image, from the database where needed, or None where there is none."""
