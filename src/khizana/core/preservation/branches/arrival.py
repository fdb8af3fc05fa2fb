"""What another place has written of an object, taken in: put after what is here, or joined with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha512
from pathlib import Path

from khizana.core.errors import BadInput, Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.branches.history import Conflict, History, joined, leaves
from khizana.core.preservation.branches.plan import Joint, joint
from khizana.core.preservation.durable import write_all, write_file
from khizana.core.preservation.ocfl.build import stand_in
from khizana.core.preservation.ocfl.graft import Graft, Scion
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, Inventory, digest_of, from_json, sidecar
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.ocfl.write import StorageRoot, Validator
from khizana.core.preservation.replicas.expected import Known

_LARGEST_SMALL = 1 << 28  # bytes of a file that is read into memory


class Arrived(StrEnum):
    """What came of an object that arrived."""

    NEW = "new"
    EXTENDED = "extended"
    """Versions were put after those that were here."""
    HAD = "had"
    """All of it was here."""
    JOINED = "joined"
    """Both places had written it: the branches are joined."""
    LACKING = "lacking"
    """It comes after a version that is not here and did not come along."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of one object that arrived, and how it stands now."""

    object_id: ObjectId
    kind: Arrived
    versions: Mapping[int, Digest]
    """The digest of the inventory of each version that is here now; empty where nothing is."""
    stayed: int = 0
    """Versions that are as they were before."""
    conflicts: tuple[Conflict, ...] = ()
    """What a person has to decide."""
    lacking: str = ""
    """The first file that did not come along."""


def take_in(
    incoming: Known,
    source: ReplicaStore,
    *,
    ours: Known | None,
    storage: StorageRoot,
    validator: Validator,
    deleted: AbstractSet[Digest] = frozenset(),
) -> TakenIn:
    """Make *storage* hold all that *incoming* says was written elsewhere, besides what it holds.

    *source* has, where a site would have them, the files of the versions that are not here; each is compared with the
    digest that *incoming* leads to. *ours* is what is known of the object here. Nothing of the two is lost, whichever
    comes first, and every place that has taken in the same comes to the same bytes. Where the object here is not as it
    is known, and *incoming* holds all that is, the versions here are set aside, and *incoming* takes their place.

    Raises ``BadInput`` where a branch that is joined in *incoming* holds an inventory that was *deleted* here,
    ``Damaged`` for bytes that are not those recorded, and for an object that is not as it is known; what
    *source* raises; ``NoSpace`` and ``Busy``: the object is then as it was.
    """
    with storage.exclusive():
        return _Arrival(incoming, source, ours, storage, validator).taken_in(deleted)


