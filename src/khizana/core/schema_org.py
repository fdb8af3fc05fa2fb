"""A manuscript in the words of schema.org, as JSON-LD that stands in its page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from khizana.core.catalogue.entry import Phrases
from khizana.core.iiif.presented import is_web_address, library_title
from khizana.core.oai.described import Described
from khizana.core.policy import ANYONE, Action, Refuse, decide

Json = dict[str, Any]

_ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_THUMBNAIL = 480


def json_ld(described: Described, language: str) -> Json | None:
    """Return what the page in *language* says of the manuscript; None where it may not be handed on."""
    manuscript, card = described.manuscript, described.card
    if isinstance(decide(manuscript.agreement, Action.HARVEST, ANYONE), Refuse):
        return None
    to, entry = described.addresses, described.entry
    value: Json = {
        "@context": "https://schema.org",
        "@type": ["Manuscript", "ArchiveComponent"],
        "@id": described.address,
        "url": to.reading_room(language, manuscript.id),
        "identifier": [described.ark, entry.shelfmark],
        "name": _texts(entry.titles) or entry.shelfmark,
        "inLanguage": list(entry.languages),
        "holdingArchive": {"@type": "ArchiveOrganization", "name": _names(library_title(card))},
        "isPartOf": {"@type": "Collection", "@id": to.collection(), "name": _names(library_title(card))},
        "isAccessibleForFree": True,
    }
    if entry.summary:
        value["description"] = _texts(entry.summary)
    authors = [person for person in entry.all_persons() if person.role == "author"]
    if authors:
        value["author"] = [
            {"@type": "Person", "name": _texts(person.names)}
            | ({"@id": person.key} if is_web_address(person.key) else {})
            for person in authors
        ]
    if dates := [date.words for date in entry.all_dates() if date.words]:
        value["dateCreated"] = dates
    if entry.subjects:
        value["about"] = _texts(entry.subjects)
    if entry.physical.extent:
        value["materialExtent"] = _texts(entry.physical.extent)
    if is_web_address(card.rights):
        value["license"] = card.rights
    if manuscript.pages and not isinstance(decide(manuscript.agreement, Action.VIEW, ANYONE), Refuse):
        value["thumbnailUrl"] = to.reading_size(manuscript.pages[0].image, _THUMBNAIL)
    value["subjectOf"] = [
        {"@type": "DataDownload", "encodingFormat": "application/tei+xml", "contentUrl": to.description(manuscript.id)}
    ]
    return {name: each for name, each in value.items() if each not in ([], "")}


def in_script(value: Json) -> str:
    """Return *value* as JSON that nothing in it can end: it has no sign by which HTML would leave the script."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "".join(_ESCAPED.get(char, char) for char in text)


def _texts(phrases: Phrases) -> list[str | Json]:
    return [
        phrase.text if phrase.language in ("none", "und", "") else {"@language": phrase.language, "@value": phrase.text}
        for phrase in phrases
        if phrase.text.strip()
    ]


def _names(words: Mapping[str, Sequence[str]]) -> list[str | Json]:
    return [
        text if tag == "none" else {"@language": tag, "@value": text} for tag, texts in words.items() for text in texts
    ]
