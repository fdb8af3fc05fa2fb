"""Restoring from sealed copies: the storage root again, byte for byte, with the secret key and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count, groupby
from pathlib import Path

from khizana.core.errors import AlreadyThere, Away, BadInput, Damaged, KhizanaError, NotFound
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ObjectId
from khizana.core.ports import Opener, ReplicaStore
from khizana.core.preservation.durable import make_directories, remove_tree, sync_directory, sync_tree, writing
from khizana.core.preservation.ocfl.inventory import INVENTORY
from khizana.core.preservation.sealed.contents import Contents, SealedFile
from khizana.core.preservation.sealed.history import History, history_of
from khizana.core.preservation.sealed.names import LIBRARY, LIBRARY_PLACE, STORAGE_ROOT, Blinding, object_folder
from khizana.core.preservation.sealed.stream import DigestingWriter, RunsReader
from khizana.core.preservation.sealed.walk import VersionFolder, opened_contents, versions_at

STORAGE = "storage"
"""Folder, where it is restored to, of the storage root: whole objects only."""

INCOMPLETE = "incomplete"
"""Folder, where it is restored to, of what could be had of objects of which something is damaged or missing."""

_RESTORING = "restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """An object that is there again, whole, up to its newest sealed version."""

    object_id: ObjectId
    """``STORAGE_ROOT`` for what lies beside the objects."""
    version: int
    path: Path
    blinding: Blinding
    """The library's, so that what seals for it again finds what is sealed."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An object of which something could not be had."""

    name: str
    """Its folder at the site."""
    path: Path | None
    """Where the rest of it is, if there is any."""
    problems: tuple[Finding, ...]


def blinding_at(store: ReplicaStore, opener: Opener) -> Blinding:
    """Return the blinding value of the library that is sealed at *store*, from the first table that can be opened.

    Raises ``BadInput`` when none can be opened with this key, ``NotFound`` when nothing is sealed there, ``Damaged``.
    """
    problems: list[KhizanaError] = []
    for found in versions_at(store):
        if found.version == 0 or found.is_unfinished:
            continue
        try:
            return opened_contents(store, found, opener).blinding
        except Away:
            raise
        except KhizanaError as error:
            problems.append(error)
    if not problems:
        raise NotFound("SEALED_NOTHING", path=store.address)
    raise next((each for each in problems if each.code == "SEALED_OTHER_KEY"), problems[0])


def unseal_library(store: ReplicaStore, opener: Opener, blinding: Blinding, into: Path) -> Restored | Incomplete | None:
    """Restore what a library is made again with into ``library`` of the folder *into*; None where it is not sealed.

    Raises ``NoSpace``, ``Unreadable``.
    """
    below = object_folder(blinding, LIBRARY)
    versions = [each for each in versions_at(store, below) if each.version]
    return _Restore(store, opener, into, versions[0].object_name).run(versions) if versions else None


def unseal(
    store: ReplicaStore, opener: Opener, into: Path, *, among: Collection[str] = (), without: Collection[str] = ()
) -> Iterator[Restored | Incomplete]:
    """Restore all that is sealed at *store* into ``storage`` and ``incomplete`` of the folder *into*, and tell of each.

    What a library is made again with comes into ``library``. *among* are names that *into* may hold beside these, and
    *without* the tokens of objects that are left out.

    An object is built beside, flushed, and named when it is whole. The same call after a kill goes on: what is in
    ``storage`` already, and is the same, is not opened again.

    Raises ``AlreadyThere`` when *into* holds something that is not of a restore, ``BadInput`` when not one table of
    contents can be opened with this key, ``NotFound`` when nothing is sealed there, ``NoSpace``, ``Unreadable``.
    """
    with writing(into):
        make_directories(into)
        for each in into.iterdir():
            if each.name not in {STORAGE, INCOMPLETE, LIBRARY_PLACE, _RESTORING, *among}:
                raise AlreadyThere("SEALED_INTO_NOT_EMPTY", path=str(into), found=each.name)
        remove_tree(into / _RESTORING)
    closed: list[Incomplete] = []  # told once another object was opened: else the key is simply the wrong one
    seen = opened = False
    for name, versions in groupby(versions_at(store), key=lambda each: each.object_name):
        if not name or name in without:
            continue
        seen = True
        outcome = _Restore(store, opener, into, name).run(list(versions))
        if not opened and isinstance(outcome, Incomplete) and _is_other_key(outcome):
            closed.append(outcome)
            continue
        opened = True
        yield from closed
        closed.clear()
        yield outcome
    with writing(into):
        remove_tree(into / _RESTORING)
    if not seen:
        raise NotFound("SEALED_NOTHING", path=store.address)
    if not opened:
        raise BadInput("SEALED_OTHER_KEY")


def _is_other_key(outcome: Incomplete) -> bool:
    return bool(outcome.problems) and all(each.code == "SEALED_OTHER_KEY" for each in outcome.problems)


