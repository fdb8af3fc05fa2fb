"""Taking away what a tombstone names: from the storage root whole and at once, from sites file by file.

Nothing here decides that something is deleted: the caller has read that in the ledger (``ledger.deletions``). What lies
there is looked at once more, and where it is not what was consented to, it stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from khizana.core.errors import Damaged, NotFound, Unreadable
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.durable import make_directories, remove_empty, remove_tree, sync_directory
from khizana.core.preservation.ledger.deletion_entries import Named
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, digest_of
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.ocfl.summary import read_summary
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.expected import STORAGE, small_file
from khizana.core.preservation.sealed.names import Blinding, folder_parts, object_folder

_FOLDER = "deleting"


def named_at(folder: Path) -> Named:
    """Return the object in *folder* of a storage root as a request names it.

    Raises ``Damaged`` where it cannot be read for what it is.
    """
    summary = read_summary(folder)
    first = folder / "v1" / INVENTORY
    # Another institution's object need not keep the inventories of its versions.
    digest = digest_of(first.read_bytes()) if first.is_file() else summary.inventory_digest
    return Named(summary.id, summary.head, digest, summary.inventory_digest)


class Removal:
    """One deletion on its way out of a library: marked before its tombstone is entered, until nothing is left of it.

    Methods raise ``OSError``; the caller holds the storage root.
    """

    def __init__(self, work: Path, storage: Path, request: str) -> None:
        self.request = request
        self._folder = work / _FOLDER / request
        self._storage = storage

    def mark(self) -> None:
        """Mark that it has begun."""
        make_directories(self._folder)

    def check(self, objects: Sequence[Named], *, all_there: bool = True) -> None:
        """Raise ``Damaged`` DELETION_OTHER_NOW where an object is not as it is named, ``NotFound`` where it is gone."""
        for each in objects:
            place = self._storage / object_path(each.object_id)
            if not place.is_dir():
                if all_there:
                    raise NotFound("DELETION_NOT_THERE", object_id=each.object_id)
                continue
            if named_at(place) != each or (place / f"v{each.head + 1}").exists():
                raise Damaged("DELETION_OTHER_NOW", object_id=each.object_id, version=each.head)

    def take_out(self, objects: Sequence[Named]) -> None:
        """Take the objects out of the storage root, each in one step; those that are out already stay so."""
        for number, each in enumerate(objects, 1):
            place, goal = self._storage / object_path(each.object_id), self._folder / str(number)
            if not place.is_dir():
                continue
            place.rename(goal)
            sync_directory(self._folder)
            sync_directory(place.parent)
            remove_empty(place.parent, below=self._storage)
            stays = place.parent
            while not stays.is_dir():
                stays = stays.parent
            sync_directory(stays)

    def contents(self) -> set[Digest]:
        """Return the digests of all files of the objects that were taken out and are not yet removed."""
        found: set[Digest] = set()
        for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            with suppress(
                Damaged, NotFound, Unreadable
            ):  # it is being removed, or another's, of which nothing was made
                found |= set(read_object(folder).inventory.manifest)
        return found

    def finish(self) -> None:
        """Remove what was taken out, and the mark."""
        for folder in sorted(self._folder.iterdir()) if self._folder.is_dir() else ():
            remove_tree(folder)
        remove_tree(self._folder)
        if self._folder.parent.is_dir():
            sync_directory(self._folder.parent)


def left_removals(work: Path, storage: Path) -> Iterator[Removal]:
    """Yield the deletions that were begun and not finished."""
    folder = work / _FOLDER
    for each in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield Removal(work, storage, each.name)


def clear_aside(store: ReplicaStore, object_id: ObjectId) -> int:
    """Remove from *store* what was set aside of the object; return the number of files."""
    return _remove(store, _aside(store, f"{PurePosixPath(object_path(object_id))}/"))


def clear_plain(store: ReplicaStore, objects: Sequence[Named]) -> int:
    """Remove from a site that keeps replicas as they are all that is left of *objects*; return the number of files.

    Stopped at any moment, the same call goes on. Raises ``Damaged`` DELETION_OTHER_AT_SITE, with nothing removed, where
    the site has a version that nobody consented to, and what the store raises.
    """
    for each in objects:
        _check_plain(store, each)
    count = 0
    for each in objects:
        path = f"{PurePosixPath(object_path(each.object_id))}/"
        names = [stored.name for stored in store.names(f"{STORAGE}/{path}")]
        count += _remove(store, names) + _remove(store, _aside(store, path))
    return count


def clear_sealed(store: ReplicaStore, objects: Sequence[Named], *, blinding: Blinding) -> int:
    """Do so at a sealed site, by the names of the folders of the versions. Raises as ``clear_plain``."""
    folders = {object_folder(blinding, each.object_id): each for each in objects}
    found = {folder: [stored.name for stored in store.names(folder)] for folder in folders}
    for folder, names in found.items():
        for name in names:
            parts = folder_parts(f"{name.rpartition('/')[0]}/")
            if parts and parts[1] > folders[folder].head:
                raise _other(store, folders[folder], parts[1])
    return sum(_remove(store, names) + _remove(store, _aside(store, folder)) for folder, names in found.items())


def _check_plain(store: ReplicaStore, named: Named) -> None:
    prefix = f"{STORAGE}/{PurePosixPath(object_path(named.object_id))}/"
    for stored in store.names(f"{prefix}v"):
        number = stored.name.removeprefix(prefix).partition("/")[0][1:]
        if number.isdigit() and int(number) > named.head:
            raise _other(store, named, int(number))
    read = small_file(store, prefix)
    for version, wanted in ((1, named.first), (named.head, named.inventory)):
        try:
            content, beside = read(f"v{version}/{INVENTORY}"), read(f"v{version}/{SIDECAR}")
        except (NotFound, Damaged):
            continue
        # Altered bytes agree with nothing; those that agree with their sidecar are another version.
        if beside.split()[:1] == [digest_of(content).encode()] and digest_of(content) != wanted:
            raise _other(store, named, version)


def _other(store: ReplicaStore, named: Named, version: int) -> Damaged:
    return Damaged("DELETION_OTHER_AT_SITE", object_id=named.object_id, version=version, path=store.address)


def _aside(store: ReplicaStore, path: str) -> list[str]:
    return [stored.name for stored in store.names(f"{ASIDE}/") if f"/{path}" in stored.name]


def _remove(store: ReplicaStore, names: Sequence[str]) -> int:
    for name in names:
        store.remove(name)
    return len(names)
