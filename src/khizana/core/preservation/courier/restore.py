"""A storage root again from the packs of one courier alone: each object from all the packs that carry some of it.

A file whose piece is damaged is a finding, and the others are restored, as from any site. Versions that come after one
that no pack carries are not: without it nobody can tell what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from khizana.core.errors import AlreadyThere, Away, Busy, Damaged, KhizanaError, NoSpace, NotFound, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.branches import arrival
from khizana.core.preservation.branches.arrival import Arrived
from khizana.core.preservation.courier.lines import PackedObject, pack_line
from khizana.core.preservation.courier.peer_ledger import brought, extend, seen_of
from khizana.core.preservation.courier.places import PACKS
from khizana.core.preservation.courier.signed import Signed
from khizana.core.preservation.courier.view import PackView
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.ocfl.write import StorageRoot, Validator
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Known, expected, small_file
from khizana.core.preservation.replicas.restore import Restored

_Chain = tuple[Digest, ...]
_Index = dict[ObjectId, list[tuple[int, int]]]
"""Object to the packs that tell of it, by their places, each with the byte at which its line begins."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Where objects are restored to: one storage root, as whoever writes versions sees it and as a store of files."""

    storage: StorageRoot
    store: ReplicaStore
    """The folder above the storage root, held."""
    validator: Validator
    stamp: str


def undeleted(_: ObjectId, __: Digest) -> str:
    """Know of nothing that was deleted."""
    return ""


def restore_packs(
    packs: Sequence[Signed],
    courier: ReplicaStore,
    goal: Goal,
    *,
    deleted: Callable[[ObjectId, Digest], str] = undeleted,
) -> Iterator[Restored]:
    """Restore every object that *packs* carry, and yield what became of each; what stands there already is kept.

    What several places wrote of an object is joined. One of which nothing is carried but what was *deleted*, by the
    request of that identifier, is left out. Raises ``Away`` when the courier has gone and ``NoSpace`` when
    the disk of *goal* is full: the same call goes on. Raises ``Damaged`` for a line that cannot be understood.
    """
    index: _Index = {}
    for place, pack in enumerate(packs):
        for begins, line in pack.placed_lines():
            packed = pack_line(line, pack.header.pack)
            if isinstance(packed, PackedObject):
                index.setdefault(packed.known.object_id, []).append((place, begins))
    for object_id, lines in index.items():
        placed = [pack_line(packs[place].line_at(begins), packs[place].header.pack) for place, begins in lines]
        told = [each for each in placed if isinstance(each, PackedObject)]
        requests = [deleted(object_id, each.known.versions[each.known.head]) for each in told]
        if all(requests):
            finding = Finding("DELETED_NOT_RESTORED", Severity.INFO, object_id, {"request": requests[-1]})
            yield Restored(told[0].known.prefix, None, (finding,))
        else:
            yield _Object(object_id, told, courier, goal).restored()


def restore_ledger(packs: Sequence[Signed], courier: ReplicaStore, folder: Path) -> Finding | None:
    """Put the ledger that *packs* carry together again in *folder*; a finding says where some of it is lacking.

    *packs* are of one signer, the newest last. Stopped at any moment, the same call goes on.
    """
    for pack in packs:
        header = pack.header
        try:
            # What is not brought or not right is told at the end, by how much of the ledger there is.
            extend(folder, header.head, begins=header.ledger, pieces=partial(brought, pack, courier), peer=header.pack)
        except KhizanaError as error:
            if not error.code.startswith("COURIER_"):
                raise
    seen, size = seen_of(folder), packs[-1].header.head.size
    if seen >= size:
        return None
    return Finding("COURIER_LEDGER_PART", Severity.ERROR, str(folder), {"there": seen, "entries": size})


