"""Refuse the card of another manuscript before a byte of it is copied."""

from __future__ import annotations

from khizana.apps.publication.actions.accession import masters_held, refuse_another
from khizana.apps.publication.keeper import Keeper
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import Digest, images_object_id, manuscript_id
from khizana.core.manuscript import Master
from khizana.core.ports import Card, CardFile
from khizana.core.preservation.staging import digest_of
from khizana.core.structure.order import photographs


def refuse_another_card(*, card: Card, shelfmark: str, keeper: Keeper, more: bool) -> None:
    """Do nothing where *card* may go on under *shelfmark*.

    Photographs copied first and refused after would fill staging with files that no command asks for again, and
    that nobody may throw away: by then they may be the only copy.

    Raises ``AlreadyThere`` as accession does, ``NotFound``, ``Unreadable`` and ``BadInput`` for the card.
    """
    manuscript = manuscript_id(shelfmark)
    held = masters_held(keeper.object(images_object_id(keeper.library, manuscript)), manuscript)
    if held:
        refuse_another(keeper, shelfmark, shares=_shares(card, held), more=more)


def _shares(card: Card, held: list[Master]) -> bool:
    """Say whether *card* has a photograph of *held*; only files of the same size are read, until one is found."""
    sizes = {master.size for master in held}
    digests = {master.digest for master in held}
    return any(_digest(photograph.file, sizes) in digests for photograph in photographs(card))


def _digest(file: CardFile, sizes: set[int]) -> Digest | None:
    try:
        return digest_of(file) if file.size in sizes else None
    except KhizanaError:
        return None  # it is named when the card is received
