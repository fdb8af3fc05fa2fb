"""The specimen library as files: one folder a manuscript, its masters and description, its truth beside."""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import signal
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageFont

from khizana.core.errors import BadInput, NotFound
from khizana.core.manuscript import Description, Direction, Range
from khizana.core.specimen.book import Book, Side, folio_label, plan
from khizana.core.specimen.books import BOOKS
from khizana.core.specimen.figures import Figure
from khizana.core.specimen.hand import Hand
from khizana.core.specimen.page import Page, draw_leaf
from khizana.core.specimen.texts import MARK_LATIN
from khizana.core.specimen.truth import as_alto, as_json
from khizana.core.tei import fields
from khizana.core.tei.write import description_tei

TRUTH = "ground-truth"
"""Folder beside the manuscripts' folders: ``ground-truth/<slug>/<label>.json`` and ``.xml`` (ALTO)."""

_EXIF_DESCRIPTION, _EXIF_ORIENTATION, _EXIF_SOFTWARE = 0x010E, 0x0112, 0x0131
_TURNED_RIGHT = 6
"""EXIF orientation of an image to be turned clockwise for display."""
_DPI = (300, 300)

_FIGURE_NAMES: Mapping[Figure, Mapping[str, tuple[str, ...]]] = {
    "declination": {
        "ar": ("جدول ميل الشمس",),
        "fr": ("Table de la déclinaison du soleil",),
        "en": ("Table of the sun’s declination",),
    },
    "multiplication": {"ar": ("جدول الضرب",), "fr": ("Table de multiplication",), "en": ("Multiplication table",)},
    "spheres": {"ar": ("شكل الأفلاك",), "fr": ("Figure des sphères",), "en": ("Diagram of the spheres",)},
    "astrolabe": {"ar": ("صفيحة الأسطرلاب",), "fr": ("Tympan d’astrolabe",), "en": ("Plate of the astrolabe",)},
    "signs": {"ar": ("دائرة البروج",), "fr": ("Cercle des signes",), "en": ("Circle of the signs",)},
}


@dataclass(frozen=True, slots=True)
class SpecimenPage:
    """One page of a specimen on disk."""

    label: str
    file: Path
    truth: Path
    """Ground truth as JSON; the same name ending in ``.xml`` is ALTO."""


@dataclass(frozen=True, slots=True)
class SpecimenManuscript:
    """One specimen manuscript on disk."""

    shelfmark: str
    slug: str
    titles: Mapping[str, str]
    """By language: ar, ar-Latn, fr, en."""
    direction: Direction
    folder: Path
    pages: tuple[SpecimenPage, ...]
    """In reading order."""


def specimen_shelfmarks() -> tuple[str, ...]:
    """Return the shelfmarks of all specimens, in order."""
    return tuple(book.shelfmark for book in BOOKS)


def make_specimen(
    folder: Path,
    *,
    font: Path,
    only: Collection[str] | None = None,
    workers: int | None = None,
    on_page: Callable[[int, int], None] | None = None,
) -> tuple[SpecimenManuscript, ...]:
    """Make the specimen library in *folder* and return what it holds.

    The same *font* (an Arabic font file) and the same versions of the libraries give the same bytes. *only* names
    shelfmarks ("KHZ 003"); *workers* processes draw (as many as there are processors, eight at most, each in 400 MB);
    *on_page* is told how many pages are done, and of how many. Pages that are there already are kept, so that the
    same call goes on where it stopped.

    Raises ``NotFound`` for a shelfmark that no specimen has or where there is no font, ``BadInput`` for a file that is
    not a font, ``OSError`` when the disk cannot be written.
    """
    if not font.is_file():
        raise NotFound("SPECIMEN_FONT_MISSING", font=str(font))
    for shelfmark in sorted(set(only or ()) - set(specimen_shelfmarks())):
        raise NotFound("SPECIMEN_UNKNOWN", shelfmark=shelfmark)
    try:
        ImageFont.truetype(str(font))
    except OSError as error:
        raise BadInput("SPECIMEN_FONT_UNUSABLE", font=str(font)) from error
    books = [book for book in BOOKS if only is None or book.shelfmark in only]
    manuscripts = tuple(_on_disk(folder, book) for book in books)
    leaves: list[tuple[Path, Path, Book, tuple[Side, ...]]] = []
    total = done = sum(book.sides for book in books)
    for book, manuscript in zip(books, manuscripts, strict=True):
        _describe(book, manuscript)
        if all(page.file.exists() and page.truth.exists() for page in manuscript.pages):
            continue
        sides = plan(book, Hand(font, book.maghribi))
        for first in range(0, book.sides, 2):
            if not all(page.file.exists() and page.truth.exists() for page in manuscript.pages[first : first + 2]):
                leaves.append((folder, font, book, sides[first : first + 2]))
                done -= len(sides[first : first + 2])
    for drawn in _drawn(leaves, workers or min(os.cpu_count() or 1, 8)):
        done += drawn
        if on_page:
            on_page(done, total)
    return manuscripts


