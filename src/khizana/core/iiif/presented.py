"""What every version of the Presentation API says of a manuscript, before it is put in that version's form."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import orjson

from khizana.core.ark import ark_of
from khizana.core.errors import NotFound
from khizana.core.identifiers import ImageId
from khizana.core.iiif import labels
from khizana.core.iiif.addresses import Addresses
from khizana.core.iiif.elsewhere import sized, within
from khizana.core.manuscript import LibraryCard, Manuscript, Page, PageElsewhere, Words
from khizana.core.policy import Action, Allow, Decision, Degrade, Reader, Refuse, decide

Behavior = Literal["individuals", "paged", "continuous", "unordered"]
LanguageMap = dict[str, list[str]]
"""Words in the form of Presentation 3.0 (4.1): language tag or ``none`` to a list of strings."""

READING_WIDTH = 2000
"""Pixels: the widest whole-page image that a manifest names; viewers with an image service go beyond."""
THUMBNAIL_WIDTH = 480
"""Pixels: the smallest ready-made reading size."""

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*|none")
_STATEMENT = re.compile(
    r"https?://(creativecommons\.org/(?:licenses|publicdomain)/\S+|rightsstatements\.org/vocab/\S+)"
)
_CLOSED = {"TERMS_FIRST": labels.AFTER_AGREEING, "READERS_ONLY": labels.FOR_KNOWN_READERS}


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, both at least 1."""

    width: int
    height: int

    def within(self, width: int, longest: int | None = None) -> Size:
        """Return this size made smaller, never larger, to fit *width* and the *longest* side."""
        scale = min(1.0, width / self.width)
        if longest is not None:
            scale = min(scale, longest / max(self.width, self.height))
        return Size(max(1, round(self.width * scale)), max(1, round(self.height * scale)))


UNKNOWN = Size(1000, 1400)
"""Of a page whose size nobody states."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as a viewer meets it."""

    canvas: str
    """Address of its canvas: by the number of its master, so that it outlives a new order and new labels."""
    image: ImageId
    label: str
    full: Size
    body: Size | None
    """Size of the whole-page image, or None where the reader may not see it."""


@dataclass(frozen=True, slots=True)
class PictureElsewhere:
    """One page whose image another library holds, as a viewer meets it."""

    canvas: str
    """Address of its canvas: by its number in the manifest that names it."""
    label: str
    full: Size
    page: PageElsewhere
    address: str
    """Of the image as the reader may see it, or nothing."""
    whole: bool
    """Whether its image service may be told: it gives all there is."""


def view_of(manuscript: Manuscript, reader: Reader) -> Decision:
    """Return what *reader* may see of the images of *manuscript*.

    Raises ``NotFound`` where even its existence is not told, or where it has no page to make a manifest of.
    """
    described = decide(manuscript.agreement, Action.DESCRIBE, reader)
    if isinstance(described, Refuse):
        raise NotFound("MANIFEST_NOT_FOUND", slug=manuscript.id)
    if not manuscript.shown:
        raise NotFound("MANIFEST_WITHOUT_PAGES", slug=manuscript.id)
    return decide(manuscript.agreement, Action.VIEW, reader)


def pictures(manuscript: Manuscript, manifest: str, view: Decision) -> Iterator[Picture | PictureElsewhere]:
    """Yield the pages of *manuscript* in reading order, as *view* lets them be seen."""
    for each in manuscript.elsewhere.pages if manuscript.elsewhere and not manuscript.pages else ():
        yield _picture_elsewhere(each, manifest, view)
    for page in manuscript.pages:
        full = Size(page.master.width, page.master.height)
        yield Picture(canvas_address(manifest, page), page.image, page.label, full, _body_size(full, view))


def _picture_elsewhere(page: PageElsewhere, manifest: str, view: Decision) -> PictureElsewhere:
    # A canvas must have a size (Presentation 3.0, 5.3): where none is known, that of a leaf.
    full = Size(page.width, page.height) if page.width and page.height else UNKNOWN
    match view:
        case Allow():
            address = sized(page, READING_WIDTH)
        case Degrade(longest_side=longest):
            address = within(page, longest)
        case Refuse():
            address = ""
    return PictureElsewhere(
        canvas_address(manifest, page), page.label, full, page, address, whole=isinstance(view, Allow)
    )


def canvas_address(manifest: str, page: Page | PageElsewhere) -> str:
    """Return the address of the canvas of *page* in *manifest*."""
    number = f"elsewhere-{page.number}" if isinstance(page, PageElsewhere) else page.master.number
    return f"{manifest}/canvas/{number}"


def statement_of(manuscript: Manuscript, card: LibraryCard) -> LanguageMap:
    """Return what must be shown with every image: what its holder asks for, else what the library does."""
    elsewhere = manuscript.elsewhere
    if elsewhere and not manuscript.pages:
        return tidy(elsewhere.statement) or tidy(elsewhere.holder)
    return tidy(card.required_statement)


