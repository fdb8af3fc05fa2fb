"""Take in one object that a courier brought, where what is here is the beginning of what came."""

from __future__ import annotations

from khizana.apps.preservation.actions.note_peer import in_common
from khizana.apps.preservation.queries import known_object
from khizana.core.errors import BadInput, Damaged
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.ocfl.inventory import INVENTORY, from_json
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Known, expected, small_file


def take_in(incoming: Known, source: ReplicaStore, *, here: ReplicaStore, stamp: str) -> TakenIn:
    """Copy from *source* to *here* the versions of *incoming* that are lacking, each file read back before it counts.

    Stopped at any moment, the same call goes on. Raises ``BadInput`` where both places changed the object, ``Damaged``,
    and what the stores raise.
    """
    known = known_object(incoming.object_id)
    mine = known.versions if known else {}
    shared = in_common(mine, incoming.versions)
    head, inventory = (known.head, mine[known.head]) if known else (0, Digest(""))
    if shared == incoming.head:
        return TakenIn(incoming.object_id, "had", head, inventory)
    if shared < head:
        raise BadInput("COURIER_DIVERGED", object_id=incoming.object_id, version=shared + 1)
    folder = f"{incoming.prefix}v{shared + 1}/"
    if next(iter(source.names(folder)), None) is None:
        return TakenIn(incoming.object_id, "lacking", head, inventory, lacking_from=shared + 1)
    read = small_file(source, incoming.prefix)
    read(f"v{incoming.head}/{INVENTORY}")  # what is wrong with it is told as it is
    wanted = expected(incoming, incoming.head, (read,))
    if wanted is None or from_json(wanted.inventory, incoming.prefix).object_id != incoming.object_id:
        raise Damaged("INVENTORY_ALTERED", path=f"{incoming.prefix}v{incoming.head}/{INVENTORY}")
    copy_object(source, here, wanted, verified_head=shared, stamp=stamp)
    newest = incoming.versions[incoming.head]
    return TakenIn(incoming.object_id, "extended" if known else "new", incoming.head, newest)
