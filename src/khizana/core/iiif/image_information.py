"""Image information documents (info.json) of the IIIF Image API 3.0 and 2.1, compliance level 2.

Source: Image API 3.0 section 5 and Image API 2.1.1 section 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from khizana.core.iiif.image_request import FORMATS, LONGEST_SIDE, MOST_PIXELS, Source, Version, fitting

PROTOCOL = "http://iiif.io/api/image"
CONTEXTS = {2: "http://iiif.io/api/image/2/context.json", 3: "http://iiif.io/api/image/3/context.json"}
PROFILES = {2: "http://iiif.io/api/image/2/level2.json", 3: "http://iiif.io/api/image/3/level2.json"}

PREFERRED_FORMATS = ("jpg",)
"""OpenSeadragon and Mirador ask for every tile in the first of these that they can show.

JPEG tiles lie ready in the pyramid. A library whose own line is its narrowest place may put WebP first: measured on
real pages, a tile has 17 kB instead of 41 kB, loses 3 dB, and costs 23 ms of a processor instead of 0.05.
"""

_EXTRA_FORMATS = [name for name in FORMATS if name not in {"jpg", "png"}]
_EXTRA_FEATURES_3 = ["canonicalLinkHeader", "mirroring", "profileLinkHeader", "rotationArbitrary", "sizeUpscaling"]
_SUPPORTS_2 = [
    *("canonicalLinkHeader", "mirroring", "profileLinkHeader", "regionSquare", "rotationArbitrary"),
    *("sizeAboveFull", "sizeByConfinedWh", "sizeByDistortedWh", "sizeByForcedWh", "sizeByH", "sizeByPct"),
]


def image_information(
    version: Version,
    identifier: str,
    source: Source,
    *,
    levels: Sequence[tuple[int, int]],
    tile: int,
    ready: Sequence[tuple[int, int]] = (),
    preferred: Sequence[str] = PREFERRED_FORMATS,
) -> dict[str, Any]:
    """Return the document for the service at *identifier* (its whole address), ready for JSON.

    *levels* are the sizes of the pyramid in pixels, largest first, each half of the one before; *ready* are sizes
    that lie on the disk as whole images; *preferred* are the formats that viewers shall ask for first.
    """
    allowed = [size for size in levels if _is_shown(source, size)]
    whole = fitting(source, source.width, source.height)
    sizes = sorted(
        size for size in {*allowed, *ready} if _is_shown(source, size) and size[0] <= whole[0] and size[1] <= whole[1]
    )
    factors = [1 << index for index, size in enumerate(levels) if _is_shown(source, size)]
    information: dict[str, Any] = {
        "@context": CONTEXTS[version],
        **({"id": identifier, "type": "ImageService3"} if version == 3 else {"@id": identifier}),
        "protocol": PROTOCOL,
        "profile": "level2",
        "width": source.width,
        "height": source.height,
        **_limits(source),
        "sizes": [{"width": width, "height": height} for width, height in sizes],
    }
    if factors:
        information["tiles"] = [{"width": tile, "height": tile, "scaleFactors": factors}]
    if version == 3:
        information |= {
            "preferredFormats": list(preferred),
            "extraFormats": _EXTRA_FORMATS,
            "extraQualities": ["color", "gray", "bitonal"],
            "extraFeatures": _EXTRA_FEATURES_3,
        }
        return information
    information["profile"] = [
        PROFILES[2],
        {
            "formats": list(FORMATS),
            "qualities": ["default", "color", "gray", "bitonal"],
            "supports": _SUPPORTS_2,
            **{name: information.pop(name) for name in ("maxWidth", "maxHeight", "maxArea") if name in information},
        },
    ]
    return information


def _is_shown(source: Source, size: tuple[int, int]) -> bool:
    # One pixel of grace: the levels were rounded down, the scale was not rounded at all.
    return source.shown_side is None or max(size) <= source.shown_side + 1


def _limits(source: Source) -> dict[str, int]:
    if source.shown_side is not None:
        return {"maxWidth": source.shown_side, "maxHeight": source.shown_side}
    if source.limited:
        return {"maxWidth": LONGEST_SIDE, "maxHeight": LONGEST_SIDE, "maxArea": MOST_PIXELS}
    return {}