def rights_of(manuscript: Manuscript, card: LibraryCard) -> str:
    """Return the rights statement of the images, or nothing."""
    elsewhere = manuscript.elsewhere
    return rights_statement(elsewhere.rights if elsewhere and not manuscript.pages else card.rights)


def _body_size(full: Size, view: Decision) -> Size | None:
    match view:
        case Allow():
            return full.within(READING_WIDTH)
        case Degrade(longest_side=longest):
            return full.within(READING_WIDTH, longest)
        case Refuse():
            return None


def whole_page_v3(addresses: Addresses, picture: Picture, body: Size) -> str:
    """Return the address of the whole page at *body* size, in the canonical form of Image API 3.0 (4.7)."""
    size = "max" if body == picture.full else f"{body.width},{body.height}"
    return f"{addresses.image_service(picture.image, 3)}/full/{size}/0/default.jpg"


def whole_page_v2(addresses: Addresses, picture: Picture, body: Size) -> str:
    """Return the address of the whole page at *body* size, in the canonical form of Image API 2.1 (4.7)."""
    size = "full" if body == picture.full else f"{body.width},"
    return f"{addresses.image_service(picture.image, 2)}/full/{size}/0/default.jpg"


def title_of(manuscript: Manuscript) -> LanguageMap:
    """Return the title in every language known, or else the shelfmark."""
    return tidy(manuscript.description.titles) or {"none": [manuscript.description.shelfmark]}


def library_title(card: LibraryCard) -> LanguageMap:
    """Return the name of the library in every language known, or else its short name."""
    return tidy(card.titles) or {"none": [card.name]}


def pairs_of(manuscript: Manuscript, card: LibraryCard, view: Decision) -> list[tuple[LanguageMap, LanguageMap]]:
    """Return the label and value pairs to show, in the order of a catalogue entry, empty ones left out."""
    about = manuscript.description
    pairs: list[tuple[Words, Words]] = [
        (labels.SHELFMARK, {"none": (about.shelfmark,)}),
        (labels.TITLE, about.titles),
        (labels.LANGUAGE, labels.languages_in_words(about.languages)),
        (labels.DATE, {"none": (about.date_as_written,)}),
        *about.details,
        (labels.IMAGES, {"none": (str(len(manuscript.shown)),)}),
    ]
    if manuscript.elsewhere and not manuscript.pages:
        pairs.append((labels.IMAGES_HELD_BY, manuscript.elsewhere.holder))
    if manuscript.blade:
        address = f"{card.base_url}/{ark_of(card.naan, manuscript.blade)}"
        pairs.append((labels.PERMANENT_ADDRESS, {"none": (address,)}))
    rights = manuscript.elsewhere.rights if manuscript.elsewhere and not manuscript.pages else card.rights
    if rights and not rights_statement(rights):
        pairs.append((labels.RIGHTS, {"none": (rights,)}))
    match view:
        case Degrade():
            pairs.append((labels.ACCESS, labels.SMALLER_IMAGES))
        case Refuse(reason=reason):
            pairs.append((labels.ACCESS, _CLOSED.get(reason, labels.AT_THE_LIBRARY)))
        case Allow():
            pass
    return [(tidy(label), tidy(value)) for label, value in pairs if tidy(label) and tidy(value)]


def rights_statement(rights: str) -> str:
    """Return *rights* as the specification wants it, or nothing where it is another kind of address.

    Presentation 3.0 (3.2) takes Creative Commons and RightsStatements.org addresses only, and those with http.
    """
    statement = _STATEMENT.fullmatch(rights)
    return f"http://{statement[1]}" if statement else ""


def tidy(words: Words) -> LanguageMap:
    """Return *words* as a language map: no empty string, no empty list, every key a language tag or ``none``."""
    tidied: LanguageMap = {}
    for tag, strings in words.items():
        kept = [string for string in strings if string.strip()]
        if kept:
            tidied.setdefault(tag if _TAG.fullmatch(tag) else "none", []).extend(kept)
    return tidied


def plain(words: LanguageMap) -> LanguageMap:
    """Return *words* so that no viewer takes one of them for markup.

    A value that starts with ``<`` and ends with ``>`` is read as HTML (Presentation 3.0, 4.5; 2.1, 4.3).
    """
    return {tag: [_plain(string) for string in strings] for tag, strings in words.items()}


def _plain(string: str) -> str:
    trimmed = string.strip()
    if trimmed.startswith("<") and trimmed.endswith(">"):
        return f"<span>{html.escape(string, quote=False)}</span>"
    return string


def is_web_address(address: str) -> bool:
    """Return whether *address* is an http or https address with a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not re.search(r"\s", address)


def to_bytes(value: dict[str, Any]) -> bytes:
    """Return a manifest or collection as UTF-8 JSON with a line end."""
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
