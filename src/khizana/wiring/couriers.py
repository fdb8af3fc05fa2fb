"""The folder for packs on a portable disk, the room there, and what takes in the objects that it brings."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from khizana.adapters.disk import DiskStore
from khizana.apps.preservation.actions.pack_objects import Room
from khizana.apps.preservation.actions.take_in import take_in
from khizana.apps.publication.actions.index_manuscript import index_manuscript
from khizana.apps.publication.pending import pending
from khizana.core.configuration import Configuration
from khizana.core.errors import Damaged, NotFound, Unreadable
from khizana.core.identifiers import ManuscriptId
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.places import FOLDER
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.durable import make_directories, writing
from khizana.core.preservation.replicas.expected import Known
from khizana.wiring.library import enter, storage_root


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


def taker(
    folder: LibraryFolder, configuration: Configuration, *, stamp: str
) -> Callable[[Known, ReplicaStore], TakenIn]:
    """Return what takes in one object that a courier brought, and writes the rows of its manuscript."""
    take = partial(take_in, here=here(folder), stamp=stamp)

    def taken(incoming: Known, source: ReplicaStore) -> TakenIn:
        manuscript = _manuscript_of(incoming, configuration.name)
        done = None
        try:
            with ExitStack() as stack:
                if manuscript is not None:
                    stack.enter_context(pending(folder, manuscript))
                with storage_root(folder).exclusive():
                    done = take(incoming, source)
                if manuscript is not None and done.kind in ("new", "extended"):
                    index_manuscript(manuscript=manuscript, folder=folder, library=configuration.name)
                    enter(folder, configuration, manuscript)
        except (Damaged, NotFound, Unreadable):
            # The manuscript's other object may still be on its way: its mark stays, and it is looked at again later.
            if done is None:
                raise
        return done

    return taken


def _manuscript_of(incoming: Known, library: str) -> ManuscriptId | None:
    scheme, name, library_name, manuscript, *rest = [*incoming.object_id.split(":"), "", "", ""]
    if (scheme, name, unquote(library_name)) != ("urn", "khizana", library) or not rest[0]:
        return None
    return ManuscriptId(unquote(manuscript))
