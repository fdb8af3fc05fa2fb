"""Take responsibility for what was received: preservation objects written, validated, and indexed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from khizana.apps.publication.actions.index_manuscript import index_manuscript
from khizana.apps.publication.from_objects import ACCESSION, DESCRIPTION
from khizana.apps.publication.keeper import Keeper, new_event
from khizana.apps.publication.page_order import order_object, structure_of
from khizana.apps.publication.pending import pending
from khizana.core.errors import AlreadyThere, Damaged
from khizana.core.identifiers import (
    Digest,
    ManuscriptId,
    description_object_id,
    images_object_id,
    manuscript_id,
)
from khizana.core.manuscript import Direction, Master
from khizana.core.policy import Agreement, Level
from khizana.core.preservation import premis
from khizana.core.preservation.journal import Capture, Journal, Receipt
from khizana.core.preservation.ocfl.read import StoredObject
from khizana.core.preservation.staging import Received, discard, staged, staged_path, verify
from khizana.core.structure.written import (
    PUBLICATION,
    STRUCTURE,
    Publication,
    Structure,
    pages_of,
    publication_json,
    read_publication,
    structure_json,
)

NEW_ORDER = "New page order"
"""Message of a version by which a person changed order, labels or direction; it was one of the images object once."""


@dataclass(frozen=True, slots=True)
class Accessioned:
    """What the library now answers for."""

    manuscript: ManuscriptId
    new_pages: int
    pages: int


def accession(
    *,
    receipt: Receipt,
    description: bytes,
    direction: Direction,
    level: Level,
    keeper: Keeper,
    read_back: Mapping[Digest, Received],
    more: bool = False,
) -> Accessioned:
    """Write what was received into the two objects of its manuscript, and index them.

    A new manuscript is written with *description* (TEI), *direction* and *level*, not published. For one that
    is there, new photographs are added: when the card holds some that it has already (the same command run
    again), or when *more* says so. *read_back* names staged files that this process read back from the disk,
    so that their bytes are not read a third time; a file touched since is read again.

    Raises ``AlreadyThere`` for a card that has nothing in common with the manuscript of that shelfmark,
    ``NoSpace``, ``Damaged`` when validation finds an error: the storage root is then as it was before.
    """
    manuscript = manuscript_id(receipt.shelfmark)
    images = keeper.object(images_object_id(keeper.library, manuscript))
    held = masters_held(images, manuscript)
    known = {master.digest for master in held}
    new = [capture for capture, _ in receipt.captures if capture.digest not in known]
    # Of one that was described before it was photographed, the first photographs are no further ones.
    shares = len(new) < len(receipt.captures)
    if held or keeper.object(description_object_id(keeper.library, manuscript)):
        refuse_another(keeper, receipt.shelfmark, shares=shares, more=more or not held)
    with pending(keeper.folder, manuscript):
        _write_description(keeper, manuscript, description, Publication(receipt.shelfmark, Agreement(level)))
        if new or not held:
            _write_images(
                keeper,
                manuscript,
                images=images,
                receipt=receipt,
                new=new,
                direction=direction,
                read_back=read_back,
            )
        index_manuscript(manuscript=manuscript, folder=keeper.folder, library=keeper.library)
        keeper.enter(manuscript)
    for capture, _ in receipt.captures:
        staged_path(keeper.folder.staging, capture.digest).unlink(missing_ok=True)
    Journal(keeper.folder.staging, manuscript).remove()
    return Accessioned(manuscript, len(new), len(held) + len(new))


def masters_held(images: StoredObject | None, manuscript: ManuscriptId) -> list[Master]:
    """Return the masters in the object *images*; none where there is no such object."""
    return [page.master for page in structure_of(images, None, manuscript).pages] if images else []


def refuse_another(keeper: Keeper, given: str, *, shares: bool, more: bool) -> None:
    """Raise ``AlreadyThere`` where a card given the shelfmark *given* is not of the manuscript that has it.

    *shares*: the card has photographs that the manuscript has. *more*: a person says that these are further pages.
    """
    manuscript = manuscript_id(given)
    stored = keeper.object(description_object_id(keeper.library, manuscript))
    shelfmark = read_publication(stored.read_bytes(PUBLICATION), manuscript).shelfmark if stored else given
    if shelfmark != given and not shares:
        raise AlreadyThere("SHELFMARK_TOO_NEAR", shelfmark=given, other=shelfmark)
    if not shares and not more:
        raise AlreadyThere("SHELFMARK_TAKEN", shelfmark=given)


def _write_description(keeper: Keeper, manuscript: ManuscriptId, description: bytes, publication: Publication) -> None:
    identifier = description_object_id(keeper.library, manuscript)
    if keeper.object(identifier) is not None:
        return
    events = [new_event(keeper, "accession", "description"), _validation(keeper, 1)]
    keeper.write(
        identifier,
        after=None,
        put={DESCRIPTION: description, PUBLICATION: publication_json(publication)},
        events=events,
        message=ACCESSION,
    )


def _write_images(
    keeper: Keeper,
    manuscript: ManuscriptId,
    *,
    images: StoredObject | None,
    receipt: Receipt,
    new: list[Capture],
    direction: Direction,
    read_back: Mapping[Digest, Received],
) -> None:
    identifier = images_object_id(keeper.library, manuscript)
    old = structure_of(images, None, manuscript) if images else Structure(direction, ())
    first = max((page.master.number for page in old.pages), default=0) + 1
    masters = [_master(capture, number) for number, capture in enumerate(new, first)]
    order = _in_order(old, masters, receipt, by_hand=_is_ordered_by_hand(keeper, images, manuscript))
    structure = Structure(old.direction, pages_of(manuscript, order))
    head = images.head if images else 0
    staging = {master.logical_path: read_back.get(master.digest) or _staged(keeper, master) for master in masters}
    events = [
        event
        for master, capture in zip(masters, new, strict=True)
        for event in _events_of_master(keeper, master, capture)
    ]
    events += [new_event(keeper, "accession", f"{len(masters)} masters"), _validation(keeper, head + 1)]
    keeper.write(
        identifier,
        after=images,
        put={**staging, STRUCTURE: structure_json(structure)},
        events=events,
        message=f"Accession of {len(masters)} masters",
        files=[_facts(master) for master in masters],
    )


def _is_ordered_by_hand(keeper: Keeper, images: StoredObject | None, manuscript: ManuscriptId) -> bool:
    if order_object(keeper.folder, keeper.library, manuscript) is not None:
        return True
    return images is not None and any(version.message == NEW_ORDER for version in images.versions)


def _staged(keeper: Keeper, master: Master) -> Received:
    """Return the staged file of *master*, read again; one that has changed is taken away, so that the card is asked."""
    received = staged(keeper.folder.staging, master.digest)
    if received is None:
        raise Damaged("STAGED_FILE_GONE", name=master.original_name, digest=master.digest)
    try:
        return verify(received)
    except Damaged as error:
        discard(received)
        raise Damaged("STAGED_FILE_ALTERED", name=master.original_name, digest=master.digest) from error


def _master(capture: Capture, number: int) -> Master:
    return Master(
        number=number,
        logical_path=f"masters/{number:04d}.{capture.extension}",
        digest=capture.digest,
        size=capture.size,
        media_type=capture.media_type,
        width=capture.width,
        height=capture.height,
        original_name=capture.name,
    )


def _facts(master: Master) -> premis.FileFacts:
    return premis.FileFacts(master.logical_path, master.digest, master.size, master.media_type, master.original_name)


def _in_order(old: Structure, masters: list[Master], receipt: Receipt, *, by_hand: bool) -> list[tuple[Master, str]]:
    """Return masters with labels: as the card has them when it has them all, else the new ones at the end.

    An order that a person has set (*by_hand*) is never undone by a card: the new ones come at its end, too.
    """
    known = {page.master.digest: page.master for page in old.pages} | {master.digest: master for master in masters}
    on_card = {capture.digest: label for capture, label in receipt.captures}
    if not by_hand and all(page.master.digest in on_card for page in old.pages):
        return [(known[digest], label) for digest, label in on_card.items()]
    kept = [(page.master, page.label) for page in old.pages]
    return kept + [(master, on_card[master.digest]) for master in masters]


def _events_of_master(keeper: Keeper, master: Master, capture: Capture) -> list[premis.Event]:
    facts = {"subject": master.logical_path, "when": capture.received, "outcome": "success"}
    return [
        new_event(keeper, "ingestion", capture.came or f"from a card, as {capture.name}", **facts),
        new_event(keeper, "message digest calculation", f"sha512 {capture.digest}", **facts),
        new_event(keeper, "fixity check", "read back from the disk after copying", **facts),
    ]


def _validation(keeper: Keeper, version: int) -> premis.Event:
    # True of every version that is in the storage root: one that the validator refuses is never named there.
    return new_event(keeper, "validation", f"OCFL 1.1, version {version}, before it was named", outcome="valid")
