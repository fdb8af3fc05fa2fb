"""Which image files a page offers a browser to choose from, by width, form and what the agreement allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from khizana.core.iiif.elsewhere import can_size, sized, within
from khizana.core.iiif.presented import UNKNOWN
from khizana.core.manuscript import Page, PageElsewhere
from khizana.core.policy import Allow, Decision, Degrade
from khizana.web.reading_room import addresses

READING_WIDTHS = (480, 800, 1200, 2000)
"""Nominal widths, in pixels, of the ready-made reading sizes; the first is there for every image."""

CONTACT_WIDTH = 200
"""Pixels: the small images of a manuscript's own page, about 6 kB each."""

_WIDTH_ELSEWHERE = 1200
# A screen of three dots a pixel gains nothing that an eye sees over two, and costs twice the bytes of a slow line.
_PHONE = "(min-resolution:2.5dppx) and (max-width:40em) 67vw,(min-resolution:2.5dppx) and (max-height:40em) 67vw"
# The same conditions and lengths as in reading-room.css: the bars above and below, the columns beside.
_WHOLE = "min(calc(100vw - 12rem),calc((100vh - 8rem)*{ratio}))"
_FOLIO_SIZES = (
    f"{_PHONE},(min-height:36em) and (min-width:56em) {_WHOLE},"
    f"(min-height:36em) and (orientation:landscape) {_WHOLE},100vw"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One image as a ``<picture>`` offers it."""

    avif: str
    """``srcset`` of AVIF files, or nothing."""
    jpeg: str
    """``srcset`` of JPEG files."""
    source: str
    """One JPEG, for what reads no ``srcset``."""
    sizes: str
    width: int
    """Pixels of the largest image allowed: with the height it keeps the place free before a byte has come."""
    height: int
    ratio: str
    """Width over height, three decimals."""


def folio_picture(page: Page | PageElsewhere, decision: Decision) -> Picture | None:
    """Return the page image as its own page shows it, or None where it may not be seen."""
    return picture(page, decision, _FOLIO_SIZES.format(ratio=_ratio(page)))


def picture(
    page: Page | PageElsewhere, decision: Decision, sizes: str, *, widest: int = READING_WIDTHS[-1]
) -> Picture | None:
    """Return *page* in the ready-made sizes up to *widest* that *decision* allows, or None where none is allowed."""
    if isinstance(page, PageElsewhere):
        return _picture_elsewhere(page, decision)
    match decision:
        case Allow():
            longest = None
        case Degrade(longest_side):
            longest = longest_side
        case _:
            return None
    widths = [width for width in _widths(page, longest) if width <= widest]
    width, height = _allowed(page, longest)
    if not widths:
        # Long and narrow: even the smallest ready-made size is longer than allowed.
        made = addresses.sized(page.image, width)
        return Picture("", f"{made} {width}w", made, sizes, width, height, _ratio(page))
    middle = max((each for each in widths if each <= 800), default=widths[0])
    return Picture(
        avif=_srcset(page, widths, "avif"),
        jpeg=_srcset(page, widths, "jpg"),
        source=addresses.reading_size(page.image, middle, "jpg"),
        sizes=sizes,
        width=width,
        height=height,
        ratio=_ratio(page),
    )


def _picture_elsewhere(page: PageElsewhere, decision: Decision) -> Picture | None:
    """Return *page* in the one size that fits a screen: another library's server makes each that is asked for."""
    match decision:
        case Allow():
            address = sized(page, _WIDTH_ELSEWHERE)
        case Degrade(longest_side):
            address = within(page, longest_side)
        case _:
            address = ""
    width, height = extent(page)
    return Picture("", "", address, "", width, height, _ratio(page)) if address else None


def extent(page: Page | PageElsewhere) -> tuple[int, int]:
    """Return width and height of *page* in pixels; of a leaf, where another library states none."""
    if isinstance(page, Page):
        return page.master.width, page.master.height
    return (page.width, page.height) if page.width and page.height else (UNKNOWN.width, UNKNOWN.height)


def contact_image(page: Page | PageElsewhere, decision: Decision) -> str:
    """Return the address of the small image of *page*, or nothing where it may not be seen."""
    if not isinstance(decision, Allow | Degrade):
        return ""
    if isinstance(page, PageElsewhere):
        # A whole photograph for each small image of a sheet would be too much for its server and for the reader.
        return sized(page, CONTACT_WIDTH) if can_size(page) else ""
    width = _allowed(page, decision.longest_side if isinstance(decision, Degrade) else None)[0]
    return addresses.sized(page.image, min(CONTACT_WIDTH, width))


def _allowed(page: Page, longest: int | None) -> tuple[int, int]:
    """Return width and height of the largest image allowed, at least one pixel each."""
    master = page.master
    scale = min(1.0, longest / max(master.width, master.height)) if longest else 1.0
    return max(1, int(master.width * scale)), max(1, int(master.height * scale))


def _widths(page: Page, longest: int | None) -> Iterator[int]:
    master = page.master
    for width in READING_WIDTHS:
        actual = min(width, master.width)
        height = round(actual * master.height / master.width)
        if (width == READING_WIDTHS[0] or width <= master.width) and (
            longest is None or max(actual, height) <= longest
        ):
            yield width


def _srcset(page: Page, widths: list[int], ending: str) -> str:
    return ",".join(
        f"{addresses.reading_size(page.image, width, ending)} {min(width, page.master.width)}w" for width in widths
    )


def _ratio(page: Page | PageElsewhere) -> str:
    width, height = extent(page)
    return f"{width / height:.3f}"
