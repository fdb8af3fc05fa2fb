"""New objects written together: each whole or not at all, and one flush of the disk for all of them.

Descriptions come by the thousand, and each is small: flushed file by file they would take an hour. Together they are
one folder below ``work/several``:

    objects/0000/ ...  the new objects
    intent.json        there once all of them are on the disk and have been validated: which they are

Whatever moment a process dies at, the next one knows what to do: without ``intent.json`` nothing was named and the
folder is removed; with it, the objects that have no name yet are named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.durable import (
    make_directories,
    remove_empty,
    remove_tree,
    sync_directory,
    sync_file_system,
    write_all_of,
    write_beside,
)
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, digest_of, sidecar
from khizana.core.preservation.ocfl.layout import OBJECT_DECLARATION, object_path

SEVERAL = "several"

_INTENT = "intent.json"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A new object, as it is recorded before it is named."""

    object_id: ObjectId
    inventory_digest: Digest


class Several:
    """New objects on their way into the storage root. Methods raise ``OSError``; the caller holds the lock."""

    def __init__(self, folder: Path, storage: Path, newcomers: Sequence[Newcomer] = ()) -> None:
        self.folder = folder
        self.newcomers = list(newcomers)
        self._storage = storage

    @classmethod
    def begin(cls, work: Path, storage: Path) -> Several:
        """Make an empty folder for them."""
        folder = work / SEVERAL
        remove_tree(folder)
        make_directories(folder)
        return cls(folder, storage)

    def built(self, number: int) -> Path:
        """Return where the object of *number* is built, from 0."""
        return self.folder / "objects" / f"{number:04d}"

    def build(self, object_id: ObjectId, inventory: bytes, content: dict[str, bytes]) -> None:
        """Write one more object of one version, unflushed: its *inventory*, and *content* by content path."""
        built = self.built(len(self.newcomers))
        version = built / "v1"
        for folder in sorted({(built / path).parent for path in content} | {version}):
            folder.mkdir(parents=True, exist_ok=True)
        for path, raw in content.items():
            write_all_of(built / path, raw)
        for folder in (version, built):
            write_all_of(folder / INVENTORY, inventory)
            write_all_of(folder / SIDECAR, sidecar(inventory))
        write_all_of(built / OBJECT_DECLARATION, b"ocfl_object_1.1\n")
        self.newcomers.append(Newcomer(object_id, digest_of(inventory)))

    def flush(self) -> None:
        """Flush everything that was built."""
        sync_file_system(self.folder)

    def record(self) -> None:
        """Record that all of it is on the disk and validated."""
        value = [[each.object_id, each.inventory_digest] for each in self.newcomers]
        write_beside(self.folder / _INTENT, json.dumps(value, indent=0).encode() + b"\n")

    def forward(self) -> list[Newcomer]:
        """Name every object, flush, and forget the record; return those that have their name.

        May be done again at any point. What a power cut took of an object that was being named is not there: whoever
        gave it was not told that it is. Raises ``Damaged`` where something else stands in the place of one.
        """
        named = [each for number, each in enumerate(self.newcomers) if self._name(each, self.built(number))]
        sync_file_system(self._storage)
        self.back()
        return named

    def back(self) -> None:
        """Remove the folder, and what was made for names that were not given."""
        for newcomer in self.newcomers:
            remove_empty(self._storage / object_path(newcomer.object_id), below=self._storage)
        self.drop()

    def drop(self) -> None:
        """Remove the folder, the record first: objects without it are to be removed."""
        (self.folder / _INTENT).unlink(missing_ok=True)
        remove_tree(self.folder)
        sync_directory(self.folder.parent)

    def _name(self, newcomer: Newcomer, built: Path) -> bool:
        target = self._storage / object_path(newcomer.object_id)
        if built.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):
                target.rmdir()  # an empty folder is what a power cut leaves of a name
            if not target.exists():
                built.rename(target)
                return True
        if not target.exists():
            return False
        if digest_of((target / INVENTORY).read_bytes()) != newcomer.inventory_digest:
            raise Damaged("OBJECT_IN_THE_WAY", path=str(target), object_id=newcomer.object_id)
        return True


def left_several(work: Path, storage: Path) -> Iterator[Several]:
    """Yield the objects that a process left when it died; remove the folder of one that had recorded none.

    Raises ``Damaged`` for a record that cannot be understood: a person must look.
    """
    folder = work / SEVERAL
    if not folder.is_dir():
        return
    try:
        value = json.loads((folder / _INTENT).read_bytes())
        newcomers = [Newcomer(ObjectId(object_id), Digest(digest)) for object_id, digest in value]
    except FileNotFoundError:
        remove_tree(folder)
        return
    except (ValueError, TypeError) as error:
        raise Damaged("INTENT_UNREADABLE", path=str(folder / _INTENT)) from error
    yield Several(folder, storage, newcomers)
