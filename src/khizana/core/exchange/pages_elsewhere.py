"""The images of a manifest as pages that another library holds."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from khizana.core.catalogue.entry import Entry, Phrases
from khizana.core.catalogue.incoming import RemoteImage
from khizana.core.exchange.whole_image import labelled
from khizana.core.manuscript import Direction, Elsewhere, PageElsewhere, Words
from khizana.core.structure.elsewhere import origin_of
from khizana.core.structure.labels import page_names
from khizana.core.web_hosts import may_be_named

MOST_ORIGINS = 16
"""Servers that one page may ask; the images of others are left out."""
_KEPT = "%/:=&?~+!$,;'@()*[]"
"""Signs of an address that stay as they are: what is written as %2F is another thing than a stroke."""


def elsewhere_of(
    entry: Entry, images: Sequence[RemoteImage], *, nearby: bool = False
) -> tuple[Elsewhere, Direction | None]:
    """Return the pages that *images* are, what *entry* says of them, and the reading direction where it is stated.

    Every image is a page, in their order. Those that no page may ask for are left out: a manifest must not make the
    browsers of readers ask for what only they can reach, unless *nearby* allows servers of one's own network.
    """
    kept = [(image, label) for image, label in labelled(images) if _may_be_shown(image, nearby=nearby)]
    origins = list(dict.fromkeys(origin for image, _ in kept for origin in _origins(image)))[:MOST_ORIGINS]
    kept = [(image, label) for image, label in kept if all(origin in origins for origin in _origins(image))]
    pages = [
        PageElsewhere(
            number,
            label,
            name,
            _in_ascii(image.address),
            _in_ascii(image.service),
            image.version,
            image.profile[:200],
            image.width or image.canvas_width,
            image.height or image.canvas_height,
            measured=bool(image.width and image.height),
        )
        for number, ((image, label), name) in enumerate(
            zip(kept, page_names(label for _, label in kept), strict=True), 1
        )
    ]
    stated = _said(entry, "iiif:viewingDirection")
    direction: Direction | None = {"right-to-left": "rtl", "left-to-right": "ltr"}.get(stated)  # type: ignore[assignment] # the two there are
    statement = {"none": tuple(value for name, value in entry.extra if name == "iiif:attribution")}
    manifest = next((value for kind, value in entry.identifiers if kind == "iiif"), "")
    return (
        Elsewhere(
            holder=_holder(entry),
            statement={tag: words for tag, words in statement.items() if words},
            rights=_said(entry, "iiif:rights"),
            manifest=_in_ascii(manifest),
            origins=tuple(origins),
            pages=tuple(pages),
        ),
        direction,
    )


def _may_be_shown(image: RemoteImage, *, nearby: bool) -> bool:
    origins = _origins(image)
    return all(origins) and all(may_be_named(urlsplit(each).hostname or "", nearby=nearby) for each in origins)


def _origins(image: RemoteImage) -> list[str]:
    return [origin_of(each) for each in (image.service, image.address) if each]


def _said(entry: Entry, wanted: str) -> str:
    return next((value for name, value in entry.extra if name == wanted), "")


def _holder(entry: Entry) -> Words:
    """Return who holds the images: the manifest's provider, else whoever holds the manuscript."""
    provider = tuple(value for name, value in entry.extra if name == "iiif:provider")
    return {"none": provider} if provider else _words(entry.holding)


def _words(phrases: Phrases) -> Words:
    words: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        words[phrase.language] = (*words.get(phrase.language, ()), phrase.text)
    return words


def _in_ascii(address: str) -> str:
    """Return *address* as a request names it, without what is no part of one; nothing where it is none of the web."""
    origin = origin_of(address)
    if not origin:
        return ""
    parts = urlsplit(address)
    return origin + quote(parts.path, safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
