"""Change the order or the folio labels of pages; no master is touched, and every image keeps its identifier."""

from __future__ import annotations

from collections import Counter

from khizana.apps.publication.actions.accession import NEW_ORDER
from khizana.apps.publication.actions.index_manuscript import index_manuscript
from khizana.apps.publication.keeper import Keeper, new_event
from khizana.apps.publication.page_order import order_object, structure_of
from khizana.apps.publication.pending import pending
from khizana.core.errors import BadInput, NotFound
from khizana.core.identifiers import ManuscriptId, images_object_id, order_object_id
from khizana.core.manuscript import Direction
from khizana.core.preservation.ocfl.read import StoredObject
from khizana.core.structure.written import STRUCTURE, Structure, pages_of, structure_json

FIRST_ORDER = "Page order of the images"
"""Message of the version from which every order that is set comes."""


def set_page_order(
    *, manuscript: ManuscriptId, order: list[tuple[int, str]], direction: Direction | None, keeper: Keeper
) -> bool:
    """Write a new reading *order*: number of the master and label of every page; False where it was so already.

    Raises ``NotFound`` for a manuscript that is not there, ``BadInput`` where a page is left out, named twice
    or not there.
    """
    images = keeper.object(images_object_id(keeper.library, manuscript))
    if images is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=manuscript)
    stored = order_object(keeper.folder, keeper.library, manuscript)
    old = structure_of(images, stored, manuscript)
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
        keeper.write(
            order_object_id(keeper.library, manuscript),
            after=stored or _begun(images, manuscript, keeper),
            put={STRUCTURE: structure_json(new)},
            events=[event],
            message=NEW_ORDER,
        )
        index_manuscript(manuscript=manuscript, folder=keeper.folder, library=keeper.library)
        keeper.enter(manuscript)
    return True


def _begun(images: StoredObject, manuscript: ManuscriptId, keeper: Keeper) -> StoredObject | None:
    """Write the order that *images* has as the first version of the object of the order, and return that.

    Nothing in it comes from here and now: of two places that each set an order first, both have that version, so that
    what each has changed can be told.
    """
    newest = images.versions[-1]
    identifier = order_object_id(keeper.library, manuscript)
    keeper.storage.write_version(
        identifier,
        put={STRUCTURE: images.read_bytes(STRUCTURE)},
        message=FIRST_ORDER,
        user=newest.user,
        created=newest.created,
        expected_head=0,
        validator=keeper.validator,
    )
    return keeper.object(identifier)
