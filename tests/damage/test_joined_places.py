"""Two or three places joined by couriers alone: whatever they write, and however packs go, they come to the same."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from data.couriers import HAVE, Sender, packed_objects
from data.desks import Desk, held
from data.keeping import OBJECT
from data.ledgers import Kept, kept_ledger
from data.memory_store import MemoryStore
from khizana.core.identifiers import Digest
from khizana.core.preservation.branches.arrival import Arrived, TakenIn
from khizana.core.preservation.courier import taken as courier
from khizana.core.preservation.courier.places import pack_name
from khizana.core.preservation.courier.proof import ProofMaking, proved
from khizana.core.preservation.courier.signed import Header, fetch, read_signed
from khizana.core.preservation.courier.view import PackView
from khizana.core.preservation.ledger.keys import SigningKey
from khizana.core.preservation.ledger.write import require_head

LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
HISTORIES = 500 if LONG else 25

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - nothing here must outlive the test, and flushing costs nothing there
_PATHS = ("masters/0001.jpg", "masters/0002.jpg", "description.xml", "publication.json", "structure.json", "notes/a")
_AGREEMENTS = [b'{"level": "open", "published": true}', b'{"level": "staff", "published": false}']


def _structure(order: tuple[str, ...]) -> bytes:
    pages = [{"digest": each, "file": each, "number": number, "label": each} for number, each in enumerate(order, 1)]
    return json.dumps({"direction": "rtl", "pages": pages}).encode()


_CONTENT = {
    "publication.json": st.sampled_from(_AGREEMENTS),
    "structure.json": st.permutations("abc").flatmap(
        lambda order: st.integers(1, 3).map(lambda count: _structure(tuple(order[:count])))
    ),
}


@dataclass(frozen=True)
class Packed:
    """A pack on a disk of its own, and the number of the place that made it."""

    disk: MemoryStore
    header: Header
    by: int


class Places(RuleBasedStateMachine):
    """People write anywhere; packs are made anywhere, arrive late, twice, out of order, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None))
        self.packs: list[Packed] = []
        self.written: set[Digest] = set()
        """The inventories of all versions that a person made."""
        self.contents: set[Digest] = set()
        self.day = 0
        self.desks: list[Desk] = []
        self.ledgers: list[Kept] = []

    @initialize(count=st.integers(2, 3))
    def begin(self, count: int) -> None:
        self.desks = [Desk.made(self.root / str(number)) for number in range(count)]
        self.ledgers = [kept_ledger(desk.place.root) for desk in self.desks]

    @rule(at=st.integers(0, 2), path=st.sampled_from(_PATHS), data=st.data())
    def write(self, at: int, path: str, data: st.DataObject) -> None:
        desk = self.desks[at % len(self.desks)]
        content = data.draw(_CONTENT.get(path, st.binary(min_size=1, max_size=3)))
        before = desk.known
        self.day += 1
        desk.write({path: content, "events/0001.xml": b"%d" % self.day}, day=self.day % 27 + 1)
        assert desk.known is not None
        if desk.known != before:
            self.written.add(desk.known.versions[desk.known.head])
            self.contents |= set(desk.object.state().values())

    @rule(at=st.integers(0, 2))
    def pack(self, at: int) -> None:
        if self.desks[at % len(self.desks)].known:
            self.packs.append(self._packed(at % len(self.desks)))

    @precondition(lambda self: self.packs)
    @rule(at=st.integers(0, 2), which=st.integers(0, 9))
    def receive(self, at: int, which: int) -> None:
        desk = self.desks[at % len(self.desks)]
        before = desk.known
        self._received(at % len(self.desks), self.packs[which % len(self.packs)])
        assert desk.known is not None
        assert before is None or desk.known.head >= before.head, "an object never grows shorter"

    @invariant()
    def every_object_is_as_it_is_known(self) -> None:
        for desk in self.desks:
            if desk.known:
                assert desk.object.inventory_digest == desk.known.versions[desk.known.head]

    def teardown(self) -> None:
        try:
            self._settle()
        finally:
            shutil.rmtree(self.root)

    def _packed(self, by: int) -> Packed:
        known, here = self.desks[by].packed()
        disk = MemoryStore()
        header = Sender(self.ledgers[by], here).pack(disk, [(known, 0)], self.root / "list")
        return Packed(disk, header, by)

    def _received(self, at: int, pack: Packed) -> TakenIn:
        """Take the pack in, give the proof, and read that as the place that packed it does."""
        desk, ledger = self.desks[at], self.ledgers[at]
        signed = fetch(pack.disk, pack_name(pack.header.pack), self.root / "signed")
        assert signed.header.sender == SigningKey.read(self.ledgers[pack.by].keys).public
        (packed,) = packed_objects(signed)
        taken = desk.take((packed.known, PackView(pack.disk, packed)))
        assert taken.kind is not Arrived.LACKING
        assert desk.known is not None
        head = desk.known.versions[desk.known.head]
        making = ProofMaking(
            signed,
            SigningKey.read(ledger.keys),
            handed_over=(),
            ledger=0,
            head=require_head(ledger.folder),
            when="2026-01-01T00:00:00Z",
            scratch=self.root / "proof",
        )
        making.add(courier.TakenIn(OBJECT, taken.kind.value, desk.known.head, head), taken.stayed)
        kept = making.close(HAVE, self.root / "proofs")
        proof = read_signed(kept.path, kept.name)
        (said, _), _ = proved(proof)
        assert proof.header.digest == signed.digest
        assert (said.object_id, said.inventory) == (OBJECT, head)
        return taken

    def _settle(self) -> None:
        """Let packs go round until every place has heard of every other; then all must be the same and whole."""
        for _ in range(2):
            for giver, desk in enumerate(self.desks):
                if desk.known:
                    self._received((giver + 1) % len(self.desks), self._packed(giver))
        known = [desk for desk in self.desks if desk.known]
        if not known:
            return
        assert len(known) == len(self.desks)
        first = known[0].place.files("storage")
        assert all(desk.place.files("storage") == first for desk in known)
        stored = known[0].object
        assert self.written <= held(stored)
        assert self.contents <= stored.inventory.manifest.keys()
        for at in range(len(known)):
            assert self._received(at, self._packed(0)).kind is Arrived.HAD


Places.TestCase.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not LONG,
    # Making a failure shorter takes many times as long as finding it.
    phases=(Phase.explicit, Phase.generate),
)
TestPlaces = Places.TestCase
