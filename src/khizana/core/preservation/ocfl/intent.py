"""What makes a new version all or nothing: built beside with an intent record, then named, or undone.

One transaction is one folder below ``work/objects``:

    intent.json   which version of which object, its inventory's digest, and which staged files go where
    object/       the new object; or for a new version, its version directory and the new inventory
    ready         there once all of it is on the disk and has been validated; names the staged files that were copied

Whatever moment a process dies at, the next one finds the folder and knows: without ``intent.json`` nothing was
moved and the folder is removed; without ``ready`` the staged files go back to staging; with ``ready`` the
version is completed (or undone, where a power cut took it and everything is staged still). Each of the three may
itself be killed, and is then done again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.durable import (
    make_directories,
    remove_empty,
    remove_tree,
    replace_beside,
    sync_directory,
    write_beside,
)
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, digest_of, sidecar
from khizana.core.preservation.ocfl.layout import object_path

_INTENT = "intent.json"
_READY = "ready"


@dataclass(frozen=True, slots=True)
class Move:
    """A file that goes from staging into the object; put back when the version is not completed."""

    staged: str
    """Path in staging, relative to the work folder: a library on a portable disk may come back elsewhere."""
    content: str
    """Content path, relative to the object's folder."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One new version of one object, as recorded before anything is moved."""

    object_id: ObjectId
    head: int
    inventory_digest: Digest
    moves: tuple[Move, ...]


class Transaction:
    """One new version on its way into the storage root. Methods raise ``OSError``; the caller holds the lock."""

    def __init__(self, folder: Path, storage: Path, intent: Intent) -> None:
        self.folder = folder
        self.built = folder / "object"
        self.target = storage / object_path(intent.object_id)
        self.intent = intent
        self._storage = storage
        self._version = f"v{intent.head}"

    @classmethod
    def begin(cls, work: Path, storage: Path, intent: Intent) -> Transaction:
        """Record *intent* on the disk."""
        name = hashlib.sha256(intent.object_id.encode()).hexdigest()[:24]
        folder = _folder(work) / f"{name}-v{intent.head}"
        make_directories(folder)
        try:
            write_beside(folder / _INTENT, json.dumps(asdict(intent), indent=1, sort_keys=True).encode() + b"\n")
        except BaseException:
            with suppress(OSError):
                remove_tree(folder)
            raise
        return cls(folder, storage, intent)

    @property
    def ready(self) -> bool:
        """Whether the version is complete on the disk and validated, and only its naming is left."""
        return (self.folder / _READY).is_file()

    def mark_ready(self, copied: Sequence[str] = ()) -> None:
        """Record that the version is complete on the disk and validated.

        *copied* are the content paths of the staged files that could only be copied: they stay staged until the version
        is named.
        """
        write_beside(self.folder / _READY, json.dumps(list(copied)).encode())

    @property
    def named(self) -> bool:
        """Whether the storage root holds this version as its object's head."""
        try:
            return digest_of((self.target / INVENTORY).read_bytes()) == self.intent.inventory_digest
        except (FileNotFoundError, NotADirectoryError):
            return False

    @property
    def lost(self) -> bool:
        """Whether a power cut took the version as it was being named, and all that it was made of is still staged.

        Where the file system has no journal (exFAT), of a folder that changes its place neither the new name may be on
        the disk nor the old one any more; there staged files are copied, and stay staged until the version is named.
        """
        version = self._version if self.intent.head > 1 else ""
        there = any((place / version / INVENTORY).is_file() for place in (self.built, self.target))
        moves = self.intent.moves
        return bool(moves) and not there and all(self.staged(move).is_file() for move in moves)

    def forward(self) -> None:
        """Name the version in the storage root, flush, and forget the intent. May be done again at any point.

        Raises ``Damaged`` when something else stands where the version belongs, or when neither has it.
        """
        if self.intent.head == 1:
            self._name_object()
        else:
            self._name_version()
        self._unstage()
        self._close()

    def back(self) -> None:
        """Put the staged files back and leave the object as it was. May be done again at any point.

        A version that has its name already is not undone but completed.
        """
        if self.named:
            self.forward()
            return
        if (self.folder / _READY).exists():
            (self.folder / _READY).unlink()
            sync_directory(self.folder)
        version = self.target / self._version
        if self.intent.head > 1 and version.is_dir() and not (self.built / self._version).exists():
            make_directories(self.built)
            version.rename(self.built / self._version)
            sync_directory(self.target)
        for move in self.intent.moves:
            content, staged = self.built / move.content, self.staged(move)
            # When the same file has been received again meanwhile, one of the two is enough.
            if content.is_file() and not staged.exists():
                make_directories(staged.parent)
                content.rename(staged)
        for folder in sorted({self.staged(move).parent for move in self.intent.moves}):
            if folder.is_dir():
                sync_directory(folder)
        if self.intent.head == 1:
            remove_empty(self.target, below=self._storage)
        self._close()

    def staged(self, move: Move) -> Path:
        """Return where the file of *move* lay, and would lie again, in staging."""
        return Path(os.path.normpath(self.folder.parent.parent / move.staged))

    def _name_object(self) -> None:
        if self.built.is_dir():
            make_directories(self.target.parent)
            _make_way(self.target)
            if self.target.exists() and not self.named:
                raise Damaged("OBJECT_IN_THE_WAY", path=str(self.target), object_id=self.intent.object_id)
            if not self.target.exists():
                self.built.rename(self.target)
        if not self.named:
            raise Damaged("VERSION_LOST", object_id=self.intent.object_id, version=self.intent.head)
        self._sync_names()

    def _name_version(self) -> None:
        version = self.target / self._version
        if (self.built / self._version).is_dir():
            _make_way(version)
        if not version.exists() and (self.built / self._version).is_dir():
            (self.built / self._version).rename(version)
            sync_directory(self.target)
        if not version.is_dir():
            raise Damaged("VERSION_LOST", object_id=self.intent.object_id, version=self.intent.head)
        content = (version / INVENTORY).read_bytes()
        if digest_of(content) != self.intent.inventory_digest:
            raise Damaged("OBJECT_IN_THE_WAY", path=str(version), object_id=self.intent.object_id)
        # The two root files cannot be replaced together; both are copies of what the version directory holds,
        # so that whoever comes after a kill between them makes both right from there.
        for name, wanted in ((INVENTORY, content), (SIDECAR, sidecar(content))):
            self._replace(name, wanted)
        sync_directory(self.target)

    def _replace(self, name: str, wanted: bytes) -> None:
        here, beside = self.target / name, self.built / name
        if here.is_file() and here.read_bytes() == wanted:
            return
        if not beside.is_file() or beside.read_bytes() != wanted:
            make_directories(self.built)
            replace_beside(beside, wanted)
        beside.replace(here)

    def _unstage(self) -> None:
        """Remove from staging what was copied from there, now that the version has its name on the disk."""
        try:
            copied = set(json.loads((self.folder / _READY).read_bytes()))
        except FileNotFoundError:
            return  # removed with the record of a version that was named and left staging before
        for staged in [self.staged(move) for move in self.intent.moves if move.content in copied]:
            staged.unlink(missing_ok=True)
            if staged.parent.is_dir():
                sync_directory(staged.parent)

    def _sync_names(self) -> None:
        folder = self.target
        while folder != self._storage:
            sync_directory(folder)
            folder = folder.parent
        sync_directory(self._storage)

    def _close(self) -> None:
        """Remove the folder: what was built, then the intent record, then the rest."""
        remove_tree(self.built)
        # The intent before the mark: an intent without its mark is one to undo, and this may be a completed one.
        (self.folder / _INTENT).unlink(missing_ok=True)
        remove_tree(self.folder)
        sync_directory(self.folder.parent)


