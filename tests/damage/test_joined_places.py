"""Two or three places joined by couriers alone: whatever they write, and however packs go, they come to the same."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from data.desks import Desk, held
from data.memory_store import MemoryStore
from khizana.core.identifiers import Digest
from khizana.core.preservation.branches.arrival import Arrived
from khizana.core.preservation.replicas.expected import Known

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


class Places(RuleBasedStateMachine):
    """People write anywhere; packs are made anywhere, arrive late, twice, out of order, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None))
        self.packs: list[tuple[Known, MemoryStore]] = []
        self.written: set[Digest] = set()
        """The inventories of all versions that a person made."""
        self.contents: set[Digest] = set()
        self.day = 0

    @initialize(count=st.integers(2, 3))
    def begin(self, count: int) -> None:
        self.desks = [Desk.made(self.root / str(number)) for number in range(count)]

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
        desk = self.desks[at % len(self.desks)]
        if desk.known:
            self.packs.append(desk.packed())

    @precondition(lambda self: self.packs)
    @rule(at=st.integers(0, 2), which=st.integers(0, 9))
    def receive(self, at: int, which: int) -> None:
        desk = self.desks[at % len(self.desks)]
        before = desk.known
        taken = desk.take(self.packs[which % len(self.packs)])
        assert taken.kind is not Arrived.LACKING
        assert desk.known is not None
        assert before is None or desk.known.head >= before.head, "an object never grows shorter"

    @invariant()
    def nothing_is_lost(self) -> None:
        for desk in getattr(self, "desks", ()):
            if desk.known:
                stored = desk.object
                assert stored.inventory_digest == desk.known.versions[desk.known.head]

    def teardown(self) -> None:
        try:
            self._settle()
        finally:
            shutil.rmtree(self.root)

    def _settle(self) -> None:
        """Let packs go round until every place has heard of every other; then all must be the same and whole."""
        desks = list(getattr(self, "desks", ()))
        for _ in range(2):
            for giver, taker in zip(desks, desks[1:] + desks[:1], strict=True):
                if giver.known:
                    assert taker.take(giver.packed()).kind is not Arrived.LACKING
        known = [desk for desk in desks if desk.known]
        if not known:
            return
        assert len(known) == len(desks)
        first = known[0].place.files("storage")
        assert all(desk.place.files("storage") == first for desk in known)
        stored = known[0].object
        assert self.written <= held(stored)
        assert self.contents <= stored.inventory.manifest.keys()
        for desk in known:
            assert desk.take(known[0].packed()).kind is Arrived.HAD


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
