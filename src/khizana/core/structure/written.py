"""``structure.json`` and ``publication.json``: page order, facts of masters and agreement, as the objects keep them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ManuscriptId, image_id
from khizana.core.manuscript import Direction, Master, Page
from khizana.core.policy import Agreement, Level
from khizana.core.structure.labels import page_names

STRUCTURE = "structure.json"
PUBLICATION = "publication.json"

SHORT_DIGEST = 16
"""Hexadecimal digits of a master's digest by which its page knows it, whatever path it stands under."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Reading direction, and the pages in reading order."""

    direction: Direction
    pages: tuple[Page, ...]


def pages_of(manuscript: ManuscriptId, labelled: list[tuple[Master, str]]) -> tuple[Page, ...]:
    """Return pages in the given order, with identifiers and address names."""
    names = page_names(label for _, label in labelled)
    return tuple(
        Page(image_id(manuscript, master.number), label, name, master)
        for (master, label), name in zip(labelled, names, strict=True)
    )


def structure_json(structure: Structure) -> bytes:
    """Return *structure* as deterministic JSON: one master a page, in reading order."""
    pages = [
        {
            "label": page.label,
            "number": page.master.number,
            "file": page.master.logical_path,
            "digest": page.master.digest[:SHORT_DIGEST],
            "media_type": page.master.media_type,
            "width": page.master.width,
            "height": page.master.height,
            "size": page.master.size,
            "original_name": page.master.original_name,
        }
        for page in structure.pages
    ]
    return _written({"direction": structure.direction, "pages": pages})


def read_structure(raw: bytes, manuscript: ManuscriptId, digests: dict[str, Digest]) -> Structure:
    """Return the structure in *raw*; *digests* gives the digest of each logical path of the images object.

    A master that is not under the path its page names is looked for by its digest: where two places gave one path to
    two photographs, one of them has another now.

    Raises ``Damaged`` when it is not what ``structure_json`` writes.
    """
    try:
        value = json.loads(raw)
        places = _places(value["pages"], digests)
        labelled = [
            (
                Master(
                    number=int(page["number"]),
                    logical_path=path,
                    digest=digests[path],
                    size=int(page["size"]),
                    media_type=str(page["media_type"]),
                    width=int(page["width"]),
                    height=int(page["height"]),
                    original_name=str(page["original_name"]),
                ),
                str(page["label"]),
            )
            for page, path in zip(value["pages"], places, strict=True)
        ]
        direction: Direction = "ltr" if value["direction"] == "ltr" else "rtl"
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise Damaged("STRUCTURE_UNREADABLE", manuscript=manuscript, problem=repr(error)) from error
    numbers = [master.number for master, _ in labelled]
    if len(set(numbers)) < len(numbers) or min(numbers, default=1) < 1:
        # Two pages of one number would be one page image in every address.
        raise Damaged("STRUCTURE_UNREADABLE", manuscript=manuscript, problem="page numbers")
    return Structure(direction, pages_of(manuscript, labelled))


def _places(pages: list[Any], digests: dict[str, Digest]) -> list[str]:
    """Return the logical path of each page's master."""
    moved: dict[str, str] | None = None
    places = []
    for page in pages:
        path, short = page["file"], page.get("digest")
        if short is not None and not digests.get(path, "").startswith(short):
            if moved is None:
                moved = {digest[:SHORT_DIGEST]: each for each, digest in sorted(digests.items(), reverse=True)}
            path = moved[short]
        places.append(path)
    return places


def ordered(kept: Structure, by_hand: Structure, manuscript: ManuscriptId) -> Structure:
    """Return *kept*, the masters in the order of their cards, in the order, direction and labels set *by_hand*.

    Pages that came after those were set are at the end. What is known of a master is taken from *kept*. Raises
    ``Damaged`` when *by_hand* has a page twice, or one that *kept* has not.
    """
    left = {page.master.logical_path: page for page in kept.pages}
    try:
        labelled = [(left.pop(page.master.logical_path).master, page.label) for page in by_hand.pages]
    except KeyError as error:
        raise Damaged("STRUCTURE_UNREADABLE", manuscript=manuscript, problem=repr(error)) from error
    labelled += [(page.master, page.label) for page in left.values()]
    return Structure(by_hand.direction, pages_of(manuscript, labelled))


@dataclass(frozen=True, slots=True)
class Publication:
    """Under which shelfmark, and for whom, a manuscript stands in this library."""

    shelfmark: str
    agreement: Agreement


def publication_json(publication: Publication) -> bytes:
    """Return *publication* as deterministic JSON."""
    agreement = publication.agreement
    return _written(
        {"shelfmark": publication.shelfmark, "level": agreement.level.value, "published": agreement.published}
    )


def read_publication(raw: bytes, manuscript: ManuscriptId) -> Publication:
    """Return the publication in *raw*.

    Raises ``Damaged`` when it is not what ``publication_json`` writes: nothing is shown on a guess.
    """
    try:
        value = json.loads(raw)
        return Publication(str(value["shelfmark"]), Agreement(Level(value["level"]), value["published"] is True))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged("STRUCTURE_UNREADABLE", manuscript=manuscript, problem=repr(error)) from error


def _written(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
