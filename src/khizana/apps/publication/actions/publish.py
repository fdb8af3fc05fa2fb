"""Decide that a manuscript is public, and for whom; or that it no longer is."""

from __future__ import annotations

from dataclasses import replace

from khizana.apps.publication.actions.index_manuscript import index_manuscript
from khizana.apps.publication.doors import conceal
from khizana.apps.publication.keeper import Keeper, new_event
from khizana.apps.publication.pending import pending
from khizana.core.changes import is_offered
from khizana.core.errors import Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.identifiers import ManuscriptId, description_object_id
from khizana.core.policy import Agreement
from khizana.core.structure.written import PUBLICATION, publication_json, read_publication


def publish(*, manuscript: ManuscriptId, agreement: Agreement, keeper: Keeper, pages_without_copy: int = 0) -> bool:
    """Write *agreement* into the manuscript's object and index it; return False where it was so already.

    Raises ``NotFound`` for a manuscript that is not there, ``KhizanaError`` where it is to be opened to readers while
    pages have no access copy yet. What readers see already is restricted or withdrawn whatever its copies are.
    ``Damaged``, ``Unreadable`` or ``NotFound`` where its objects are altered, cannot be read or are not there:
    it is then closed to readers until they are mended, as whoever asks for a door to be closed must not find it open
    for that.
    """
    try:
        return _publish(manuscript, agreement, keeper, pages_without_copy)
    except (Damaged, NotFound, Unreadable):
        conceal(manuscript, is_withdrawn=not is_offered(agreement))
        raise


def _publish(manuscript: ManuscriptId, agreement: Agreement, keeper: Keeper, pages_without_copy: int) -> bool:
    identifier = description_object_id(keeper.library, manuscript)
    stored = keeper.object(identifier)
    if stored is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=manuscript)
    publication = read_publication(stored.read_bytes(PUBLICATION), manuscript)
    if agreement.published and pages_without_copy and not publication.agreement.published:
        raise KhizanaError("PAGES_WITHOUT_COPY", manuscript=manuscript, count=pages_without_copy)
    if publication.agreement == agreement:
        return False
    state = f"published, {agreement.level.value}" if agreement.published else f"not published, {agreement.level.value}"
    event = new_event(keeper, "policy assignment", state)
    with pending(keeper.folder, manuscript):
        keeper.write(
            identifier,
            after=stored,
            put={PUBLICATION: publication_json(replace(publication, agreement=agreement))},
            events=[event],
            message=f"Publication: {state}",
        )
        index_manuscript(manuscript=manuscript, folder=keeper.folder, library=keeper.library)
        keeper.enter(manuscript)
    return True
