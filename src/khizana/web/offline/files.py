"""Where everything of an edition lies, and which image files of a page may go into it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from khizana.core.identifiers import ManuscriptId
from khizana.core.manuscript import Page
from khizana.core.policy import Allow, Decision, Degrade

LIGHT, FULL = 800, 2000
"""Pixels: nominal widths of the two sizes; the next smaller one that is there stands in for each."""
_WIDTHS = (2000, 1200, 800, 480)

# What every file system keeps, a stick's too, whatever it does with capitals; devices of Windows are no file names.
_PLAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])")


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One image file of the edition, and the access copy that it is a copy of."""

    source: Path
    path: str
    """In the edition."""
    width: int
    """Pixels."""
    height: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PageFiles:
    """The image files of one page."""

    light: ImageFile
    full: ImageFile | None
    """A larger one, where there is one."""
    is_final: bool
    """False where the library has yet to make the size that was wanted."""

    def __iter__(self) -> Iterator[ImageFile]:
        """Yield the files."""
        yield self.light
        if self.full:
            yield self.full


def file_name(manuscript: ManuscriptId) -> str:
    """Return the name of a manuscript's files: its identifier where that is a name on every disk, else a digest."""
    if _PLAIN.fullmatch(manuscript) and not _DEVICES.fullmatch(manuscript):
        return manuscript
    return f"m.{hashlib.sha256(manuscript.encode()).hexdigest()[:16]}"


def page_files(page: Page, stem: str, copies: Path, decision: Decision, *, with_full: bool) -> PageFiles | None:
    """Return the files of *page* that *decision* allows; None where there is none.

    *copies* is the folder of its access copies, *stem* the path in the edition that its files begin with.
    """
    longest = {Allow: None, Degrade: getattr(decision, "longest_side", None)}.get(type(decision), 0)
    found = [each for width in _WIDTHS if (each := _file(page, stem, copies, width, longest))]
    light = next((each for each in found if each.width <= LIGHT), None)
    if light is None:
        return None
    full = next((each for each in found if each.width <= FULL), None) if with_full else None
    full = full if full and full.width > light.width else None
    return PageFiles(light, full, is_final=_is_final(page, light, full, longest, with_full=with_full))


def _file(page: Page, stem: str, copies: Path, width: int, longest: int | None) -> ImageFile | None:
    actual = min(width, page.master.width)
    height = max(1, round(actual * page.master.height / page.master.width))
    if longest is not None and max(actual, height) > longest:
        return None
    source = copies / f"{width}.avif"
    try:
        size = source.stat().st_size
    except OSError:
        return None
    return ImageFile(source, f"{stem}-{width}.avif", actual, height, size)


def _is_final(page: Page, light: ImageFile, full: ImageFile | None, longest: int | None, *, with_full: bool) -> bool:
    if longest is not None:
        return True
    wanted = min(LIGHT, page.master.width) if page.master.width >= LIGHT else light.width
    return light.width >= wanted and (not with_full or page.master.width < 1200 or full is not None)


def allotted(sizes: Sequence[int], pack: int) -> list[int]:
    """Return the number, from 1, of the pack of each of *sizes* (bytes), in their order; each pack holds *pack* bytes.

    What is larger than a pack has one of its own.
    """
    numbers, number, held = [], 1, 0
    for size in sizes:
        if held and held + size > pack:
            number, held = number + 1, 0
        held += size
        numbers.append(number)
    return numbers
