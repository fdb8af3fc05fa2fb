"""Which version of the Presentation API a request asks for."""

from __future__ import annotations

import re

PROFILE_V2 = "http://iiif.io/api/presentation/2/context.json"
PROFILE_V3 = "http://iiif.io/api/presentation/3/context.json"
MEDIA_TYPE_V2 = f'application/ld+json;profile="{PROFILE_V2}"'
MEDIA_TYPE_V3 = f'application/ld+json;profile="{PROFILE_V3}"'

_LONGEST = 4096  # characters of an Accept header that are read
_RANGE = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^",])+')
_PARAMETER = re.compile(r';\s*([a-z]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;,\s"]*)', re.IGNORECASE)
_QUALITY = re.compile(r"[01](?:\.\d{0,3})?")
_JSON = ("application/json", "application/ld+json", "application/*", "*/*")


def wants_v2(accept: str) -> bool:
    """Return whether the Accept header *accept* asks for Presentation 2 rather than 3.

    Version 3 is given unless a media range names the profile of version 2 and nothing that version 3 answers
    is preferred to it (Presentation 3.0, 6.3). Never raises; reads at most 4,096 characters.
    """
    v2 = v3 = plain = 0.0
    for media_range in _RANGE.findall(accept[:_LONGEST]):
        media_type = media_range.split(";", 1)[0].strip().lower()
        if media_type not in _JSON:
            continue
        parameters = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(media_range)}
        written = parameters.get("q", "1")
        quality = min(1.0, float(written)) if _QUALITY.fullmatch(written) else 0.0
        # The profile parameter is a list of addresses separated by spaces (RFC 6906, 4).
        profiles = parameters.get("profile", "").replace("https://", "http://").split()
        if PROFILE_V2 in profiles:
            v2 = max(v2, quality)
        if PROFILE_V3 in profiles:
            v3 = max(v3, quality)
        if not profiles:
            plain = max(plain, quality)
    return v2 > v3 and v2 >= plain and v2 > 0
