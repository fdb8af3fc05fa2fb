"""Refuse the card of another manuscript, or one before which another waits, before a byte of it is copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from khizana.apps.publication.actions.accession import masters_held, refuse_another
from khizana.apps.publication.keeper import Keeper
from khizana.core.errors import AlreadyThere, KhizanaError, NotFound
from khizana.core.identifiers import Digest, ManuscriptId, images_object_id, manuscript_id
from khizana.core.manuscript import Master
from khizana.core.ports import Card, CardFile
from khizana.core.preservation.journal import Capture, Journal
from khizana.core.preservation.staging import digest_of, staged_path
from khizana.core.structure.order import photographs


def refuse_another_card(*, card: Card, shelfmark: str, keeper: Keeper, more: bool) -> None:
    """Do nothing where *card* may go on under *shelfmark*.

    Photographs copied first and refused after would fill staging with files that no command asks for again, and
    that nobody may throw away: by then they may be the only copy.

    Raises ``AlreadyThere`` as accession does, and where the photographs of another card were received and wait in
    staging: they would be forgotten there. ``NotFound``, ``Unreadable`` and ``BadInput`` for the card.
    """
    manuscript = manuscript_id(shelfmark)
    held = masters_held(keeper.object(images_object_id(keeper.library, manuscript)), manuscript)
    waiting = _waiting(keeper, manuscript, held)
    if waiting and not _shares(card, waiting):
        raise AlreadyThere("ANOTHER_CARD_WAITS", shelfmark=shelfmark, count=len(waiting))
    if held:
        refuse_another(keeper, shelfmark, shares=_shares(card, held), more=more)


def _waiting(keeper: Keeper, manuscript: ManuscriptId, held: Iterable[Master]) -> list[Capture]:
    """Return what was received to the end of a card, and is in no object yet."""
    try:
        receipt = Journal(keeper.folder.staging, manuscript).receipt()
    except NotFound:
        return []
    known = {master.digest for master in held}
    staging = keeper.folder.staging
    return [
        capture
        for capture, _ in receipt.captures
        if capture.digest not in known and staged_path(staging, capture.digest).is_file()
    ]


def _shares(card: Card, those: Sequence[Master | Capture]) -> bool:
    """Say whether *card* has one of *those* photographs; only files of the same size are read, until one is found."""
    sizes = {each.size for each in those}
    digests = {each.digest for each in those}
    # What is as it was when it was received is known by that: a card that fails is read once.
    seen = {(each.name, each.size, each.modified) for each in those if isinstance(each, Capture)}
    return any(
        (photograph.name, photograph.file.size, photograph.file.modified) in seen
        or _digest(photograph.file, sizes) in digests
        for photograph in photographs(card)
    )


def _digest(file: CardFile, sizes: set[int]) -> Digest | None:
    try:
        return digest_of(file) if file.size in sizes else None
    except KhizanaError:
        return None  # it is named when the card is received
