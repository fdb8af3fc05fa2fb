"""The lines of a pack and of a proof as values: what is carried of an object, and what arrived of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.courier.signed import check_digest, check_number, check_that
from khizana.core.preservation.courier.taken import KINDS, TakenIn
from khizana.core.preservation.replicas.expected import Known

LONGEST_ID = 700  # characters


@dataclass(frozen=True, slots=True)
class Carried:
    """One file of an object in a pack: a piece of its own, several, or a part of a bundle of small ones."""

    path: str
    """Below the object's folder."""
    size: int
    digest: Digest
    parts: tuple[Digest, ...] = ()
    """The digests of its pieces, where it was too large for one."""
    bundle: Digest | None = None
    """The piece that it lies in with others, from the byte ``begins`` on."""
    begins: int = 0


@dataclass(frozen=True, slots=True)
class PackedObject:
    """One object in a pack: what is known of all its versions, and the files of those after ``base``."""

    known: Known
    base: int
    """The newest version that the receiver is believed to have; 0 where the pack carries the object from the first, the
    newest version of all where nothing is carried and the pack asks whether the receiver has it."""
    files: tuple[Carried, ...]
    is_adopted: bool = False
    """Whether another institution made it: then all its files are carried, the list that vouches for them too."""

    @property
    def chain(self) -> tuple[Digest, ...]:
        """The digests of its inventories, from the first version on."""
        return tuple(self.known.versions[number] for number in range(1, self.known.head + 1))


@dataclass(frozen=True, slots=True)
class LedgerPiece:
    """A piece of the sender's ledger: lines of entries."""

    digest: Digest
    size: int


@dataclass(frozen=True, slots=True)
class Have:
    """What a place has in all: so that two places can tell that they are equal."""

    objects: int
    digest: str
    """Sha256 over the lines ``<object identifier> <newest version> <digest of its inventory>``, sorted."""


@dataclass(frozen=True, slots=True)
class End:
    """The last line of a pack or proof: how many objects it tells of, and what the place that made it has in all."""

    objects: int
    left: int
    """In a pack, objects for which there was no room."""
    have: Have


def object_line(packed: PackedObject) -> dict[str, Any]:
    """Return *packed* as a line. Raises ``KeyError`` for an object of the library whose versions have a gap."""
    files: list[list[Any]] = []
    for each in packed.files:
        file: list[Any] = [each.path, each.size, each.digest]
        if each.parts:
            file.append(list(each.parts))
        elif each.bundle:
            file += [each.bundle, each.begins]
        files.append(file)
    if packed.is_adopted:
        head = packed.known.head
        return {"adopted": packed.known.object_id, "version": head, "list": packed.known.versions[head], "files": files}
    return {"object": packed.known.object_id, "chain": list(packed.chain), "base": packed.base, "files": files}


def pack_line(value: Mapping[str, Any], name: str) -> PackedObject | LedgerPiece | End:
    """Return what a line of the pack *name* says. Raises ``Damaged`` for one that cannot be understood."""
    try:
        if "ledger" in value:
            return LedgerPiece(check_digest(value["ledger"]), check_number(value["size"]))
        if "end" in value:
            return _end(value)
        if "adopted" in value:
            return _adopted(value)
        versions = {number: check_digest(each) for number, each in enumerate(value["chain"], 1)}
        base = check_number(value["base"])
        check_that(versions and base <= len(versions), "no version")
        files = tuple(_carried(each) for each in value["files"])
        return PackedObject(Known(_object_id(value["object"]), versions), base, files)
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged("COURIER_LIST_ALTERED", name=name) from error


def arrived_line(taken: TakenIn, shared: int) -> dict[str, Any]:
    """Return what became of an object as a line of a proof.

    *shared* is how many versions of the pack's sender the receiver holds as the sender has them.
    """
    line: dict[str, Any] = {"object": taken.object_id, "kind": taken.kind, "head": taken.head}
    return line | {"inventory": taken.inventory, "shared": shared, "lacking": taken.lacking_from}


def end_line(end: End) -> dict[str, Any]:
    """Return *end* as a line."""
    have = {"objects": end.have.objects, "digest": end.have.digest}
    return {"end": end.objects, "left": end.left, "have": have}


def proof_line(value: Mapping[str, Any], name: str) -> tuple[TakenIn, int] | End:
    """Return what a line of the proof *name* says: an object with how much of it is shared, or the end.

    Raises ``Damaged`` for one that cannot be understood.
    """
    try:
        if "end" in value:
            return _end(value)
        kind, head, inventory = value["kind"], check_number(value["head"]), value["inventory"]
        check_that(kind in KINDS, "no such kind")
        digest = check_digest(inventory) if head else Digest("")
        taken = TakenIn(_object_id(value["object"]), kind, head, digest, check_number(value["lacking"]))
        return taken, check_number(value["shared"])
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged("COURIER_LIST_ALTERED", name=name) from error


def _end(value: Mapping[str, Any]) -> End:
    have = Have(check_number(value["have"]["objects"]), str(value["have"]["digest"]))
    return End(check_number(value["end"]), check_number(value["left"]), have)


def _adopted(value: Mapping[str, Any]) -> PackedObject:
    head = check_number(value["version"])
    check_that(head, "no version")
    files = tuple(_carried(each, is_adopted=True) for each in value["files"])
    known = Known(_object_id(value["adopted"]), {head: check_digest(value["list"])})
    return PackedObject(known, 0 if files else head, files, is_adopted=True)


def _object_id(value: object) -> ObjectId:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= LONGEST_ID:
        raise ValueError("no identifier")
    return ObjectId(value)


def _carried(value: list[Any], *, is_adopted: bool = False) -> Carried:
    path, size, digest, *rest = value
    _check_path(path, is_adopted=is_adopted)
    carried = Carried(path, check_number(size), check_digest(digest))
    match rest:
        case []:
            return carried
        case [list() as parts] if parts:
            return Carried(path, size, carried.digest, tuple(check_digest(each) for each in parts))
        case [bundle, begins]:
            return Carried(path, size, carried.digest, bundle=check_digest(bundle), begins=check_number(begins))
    raise ValueError("no file")


def _check_path(path: object, *, is_adopted: bool) -> None:
    """Refuse a name that could lead out of the object's folder, or to what is not carried."""
    if not isinstance(path, str) or "\0" in path:
        raise ValueError("no name of a file")
    first, *rest = path.split("/")
    if not {"", ".", ".."}.isdisjoint((first, *rest)):
        raise ValueError("no name of a file")
    if is_adopted:
        return  # as its maker named it, at the root of the object or below
    if not rest or not path.isprintable() or "\\" in path:
        raise ValueError("no name of a file")
    if not (first.startswith("v") and first[1:].isascii() and first[1:].isdigit()):
        raise ValueError("no folder of an object")
