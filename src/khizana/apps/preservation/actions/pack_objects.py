"""Put into a pack what another working place lacks, whole objects, as far as there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from khizana.apps.preservation.actions.replicate import lacking
from khizana.apps.preservation.queries import known_objects
from khizana.core.errors import Away, BadInput, Damaged, NoSpace, NotFound, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.pack import PackMaking, to_carry
from khizana.core.preservation.ledger.doubts import Doubt, undoubted
from khizana.core.preservation.replicas.expected import Known, expected, small_file


@dataclass(frozen=True, slots=True)
class Room:
    """What is free on a disk, and how much a file takes up at least."""

    free: int
    block: int


@dataclass(frozen=True, slots=True)
class Packed:
    """What became of one object that the place lacks: packed, left for another courier, or a finding says why not."""

    identifier: ObjectId
    head: int
    bytes: int = 0
    is_left: bool = False
    finding: Finding | None = None


def to_pack(site: str, *, everything: bool) -> list[tuple[Known, int]]:
    """Return what is to be carried to *site*, each object with the newest version that it is known to hold.

    What no courier carries yet comes first, so that a second disk takes what the first had no room for. *everything*
    leaves out of account what is known of the place.
    """
    if everything:
        return [(known, 0) for known in known_objects()]
    wanting = list(lacking(site))
    wanting.sort(key=lambda each: each[1] is not None and each[1].sent >= each[0].head)
    # A place that says it has lost something may say so of the newest version.
    return [(known, min(state.head, known.head - 1) if state else 0) for known, state in wanting]


def pack_objects(
    *,
    site: str,
    making: PackMaking,
    here: ReplicaStore,
    room: Callable[[], Room],
    everything: bool,
    asking: bool = False,
    doubt: Doubt = undoubted,
) -> Iterator[Packed]:
    """Pack each object that *site* lacks, and yield what became of it; the pack is closed by the caller.

    *asking* carries no file: the proof that comes back says what the place has. Damage found on the way is a finding,
    and so is an object of which there is *doubt*; the other objects are packed all the same. Raises ``Away`` when a
    disk has gone: the same call goes on.
    """
    is_full = False
    for known, base in to_pack(site, everything=everything):
        if is_full or making.is_full:
            yield Packed(known.object_id, known.head, is_left=True)
            continue
        wanted = expected(known, known.head, (small_file(here, known.prefix),))
        if wanted is None:
            finding = Finding("LOCAL_NOT_WHOLE", Severity.ERROR, known.object_id)
            yield Packed(known.object_id, known.head, finding=finding)
            continue
        if doubtful := doubt(known.object_id, known.versions, wanted.files.values()):
            finding = Finding(doubtful.code, Severity.ERROR, known.object_id, doubtful.facts)
            yield Packed(known.object_id, known.head, finding=finding)
            continue
        try:
            begin = 0 if wanted.is_listed else base  # nothing of an adopted object ever changes: it is there or not
            files = [] if asking else to_carry(here, wanted, begin)
            free = room()
            if making.room_for(files, block=free.block) > free.free:
                yield Packed(known.object_id, known.head, is_left=True)
                continue
            making.add(wanted, known.head if asking else begin, files)
        except NoSpace:
            # Less room than the disk had said: what was begun is taken up by the next pack.
            is_full = True
            yield Packed(known.object_id, known.head, is_left=True)
        except Away:
            raise
        except (BadInput, Damaged, NotFound, Unreadable) as error:
            finding = Finding(error.code, Severity.ERROR, known.object_id, error.facts)
            yield Packed(known.object_id, known.head, finding=finding)
        else:
            yield Packed(known.object_id, known.head, bytes=sum(stored.size for stored, _ in files))
