"""The folder for packs on a portable disk, the room there, and what takes in the objects that it brings."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from khizana.adapters.disk import DiskStore
from khizana.apps.preservation.actions.adopt_arrived import adopt_arrived
from khizana.apps.preservation.actions.pack_objects import Room
from khizana.apps.publication.actions.take_in import take_in
from khizana.core.configuration import Configuration
from khizana.core.errors import NotFound, Unreadable
from khizana.core.identifiers import Digest, manuscript_of
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.branches.arrival import Arrived
from khizana.core.preservation.courier.places import FOLDER
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.durable import make_directories, remove_tree, writing
from khizana.core.preservation.replicas.expected import Known
from khizana.wiring.library import enter_foreign, keeper


def here(folder: LibraryFolder) -> ReplicaStore:
    """Return the library itself as a store."""
    return DiskStore(folder.root)


def courier_to_write(disk: Path) -> ReplicaStore:
    """Return the folder for packs on *disk*, made where it is not there.

    Raises ``NotFound`` where there is no disk, ``Unreadable`` where nothing can be written on it.
    """
    if not disk.is_dir():
        raise NotFound("COURIER_NO_DISK", path=str(disk))
    if is_read_only(disk):
        raise Unreadable("COURIER_READ_ONLY", path=str(disk))
    with writing(disk):
        make_directories(disk / FOLDER)
    return DiskStore(disk / FOLDER)


def courier_to_read(disk: Path) -> ReplicaStore:
    """Return the folder for packs on *disk*. Raises ``NotFound`` where there is none."""
    if not disk.is_dir():
        raise NotFound("COURIER_NO_DISK", path=str(disk))
    if not (disk / FOLDER).is_dir():
        raise NotFound("COURIER_EMPTY", path=str(disk))
    return DiskStore(disk / FOLDER)


def is_read_only(disk: Path) -> bool:
    """Say whether *disk* is protected from writing."""
    return bool(os.statvfs(disk).f_flag & os.ST_RDONLY)


def room_on(disk: Path) -> Room:
    """Return what is free on *disk*."""
    found = os.statvfs(disk)
    return Room(found.f_bavail * found.f_frsize, max(found.f_frsize, found.f_bsize))


def taker(folder: LibraryFolder, configuration: Configuration) -> Callable[[Known, ReplicaStore], TakenIn]:
    """Return what takes in one object that a courier brought; ``make_good`` then writes the rows of all of them."""
    made_with = keeper(folder, configuration)

    def adopted(incoming: Known, source: ReplicaStore) -> TakenIn:
        beside = folder.work / "adopted"
        with writing(beside):
            remove_tree(beside)  # what a killed command left there
            make_directories(beside)
        try:
            return adopt_arrived(
                incoming,
                source,
                beside=DiskStore(beside),
                folder=beside,
                storage=made_with.storage,
                validator=made_with.validator,
                enter=partial(enter_foreign, folder, configuration),
            )
        finally:
            with writing(beside):
                remove_tree(beside)

    def taken(incoming: Known, source: ReplicaStore) -> TakenIn:
        if manuscript_of(configuration.name, incoming.object_id) is None:
            return adopted(incoming, source)
        done = take_in(incoming, source, keeper=made_with)
        head = max(done.versions, default=0)
        lacking_from = done.stayed + 1 if done.kind is Arrived.LACKING else 0
        return TakenIn(
            done.object_id, done.kind.value, head, done.versions.get(head, Digest("")), lacking_from=lacking_from
        )

    return taken