class _Restore:
    """One object on its way back."""

    def __init__(self, store: ReplicaStore, opener: Opener, into: Path, name: str) -> None:
        self._store, self._opener, self._into, self._name = store, opener, into, name
        self._tree = into / _RESTORING / name
        self._problems: list[Finding] = []

    def run(self, versions: list[VersionFolder]) -> Restored | Incomplete:
        history = history_of(self._tables(versions))
        if history is None and not self._problems:
            self._problems.append(Finding("SEALED_UNFINISHED", Severity.WARNING, self._name, {"name": self._name}))
        if history is None:
            return Incomplete(self._name, None, tuple(self._problems))
        newest = history.newest
        self._problems += self._gaps({each.version for each in versions if not each.is_unfinished}, newest.version)
        place = self._into / newest.place if newest.is_beside else self._into / STORAGE / newest.place
        if newest.place and not self._problems and self._is_there(place, history):
            return Restored(newest.object_id, newest.version, place, newest.blinding)
        with writing(self._into):
            remove_tree(self._tree)
            self._bring(history)
            if newest.is_beside and not self._problems:
                remove_tree(place)  # of a run before this: the site may have had more since
            if not self._problems and self._name_it(place, is_root=newest.object_id == STORAGE_ROOT):
                return Restored(newest.object_id, newest.version, place, newest.blinding)
            return Incomplete(self._name, self._keep_incomplete(), tuple(self._problems))

    def _tables(self, versions: list[VersionFolder]) -> Iterator[tuple[str, Contents]]:
        for found in sorted(versions, key=lambda each: each.version):
            if found.is_unfinished:
                continue
            try:
                yield found.folder, opened_contents(self._store, found, self._opener)
            except KhizanaError as error:
                self._note(error, found.folder)

    def _gaps(self, there: set[int], newest: int) -> Iterator[Finding]:
        for number in sorted(set(range(1, newest)) - there):
            name = f"{self._name}/v{number:06d}"
            yield Finding("SEALED_VERSION_MISSING", Severity.ERROR, name, {"name": name})

    def _is_there(self, place: Path, history: History) -> bool:
        """Tell whether the whole object was named by a run before this: its sidecar is the one to be restored."""
        # Of whatever algorithm it is, in an adopted object.
        names = (*history.files, *history.copies)
        sidecar = min((name for name in names if name.startswith(f"{INVENTORY}.")), default="")
        wanted = history.files.get(history.copies.get(sidecar, sidecar))
        try:
            found = DigestingWriter()
            found.write((place / sidecar).read_bytes())
        except OSError:
            return False
        return wanted is not None and found.digest == wanted.file.digest

    def _bring(self, history: History) -> None:
        for path, place in sorted(history.files.items(), key=lambda each: each[0]):
            try:
                self._open(place.name, place.file, self._tree / path)
            except KhizanaError as error:
                if error.code in {"DISK_FULL", "DISK_FAILED"}:
                    raise
                self._note(error, place.name)
        for other, path in sorted(history.copies.items()):
            if (self._tree / path).is_file():
                make_directories((self._tree / other).parent)
                shutil.copyfile(self._tree / path, self._tree / other)
                _flush(self._tree / other)

    def _open(self, name: str, each: SealedFile, goal: Path) -> None:
        make_directories(goal.parent)
        part = self._tree.parent / "part"
        with part.open("wb") as stream:
            writer = DigestingWriter(stream)
            self._opener.open(RunsReader(self._store.read(name)), writer)
            digest, size = writer.digest, writer.size
            stream.flush()
            os.fsync(stream.fileno())
        if (digest, size) != (each.digest, each.size):
            raise Damaged("SEALED_DAMAGED")
        part.rename(goal)

    def _note(self, error: KhizanaError, name: str) -> None:
        match error:
            case NotFound():
                code = "SEALED_FILE_MISSING"
            case BadInput():
                code = "SEALED_OTHER_KEY"
            case Damaged() if error.code == "SEALED_CONTENTS_MISSING":
                code = "SEALED_CONTENTS_LOST"
            case Damaged():
                code = "SEALED_FILE_DAMAGED"
            case _:
                code = "SEALED_FILE_UNREADABLE"
        self._problems.append(Finding(code, Severity.ERROR, name, {"name": name}))

    def _name_it(self, place: Path, *, is_root: bool) -> bool:
        sync_tree(self._tree)
        if is_root:
            return self._beside_objects(place)
        make_directories(place.parent)
        if os.path.lexists(place):
            self._problems.append(Finding("SEALED_PLACE_TAKEN", Severity.ERROR, self._name, {"path": str(place)}))
            return False
        self._tree.rename(place)
        sync_directory(place.parent)
        return True

    def _beside_objects(self, place: Path) -> bool:
        for path in sorted(each for each in self._tree.rglob("*") if each.is_file()):
            goal = place / path.relative_to(self._tree)
            make_directories(goal.parent)
            if os.path.lexists(goal):
                if goal.is_file() and goal.read_bytes() == path.read_bytes():
                    continue
                self._problems.append(Finding("SEALED_PLACE_TAKEN", Severity.ERROR, self._name, {"path": str(goal)}))
                return False
            path.rename(goal)
            sync_directory(goal.parent)
        return True

    def _keep_incomplete(self) -> Path | None:
        if not any(each.is_file() for each in self._tree.rglob("*")):
            return None
        for number in count(1):  # beside what a run before this could have
            place = self._into / INCOMPLETE / f"{self._name}.{number}"
            if not os.path.lexists(place):
                break
        sync_tree(self._tree)
        make_directories(place.parent)
        self._tree.rename(place)
        sync_directory(place.parent)
        return place


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
