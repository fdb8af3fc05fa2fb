"""How long an answer may be shown again without asking us: one table for every door (decision 16).

An agreement that an owner narrows is in force at our doors within a second; caches and browsers elsewhere obey it when
what they keep is no longer fresh. ``must-revalidate`` lets none of them show it longer, be it cut off from us.
"""

from __future__ import annotations

from khizana.core.policy import Reader

IMAGES_FRESH = 600
"""Seconds for images, tiles and info.json: the longest that a closed image is still shown anywhere."""
TEXTS_FRESH = 60
"""Seconds for pages, manifests and descriptions, which are corrected more often than images."""

OPEN_IMAGE = f"public, max-age={IMAGES_FRESH}, must-revalidate"
OPEN_TEXT = f"public, max-age={TEXTS_FRESH}, must-revalidate"
NOT_KEPT = "private, no-store"
"""For what only some may see: it is not left behind on a machine that others use too."""


def image_for(reader: Reader, *, public: bool) -> str:
    """Return the Cache-Control of an image: *public* where everyone may see it whole."""
    if public:
        return OPEN_IMAGE
    return NOT_KEPT if reader.staff or reader.known else f"private, max-age={IMAGES_FRESH}, must-revalidate"


def text_for(reader: Reader) -> str:
    """Return the Cache-Control of a page, manifest or description made for *reader*."""
    return NOT_KEPT if reader.staff or reader.known else f"private, max-age={TEXTS_FRESH}, must-revalidate"
