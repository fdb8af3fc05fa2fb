"""Identifiers and how they are made. Each is a type of its own, so that one never passes for another."""

from __future__ import annotations

import unicodedata
from typing import NewType
from urllib.parse import quote, unquote

from khizana.core.errors import BadInput

ManuscriptId = NewType("ManuscriptId", str)
"""A manuscript within its library: the folded shelfmark, as used in addresses ("tb-0042")."""

ImageId = NewType("ImageId", str)
"""A page image: manuscript, a dot, and the number of its master ("tb-0042.0007"). The same for ever."""

ObjectId = NewType("ObjectId", str)
"""An OCFL object identifier, a URI ("urn:khizana:ahmed-baba:tb-0042:images")."""

Digest = NewType("Digest", str)
"""A SHA-512 digest in lower-case hexadecimal, 128 characters."""

LONGEST_SHELFMARK = 120  # characters; an OCFL object directory and every address stay short of 255 bytes


def manuscript_id(shelfmark: str) -> ManuscriptId:
    """Return the identifier of the manuscript with *shelfmark*.

    Letters and digits of any script are kept, in lower case and compatibility-composed (NFKC), digits as
    0-9; every other run of characters becomes one hyphen. Two shelfmarks that differ only by case,
    punctuation or Unicode form therefore have the same identifier, and the second is refused.

    Raises ``BadInput`` when no letter or digit is left, when the shelfmark is longer than 120 characters, or when
    it holds control characters or bytes that are no text.
    """
    kept: list[str] = []
    for char in unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", shelfmark).casefold()):
        digit = unicodedata.digit(char, None)
        if digit is not None:
            kept.append(str(digit))
        elif char.isalnum() or unicodedata.category(char).startswith("M"):
            kept.append(char)
        else:
            kept.append("-")
    folded = "-".join(part for part in "".join(kept).split("-") if part)
    # Line ends and undecodable bytes come from scripts, never from a manuscript, and no file could keep them.
    unwritable = any(unicodedata.category(char) in ("Cc", "Cs") for char in shelfmark)
    # Marks alone (vowel signs, accents) have no letter to stand on: nobody could read or type such an address.
    readable = any(char.isalnum() for char in folded)
    if not readable or unwritable or max(len(shelfmark), len(folded)) > LONGEST_SHELFMARK:
        raise BadInput("SHELFMARK_UNUSABLE", shelfmark=shelfmark[:200], longest=LONGEST_SHELFMARK)
    return ManuscriptId(folded)


def image_id(manuscript: ManuscriptId, number: int) -> ImageId:
    """Return the identifier of the page image made from master *number* (from 1) of *manuscript*."""
    return ImageId(f"{manuscript}.{number:04d}")


def images_object_id(library: str, manuscript: ManuscriptId) -> ObjectId:
    """Return the identifier of the object that holds the masters, in the order of their cards."""
    return ObjectId(f"urn:khizana:{quote(library)}:{quote(manuscript)}:images")


def manuscript_of(library: str, identifier: str) -> ManuscriptId | None:
    """Return the manuscript that the object *identifier* of *library* belongs to, or None where it is none of those."""
    prefix = f"urn:khizana:{quote(library)}:"
    manuscript, _, kind = identifier.removeprefix(prefix).rpartition(":")
    if not identifier.startswith(prefix) or kind not in {"images", "description", "order"}:
        return None
    return ManuscriptId(unquote(manuscript))


def description_object_id(library: str, manuscript: ManuscriptId) -> ObjectId:
    """Return the identifier of the object that holds what is edited often: description and publication."""
    return ObjectId(f"urn:khizana:{quote(library)}:{quote(manuscript)}:description")


def order_object_id(library: str, manuscript: ManuscriptId) -> ObjectId:
    """Return the identifier of the object that holds the page order, once a person has set one."""
    return ObjectId(f"urn:khizana:{quote(library)}:{quote(manuscript)}:order")


def object_ids(library: str, manuscript: ManuscriptId) -> tuple[ObjectId, ...]:
    """Return the identifiers of every object that *manuscript* may have."""
    parts = (description_object_id, images_object_id, order_object_id)
    return tuple(part(library, manuscript) for part in parts)
