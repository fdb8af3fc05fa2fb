"""The content encodings of stored pages, as a request states what it accepts (RFC 9110, 12.5.3)."""

from __future__ import annotations

import re
from typing import Literal

Encoding = Literal["br", "gzip", ""]

_LONGEST = 1_000  # characters of an Accept-Encoding header that are read
_QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)")


def encoding_for(accept_encoding: str) -> Encoding:
    """Return the encoding to answer with: the better liked of brotli and gzip, or nothing where neither is accepted.

    Browsers accept brotli over TLS only: on the plain HTTP of a reading room without a network, gzip is what they take.
    """
    stated: dict[str, float] = {}
    for part in accept_encoding[:_LONGEST].lower().split(","):
        name, _, parameter = part.partition(";")
        quality = _QUALITY.fullmatch(parameter.strip()) if parameter.strip() else None
        stated[name.strip()] = float(quality[1]) if quality else 1.0 * (not parameter.strip())
    brotli, gzip = (stated.get(name, stated.get("*", 0.0)) for name in ("br", "gzip"))
    if brotli and brotli >= gzip:
        return "br"
    return "gzip" if gzip else ""
