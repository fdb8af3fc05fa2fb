"""Packs for tests: a few objects in memory, packed onto a store and taken in from it, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.ledgers import LIBRARY, Kept, kept_ledger
from data.memory_store import MemoryStore
from khizana.core.errors import Damaged, KhizanaError
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.keys import own_keys
from khizana.core.preservation.courier.lines import Have, PackedObject, pack_line
from khizana.core.preservation.courier.pack import PackMaking, to_carry
from khizana.core.preservation.courier.pieces import PIECE
from khizana.core.preservation.courier.places import pack_name
from khizana.core.preservation.courier.signed import PACK, Header, Signed, fetch, pack_id
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.courier.view import PackView
from khizana.core.preservation.ledger.keys import SigningKey
from khizana.core.preservation.ledger.write import require_head
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Known, expected, small_file
from khizana.core.preservation.replicas.ledger_pieces import pieces

HAVE = Have(3, "0" * 64)
RECEIVER = "ab" * 32


@dataclass(frozen=True)
class Sender:
    """A working place: its ledger and key on disk, its objects in *here*."""

    kept: Kept
    here: MemoryStore

    @property
    def key(self) -> SigningKey:
        return SigningKey.read(self.kept.keys)

    def header(self, number: int = 1, *, receiver: str = RECEIVER, begins: int = 0) -> Header:
        return Header(
            courier=PACK,
            library=LIBRARY,
            sender=self.key.public,
            receiver=receiver,
            handed_over=own_keys(self.kept.folder).handed_over,
            pack=pack_id(self.key.public, receiver, number),
            digest="",
            created="2026-01-01T00:00:00Z",
            ledger=begins,
            head=require_head(self.kept.folder),
        )

    def pack(
        self,
        courier: ReplicaStore,
        objects: list[tuple[Known, int]],
        scratch: Path,
        *,
        header: Header | None = None,
        piece: int = PIECE,
    ) -> Header:
        """Pack *objects*, each from its base on; return the header of the pack."""
        header = header or self.header()
        made = PackMaking(
            header, self.key, here=self.here, courier=courier, scratch=scratch, stamp="stamp", piece=piece
        )
        try:
            made.add_ledger(content for _, content in pieces(self.kept.folder, header.ledger, header.head.size))
            for known, base in objects:
                wanted = expected(known, known.head, [small_file(self.here, known.prefix)])
                assert wanted is not None
                made.add(wanted, base, to_carry(self.here, wanted, base))
            made.close(HAVE, left=0)
        finally:
            made.end()
        return header


def sender(place: Path, *commands: int) -> Sender:
    """Return a new working place in the folder *place*, whose ledger had so many entries with each command."""
    return Sender(kept_ledger(place, *(commands or (3,))), MemoryStore())


def packed_objects(signed: Signed) -> list[PackedObject]:
    """Return the objects of a pack."""
    lines = (pack_line(line, signed.header.pack) for line in signed.lines())
    return [each for each in lines if isinstance(each, PackedObject)]


def received(courier: ReplicaStore, header: Header, here: ReplicaStore, scratch: Path) -> list[TakenIn | KhizanaError]:
    """Take in every object of a pack into the store *here*; return what became of each."""
    done: list[TakenIn | KhizanaError] = []
    for packed in packed_objects(fetch(courier, pack_name(header.pack), scratch)):
        try:
            done.append(take_in(packed.known, PackView(courier, packed), here))
        except KhizanaError as error:
            done.append(error)
    return done


def take_in(incoming: Known, source: ReplicaStore, here: ReplicaStore) -> TakenIn:
    """Copy what is lacking in *here*, whose own objects are the beginning of those that come."""
    root = _sidecar(here, incoming.prefix)
    head = next((number for number, digest in incoming.versions.items() if digest == root), 0)
    if head == incoming.head:
        return TakenIn(incoming.object_id, "had", head, incoming.versions[head])
    wanted = expected(incoming, incoming.head, [small_file(source, incoming.prefix)])
    if wanted is None:
        small_file(source, incoming.prefix)(f"v{incoming.head}/{INVENTORY}")
        raise Damaged("INVENTORY_ALTERED", path=incoming.prefix)
    copy_object(source, here, wanted, verified_head=head, stamp="stamp")
    return TakenIn(incoming.object_id, "extended" if head else "new", incoming.head, incoming.versions[incoming.head])


def _sidecar(here: ReplicaStore, prefix: str) -> str:
    """Return what the sidecar of the root inventory says, which is written last; nothing where it is not there."""
    try:
        return small_file(here, prefix)(SIDECAR).decode().split()[0]
    except KhizanaError:
        return ""