def _drawn(leaves: list[tuple[Path, Path, Book, tuple[Side, ...]]], workers: int) -> Iterable[int]:
    """Draw *leaves* and yield the number of sides of each as it is done."""
    if workers == 1 or len(leaves) < 3:
        yield from map(_make_leaf, leaves)
        return
    # Fresh processes: a fork of a process with threads (a server, a test run) may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(leaves)), mp_context=context, initializer=_alone) as pool:
        try:
            yield from pool.map(_make_leaf, leaves)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _alone() -> None:
    """Keep each process to one processor: the pages are what is shared out. Ctrl-C is for the first process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    os.environ["VIPS_CONCURRENCY"] = "1"


def _file_name(book: Book, index: int) -> str:
    """Return the name of the image of the side with *index*, as a camera or a person would give it.

    A camera is passed over all the rectos of loose leaves first, then over the versos: its numbers do not give the
    reading order.
    """
    if book.names == "label":
        return f"{index + 1:04d}_{folio_label(index)}.{book.format}"
    order = index if book.bound else index // 2 + (index % 2) * ((book.sides + 1) // 2)
    return f"IMG_{book.number * 100 + order + 1:04d}.{book.format.upper()}"


def _on_disk(folder: Path, book: Book) -> SpecimenManuscript:
    home, truth = folder / book.slug, folder / TRUTH / book.slug
    pages = tuple(
        SpecimenPage(folio_label(n), home / _file_name(book, n), truth / f"{folio_label(n)}.json")
        for n in range(book.sides)
    )
    return SpecimenManuscript(book.shelfmark, book.slug, book.titles, "rtl", home, pages)


def _describe(book: Book, manuscript: SpecimenManuscript) -> None:
    manuscript.folder.mkdir(parents=True, exist_ok=True)
    manuscript.pages[0].truth.parent.mkdir(parents=True, exist_ok=True)
    _put(manuscript.folder / "description.xml", description_tei(describe(book)))
    if book.names == "camera":
        table = io.StringIO()
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(("file", "label"))
        rows.writerows((page.file.name, page.label) for page in manuscript.pages)
        _put(manuscript.folder / "pages.csv", table.getvalue().encode())


def describe(book: Book) -> Description:
    """Return what a catalogue would say of *book*: first of all that it is a specimen."""
    leaves = book.sides // 2
    extent = {
        "ar": (f"{leaves} ورقات" if leaves <= 10 else f"{leaves} ورقة",),
        "fr": (f"{leaves} feuillets" + ("" if book.bound else " détachés"),),
        "en": (f"{leaves} leaves" + (", bound" if book.bound else ", loose"),),
    }
    return Description(
        shelfmark=book.shelfmark,
        titles={language: (title,) for language, title in book.titles.items()},
        languages=("ha-Arab",) if book.subject == "ajami" else ("ar",),
        date_as_written="نموذج غير مؤرخ (specimen, undated)",
        summary={
            "ar": ("نموذج رسمته خزانة بالحاسوب للتجربة: ليس بمخطوط، ولا مؤلف له ولا ناسخ.",),
            "fr": (
                "Spécimen dessiné par Khizana pour l’essai : ce n’est pas un manuscrit, il n’a ni auteur ni copiste.",
            ),
            "en": ("A specimen drawn by Khizana to try things out: not a manuscript, without author or scribe.",),
        },
        details=((fields.EXTENT.label, extent),),
        ranges=tuple(Range(_FIGURE_NAMES[figure], side, side) for side, figure in sorted(book.figures.items())),
    )


def _make_leaf(task: tuple[Path, Path, Book, tuple[Side, ...]]) -> int:
    folder, font, book, sides = task
    manuscript = _on_disk(folder, book)
    for side, page in zip(sides, draw_leaf(book, sides, Hand(font, book.maghribi)), strict=True):
        place = manuscript.pages[side.index]
        _put(place.file, encoded(book, page))
        height, width = page.pixels.shape[:2]
        language = "ha-Arab" if book.subject == "ajami" else "ar"
        _put(
            place.truth.with_suffix(".xml"),
            as_alto(page.lines, file=place.file.name, language=language, size=(width, height)),
        )
        _put(
            place.truth,
            as_json(page.lines, file=place.file.name, label=place.label, language=language, size=(width, height)),
        )
    return len(sides)


def encoded(book: Book, page: Page) -> bytes:
    """Return the file of *page*: the pixels, and in its metadata too that it is a specimen."""
    exif = Image.Exif()
    exif[_EXIF_DESCRIPTION] = MARK_LATIN
    exif[_EXIF_SOFTWARE] = "Khizana"
    image = Image.fromarray(page.pixels)
    if book.sideways:
        exif[_EXIF_ORIENTATION] = _TURNED_RIGHT
        image = Image.fromarray(np.ascontiguousarray(np.rot90(page.pixels)))
    file = io.BytesIO()
    if book.format == "jpg":
        image.save(file, "JPEG", quality=90, exif=exif, dpi=_DPI)
    elif book.format == "tif":
        image.save(file, "TIFF", compression="tiff_lzw", exif=exif, dpi=_DPI)
    else:
        image.save(file, "PNG", compress_level=2, exif=exif, dpi=_DPI)
    return file.getvalue()


def _put(path: Path, content: bytes) -> None:
    """Write *content* at *path*, whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)