class _Object:
    """One object on its way back, and all that the packs tell of it."""

    def __init__(self, object_id: ObjectId, told: Sequence[PackedObject], courier: ReplicaStore, goal: Goal) -> None:
        self._id, self._told, self._courier, self._goal = object_id, told, courier, goal
        self._findings: list[Finding] = []

    def restored(self) -> Restored:
        adopted = [packed for packed in self._told if packed.is_adopted]
        known: Known | None = None
        try:
            if adopted:
                known = self._adopted(adopted)
            elif len(chains := self._carried()) > 1:
                known = self._joined(chains)
            elif chains:
                known = self._copied(_known(self._id, chains[0]), self._view(chains[0]))
        except (Away, NoSpace, Busy):
            raise
        except KhizanaError as error:
            self._note(error)
        return Restored(self._told[0].known.prefix, known, tuple(self._findings))

    def _carried(self) -> list[_Chain]:
        """Return the histories that are carried from the first version on, the longest first; none begins another."""
        carried: set[_Chain] = set()
        for chain in _maximal({packed.chain for packed in self._told}):
            count = 0
            while count < len(chain) and any(_carries(each, chain, count + 1) for each in self._told):
                count += 1
            if count < len(chain):
                facts = {"lacking": count + 1, "newest": len(chain)}
                self._findings.append(Finding("COURIER_VERSIONS_LACKING", Severity.ERROR, self._id, facts))
            carried.add(chain[:count])
        return [chain for chain in _maximal(carried) if chain]

    def _view(self, chain: _Chain) -> PackView:
        """Return the files of the history *chain*, from whichever pack has them."""
        files = {
            carried.path: carried
            for packed in self._told
            for carried in packed.files
            if _carries(packed, chain, int(carried.path.partition("/")[0][1:]))
        }
        return _Alone(self._courier, PackedObject(_known(self._id, chain), 0, tuple(files.values())))

    def _adopted(self, told: Sequence[PackedObject]) -> Known | None:
        """Restore an adopted object from the newest pack that carries it: nothing of it ever changes."""
        carried = [packed for packed in told if packed.files]
        if not carried:
            facts = {"lacking": 1, "newest": told[-1].known.head}
            self._findings.append(Finding("COURIER_VERSIONS_LACKING", Severity.ERROR, self._id, facts))
            return None
        if len({file.digest for packed in carried for file in packed.files if file.path == INVENTORY}) > 1:
            self._note(AlreadyThere("ADOPT_DIFFERS", object_id=self._id, path=self._goal.store.address))
        return self._copied(carried[-1].known, _Alone(self._courier, carried[-1]))

    def _copied(self, known: Known, view: PackView) -> Known | None:
        for head in sorted(known.versions, reverse=True):
            wanted = expected(known, head, (small_file(view, known.prefix),))
            if wanted is None:
                list(self._courier.names(PACKS))  # raises where it is the courier that has gone
                self._findings.append(Finding("COURIER_VERSION_LOST", Severity.ERROR, self._id, {"version": head}))
                continue
            problems: list[KhizanaError] = []
            copy_object(view, self._goal.store, wanted, stamp=self._goal.stamp, problems=problems)
            for problem in problems:
                self._note(problem)
            return Known(self._id, {number: known.versions[number] for number in known.versions if number <= head})
        return None

    def _joined(self, chains: Sequence[_Chain]) -> Known | None:
        """Take in what each place wrote; where the first is damaged, what there is of it is copied, and stays alone."""
        storage = self._goal.storage
        for chain in chains:
            incoming = _known(self._id, chain)
            folder = storage.object_directory(self._id)
            ours = _standing(folder, self._id, incoming) if folder.is_dir() else None
            try:
                taken = arrival.take_in(
                    incoming, self._view(chain), ours=ours, storage=storage, validator=self._goal.validator
                )
                if taken.kind is Arrived.LACKING:
                    self._note(NotFound("COURIER_FILE_LOST", name=taken.lacking, path=self._courier.address))
            except (Damaged, NotFound, Unreadable) as error:
                self._note(error)
        folder = storage.object_directory(self._id)
        if not (folder / INVENTORY).is_file():
            return self._copied(_known(self._id, chains[0]), self._view(chains[0]))
        return _standing(folder, self._id, _known(self._id, chains[0]))

    def _note(self, error: KhizanaError) -> None:
        self._findings.append(Finding(error.code, Severity.ERROR, self._id, error.facts))


class _Alone(PackView):
    """A view whose errors name the file that is lost: no other pack will bring it."""

    def read(self, name: str) -> Iterator[bytes | memoryview]:
        """Yield the bytes of a file. Raises ``Unreadable`` COURIER_FILE_LOST, ``NotFound``, and ``Away``."""
        try:
            yield from super().read(name)
        except KhizanaError as error:
            if not error.code.startswith("COURIER_PIECE_"):
                raise
            raise Unreadable("COURIER_FILE_LOST", name=name, path=f"{self.address}/{error.facts['name']}") from error


def _maximal(chains: set[_Chain]) -> list[_Chain]:
    """Return those of *chains* that none of the others goes on from, the longest first."""
    ordered = sorted(chains, key=lambda chain: (-len(chain), chain[-1:]))
    return [
        chain
        for place, chain in enumerate(ordered)
        if not any(longer[: len(chain)] == chain for longer in ordered[:place])
    ]


def _carries(packed: PackedObject, chain: _Chain, number: int) -> bool:
    """Say whether *packed* has the files of version *number* of the history *chain*."""
    if not packed.base < number <= min(packed.known.head, len(chain)):
        return False
    return packed.known.versions[number] == chain[number - 1]


def _known(object_id: ObjectId, chain: _Chain) -> Known:
    return Known(object_id, dict(enumerate(chain, 1)))


def _standing(folder: Path, object_id: ObjectId, otherwise: Known) -> Known:
    """Return what stands in *folder*; *otherwise* where that cannot be read, so that it gives way."""
    try:
        stored = read_object(folder)
        versions = {
            number: digest_of((folder / f"v{number}" / INVENTORY).read_bytes()) for number in range(1, stored.head + 1)
        }
        return Known(object_id, versions)
    except (KhizanaError, OSError):
        return otherwise
