"""The IIIF Presentation 3.0 collection of all manuscripts, in parts where they are many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from khizana.core.errors import NotFound
from khizana.core.identifiers import ImageId, ManuscriptId
from khizana.core.iiif import labels
from khizana.core.iiif.addresses import Addresses
from khizana.core.iiif.manifest import CONTEXT_V3, image_services, provider, required_statement
from khizana.core.iiif.presented import THUMBNAIL_WIDTH, library_title, rights_statement, tidy
from khizana.core.manuscript import LibraryCard, Words
from khizana.core.policy import ANYONE, Action, Agreement, Reader, Refuse, decide

Json = dict[str, Any]

PART = 500
"""Manuscripts in one part of the collection."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One manuscript as the collection lists it."""

    id: ManuscriptId
    shelfmark: str
    titles: Words
    agreement: Agreement
    image: ImageId | None = None
    """The page image that stands for it, if it has one."""


def collection_v3(
    card: LibraryCard, entries: Sequence[Entry], *, part: int | None = None, reader: Reader = ANYONE
) -> Json:
    """Return the collection of *entries* as *reader* may see it, in their order.

    Up to 500 manuscripts stand in it directly. With more, it lists its parts, and *part* (from 1) gives one
    of them with its manuscripts.

    Raises ``NotFound`` for a part that does not exist.
    """
    told = [entry for entry in entries if not isinstance(decide(entry.agreement, Action.DESCRIBE, reader), Refuse)]
    parts = -(-len(told) // PART) or 1
    addresses = Addresses(card.base_url)
    title = library_title(card)
    collection: Json = {"@context": CONTEXT_V3, "id": addresses.collection(part), "type": "Collection", "label": title}
    if part is not None:
        if not 1 <= part <= parts:
            raise NotFound("COLLECTION_PART_NOT_FOUND", part=part, parts=parts)
        first = (part - 1) * PART
        collection["label"] = _part_label(told, part)
        collection["partOf"] = [{"id": addresses.collection(), "type": "Collection", "label": title}]
        collection["items"] = [_entry(addresses, entry, reader) for entry in told[first : first + PART]]
        return collection
    collection["metadata"] = [{"label": tidy(labels.MANUSCRIPTS), "value": {"none": [str(len(told))]}}]
    if rights := rights_statement(card.rights):
        collection["rights"] = rights
    if statement := required_statement(card):
        collection["requiredStatement"] = statement
    collection["provider"] = [provider(card)]
    if parts == 1:
        collection["items"] = [_entry(addresses, entry, reader) for entry in told]
    else:
        collection["items"] = [
            {"id": addresses.collection(number), "type": "Collection", "label": _part_label(told, number)}
            for number in range(1, parts + 1)
        ]
    return collection


def _part_label(told: Sequence[Entry], part: int) -> Json:
    first, last = (part - 1) * PART + 1, min(part * PART, len(told))
    return {language: [f"{words[0]} {first}–{last}"] for language, words in labels.MANUSCRIPTS.items()}


def _entry(addresses: Addresses, entry: Entry, reader: Reader) -> Json:
    item: Json = {
        "id": addresses.manifest(entry.id),
        "type": "Manifest",
        "label": tidy(entry.titles) or {"none": [entry.shelfmark]},
    }
    if entry.image and not isinstance(decide(entry.agreement, Action.VIEW, reader), Refuse):
        item["thumbnail"] = [
            {
                "id": addresses.reading_size(entry.image, THUMBNAIL_WIDTH),
                "type": "Image",
                "format": "image/jpeg",
                "service": image_services(addresses, entry.image),
            }
        ]
    return item
