"""How another library's images are asked for by pages and viewers, by what its image service says it can do."""

from __future__ import annotations

import re
from typing import Any

from khizana.core.manuscript import PageElsewhere

Json = dict[str, Any]
_LEVEL = re.compile(r"level-?([0-2])")
_PROFILES = {
    1: "http://library.stanford.edu/iiif/image-api/1.1/compliance.html#level{}",
    2: "http://iiif.io/api/image/2/level{}.json",
    3: "http://iiif.io/api/image/3/level{}.json",
}
_CONTEXTS = {
    1: "http://library.stanford.edu/iiif/image-api/1.1/context.json",
    2: "http://iiif.io/api/image/2/context.json",
    3: "http://iiif.io/api/image/3/context.json",
}
_ENDING = re.compile(r"\.([A-Za-z0-9]{2,4})$")
_FORMATS = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "tif": "image/tiff", "webp": "image/webp"}


def _level(page: PageElsewhere) -> int:
    """Return the level of compliance that the service of *page* states; 0 where it states none that is known."""
    found = _LEVEL.search(page.profile)
    return int(found[1]) if found else 0


def can_size(page: PageElsewhere) -> bool:
    """Return whether the service of *page* makes smaller images: level 1 and 2 do (Image API 3.0, 5; 2.1, 6)."""
    return bool(page.service and page.version and page.measured) and _level(page) > 0


def sized(page: PageElsewhere, width: int) -> str:
    """Return the address of the whole of *page*, at most *width* pixels wide; of the file where none is smaller."""
    if not can_size(page):
        return page.address
    quality = "native" if page.version == 1 else "default"
    return f"{page.service}/full/{min(width, page.width)},/0/{quality}.jpg"


def within(page: PageElsewhere, longest: int) -> str:
    """Return the address of *page* with no side longer than *longest* pixels, or nothing where there is none."""
    if not can_size(page):
        is_small = page.measured and max(page.width, page.height) <= longest
        return page.address if is_small and not page.service else ""
    scale = min(1.0, longest / max(page.width, page.height))
    return sized(page, max(1, int(page.width * scale)))


def information(page: PageElsewhere) -> str:
    """Return the address from which a deep-zoom viewer learns sizes and tiles, or nothing."""
    return f"{page.service}/info.json" if page.service else ""


def format_of(address: str) -> Json:
    """Return the media type that the ending of *address* promises, as a property, or nothing."""
    ending = _ENDING.search(address)
    return {"format": _FORMATS[ending[1].lower()]} if ending and ending[1].lower() in _FORMATS else {}


def service_v3(page: PageElsewhere) -> list[Json]:
    """Return the image service of *page* as Presentation 3.0 names it, in the keys of its own time (5.2)."""
    if not page.service:
        return []
    if page.version == 3:
        return [{"id": page.service, "type": "ImageService3", "profile": f"level{_level(page)}"}]
    version = page.version or 2
    profile = _PROFILES[version].format(_level(page))
    return [{"@id": page.service, "@type": f"ImageService{version}", "profile": profile}]


def service_v2(page: PageElsewhere) -> Json | None:
    """Return the image service of *page* as Presentation 2.1 names it."""
    if not page.service:
        return None
    version = page.version or 2
    profile = _PROFILES[version].format(_level(page))
    return {"@context": _CONTEXTS[version], "@id": page.service, "profile": profile}
