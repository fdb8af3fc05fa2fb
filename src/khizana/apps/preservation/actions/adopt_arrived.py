"""Take in an adopted object that a courier brought, as the place that sent it adopted it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from khizana.apps.preservation.actions.index_adopted import index_adopted
from khizana.core.errors import AlreadyThere, Damaged
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.ocfl.adopt import Adoption, Validator, adopted_listing, listing_at
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of
from khizana.core.preservation.ocfl.listing import listing_name
from khizana.core.preservation.ocfl.summary import Summary, read_summary
from khizana.core.preservation.ocfl.write import StorageRoot
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Known, expected, small_file


def adopt_arrived(
    incoming: Known,
    source: ReplicaStore,
    *,
    beside: ReplicaStore,
    storage: StorageRoot,
    validator: Validator,
    enter: Callable[[Path], None],
) -> TakenIn:
    """Take the object in, with the record of its adoption, index it and *enter* it; one that is here already is kept.

    *source* has its files, or none where the pack only asks; *beside* is an empty folder, which the caller clears. What
    both places adopted from the same origin counts as had, though each has its own record of that.

    Raises ``AlreadyThere`` where another object has its identifier here, ``Damaged`` for files that are not what their
    list says and for an object that is not valid, and what the stores raise.
    """
    identifier, head = incoming.object_id, incoming.head
    place, listing = storage.object_directory(identifier), incoming.prefix + listing_name(incoming.versions[head])
    is_carried = any(stored.name == listing for stored in source.names(incoming.prefix))
    if not is_carried and not (place.is_dir() and listing_at(place, incoming.versions[head])):
        return TakenIn(identifier, "lacking", 0, Digest(""), lacking_from=1)
    adoption, is_new = Adoption(storage, validator), not place.is_dir()
    with adoption.held():
        if is_new:
            wanted = expected(incoming, head, (small_file(source, incoming.prefix),))
            if wanted is None or not wanted.is_listed:
                raise Damaged("LISTING_MISSING", path=source.address)
            copy_object(source, beside, wanted, stamp="arrived")
            brought = Path(beside.address) / incoming.prefix
            (
                brought / listing_name(incoming.versions[head])
            ).unlink()  # is made anew of the files, and comes out the same
            adoption.take(brought, _unrecorded, lambda _: None)
        elif is_carried and not listing_at(place, incoming.versions[head]):
            inventory = digest_of(small_file(source, incoming.prefix)(INVENTORY))
            if inventory != read_summary(place).inventory_digest:
                raise AlreadyThere("ADOPT_DIFFERS", object_id=identifier, path=str(place))
        index_adopted(place, storage=storage.path)
        enter(place)
    return TakenIn(identifier, "new" if is_new else "had", head, adopted_listing(place).digest)


def _unrecorded(summary: Summary) -> NoReturn:
    raise Damaged("LISTING_UNUSABLE", path=summary.id)
