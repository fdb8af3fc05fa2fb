"""Take in the objects of a pack, one by one, and write down what its sender thereby shows that it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from khizana.apps.preservation.actions.note_peer import in_common, note_peer
from khizana.apps.preservation.queries import known_object
from khizana.core.errors import Away, Busy, KhizanaError, NoSpace
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ObjectId, manuscript_of
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.lines import PackedObject, pack_line
from khizana.core.preservation.courier.signed import Signed
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.courier.view import PackView
from khizana.core.preservation.replicas.expected import Known

TakeIn = Callable[[Known, ReplicaStore], TakenIn]
"""Takes one object in from a store that holds the files that came under the object's own folder."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one object of a pack: taken in, or a finding says why not."""

    identifier: ObjectId
    taken: TakenIn | None
    shared: int = 0
    """Versions, from the first on, that this place and the sender have in common."""
    finding: Finding | None = None


def receive_pack(
    *, site: str, pack: Signed, courier: ReplicaStore, take_in: TakeIn, now: Callable[[], float]
) -> Iterator[Received]:
    """Take in each object of *pack*, which the place *site* signed, and yield what became of it.

    One that is damaged is a finding, and the others are taken in all the same. Raises ``Away`` when the courier has
    gone, ``NoSpace`` and ``Busy``: the same call goes on, and finds what was taken in.
    """
    for line in pack.lines():
        packed = pack_line(line, pack.header.pack)
        if not isinstance(packed, PackedObject):
            continue
        identifier = packed.known.object_id
        if packed.is_adopted == (manuscript_of(pack.header.library, identifier) is not None):
            facts = {"object_id": identifier}
            yield Received(identifier, None, finding=Finding("ARRIVAL_OF_ANOTHER", Severity.ERROR, identifier, facts))
            continue
        yield _received(site, packed, courier, take_in, now())


def _received(site: str, packed: PackedObject, courier: ReplicaStore, take_in: TakeIn, checked: float) -> Received:
    incoming = packed.known
    before = known_object(incoming.object_id)
    try:
        taken = take_in(incoming, PackView(courier, packed))
    except (Away, NoSpace, Busy):
        raise
    except KhizanaError as error:
        finding = Finding(error.code, Severity.ERROR, incoming.object_id, error.facts)
        return Received(incoming.object_id, None, finding=finding)
    if packed.is_adopted or (taken.head and incoming.versions.get(taken.head) == taken.inventory):
        shared = taken.head  # of an adopted object, whoever adopted it: only the record of that differs then
    else:
        shared = in_common(before.versions if before else {}, incoming.versions)
    note_peer(site=site, identifier=incoming.object_id, head=shared, checked=checked)
    return Received(incoming.object_id, taken, shared)
