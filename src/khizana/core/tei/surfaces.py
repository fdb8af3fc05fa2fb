"""Images that the facsimile of a TEI file names and that can be fetched: by whole addresses, not by a template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from khizana.core.catalogue.incoming import RemoteImage
from khizana.core.findings import Finding, Severity
from khizana.core.tei.elements import Element, children, line_of
from khizana.core.tei.fields import XML_ID
from khizana.core.tei.parsing import encoding_of

MOST = 20_000
"""Images of one manuscript that are taken; the largest known has some 2,602 pages."""
_NAMED = re.compile(rb"""url\s*=\s*["']\s*http""")
_TEMPLATE = re.compile(
    r"(?:.*/)?(?:folio|page|image|img|example|sample|template|placeholder)[-_ ]?\d{0,3}[rv]?\.(?:png|jpe?g|tiff?)"
    r"|.*(?:\.\.\.|\{|\}|x{4,}).*",
    re.IGNORECASE | re.DOTALL,
)
_NOWHERE = re.compile(r"(?:.*\.)?(?:example\.(?:org|com|net)|example|localhost|invalid|test)", re.IGNORECASE)
_IIIF = re.compile(r"(?P<service>https?://.+)/full/[^/]+/\d+/[a-z]+\.[a-z0-9]+", re.DOTALL)


def remote_images(data: bytes, root: Element, file: str) -> tuple[tuple[RemoteImage, ...], list[Finding]]:
    """Return the images of the facsimile of *root*, the largest of each surface, and what there is to say of them.

    *data* are the bytes of the file: a search in them spares a walk through thousands of surfaces.
    """
    if not (encoding_of(data).startswith("UTF-16") or b"folio1r" in data or _NAMED.search(data)):
        return (), []
    images: list[RemoteImage] = []
    templates: list[Element] = []
    for facsimile in children(root, "facsimile"):
        for label, graphics in _surfaces(facsimile):
            fetched = []
            for graphic in graphics:
                address = (graphic.get("url") or "").strip()
                if _TEMPLATE.fullmatch(address) or _nowhere(address):
                    templates.append(graphic)
                elif address.startswith(("http://", "https://")):
                    fetched.append(_image(label, address, graphic))
            if fetched and len(images) < MOST:
                images.append(max(fetched, key=lambda image: image.width * image.height))
    findings = []
    if templates:
        facts: dict[str, str | int] = {
            "line": line_of(templates[0]),
            "count": len(templates),
            "address": (templates[0].get("url") or "")[:200],
        }
        findings.append(Finding("TEI_TEMPLATE_IMAGES", Severity.WARNING, file, facts))
    return tuple(images), findings


def _surfaces(facsimile: Element) -> Iterator[tuple[str, list[Element]]]:
    for surface in facsimile.iter("{*}surface"):
        label = surface.get("n") or surface.get(XML_ID) or ""
        yield (
            label,
            [graphic for holder in (surface, *children(surface, "zone")) for graphic in children(holder, "graphic")],
        )
    for graphic in children(facsimile, "graphic"):
        yield graphic.get("n") or graphic.get(XML_ID) or "", [graphic]


def _nowhere(address: str) -> bool:
    try:
        return bool(_NOWHERE.fullmatch(urlsplit(address).hostname or ""))
    except ValueError:
        return True


def _image(label: str, address: str, graphic: Element) -> RemoteImage:
    service = _IIIF.fullmatch(address)
    return RemoteImage(
        label, address, service["service"] if service else "", _pixels(graphic, "width"), _pixels(graphic, "height")
    )


def _pixels(graphic: Element, name: str) -> int:
    found = re.fullmatch(r"(\d{1,6})(?:px)?", (graphic.get(name) or "").strip())
    return int(found[1]) if found else 0
