"""Places of a library that live through decades: two at which people write, and sites that watch who touches them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from data.desks import chain_of
from data.fifty_truths import digest
from data.keeping import Place, validated
from data.memory_store import MemoryStore
from khizana.adapters.disk import DiskStore
from khizana.core.errors import Damaged, KhizanaError
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore, Stored
from khizana.core.preservation.branches.entering import joining_facts, may_follow
from khizana.core.preservation.ledger.entry import INVENTORY, Entry
from khizana.core.preservation.ledger.place import read_entries
from khizana.core.preservation.ledger.versions import entered_otherwise, known_versions, version_entry, version_entry_id
from khizana.core.preservation.ledger.write import LedgerWriter, open_ledger
from khizana.core.preservation.ocfl.inventory import User, rfc3339
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.preservation.replicas.expected import STORAGE, Expected, Known

LIBRARY = "timbuktu"
_LONGEST = 255
"""Bytes of a name on a disk."""
_NOWHERE = "/nowhere"
"""Where a link points that stands for a file that cannot be read."""

Entered = Mapping[ObjectId, Mapping[int, tuple[Digest, ...]]]


class Folder(MutableMapping[str, bytes]):
    """What can be read in ``storage`` and ``aside`` of a folder, by name: one damage does for sites and folders."""

    def __init__(self, root: Path) -> None:
        self._root = f"{root}/"

    def __getitem__(self, name: str) -> bytes:
        try:
            with open(self._root + name, "rb", buffering=0) as stream:  # noqa: PTH123 - a million times; quicker so
                return stream.read()
        except OSError as error:
            raise KeyError(name) from error

    def __setitem__(self, name: str, content: bytes) -> None:
        folder, _, last = name.rpartition("/")
        if len(os.fsencode(last)) > _LONGEST:  # no disk gives such a name
            last = last[: _LONGEST // 4]
        path = Path(f"{self._root}{folder}/{last}")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()
        path.write_bytes(content)

    def __delitem__(self, name: str) -> None:
        path = Path(self._root + name)
        path.unlink()
        folder = path.parent
        while len(str(folder)) >= len(self._root) and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def __iter__(self) -> Iterator[str]:
        folders, names = [STORAGE, "aside"], []
        while folders:
            folder = folders.pop()
            with suppress(FileNotFoundError), os.scandir(self._root + folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(f"{folder}/{entry.name}")
                    elif not entry.is_symlink():
                        names.append(f"{folder}/{entry.name}")
        return iter(sorted(names))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __ior__(self, other: Mapping[str, bytes]) -> Folder:  # noqa: PYI034 - a damage is done to it as to a dictionary
        self.update(other)
        return self

    def bar(self, names: Iterable[str]) -> None:
        """Make each of *names* a file that cannot be read."""
        for name in names:
            Path(self._root + name).unlink(missing_ok=True)
            Path(self._root + name).symlink_to(_NOWHERE)


class Watched:
    """A ``ReplicaStore`` that lets nobody but an attacker move a right file, or replace one by what is not right."""

    def __init__(self, store: ReplicaStore, name: str) -> None:
        self._store, self.address = store, name
        self.right: Mapping[str, Digest] = {}
        """What each file must be, as the truth is, while somebody is at work."""
        self.strikes: Callable[[], None] | None = None
        """Happens in the middle of the next copying."""

    def held(self) -> AbstractContextManager[None]:
        return self._store.held()

    def names(self, prefix: str = "") -> Iterator[Stored]:
        return self._store.names(prefix)

    def read(self, name: str) -> Iterator[bytes | memoryview]:
        return self._store.read(name)

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:
        self._store.put(name, content, size=size)
        if self.strikes is not None and "/content/" in name:
            strike, self.strikes = self.strikes, None
            strike()

    def replace(self, name: str, content: bytes) -> None:
        self._guard(name)
        if self.right:
            assert digest(content) == self.right.get(name), f"{self.address}: {name} was replaced by what is not right"
        self._store.replace(name, content)

    def set_aside(self, name: str, aside: str) -> None:
        self._guard(name)
        self._store.set_aside(name, aside)

    def _guard(self, name: str) -> None:
        if name in self.right:
            with suppress(KhizanaError):  # what cannot be read may be moved
                there = b"".join(map(bytes, self._store.read(name)))
                assert digest(there) != self.right[name], f"{self.address}: {name} was right and was touched"


class Spot:
    """Where copies lie: *held* for the truth and for whoever does harm, *store* for the library."""

    def __init__(self, name: str, held: MemoryStore, store: ReplicaStore) -> None:
        self.name, self.held, self.store = name, held, Watched(store, name)

    def readable(self) -> dict[str, bytes]:
        return {name: content for name, content in self.held.files.items() if name not in self.held.unreadable}

    def lay_out(self, files: Mapping[str, bytes], unreadable: Iterable[str] = ()) -> None:
        """Make *files* all that lies there, those that are *unreadable* among them."""
        for name in [name for name in self.held.files if name not in files]:
            del self.held.files[name]
        for name, content in files.items():
            if self.held.files.get(name) != content:
                self.held.files[name] = content
        self.held.unreadable = set(unreadable)
        self.settle()

    def settle(self) -> None:
        """Let a damage be one of the disk, where there is a disk."""
        if isinstance(self.held.files, Folder):
            self.held.files.bar(self.held.unreadable)
            self.held.unreadable.clear()


def site(name: str) -> Spot:
    """Return an empty site."""
    memory = MemoryStore(name=name)
    return Spot(name, memory, memory)


@dataclass(frozen=True)
class Row:
    """What a working place has written down of one object at one site."""

    head: int
    state: str


@dataclass
class Working:
    """A place at which people write: a library folder, what its database remembers, and its ledger."""

    name: str
    root: Path
    keys: Path
    known: dict[ObjectId, Known] = field(default_factory=dict)
    rows: dict[tuple[str, ObjectId], Row] = field(default_factory=dict)
    common: dict[ObjectId, int] = field(default_factory=dict)
    """Versions that the other place has, as its packs have shown."""
    years_wrong: int = 0

    def __post_init__(self) -> None:
        self.place = Place(self.root) if self.root.exists() else Place.made(self.root)
        folder = MemoryStore(Folder(self.root), name=self.name)  # type: ignore[arg-type] # serves as a dictionary does
        self.spot = Spot(self.name, folder, DiskStore(self.root))

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    @property
    def peer(self) -> Path:
        """The ledger of the other place, as it was last seen."""
        return self.root / "peer"

    def copied(self, root: Path) -> Working:
        """Return the place as it is now, in the folder *root*."""
        shutil.copytree(self.root, root, symlinks=True)
        return replace(self, root=root, known=dict(self.known), rows=dict(self.rows), common=dict(self.common))

    def when(self, day: int) -> datetime:
        """Return what its clock says on *day* (the first is 0)."""
        return datetime(2026 + day // 365 + self.years_wrong, 1 + day % 365 // 31, 1 + day % 28, tzinfo=UTC)

    def object(self, object_id: ObjectId) -> StoredObject:
        return read_object(self.place.writer.object_directory(object_id))

    def write(self, object_id: ObjectId, put: Mapping[str, bytes], day: int) -> StoredObject:
        """Write a version, remember it, enter it."""
        known = self.known.get(object_id)
        if known is not None:
            self._compare(known)
        self.place.writer.write_version(
            object_id,
            put=put,
            message="a change",
            user=User(self.name, "urn:khizana:test"),
            created=self.when(day),
            expected_head=known.head if known else 0,
            validator=validated,
        )
        stored = self.object(object_id)
        was = known.versions if known else chain_of(stored).versions
        self.known[object_id] = Known(object_id, {**was, stored.head: stored.inventory_digest})
        self.enter(day)
        return stored

    def _compare(self, known: Known) -> None:
        """Raise as the verbs do where the object is not as it is known: nothing is written after what was rewritten."""
        stored = self.object(known.object_id)
        if (stored.head, stored.inventory_digest) != (known.head, known.versions[known.head]):
            raise Damaged("OBJECT_REWRITTEN", object_id=stored.id, version=stored.head, path=str(stored.path))

    def enter(self, day: int) -> None:
        """Enter what is known and not entered, and sign."""
        when = rfc3339(self.when(day))
        with open_ledger(self.ledger) as ledger:
            ledger.begin(self.keys, library=LIBRARY, when=when, agent=self.name)
            for object_id, known in self.known.items():
                for number, inventory, again in self._lacking(ledger, known):
                    entry = version_entry(
                        object_id=object_id,
                        version=number,
                        inventory=inventory,
                        when=when,
                        agent=self.name,
                        facts=self._joining_facts(object_id, number),
                        again=again,
                    )
                    ledger.append([entry])
            ledger.sign(self.keys, when=when)

    def _lacking(self, ledger: LedgerWriter, known: Known) -> list[tuple[int, Digest, bool]]:
        """Return what the ledger lacks of an object, as its clerk does: number, inventory, whether it is taken."""
        found = []
        for number in range(known.head, 0, -1):
            inventory = known.versions[number]
            entered = ledger.entry(version_entry_id(known.object_id, number))
            if entered and entered.facts[INVENTORY] == inventory:
                break
            if version_entry_id(known.object_id, number, inventory) in ledger:
                break
            if entered and not self._may_follow(known.object_id, entered):
                return []
            found.append((number, inventory, entered is not None))
        return found[::-1]

    def _joining_facts(self, object_id: ObjectId, number: int) -> dict[str, str | int]:
        with suppress(KhizanaError):
            return joining_facts(self.object(object_id), number)
        return {}  # what cannot be read now is entered all the same: its digest is known

    def doubts(self, known: Known, wanted: Expected | None = None) -> bool:
        """Say whether the ledger says otherwise of the object than is remembered: nothing is done by that then."""
        if not self.ledger.is_dir():
            return False
        with open_ledger(self.ledger) as ledger:
            return self._is_doubted(ledger, known, wanted)

    def _is_doubted(self, ledger: LedgerWriter, known: Known, wanted: Expected | None = None) -> bool:
        if entered_otherwise(ledger.entry, known.object_id, known.versions, ()) is None:
            return False
        holds: Container[str] = wanted.files.values() if wanted else ()
        if wanted is None:
            try:
                holds = self.object(known.object_id).inventory.manifest
            except KhizanaError:
                return False  # nothing can be done after it, nor be joined with it
        return entered_otherwise(ledger.entry, known.object_id, known.versions, holds) is not None

    def _may_follow(self, object_id: ObjectId, entered: Entry) -> bool:
        with suppress(KhizanaError):
            return may_follow(self.object(object_id), entered)
        return False

    def has_entered(self, known: Known) -> bool:
        """Say whether the newest version stands in the ledger: whoever wrote it is told where it does not."""
        with open_ledger(self.ledger) as ledger:
            return version_entry_id(known.object_id, known.head) in ledger

    def entered(self) -> Entered:
        """Return what the ledger says was written."""
        return known_versions(entry for _, entry in read_entries(self.ledger)) if self.ledger.is_dir() else {}
