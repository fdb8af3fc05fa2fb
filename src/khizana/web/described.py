"""A manuscript with its description, as the doors hand it on."""

from __future__ import annotations

import logging

from khizana.apps.preservation.queries import content_path
from khizana.apps.publication import queries
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import ManuscriptId, description_object_id
from khizana.core.manuscript import LibraryCard, Manuscript
from khizana.core.oai.described import Described

logger = logging.getLogger(__name__)


def described(manuscript: Manuscript, card: LibraryCard | None = None) -> Described:
    """Return *manuscript* with the TEI document in its preservation object; with none where that cannot be read."""
    card = card or queries.library_card()
    return Described.of(manuscript, document_of(manuscript.id, card) or b"", card)


def document_of(manuscript: ManuscriptId, card: LibraryCard) -> bytes | None:
    """Return the TEI description of *manuscript*; None, and a line in the log, where it cannot be read."""
    identifier = description_object_id(card.name, manuscript)
    try:
        return content_path(queries.library_folder().storage, identifier, "description.xml").read_bytes()
    except (KhizanaError, OSError) as error:
        logger.warning("the description of %s cannot be read: %s", manuscript, error)
        return None
