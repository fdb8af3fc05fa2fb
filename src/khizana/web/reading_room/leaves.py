"""One manuscript's pages as links: its contact sheet, its sections, the strip around one page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from khizana.apps.publication.queries import Folio
from khizana.core.iiif import labels
from khizana.core.manuscript import Manuscript, Page, PageElsewhere
from khizana.core.policy import Decision
from khizana.web.reading_room import addresses
from khizana.web.reading_room.pictures import contact_image, extent
from khizana.web.reading_room.words import Shown, comma, shown

STRIP = 9
"""Pages shown on either side of the one at hand; the contact sheet has them all."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A link to one page."""

    label: str
    href: str
    image: str = ""
    width: int = 0
    height: int = 0
    current: bool = False
    gap: bool = False
    """Pages are left out before this one."""


@dataclass(frozen=True, slots=True)
class Section:
    """A named run of pages."""

    label: Shown
    first: Leaf
    last: Leaf | None
    """None where it is one page."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of what the catalogue says."""

    label: Shown
    value: Shown


def leaf(manuscript: Manuscript, page: Page | PageElsewhere, language: str) -> Leaf:
    """Return the link to *page* in *language*."""
    return Leaf(page.label, addresses.folio(language, manuscript.id, page.name))


def contact_sheet(manuscript: Manuscript, language: str, decision: Decision) -> tuple[Leaf, ...]:
    """Return every page as a small image and a link, in reading order."""
    return tuple(
        Leaf(
            page.label,
            addresses.folio(language, manuscript.id, page.name),
            contact_image(page, decision),
            *extent(page),
        )
        for page in manuscript.shown
    )


def strip(folio: Folio, language: str) -> tuple[Leaf, ...]:
    """Return the pages around the one at hand, with the first and the last, in reading order."""
    return tuple(
        replace(
            leaf(folio.manuscript, page, language), current=n == folio.index, gap=n > 0 and n - 1 not in folio.pages
        )
        for n, page in folio.pages.items()
    )


def sections(manuscript: Manuscript, language: str) -> tuple[Section, ...]:
    """Return the named runs of pages that lie within the manuscript."""
    count = len(manuscript.shown)
    found = []
    for each in manuscript.description.ranges:
        label = shown(each.label, language)
        if label and 0 <= each.first <= each.last < count:
            first = leaf(manuscript, manuscript.shown[each.first], language)
            last = leaf(manuscript, manuscript.shown[each.last], language) if each.last > each.first else None
            found.append(Section(label, first, last))
    return tuple(found)


def details(manuscript: Manuscript, language: str) -> tuple[Detail, ...]:
    """Return what the catalogue says, line by line: languages, date as written, then the rest in its own order."""
    description = manuscript.description
    pairs = [(labels.LANGUAGE, labels.languages_in_words(description.languages))]
    if description.date_as_written:
        pairs.append((labels.DATE, {"none": (description.date_as_written,)}))
    pairs += description.details
    made = ((shown(label, language), shown(value, language, between=comma(language))) for label, value in pairs)
    return tuple(Detail(label, value) for label, value in made if label and value)


def find_page(manuscript: Manuscript, wanted: str) -> Page | PageElsewhere | None:
    """Return the page whose name or label a reader wrote as *wanted*, case and spaces apart, or None."""
    folded = "".join(wanted.split()).casefold()
    for page in manuscript.shown:
        if folded in ("".join(page.name.split()).casefold(), "".join(page.label.split()).casefold()):
            return page
    return None
