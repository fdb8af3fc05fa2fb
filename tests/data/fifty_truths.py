"""What was acknowledged in fifty years, out of reach of everything that happens: the truth that checks are held to."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from data.memory_store import MemoryStore
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaSource
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.replicas.outcome import Altered, Intact, Outcome
from khizana.core.preservation.replicas.reading import Reader

_DIGEST = re.compile(rb"[0-9a-f]{128}")


@lru_cache(100_000)
def digest(content: bytes) -> Digest:
    """Return the digest of *content*; the same small files are asked for again and again."""
    return Digest(hashlib.sha512(content).hexdigest())


class Truth:
    """What was written, and which bytes are right where, worked out from the bytes without the library's own code."""

    def __init__(self) -> None:
        self.acknowledged: dict[Digest, ObjectId] = {}
        """Every inventory and file of a version that a person was told is written."""
        self.joining: dict[Digest, ObjectId] = {}
        """Every inventory and file that was made by joining alone: a later joining may do without it."""
        self.forged: set[Digest] = set()
        """Everything that an insider made."""
        self._manifests: dict[Digest, dict[str, Digest]] = {}
        """Path to digest, by the digest of the inventory."""
        self._contents: set[Digest] = set()
        self._right: dict[str, set[Digest]] = {}
        self._good: dict[tuple[Digest, ...], dict[str, Digest]] = {}

    def remember(self, known: Known, files: Mapping[str, bytes]) -> None:
        """Take note of what a place holds: what was never held before is as it was recorded, or this is a failure."""
        for number, inventory in known.versions.items():
            if inventory not in self._manifests:
                content = files.get(f"{known.prefix}v{number}/inventory.json", b"")
                assert digest(content) == inventory, "what was just written is not what was recorded"
                self._manifests[inventory] = dict(_manifest(content))
        for path, each in self._manifests[known.versions[known.head]].items():
            if each not in self._contents:
                assert digest(files.get(known.prefix + path, b"")) == each, f"{path} is not what was recorded"
                self._contents.add(each)
        for name, each in self.good(known, known.head).items():
            self._right.setdefault(name, set()).add(each)
        self.joining |= dict.fromkeys(self.parts(known) - self.acknowledged.keys(), known.object_id)

    def parts(self, known: Known) -> set[Digest]:
        """Return the inventories and files of an object: the rest follows from them."""
        return {*known.versions.values(), *self._manifests[known.versions[known.head]].values()}

    def needed(self, known: Iterable[Known]) -> set[Digest]:
        """Return all that must be somewhere, where the working places know *known*."""
        now = set().union(*(self.parts(each) for each in known if not self.is_forged(each)))
        return self.acknowledged.keys() | (self.joining.keys() & now)

    def acknowledge(self, object_id: ObjectId, written: Iterable[Digest]) -> None:
        """Take note that a person was told that all of *written* is kept."""
        self.acknowledged |= dict.fromkeys(written, object_id)

    def good(self, known: Known, head: int) -> Mapping[str, Digest]:
        """Return every file that the object has at version *head*, under its full name, with its digest."""
        inventories = tuple(known.versions[number] for number in range(1, head + 1))
        if inventories not in self._good:
            files = {"0=ocfl_object_1.1": digest(b"ocfl_object_1.1\n")}
            for number, inventory in enumerate(inventories, 1):
                files |= _with_sidecar(f"v{number}/", inventory)
            files |= _with_sidecar("", inventories[-1]) | self._manifests[inventories[-1]]
            prefix = known.prefix
            self._good[inventories] = {prefix + name: each for name, each in files.items()}
        return self._good[inventories]

    def is_forged(self, known: Known) -> bool:
        return not self.forged.isdisjoint(known.versions.values())

    def before_forged(self, known: Known) -> Known | None:
        """Return what is known of an object before the first version that an insider made, or None where that is all.

        A person who has found out who wrote what brings these versions to where they are missing.
        """
        forged = [number for number, inventory in known.versions.items() if inventory in self.forged]
        true = {number: each for number, each in known.versions.items() if number < min(forged, default=known.head + 1)}
        return Known(known.object_id, true) if true else None

    def tells_what_is_forged(self, held: MemoryStore) -> bool:
        """Say whether the ledger that the site *held* has seen names what an insider made: a true one never does."""
        pieces = (content for name, content in held.files.items() if name.startswith("ledger/entries/"))
        return any(each.decode() in self.forged for piece in pieces for each in _DIGEST.findall(piece))

    def in_place(self, held: MemoryStore) -> set[Digest]:
        """Return what of all that was acknowledged or joined lies in *held* where it belongs, and can be read."""
        found = set()
        for name in held.files:
            if name in self._right and name not in held.unreadable:
                each = digest(held.files[name])
                if each in self._right[name] and (each in self.acknowledged or each in self.joining):
                    found.add(each)
        return found

    def judge_check(self, known: Known, head: int, held: MemoryStore, wrong: Iterable[Outcome]) -> None:
        """Fail where *wrong* is not all that is wrong in *held* with the object at version *head*."""
        good, prefix = self.good(known, head), known.prefix
        there = {name: held.files[name] for name in held.files if name.startswith(prefix)}
        files = {name: content for name, content in there.items() if name not in held.unreadable}
        really = {name for name, each in good.items() if name not in files or digest(files[name]) != each}
        arriving = tuple(f"{prefix}v{number}/" for number in range(head + 1, known.head + 1))
        strays = {name for name in there if name not in good and not (arriving and name.startswith(arriving))}
        found = {each.name for each in wrong}
        assert found >= really | strays, f"not found: {sorted((really | strays) - found)}"
        assert not found & {name for name in files if good.get(name) == digest(files[name])}, (
            "found wrong, and is right"
        )
        for each in wrong:
            if each.name in good and each.name in files:
                assert isinstance(each, Altered), each

    def assert_lost(self, name: str, lost: Digest, sources: Iterable[ReplicaSource]) -> None:
        for source in sources:
            found = Reader(source).outcome(name, lost)
            assert not isinstance(found, Intact), f"{name} is good at {source.address}, and was called lost"


def _manifest(inventory: bytes) -> Iterator[tuple[str, Digest]]:
    for each, paths in json.loads(inventory)["manifest"].items():
        yield from ((path, each) for path in paths)


def _with_sidecar(folder: str, inventory: Digest) -> dict[str, Digest]:
    beside = digest(f"{inventory} inventory.json\n".encode())
    return {f"{folder}inventory.json": inventory, f"{folder}inventory.json.sha512": beside}
