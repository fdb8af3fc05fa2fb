"""Change the order or the folio labels of pages; no master is touched, and every image keeps its identifier."""

from __future__ import annotations

from collections import Counter

from khizana.apps.publication.actions.accession import NEW_ORDER, Keeper, new_event
from khizana.apps.publication.actions.index_manuscript import index_manuscript
from khizana.apps.publication.pending import pending
from khizana.core.errors import BadInput, NotFound
from khizana.core.identifiers import Digest, ManuscriptId, images_object_id
from khizana.core.manuscript import Direction
from khizana.core.preservation import premis
from khizana.core.structure.written import STRUCTURE, Structure, pages_of, read_structure, structure_json


def set_page_order(
    *, manuscript: ManuscriptId, order: list[tuple[int, str]], direction: Direction | None, keeper: Keeper
) -> bool:
    """Write a new reading *order*: number of the master and label of every page; False where it was so already.

    Raises ``NotFound`` for a manuscript that is not there, ``BadInput`` where a page is left out, named twice
    or not there.
    """
    identifier = images_object_id(keeper.library, manuscript)
    stored = keeper.object(identifier)
    if stored is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=manuscript)
    digests = {logical: Digest(digest) for logical, digest in stored.state().items()}
    old = read_structure(stored.read_bytes(STRUCTURE), manuscript, digests)
    masters = {page.master.number: page.master for page in old.pages}
    numbers = [number for number, _ in order]
    times = Counter(numbers)
    for number in numbers:
        if number not in masters:
            raise BadInput("ORDER_NAMES_NO_PAGE", number=number)
        if times[number] > 1:
            raise BadInput("ORDER_NAMES_TWICE", number=number)
    for number, master in masters.items():
        if number not in times:
            raise BadInput("ORDER_LEAVES_OUT", number=number, name=master.original_name)
    labelled = [(masters[number], label) for number, label in order]
    new = Structure(direction or old.direction, pages_of(manuscript, labelled))
    if new == old:
        return False
    event = new_event(keeper, "metadata modification", "page order, labels or direction")
    with pending(keeper.folder, manuscript):
        keeper.storage.write_version(
            identifier,
            put={
                STRUCTURE: structure_json(new),
                f"events/{stored.head + 1:04d}.xml": premis.write_events([event], object_id=identifier),
            },
            message=NEW_ORDER,
            user=keeper.user,
            created=keeper.now(),
            expected_head=stored.head,
            validator=keeper.validator,
        )
        index_manuscript(manuscript=manuscript, folder=keeper.folder, library=keeper.library)
        keeper.enter(manuscript)
    return True
