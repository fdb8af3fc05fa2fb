"""IIIF Presentation API 2.1 manifests for older viewers, as plain values."""

from __future__ import annotations

from typing import Any

from khizana.core.identifiers import ImageId
from khizana.core.iiif import labels
from khizana.core.iiif.addresses import Addresses
from khizana.core.iiif.elsewhere import format_of, service_v2
from khizana.core.iiif.negotiation import PROFILE_V2
from khizana.core.iiif.presented import (
    THUMBNAIL_WIDTH,
    Behavior,
    LanguageMap,
    Picture,
    PictureElsewhere,
    canvas_address,
    library_title,
    pairs_of,
    pictures,
    plain,
    rights_of,
    statement_of,
    tidy,
    title_of,
    view_of,
    whole_page_v2,
)
from khizana.core.manuscript import LibraryCard, Manuscript
from khizana.core.policy import ANYONE, Reader

Json = dict[str, Any]
_IMAGE_CONTEXT = "http://iiif.io/api/image/2/context.json"
_IMAGE_PROFILE = "http://iiif.io/api/image/2/level2.json"
_HINTS = ("individuals", "paged", "continuous")


def manifest_v2(
    manuscript: Manuscript, card: LibraryCard, *, reader: Reader = ANYONE, behavior: Behavior | None = "individuals"
) -> Json:
    """Return the Presentation 2.1 manifest of *manuscript* as *reader* may see it; as ``manifest_v3`` otherwise.

    Raises ``NotFound`` for a manuscript whose existence is not told, or without pages.
    """
    view = view_of(manuscript, reader)
    addresses = Addresses(card.base_url)
    address = addresses.manifest(manuscript.id)
    shown = list(pictures(manuscript, address, view))
    direction = "right-to-left" if manuscript.direction == "rtl" else "left-to-right"
    manifest: Json = {
        "@context": PROFILE_V2,
        "@id": f"{address}/v2",
        "@type": "sc:Manifest",
        "label": _values(title_of(manuscript)),
        "metadata": [
            {"label": _values(label), "value": _values(plain(value))}
            for label, value in pairs_of(manuscript, card, view)
        ],
    }
    if summary := tidy(manuscript.description.summary):
        manifest["description"] = _values(plain(summary))
    manifest["viewingDirection"] = direction
    if behavior in _HINTS:
        manifest["viewingHint"] = behavior
    own = (picture for picture in shown if isinstance(picture, Picture) and picture.body)
    if thumbnail := next((_thumbnail(addresses, picture) for picture in own), None):
        manifest["thumbnail"] = thumbnail
    if rights := rights_of(manuscript, card):
        manifest["license"] = rights
    manifest["attribution"] = _values(plain(statement_of(manuscript, card) or library_title(card)))
    manifest["related"] = [
        {
            "@id": addresses.reading_room(language, manuscript.id),
            "format": "text/html",
            "label": {"@value": words[0], "@language": language},
        }
        for language, words in labels.READING_ROOM.items()
    ]
    manifest["seeAlso"] = {
        "@id": addresses.description(manuscript.id),
        "format": "application/tei+xml",
        "profile": "http://www.tei-c.org/ns/1.0",
    }
    manifest["sequences"] = [
        {
            "@id": f"{address}/sequence/1",
            "@type": "sc:Sequence",
            "label": _values(tidy(labels.IMAGES)),
            "viewingDirection": direction,
            "canvases": [
                _canvas(addresses, picture) if isinstance(picture, Picture) else _canvas_elsewhere(picture)
                for picture in shown
            ],
        }
    ]
    if structures := _structures(manuscript, address):
        manifest["structures"] = structures
    return manifest


def _values(words: LanguageMap) -> Any:
    values: list[Any] = [
        string if tag == "none" else {"@value": string, "@language": tag}
        for tag, strings in words.items()
        for string in strings
    ]
    return values[0] if len(values) == 1 else values


def _service(addresses: Addresses, image: ImageId) -> Json:
    return {"@context": _IMAGE_CONTEXT, "@id": addresses.image_service(image, 2), "profile": _IMAGE_PROFILE}


def _thumbnail(addresses: Addresses, picture: Picture) -> Json:
    return {
        "@id": addresses.reading_size(picture.image, THUMBNAIL_WIDTH),
        "@type": "dctypes:Image",
        "format": "image/jpeg",
        "service": _service(addresses, picture.image),
    }


def _canvas(addresses: Addresses, picture: Picture) -> Json:
    canvas = _bare(picture)
    if picture.body is None:
        return canvas
    # A bare address: without a service here, viewers take the ready-made file.
    canvas["thumbnail"] = addresses.reading_size(picture.image, THUMBNAIL_WIDTH)
    resource: Json = {
        "@id": whole_page_v2(addresses, picture, picture.body),
        "@type": "dctypes:Image",
        "format": "image/jpeg",
        "width": picture.body.width,
        "height": picture.body.height,
        "service": _service(addresses, picture.image),
    }
    return _painted(canvas, resource)


def _canvas_elsewhere(picture: PictureElsewhere) -> Json:
    canvas = _bare(picture)
    if not picture.address:
        return canvas
    resource: Json = {"@id": picture.address, "@type": "dctypes:Image", **format_of(picture.address)}
    if picture.whole and (service := service_v2(picture.page)):
        resource["service"] = service
    return _painted(canvas, resource)


def _bare(picture: Picture | PictureElsewhere) -> Json:
    return {
        "@id": picture.canvas,
        "@type": "sc:Canvas",
        "label": picture.label,
        "width": picture.full.width,
        "height": picture.full.height,
        "images": [],
    }


def _painted(canvas: Json, resource: Json) -> Json:
    """Return *canvas* with the image *resource* on it."""
    address = canvas["@id"]
    painting: Json = {
        "@id": f"{address}/image",
        "@type": "oa:Annotation",
        "motivation": "sc:painting",
        "on": address,
        "resource": resource,
    }
    return canvas | {"images": [painting]}


def _structures(manuscript: Manuscript, address: str) -> list[Json]:
    return [
        {
            "@id": f"{address}/range/{number}",
            "@type": "sc:Range",
            "label": _values(tidy(part.label) or {"none": [str(number)]}),
            "canvases": [canvas_address(address, page) for page in pages],
        }
        for number, part in enumerate(manuscript.description.ranges, 1)
        if (pages := manuscript.shown[max(0, part.first) : part.last + 1])
    ]
