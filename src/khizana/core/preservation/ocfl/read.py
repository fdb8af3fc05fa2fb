"""Reading objects back: what a storage root holds, without a database and without trusting it blindly."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import Damaged, NotFound, Unreadable
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, Inventory, Version, digest_of, from_json

_DECLARATION = "0=ocfl_object_"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a storage root, as its inventory tells."""

    path: Path
    inventory: Inventory
    inventory_digest: Digest

    @property
    def id(self) -> ObjectId:
        """The object's identifier."""
        return self.inventory.object_id

    @property
    def head(self) -> int:
        """Number of the newest version, from 1."""
        return self.inventory.head

    @property
    def versions(self) -> tuple[Version, ...]:
        """Every version, the first one first."""
        return self.inventory.versions

    def is_as_it_stands(self) -> bool:
        """Return whether what lies there is still what was read, by the digest beside the inventory."""
        try:
            recorded = (self.path / SIDECAR).read_bytes().split()
        except OSError:
            return False
        return recorded[:1] == [self.inventory_digest.encode()]

    def state(self, version: int | None = None) -> Mapping[str, Digest]:
        """Return logical path to digest in *version*, or in the newest."""
        return self.inventory.versions[(version or self.head) - 1].state

    def check_newest(self) -> None:
        """Raise ``Damaged`` where the folder of the newest version has not the inventory that the root has.

        Then that at the root may be the last right one, and must not give way to the next version's.
        """
        path = self.path / f"v{self.head}" / INVENTORY
        if digest_of(_read(path)) != self.inventory_digest:
            raise Damaged("INVENTORY_ALTERED", path=str(path))

    def ever(self, folder: str) -> tuple[tuple[str, int], ...]:
        """Return every file that stood below *folder* in any version, the oldest first.

        That is its logical path, and the first version in which those bytes stood under it.
        """
        found: dict[tuple[str, Digest], int] = {}
        for number, version in enumerate(self.versions, 1):
            for path, digest in sorted(version.state.items()):
                if path.startswith(folder):
                    found.setdefault((path, digest), number)
        return tuple((path, number) for (path, _), number in found.items())

    def content_path(self, logical_path: str, version: int | None = None) -> Path:
        """Return the file that stands under *logical_path* in *version*, or in the newest.

        Raises ``NotFound`` when nothing does, ``Damaged`` when the inventory names no file for it.
        """
        digest = self.state(version).get(logical_path)
        if digest is None:
            raise NotFound("LOGICAL_PATH_UNKNOWN", object_id=self.id, logical_path=logical_path)
        paths = self.inventory.manifest.get(digest)
        if not paths:
            raise Damaged("INVENTORY_UNREADABLE", path=str(self.path), problem=f"no content for {logical_path}")
        return self.path / paths[0]

    def read_bytes(self, logical_path: str, version: int | None = None) -> bytes:
        """Return the bytes under *logical_path*, for files that fit into memory; their digest is checked.

        Raises ``NotFound``, ``Damaged`` when the bytes are not those recorded, ``Unreadable``.
        """
        path = self.content_path(logical_path, version)
        content = _read(path)
        if digest_of(content) != self.state(version)[logical_path]:
            raise Damaged("CONTENT_ALTERED", path=str(path))
        return content


def older_inventories(path: Path, head: int) -> dict[int, Digest]:
    """Return the digest of the inventory of each version before *head* of the object at *path*, where it is undamaged.

    One that is missing, or has not the digest beside it, is for checks of the object to tell.
    """
    found = {}
    for number in range(1, head):
        folder = path / f"v{number}"
        with suppress(Damaged, Unreadable):
            digest = digest_of(_read(folder / INVENTORY))
            if _read(folder / SIDECAR).split()[:1] == [digest.encode()]:
                found[number] = digest
    return found


def iterate_objects(storage: Path) -> Iterator[Path]:
    """Yield the folder of each object below the storage root *storage*, in the order of their paths.

    No more than one folder of each level is held in memory. Raises ``Unreadable``.
    """
    for entry in _folders(storage):
        # Extensions are the root's own business, not objects.
        if entry.name != "extensions":
            yield from _objects(entry)


def _objects(folder: Path) -> Iterator[Path]:
    if any(name.startswith(_DECLARATION) for name in _names(folder)):
        yield folder
        return
    for each in _folders(folder):
        yield from _objects(each)


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(folder), problem=error.strerror or str(error)) from error
    return [folder / name for name in names]


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(folder), problem=error.strerror or str(error)) from error


def read_object(path: Path) -> StoredObject:
    """Return the object in folder *path*, its inventory compared with the digest beside it.

    Raises ``NotFound`` when there is none, ``Damaged`` when the inventory is not what was written, ``Unreadable``.
    """
    if not path.is_dir() or not any(name.startswith(_DECLARATION) for name in _names(path)):
        raise NotFound("NO_OBJECT", path=str(path))
    content = _read(path / INVENTORY)
    digest = digest_of(content)
    recorded = _read(path / SIDECAR).split()
    if not recorded or recorded[0].lower() != digest.encode():
        raise Damaged("INVENTORY_ALTERED", path=str(path / INVENTORY))
    return StoredObject(path, from_json(content, str(path / INVENTORY)), digest)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Damaged("FILE_MISSING", path=str(path)) from error
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error
