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
    card: LibraryCard, entries: Sequence[Entry], *, total: int, part: int | None = None, reader: Reader = ANYONE
) -> Json:
    """Return the collection of *total* manuscripts, or one *part* (from 1) of it, as *reader* may see it.

    Up to 500 manuscripts stand in the collection directly. With more, it lists its parts. *entries* are the
    manuscripts of the part, in their order, or of the whole where it has no parts: never more than 500 are needed.

    Raises ``NotFound`` for a part that does not exist.
    """
    parts = -(-total // PART) or 1
    if part is not None and not 1 <= part <= parts:
        raise NotFound("COLLECTION_PART_NOT_FOUND", part=part, parts=parts)
    told = [entry for entry in entries if not isinstance(decide(entry.agreement, Action.DESCRIBE, reader), Refuse)]
    addresses = Addresses(card.base_url)
    title = library_title(card)
    collection: Json = {"@context": CONTEXT_V3, "id": addresses.collection(part), "type": "Collection", "label": title}
    if part is not None:
        collection["label"] = _part_label(total, part)
        collection["partOf"] = [{"id": addresses.collection(), "type": "Collection", "label": title}]
        collection["items"] = [_entry(addresses, entry, reader) for entry in told[:PART]]
        return collection
    collection["metadata"] = [{"label": tidy(labels.MANUSCRIPTS), "value": {"none": [str(total)]}}]
    if rights := rights_statement(card.rights):
        collection["rights"] = rights
    if statement := required_statement(card):
        collection["requiredStatement"] = statement
    collection["provider"] = [provider(card)]
    if parts == 1:
        collection["items"] = [_entry(addresses, entry, reader) for entry in told]
    else:
        collection["items"] = [
            {"id": addresses.collection(number), "type": "Collection", "label": _part_label(total, number)}
            for number in range(1, parts + 1)
        ]
    return collection


def _part_label(total: int, part: int) -> Json:
    first, last = (part - 1) * PART + 1, min(part * PART, total)
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
