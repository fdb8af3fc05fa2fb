"""The canvases of an IIIF manifest, version 2 or 3, and the images that are painted on them. Nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from khizana.core.catalogue.incoming import RemoteImage
from khizana.core.exchange.iiif_words import address_of, kind_of_thing, phrases, several, text_of, things

_DEEPEST = 8
_IMAGE_REQUEST = re.compile(r"(https?://.+)/(?:full|square|pct:[\d.,]+|\d+,\d+,\d+,\d+)/[^/]+/!?\d+/\w+\.\w{3,4}$")
_VERSION = re.compile(r"ImageService([123])\b|iiif\.io/api/image/([123])|image-api/(1)[./]")
_FIRST_VERSION = re.compile(r"library\.stanford\.edu/iiif/image-api")
_IMAGE_SERVICE = re.compile(r"iiif\.io/api/image|image-api|ImageService[123]|library\.stanford\.edu/iiif/image-api")


@dataclass(frozen=True, slots=True)
class Canvas:
    """A canvas: its address, the words under it, and its images."""

    address: str
    label: str
    images: tuple[RemoteImage, ...]
    others: int
    """How many things are painted on it that are no images, or have no address of the web."""


def canvases_of(manifest: dict[str, Any]) -> tuple[Canvas, ...]:
    """Return the canvases of *manifest* in their order: of the first sequence, where it has several."""
    listed = things(manifest.get("items"))
    if not listed:
        sequences = things(manifest.get("sequences"))
        listed = things(sequences[0].get("canvases")) if sequences else things(manifest.get("canvases"))
    return tuple(_canvas(each) for each in listed if kind_of_thing(each) in ("Canvas", "Timeline", "Scene", ""))


def _canvas(canvas: dict[str, Any]) -> Canvas:
    label = " ".join(phrase.text for phrase in phrases(canvas.get("label"))[:1])
    bodies = list(_bodies(canvas))
    found = [(name, image) for name, body in bodies if (image := _image(body, name or label)) is not None]
    address, width, height = address_of(canvas), _pixels(canvas.get("width")), _pixels(canvas.get("height"))
    images = (
        replace(image, canvas=address, canvas_width=width, canvas_height=height, beside=name) for name, image in found
    )
    return Canvas(address, label, tuple(dict.fromkeys(images)), len(bodies) - len(found))


def _bodies(canvas: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is painted on *canvas*, and the name of what is offered beside the first choice."""
    for annotation in things(canvas.get("images")):
        yield from _resources(annotation.get("resource"), "", 0)
    for page in things(canvas.get("items")):
        for annotation in things(page.get("items")):
            motivations = [text_of(each) for each in several(annotation.get("motivation"))] or ["painting"]
            if "painting" in motivations:
                yield from _resources(annotation.get("body"), "", 0)


def _resources(value: Any, name: str, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    if depth > _DEEPEST:
        return
    for each in several(value):
        if isinstance(each, str):
            yield name, {"id": each}
        if not isinstance(each, dict):
            continue
        kind = kind_of_thing(each)
        if kind in ("Choice", "alternatives"):
            choices = [*several(each.get("default")), *several(each.get("items")), *several(each.get("item"))]
            for number, choice in enumerate(choices):
                label = " ".join(phrase.text for phrase in phrases(_label(choice))[:1])
                yield from _resources(choice, label if number else name, depth + 1)
        elif kind == "SpecificResource" and not each.get("service"):
            yield from _resources(each.get("source") or each.get("full"), name, depth + 1)
        elif kind in ("List", "Composite"):
            yield from _resources(each.get("items"), name, depth + 1)
        elif kind == "Annotation":  # some wrap the resource once more
            yield from _resources(each.get("resource") or each.get("body"), name, depth + 1)
        else:
            yield name, each


def _label(value: Any) -> Any:
    return value.get("label") if isinstance(value, dict) else None


def _image(body: dict[str, Any], label: str) -> RemoteImage | None:
    kind, media = kind_of_thing(body), text_of(body.get("format"))
    address = address_of(body)
    if kind == "SpecificResource":
        address = address_of(body.get("source") or body.get("full"))
    service = _service(body.get("service"), 0)
    if not service and (request := _IMAGE_REQUEST.match(address)):
        service = {"id": request[1]}
    base = address_of(service).rstrip("/")
    if base and not _of_the_web(base):
        service, base = {}, ""
    if kind not in ("Image", "") and not base and not media.startswith("image/"):
        return None
    if not _of_the_web(address):
        address = f"{base}/full/max/0/default.jpg" if base else ""
    if not address:
        return None
    width, height = (_pixels(body.get(name)) or _pixels(service.get(name)) for name in ("width", "height"))
    version, profile = (_version(service), _profile(service)) if base else (0, "")
    return RemoteImage(label, address, base, width, height, version, profile)


def _version(service: dict[str, Any]) -> int:
    """Return the version of the Image API that *service* states, or 0."""
    told = " ".join(text_of(part) for part in _telling(service))
    if found := _VERSION.search(told):
        return int(found[1] or found[2] or found[3])
    return 1 if _FIRST_VERSION.search(told) else 0


def _profile(service: dict[str, Any]) -> str:
    """Return the profile that *service* states first; what it lists beside it are single features."""
    return next((text for each in several(service.get("profile")) if (text := text_of(each))), "")


def _service(value: Any, depth: int) -> dict[str, Any]:
    """Return the image service in *value*, which may be listed, named only, or hidden in another service."""
    if depth > _DEEPEST:
        return {}
    for each in several(value):
        if isinstance(each, str) and _of_the_web(each):
            return {"id": each}
        if not isinstance(each, dict):
            continue
        told = " ".join(text_of(part) for part in _telling(each))
        # A lone service of an image that says nothing of itself can be no other.
        if address_of(each) and (_IMAGE_SERVICE.search(told) or not told):
            return each
        if inner := _service(each.get("service"), depth + 1):
            return inner
    return {}


def _telling(service: dict[str, Any]) -> list[Any]:
    return [kind_of_thing(service), *several(service.get("profile")), *several(service.get("@context"))]


def _of_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _pixels(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else 0
