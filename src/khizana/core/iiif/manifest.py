"""IIIF Presentation API 3.0 manifests, as plain values."""

from __future__ import annotations

from typing import Any

from khizana.core.identifiers import ImageId
from khizana.core.iiif import labels
from khizana.core.iiif.addresses import Addresses
from khizana.core.iiif.elsewhere import format_of, service_v3
from khizana.core.iiif.presented import (
    THUMBNAIL_WIDTH,
    Behavior,
    Picture,
    PictureElsewhere,
    Size,
    canvas_address,
    is_web_address,
    library_title,
    pairs_of,
    pictures,
    plain,
    rights_of,
    statement_of,
    tidy,
    title_of,
    to_bytes,
    view_of,
    whole_page_v3,
)
from khizana.core.manuscript import LibraryCard, Manuscript
from khizana.core.policy import ANYONE, Allow, Decision, Reader, Refuse, way_in

__all__ = ["CONTEXT_V3", "image_services", "manifest_v3", "provider", "required_statement", "to_bytes"]

CONTEXT_V3 = "http://iiif.io/api/presentation/3/context.json"
TEI_NAMESPACE = "http://www.tei-c.org/ns/1.0"
LANGUAGES = ("ar", "fr", "en")

Json = dict[str, Any]


def manifest_v3(
    manuscript: Manuscript, card: LibraryCard, *, reader: Reader = ANYONE, behavior: Behavior | None = "individuals"
) -> Json:
    """Return the Presentation 3.0 manifest of *manuscript* as *reader* may see it.

    Pages whose images the reader may not see keep their canvas, label and size, and have no image, unless readers
    can be let in: then the image is named, and its own document says how. Loose leaves are common, so pages are shown
    one by one unless *behavior* says ``paged``.

    Raises ``NotFound`` for a manuscript whose existence is not told, or without pages.
    """
    view = view_of(manuscript, reader)
    addresses = Addresses(card.base_url)
    address = addresses.manifest(manuscript.id)
    shown = list(pictures(manuscript, address, _offered(manuscript, view)))
    manifest: Json = {
        "@context": CONTEXT_V3,
        "id": address,
        "type": "Manifest",
        "label": title_of(manuscript),
        "metadata": [{"label": label, "value": plain(value)} for label, value in pairs_of(manuscript, card, view)],
    }
    if summary := tidy(manuscript.description.summary):
        manifest["summary"] = plain(summary)
    manifest["viewingDirection"] = "right-to-left" if manuscript.direction == "rtl" else "left-to-right"
    if behavior:
        manifest["behavior"] = [behavior]
    is_seen = not isinstance(view, Refuse)
    own = (picture for picture in shown if isinstance(picture, Picture) and picture.body and is_seen)
    if thumbnail := next((_thumbnail(addresses, picture, service=True) for picture in own), None):
        manifest["thumbnail"] = [thumbnail]
    if rights := rights_of(manuscript, card):
        manifest["rights"] = rights
    if statement := plain(statement_of(manuscript, card)):
        manifest["requiredStatement"] = {"label": tidy(labels.ATTRIBUTION), "value": statement}
    manifest["provider"] = [provider(card)]
    manifest["homepage"] = [
        {
            "id": addresses.reading_room(language, manuscript.id),
            "type": "Text",
            "label": {language: list(labels.READING_ROOM[language])},
            "format": "text/html",
            "language": [language],
        }
        for language in LANGUAGES
    ]
    manifest["seeAlso"] = [
        {
            "id": addresses.description(manuscript.id),
            "type": "Dataset",
            "label": tidy(labels.DESCRIPTION_FILE),
            "format": "application/tei+xml",
            "profile": TEI_NAMESPACE,
        }
    ]
    of_holder = manuscript.elsewhere and not manuscript.pages and not isinstance(view, Refuse)
    if of_holder and manuscript.elsewhere and manuscript.elsewhere.manifest:
        manifest["seeAlso"].append(
            {
                "id": manuscript.elsewhere.manifest,
                "type": "Dataset",
                "label": tidy(labels.MANIFEST_OF_HOLDER),
                "format": "application/ld+json",
            }
        )
    manifest["partOf"] = [{"id": addresses.collection(), "type": "Collection", "label": library_title(card)}]
    manifest["items"] = [
        _canvas(addresses, picture, with_thumbnail=is_seen)
        if isinstance(picture, Picture)
        else _canvas_elsewhere(picture)
        for picture in shown
    ]
    if structures := _structures(manuscript, address):
        manifest["structures"] = structures
    return manifest


