"""Places at which people write one object, and packs that go between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from data.keeping import OBJECT, Place, validated
from data.memory_store import MemoryStore
from khizana.core.identifiers import Digest
from khizana.core.preservation.branches.arrival import TakenIn, take_in
from khizana.core.preservation.branches.history import History
from khizana.core.preservation.ocfl.inventory import User, digest_of
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.preservation.replicas.expected import STORAGE, Known


@dataclass
class Desk:
    """A place at which people write, and what it knows of the object."""

    place: Place
    known: Known | None = None

    @classmethod
    def made(cls, root: Path) -> Desk:
        return cls(Place.made(root))

    def write(self, put: Mapping[str, bytes], *, remove: tuple[str, ...] = (), day: int = 1, by: str = "a") -> None:
        self.place.writer.write_version(
            OBJECT,
            put=put,
            remove=remove,
            message="a change",
            user=User(by, "urn:khizana:test"),
            created=datetime(2026, 1, day, tzinfo=UTC),
            validator=validated,
        )
        self.known = chain_of(self.object)

    @property
    def folder(self) -> Path:
        return self.place.writer.object_directory(OBJECT)

    @property
    def object(self) -> StoredObject:
        return read_object(self.folder)

    def packed(self) -> tuple[Known, MemoryStore]:
        """Return what a courier would carry: the object as it stands now."""
        assert self.known is not None
        files = {
            f"{STORAGE}/{path.relative_to(self.place.storage).as_posix()}": path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
        return self.known, MemoryStore(files)

    def take(self, pack: tuple[Known, MemoryStore]) -> TakenIn:
        taken = take_in(pack[0], pack[1], ours=self.known, storage=self.place.writer, validator=validated)
        if taken.versions:
            self.known = Known(OBJECT, taken.versions)
        assert not any((self.place.work / "grafts").glob("*"))
        return taken

    def text(self, path: str) -> str:
        return self.object.read_bytes(path).decode()


def chain_of(stored: StoredObject) -> Known:
    digests = {
        number: digest_of((stored.path / f"v{number}" / "inventory.json").read_bytes())
        for number in range(1, stored.head + 1)
    }
    return Known(stored.id, digests)


def held(stored: StoredObject) -> frozenset[Digest]:
    known = chain_of(stored)
    return History(tuple(known.versions[number] for number in range(1, known.head + 1)), stored.inventory).holds
