"""Take in an adopted object that a courier brought, as the place that sent it adopted it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from khizana.apps.preservation.actions.index_adopted import index_adopted
from khizana.core.errors import AlreadyThere, Damaged
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.ocfl.adopt import ADOPTION, Adoption, Validator, adopted_listing, listing_at
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of
from khizana.core.preservation.ocfl.listing import listing_name
from khizana.core.preservation.ocfl.summary import read_summary
from khizana.core.preservation.ocfl.write import StorageRoot
from khizana.core.preservation.premis import read_events
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Known, expected, small_file


def adopt_arrived(
    incoming: Known,
    source: ReplicaStore,
    *,
    beside: ReplicaStore,
    folder: Path,
    storage: StorageRoot,
    validator: Validator,
    enter: Callable[[Path], None],
) -> TakenIn:
    """Take the object in, with the record of its adoption, index it and *enter* it; one that is here already is kept.

    *source* has its files, or none where the pack only asks; *beside* is a store in the empty *folder*, which the
    caller clears. What both places adopted from one origin counts as had, though each has its own record of that.

    Raises ``AlreadyThere`` where another object has its identifier here, ``Damaged`` for files that are not what their
    list says and for an object that is not valid, and what the stores raise.
    """
    identifier, head = incoming.object_id, incoming.head
    vouching = incoming.versions[head]
    place = storage.object_directory(identifier)
    is_carried = any(
        stored.name == incoming.prefix + listing_name(vouching) for stored in source.names(incoming.prefix)
    )
    is_new, is_same = not place.is_dir(), place.is_dir() and listing_at(place, vouching) is not None
    if not (is_carried or is_same):
        return TakenIn(identifier, "lacking", 0, Digest(""), lacking_from=1)
    adoption = Adoption(storage, validator)
    with adoption.held():
        if is_new:
            brought = _brought(incoming, source, beside, folder)
            adoption.take(brought, lambda _: (brought / ADOPTION).read_bytes(), lambda _: None)
        elif not is_same:
            inventory = digest_of(small_file(source, incoming.prefix)(INVENTORY))
            if inventory != read_summary(place).inventory_digest:
                raise AlreadyThere("ADOPT_DIFFERS", object_id=identifier, path=str(place))
        index_adopted(place, storage=storage.path)
        enter(place)
    return TakenIn(identifier, "new" if is_new else "had", head, adopted_listing(place).digest)


def _brought(incoming: Known, source: ReplicaStore, beside: ReplicaStore, folder: Path) -> Path:
    """Copy what the list of the object names to *beside*, in *folder*; return where it is.

    Raises ``Damaged`` where it is not the object that it is said to be, or its record of adoption cannot be read.
    """
    wanted = expected(incoming, incoming.head, (small_file(source, incoming.prefix),))
    if wanted is None or not wanted.is_listed or ADOPTION not in wanted.files:
        raise Damaged("LISTING_MISSING", path=source.address)
    copy_object(source, beside, wanted, stamp="arrived")
    place = folder / incoming.prefix
    summary = read_summary(place)
    if (summary.id, summary.head) != (incoming.object_id, incoming.head):
        raise Damaged("INVENTORY_UNREADABLE", path=incoming.prefix, problem=summary.id)
    read_events((place / ADOPTION).read_bytes(), name=ADOPTION)
    # The list is made anew of the files when they are taken, and comes out the same.
    (place / listing_name(incoming.versions[incoming.head])).unlink()
    return place