def image_services(addresses: Addresses, image: ImageId) -> list[Json]:
    """Return the image services of *image*, newest first; version 2 in the keys of its own time (5.2)."""
    return [
        {"id": addresses.image_service(image, 3), "type": "ImageService3", "profile": "level2"},
        {
            "@id": addresses.image_service(image, 2),
            "@type": "ImageService2",
            "profile": "http://iiif.io/api/image/2/level2.json",
        },
    ]


def required_statement(card: LibraryCard) -> Json | None:
    """Return the statement that must be shown with every image, or None where the library asks for none."""
    value = plain(tidy(card.required_statement))
    return {"label": tidy(labels.ATTRIBUTION), "value": value} if value else None


def provider(card: LibraryCard) -> Json:
    """Return the library as the agent that gives the manuscripts."""
    home = card.homepage if is_web_address(card.homepage) else f"{card.base_url}/"
    label = library_title(card)
    return {
        "id": home,
        "type": "Agent",
        "label": label,
        "homepage": [{"id": home, "type": "Text", "label": label, "format": "text/html"}],
    }


def _thumbnail(addresses: Addresses, picture: Picture, *, service: bool) -> Json:
    size = picture.full.within(THUMBNAIL_WIDTH)
    thumbnail: Json = {
        "id": addresses.reading_size(picture.image, THUMBNAIL_WIDTH),
        "type": "Image",
        "format": "image/jpeg",
        "width": size.width,
        "height": size.height,
    }
    if service:
        thumbnail["service"] = image_services(addresses, picture.image)
    return thumbnail


def _offered(manuscript: Manuscript, view: Decision) -> Decision:
    """Return what is named of the images: also those that a reader may be let in to, by their info.json (Auth 2.0)."""
    return Allow() if manuscript.pages and isinstance(view, Refuse) and way_in(manuscript.agreement) else view


def _canvas(addresses: Addresses, picture: Picture, *, with_thumbnail: bool) -> Json:
    canvas = _bare(picture)
    if picture.body is None:
        return canvas
    if with_thumbnail:
        # A service on every one would let viewers ask for odd sizes; without one they take the ready-made file.
        canvas["thumbnail"] = [_thumbnail(addresses, picture, service=False)]
    return _painted(canvas, _body(addresses, picture, picture.body))


def _canvas_elsewhere(picture: PictureElsewhere) -> Json:
    canvas = _bare(picture)
    if not picture.address:
        return canvas
    body: Json = {"id": picture.address, "type": "Image", **format_of(picture.address)}
    if picture.whole and picture.page.service:
        body["service"] = service_v3(picture.page)
    return _painted(canvas, body)


def _bare(picture: Picture | PictureElsewhere) -> Json:
    return {
        "id": picture.canvas,
        "type": "Canvas",
        "label": {"none": [picture.label]},
        "width": picture.full.width,
        "height": picture.full.height,
        "items": [],
    }


def _painted(canvas: Json, body: Json) -> Json:
    """Return *canvas* with the image *body* on it."""
    address = canvas["id"]
    painting: Json = {
        "id": f"{address}/image",
        "type": "Annotation",
        "motivation": "painting",
        "body": body,
        "target": address,
    }
    return canvas | {"items": [{"id": f"{address}/page", "type": "AnnotationPage", "items": [painting]}]}


def _body(addresses: Addresses, picture: Picture, size: Size) -> Json:
    return {
        "id": whole_page_v3(addresses, picture, size),
        "type": "Image",
        "format": "image/jpeg",
        "width": size.width,
        "height": size.height,
        "service": image_services(addresses, picture.image),
    }


def _structures(manuscript: Manuscript, address: str) -> list[Json]:
    ranges = [
        {
            "id": f"{address}/range/{number}",
            "type": "Range",
            "label": tidy(part.label) or {"none": [str(number)]},
            "items": [{"id": canvas_address(address, page), "type": "Canvas"} for page in pages],
        }
        for number, part in enumerate(manuscript.description.ranges, 1)
        # A range written for another page order may reach beyond the last page: what is left of it is shown.
        if (pages := manuscript.shown[max(0, part.first) : part.last + 1])
    ]
    if not ranges:
        return []
    return [{"id": f"{address}/range/0", "type": "Range", "label": tidy(labels.CONTENTS), "items": ranges}]