class _Arrival:
    def __init__(
        self, incoming: Known, source: ReplicaStore, ours: Known | None, storage: StorageRoot, validator: Validator
    ) -> None:
        self._id = incoming.object_id
        self._incoming = incoming
        self._source = source
        self._storage = storage
        self._validator = validator
        self._folder = storage.object_directory(self._id)
        self._here: dict[Digest, str] = {}
        self._there: dict[Digest, str] = {}
        self._told: dict[Digest, bytes] = {}
        """The newest inventory that came, from wherever its bytes were right."""
        self._known = _chain(ours) if ours else ()
        self._ours: History | None = None
        self._damage: KhizanaError | None = None
        """Why the object here is not as it is known: all of it must come from elsewhere then."""
        if ours:
            try:
                self._ours = self._read_ours(ours)
            except (Damaged, NotFound, Unreadable) as error:
                self._damage = error
        elif self._folder.exists():
            raise Damaged("OBJECT_IN_THE_WAY", path=str(self._folder), object_id=self._id)

    def taken_in(self, deleted: AbstractSet[Digest]) -> TakenIn:
        head = self._incoming.versions[self._incoming.head]
        if self._ours and head in self._ours.holds:
            return TakenIn(self._id, Arrived.HAD, _numbered(self._ours.digests), len(self._ours.digests))
        try:
            theirs = self._read_theirs(head)
            if theirs.holds & deleted:
                raise BadInput("ARRIVAL_OF_DELETED_NEWER", object_id=self._id)
            return self._joined(theirs)
        except NotFound as error:
            if self._damage:
                raise self._damage from error
            lacking = str(error.facts.get("name", ""))
            return TakenIn(self._id, Arrived.LACKING, _numbered(self._known), len(self._known), lacking=lacking)

    def _joined(self, theirs: History) -> TakenIn:
        if self._damage and not theirs.holds.issuperset(self._known):
            raise self._damage
        mine = leaves(self._ours, self._small) if self._ours else ()
        together = joined((*mine, *leaves(theirs, self._small)))
        if together == joined(mine):
            return TakenIn(self._id, Arrived.HAD, _numbered(self._ours.digests if self._ours else ()))
        main = together[0]
        made = joint(together, self._small) if len(together) > 1 else None
        digests = (*main.digests, *((digest_of(made.inventory),) if made else ()))
        inventory = from_json(made.inventory, self._id) if made else main.inventory
        before = self._known
        stays, had = _common(before, digests), len(before)
        if self._damage:
            stays, had = 0, max(had, self._highest())
        scion = Scion(self._id, stays, had, len(digests), digests[-1])
        self._storage.graft(
            scion, lambda graft: self._build(graft, digests, inventory, made), validator=self._validator
        )
        kind = Arrived.JOINED if made else Arrived.EXTENDED if before else Arrived.NEW
        return TakenIn(self._id, kind, _numbered(digests), stays, made.conflicts if made else ())

    def _highest(self) -> int:
        """Return the highest number of a version's folder here, whatever is in it: all of them are to give way."""
        numbers = (path.name[1:] for path in self._folder.glob("v*") if path.is_dir())
        return max((int(number) for number in numbers if number.isdecimal()), default=0)

    def _build(
        self, graft: Graft, digests: tuple[Digest, ...], inventory: Inventory, made: Joint | None
    ) -> Mapping[Path, str]:
        built, stays = graft.built, graft.scion.stays
        by_version: dict[str, list[tuple[str, Digest]]] = {}
        for digest, paths in inventory.manifest.items():
            for path in paths:
                by_version.setdefault(path.partition("/")[0], []).append((path, digest))
        read: dict[Path, str] = {}
        for number in range(stays + 1, len(digests) + 1):
            version = built / f"v{number}"
            version.mkdir()
            written = made.written if made and number == made.number else {}
            for path, digest in sorted(by_version.get(version.name, ())):
                (built / path).parent.mkdir(parents=True, exist_ok=True)
                if path in written:
                    write_file(built / path, written[path])
                else:
                    read |= self._bring(digest, built / path)
            whole = made.inventory if made and number == made.number else self._small(digests[number - 1])
            write_file(version / INVENTORY, whole)
            write_file(version / SIDECAR, sidecar(whole))
        graft.close_up((built / f"v{len(digests)}" / INVENTORY).read_bytes())
        return read | stand_in(built, graft.target, inventory, stays=stays)

    def _bring(self, digest: Digest, place: Path) -> dict[Path, str]:
        """Write the file with *digest* to *place*, from here where it is here, flushed and read back.

        Returns the file with its digest, as it was read from the disk.
        """
        problem: KhizanaError | None = None
        for origin in self._origins(digest):
            try:
                _write(place, origin())
            except (Damaged, NotFound) as error:
                problem = error
                continue
            if _read_back(place) == digest:
                return {place: str(digest)}
            place.unlink()
            problem = Damaged("ORIGIN_ALTERED", name=place.name, path=self._source.address)
        raise problem or NotFound("ORIGIN_MISSING", name=digest[:32], path=self._source.address)

    def _small(self, digest: Digest) -> bytes:
        problem: KhizanaError | None = None
        for origin in self._origins(digest):
            try:
                content = self._whole(origin())
            except (Damaged, NotFound) as error:
                problem = error
                continue
            if digest_of(content) == digest:
                return content
            problem = Damaged("ORIGIN_ALTERED", name=digest[:32], path=self._source.address)
        raise problem or NotFound("ORIGIN_MISSING", name=digest[:32], path=self._source.address)

    def _whole(self, runs: Iterable[bytes | memoryview]) -> bytes:
        content = bytearray()
        for run in runs:
            content += run
            if len(content) > _LARGEST_SMALL:
                raise Damaged("INVENTORY_UNREADABLE", path=self._id, problem=f"> {_LARGEST_SMALL} bytes")
        return bytes(content)

    def _origins(self, digest: Digest) -> Iterator[Callable[[], Iterable[bytes | memoryview]]]:
        if digest in self._told:
            yield lambda: (self._told[digest],)
        if digest in self._here:
            here = self._folder / self._here[digest]
            yield lambda: _runs(here)
        if digest in self._there:
            name = self._incoming.prefix + self._there[digest]
            yield lambda: self._source.read(name)

    def _read_ours(self, ours: Known) -> History:
        stored = read_object(self._folder)
        digests = _chain(ours)
        if stored.inventory_digest != digests[-1]:
            raise Damaged("OBJECT_REWRITTEN", object_id=self._id, version=stored.head, path=str(self._folder))
        stored.check_newest()
        self._here = _names(digests, stored.inventory)
        return History(digests, stored.inventory)

    def _newest(self, head: Digest) -> bytes:
        """Return the newest inventory that came; a place that is no pack has it twice, and one may be damaged."""
        self._there = {head: f"v{self._incoming.head}/{INVENTORY}"}
        try:
            return self._small(head)
        except (Damaged, NotFound, Unreadable):
            self._there = {head: INVENTORY}
            with suppress(Damaged, NotFound, Unreadable):
                return self._small(head)
            raise

    def _read_theirs(self, head: Digest) -> History:
        self._told[head] = self._newest(head)
        inventory = from_json(self._told[head], self._id)
        if inventory.object_id != self._id or inventory.head != self._incoming.head:
            raise Damaged("INVENTORY_UNREADABLE", path=self._incoming.prefix, problem=inventory.object_id)
        digests = _chain(self._incoming)
        self._there = _names(digests, inventory)
        return History(digests, inventory)


def _chain(known: Known) -> tuple[Digest, ...]:
    return tuple(known.versions[number] for number in range(1, known.head + 1))


def _numbered(digests: tuple[Digest, ...]) -> dict[int, Digest]:
    return dict(enumerate(digests, 1))


def _names(digests: tuple[Digest, ...], inventory: Inventory) -> dict[Digest, str]:
    """Return where each file of an object lies, by its digest."""
    names = {digest: paths[0] for digest, paths in inventory.manifest.items()}
    return names | {digest: f"v{number}/{INVENTORY}" for number, digest in enumerate(digests, 1)}


def _common(one: tuple[Digest, ...], other: tuple[Digest, ...]) -> int:
    return next(
        (count for count, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )


def _runs(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while run := stream.read(1 << 20):
                yield run
    except FileNotFoundError as error:
        raise NotFound("ORIGIN_MISSING", name=path.name, path=str(path.parent)) from error


def _write(place: Path, content: Iterable[bytes | memoryview]) -> None:
    """Write *content* to the new file *place* and flush it; an error leaves no file."""
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        try:
            for run in content:
                write_all(handle, run)
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)
    except BaseException:
        place.unlink()
        raise


def _read_back(place: Path) -> Digest:
    calculation = sha512()
    for run in _runs(place):
        calculation.update(run)
    return Digest(calculation.hexdigest())
