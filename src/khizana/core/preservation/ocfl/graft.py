"""Versions that came from elsewhere, put into an object: after its own, or in the place of the newest of its own.

What is grafted is whole and valid before it is named, and what it takes the place of is not removed: it goes to the
folder ``aside`` of the library. One graft is one folder below ``work/grafts``:

    intent.json   which object, how many of its versions stay, and the digest of the inventory that it will have
    object/       the new version directories, and the new inventory
    ready         there once all of it is on the disk and has been validated
    before/       the version directories that were taken out
    out           there once all of them are

Whatever moment a process dies at, the next one knows what to do: without ``ready`` nothing in the storage root was
touched, and the folder is removed; with it, the graft is completed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.durable import (
    make_directories,
    move_tree,
    remove_tree,
    replace_beside,
    sync_directory,
    sync_tree,
    write_beside,
    write_file,
)
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, digest_of, sidecar
from khizana.core.preservation.ocfl.layout import OBJECT_DECLARATION, object_path

GRAFTS = "grafts"
BEFORE = "before"

_INTENT = "intent.json"
_READY = "ready"
_OUT = "out"


@dataclass(frozen=True, slots=True)
class Scion:
    """What is to be grafted, as it is recorded before anything is named."""

    object_id: ObjectId
    stays: int
    """Versions of the object that stay, from the first; 0 for an object that is not there, or stays in none."""
    had: int
    """Versions that the object has now."""
    head: int
    inventory_digest: Digest
    """That of the object once it is done."""


class Graft:
    """One graft on its way into the storage root. Methods raise ``OSError``; the caller holds the lock."""

    def __init__(self, folder: Path, storage: Path, scion: Scion) -> None:
        self.folder = folder
        self.built = folder / "object"
        self.target = storage / object_path(scion.object_id)
        self.scion = scion
        self._storage = storage

    @classmethod
    def begin(cls, work: Path, storage: Path, scion: Scion) -> Graft:
        """Record *scion* on the disk, in a folder of its own."""
        folder = work / GRAFTS / hashlib.sha256(scion.object_id.encode()).hexdigest()[:24]
        remove_tree(folder)
        make_directories(folder / "object")
        write_beside(folder / _INTENT, json.dumps(asdict(scion), indent=1, sort_keys=True).encode() + b"\n")
        return cls(folder, storage, scion)

    def close_up(self, inventory: bytes) -> None:
        """Write the root *inventory* and what else an object has beside its versions, and flush all that was built."""
        write_file(self.built / INVENTORY, inventory)
        write_file(self.built / SIDECAR, sidecar(inventory))
        write_file(self.built / OBJECT_DECLARATION, b"ocfl_object_1.1\n")
        for number in range(self.scion.stays + 1, self.scion.head + 1):
            sync_tree(self.built / f"v{number}")
        sync_directory(self.built)
        sync_directory(self.folder)

    def mark_ready(self) -> None:
        """Record that it is complete on the disk and validated."""
        write_file(self.folder / _READY, b"")
        sync_directory(self.folder)

    @property
    def ready(self) -> bool:
        """Whether only its naming is left."""
        return (self.folder / _READY).is_file()

    def forward(self, aside: Path) -> None:
        """Name the versions in the storage root and flush; what they take the place of goes below *aside*.

        May be done again at any point. Raises ``Damaged`` when neither the object nor the graft has a version.
        """
        if not self.target.exists():
            make_directories(self.target)
        self._take_out()
        self._put_in()
        self._keep_before(aside)
        self.drop()

    def drop(self) -> None:
        """Remove the folder, the mark first: a graft half-removed is one to remove."""
        (self.folder / _READY).unlink(missing_ok=True)
        remove_tree(self.folder)
        if self.folder.parent.is_dir():
            sync_directory(self.folder.parent)

    def _take_out(self) -> None:
        """Take the versions that give way out; what stands in their place after that is the new ones."""
        if (self.folder / _OUT).is_file():
            return
        for number in range(self.scion.had, self.scion.stays, -1):
            version = self.target / f"v{number}"
            if version.is_dir():
                move_tree(version, self.folder / BEFORE / version.name)
        write_file(self.folder / _OUT, b"")
        sync_directory(self.folder)

    def _put_in(self) -> None:
        for number in range(self.scion.stays + 1, self.scion.head + 1):
            built, place = self.built / f"v{number}", self.target / f"v{number}"
            if built.is_dir():
                move_tree(built, place)
            if not place.is_dir():
                raise Damaged("VERSION_LOST", object_id=self.scion.object_id, version=number)
        sync_directory(self.target)
        content = (self.target / f"v{self.scion.head}" / INVENTORY).read_bytes()
        if digest_of(content) != self.scion.inventory_digest:
            raise Damaged("OBJECT_IN_THE_WAY", path=str(self.target), object_id=self.scion.object_id)
        for name, wanted in ((INVENTORY, content), (SIDECAR, sidecar(content)), (OBJECT_DECLARATION, _DECLARED)):
            place = self.target / name
            if not place.is_file() or place.read_bytes() != wanted:
                make_directories(self.built)
                replace_beside(self.built / name, wanted)
                (self.built / name).replace(place)
        folder = self.target
        while folder != self._storage:
            sync_directory(folder)
            folder = folder.parent
        sync_directory(self._storage)

    def _keep_before(self, aside: Path) -> None:
        before = self.folder / BEFORE
        place = aside / object_path(self.scion.object_id)
        for version in sorted(before.iterdir()) if before.is_dir() else ():
            move_tree(version, place / f"{version.name}-{self.scion.inventory_digest[:16]}")


def left_grafts(work: Path, storage: Path) -> Iterator[Graft]:
    """Yield the grafts of processes that died; remove folders that record none.

    Raises ``Damaged`` for a record that cannot be understood: a person must look.
    """
    folder = work / GRAFTS
    for each in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            value = json.loads((each / _INTENT).read_bytes())
            scion = Scion(**value)
        except FileNotFoundError:
            remove_tree(each)
            continue
        except (ValueError, TypeError) as error:
            raise Damaged("INTENT_UNREADABLE", path=str(each / _INTENT)) from error
        yield Graft(each, storage, scion)


_DECLARED = b"ocfl_object_1.1\n"
