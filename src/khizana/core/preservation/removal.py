"""Taking what a tombstone names out of the storage root: each object whole and at once, then for good.

Nothing here decides that something is deleted: the caller has read that in the ledger (``ledger.deletions``). What lies
there is looked at once more, and where it is not what was consented to, it stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from khizana.core.errors import Damaged, NotFound, Unreadable
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.durable import make_directories, remove_empty, remove_tree, sync_directory
from khizana.core.preservation.ledger.deletion_entries import Named
from khizana.core.preservation.ledger.versions import KnownVersions
from khizana.core.preservation.ocfl.adopt import vouched_by
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.ocfl.summary import read_summary

_FOLDER = "deleting"
_GOING = ".going"
"""Ending of the folder of an object that is being destroyed: what is in it need not be whole."""


def named_at(folder: Path) -> Named:
    """Return the object in *folder* of a storage root as a request names it.

    Raises ``Damaged`` where it cannot be read for what it is.
    """
    summary = read_summary(folder)
    first = folder / "v1" / INVENTORY
    # Another institution's object need not keep the inventories of its versions.
    digest = digest_of(first.read_bytes()) if first.is_file() else summary.inventory_digest
    return Named(summary.id, summary.head, digest, summary.inventory_digest)


def came_back(storage: Path, known: KnownVersions, *, library: str) -> tuple[dict[ObjectId, str], dict[ObjectId, str]]:
    """Return which objects in *storage* were deleted, and which go on from one that was; each with the request.

    Half a manuscript is none: where one object of a request goes on, none of the others counts as deleted.
    """
    gone: dict[ObjectId, str] = {}
    went_on: dict[ObjectId, str] = {}
    for request in known.deletions.tombstones():
        found: dict[ObjectId, bool] = {}
        for each in request.objects:
            place = storage / object_path(each.object_id)
            with suppress(Damaged, NotFound, Unreadable):  # which others tell
                if place.is_dir() and named_at(place).first == each.first:
                    found[each.object_id] = known.is_gone(each.object_id, vouched_by(place, library=library)[2])
        (gone if all(found.values()) else went_on).update(dict.fromkeys(found, request.id))
    return gone, went_on


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

    def check(self, objects: Sequence[Named], *, older: Mapping[ObjectId, Collection[Digest]] | None = None) -> None:
        """Raise ``Damaged`` DELETION_OTHER_NOW where an object is not as it is named, ``NotFound`` where it is gone.

        With *older*, the inventories of the versions that were deleted, it may be gone, or at one of them.
        """
        for each in objects:
            place = self._storage / object_path(each.object_id)
            if not place.is_dir():
                if older is None:
                    raise NotFound("DELETION_NOT_THERE", object_id=each.object_id)
                continue
            found = named_at(place)
            is_older = found.first == each.first and found.inventory in (older or {}).get(each.object_id, ())
            if not (found == each or is_older) or (place / f"v{each.head + 1}").exists():
                raise Damaged("DELETION_OTHER_NOW", object_id=each.object_id, version=each.head)

    def take_out(self, objects: Sequence[Named]) -> None:
        """Take the objects out of the storage root, each in one step; those that are out already stay so."""
        for number, each in enumerate(objects, 1):
            place, goal = self._storage / object_path(each.object_id), self._folder / str(number)
            if not place.is_dir():
                continue
            if goal.exists():  # taken out before, and what has come back since goes, too
                remove_tree(self._to_go(goal))
            place.rename(goal)
            sync_directory(self._folder)
            sync_directory(place.parent)
            remove_empty(place.parent, below=self._storage)
            stays = place.parent
            while not stays.is_dir():
                stays = stays.parent
            sync_directory(stays)

    def put_back(self, on_object: Callable[[ObjectId], None]) -> Sequence[Path]:
        """Put what was taken out into the storage root again, and take the mark away; return the folders that stay.

        For a removal of which the ledger knows nothing: it was rolled back, or has lost its end. *on_object* is told of
        each object before it goes back. One that cannot be read, or has another in its place, stays where it is; and
        all of them do where they were being destroyed.
        """
        folders = self._folders()
        stay = folders if any(each.name.endswith(_GOING) for each in folders) else []
        for folder in folders if not stay else ():
            identifier = _identifier(folder)
            if identifier is None or (place := self._storage / object_path(identifier)).exists():
                stay.append(folder)
                continue
            on_object(identifier)
            make_directories(place.parent)
            folder.rename(place)
            sync_directory(place.parent)
            sync_directory(self._folder)
        if not stay:
            self._unmark()
        return stay

    def contents(self) -> set[Digest]:
        """Return the digests of all files of the objects that were taken out and are not yet removed."""
        found: set[Digest] = set()
        for folder in self._folders():
            # One that is being removed, or is another's, of which nothing was made.
            with suppress(Damaged, NotFound, Unreadable):
                found |= set(read_object(folder).inventory.manifest)
        return found

    def finish(self) -> None:
        """Remove what was taken out, and the mark; every folder has another name before anything in one goes."""
        going = [self._to_go(folder) for folder in self._folders()]
        for folder in going:
            remove_tree(folder)
        self._unmark()

    def _folders(self) -> list[Path]:
        return sorted(self._folder.iterdir()) if self._folder.is_dir() else []

    def _to_go(self, folder: Path) -> Path:
        if folder.name.endswith(_GOING):
            return folder
        going = folder.with_name(folder.name + _GOING)
        remove_tree(going)
        folder.rename(going)
        sync_directory(self._folder)
        return going

    def _unmark(self) -> None:
        remove_tree(self._folder)
        if self._folder.parent.is_dir():
            sync_directory(self._folder.parent)


def _identifier(folder: Path) -> ObjectId | None:
    with suppress(Damaged):
        return read_summary(folder).id
    return None


def left_removals(work: Path, storage: Path) -> Iterator[Removal]:
    """Yield the deletions that were begun and not finished."""
    folder = work / _FOLDER
    for each in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield Removal(work, storage, each.name)