def left_behind(work: Path, storage: Path) -> Iterator[Transaction]:
    """Yield the transactions of processes that died, oldest name first; remove folders that record no intent.

    Raises ``Damaged`` for an intent record that cannot be understood: a person must look.
    """
    folder = _folder(work)
    for each in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            content = (each / _INTENT).read_bytes()
        except FileNotFoundError:
            remove_tree(each)
            continue
        try:
            value = json.loads(content)
            moves = tuple(Move(**move) for move in value.pop("moves"))
            intent = Intent(**value, moves=moves)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged("INTENT_UNREADABLE", path=str(each / _INTENT)) from error
        yield Transaction(each, storage, intent)


def relative_to_work(path: Path, work: Path) -> str:
    """Return *path* as it is recorded in an intent."""
    return os.path.relpath(path.absolute(), work.absolute())


def _make_way(folder: Path) -> None:
    """Remove *folder* if nothing is in it.

    Where there is no journal a folder that was being renamed may have both names after a power cut, and the check of
    the file system leaves one of them with nothing.
    """
    with suppress(OSError):
        folder.rmdir()


def _folder(work: Path) -> Path:
    return work / "objects"


def moves_of(pairs: Sequence[tuple[Path, str]], work: Path) -> tuple[Move, ...]:
    """Return the moves of (staged path, content path) *pairs*."""
    return tuple(Move(relative_to_work(staged, work), content) for staged, content in pairs)
