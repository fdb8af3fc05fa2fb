"""What an object must hold at a site, file by file, told from the digests of its inventories alone.

The digest of the inventory of each version is known from elsewhere (the ledger, the database). An inventory with
that digest tells the digest of every content file; declarations and sidecars follow. So a replica is never asked
to vouch for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from khizana.core.errors import Damaged, KhizanaError
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, digest_of, from_json
from khizana.core.preservation.ocfl.layout import OBJECT_DECLARATION, object_path

STORAGE = "storage"
"""Folder of the storage root, in the library as at every site that keeps replicas as they are."""

_LARGEST_INVENTORY = 1 << 30  # bytes
_DECLARED = f"{OBJECT_DECLARATION.removeprefix('0=')}\n".encode()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one object, independently of any of its replicas."""

    object_id: ObjectId
    versions: Mapping[int, Digest]
    """The digest of the inventory of each version, from 1 on without a gap."""

    @property
    def head(self) -> int:
        """The newest version known."""
        return max(self.versions)

    @property
    def prefix(self) -> str:
        """The object's folder at a site, with its closing slash."""
        return f"{STORAGE}/{PurePosixPath(object_path(self.object_id))}/"


@dataclass(frozen=True, slots=True)
class Expected:
    """The object at one version: the digest of every file it must hold."""

    known: Known
    head: int
    inventory: bytes
    files: Mapping[str, Digest]
    """Name below the object's folder to digest; in the order in which they are written, the root inventory and its
    sidecar last: an object without them is one that is still arriving."""

    def told(self, name: str) -> bytes | None:
        """Return the bytes of the file *name* where the inventory alone tells them, or None.

        They do for the declaration, the sidecars, and the inventory itself in its two places.
        """
        if name in {INVENTORY, f"v{self.head}/{INVENTORY}"}:
            return self.inventory
        if name == OBJECT_DECLARATION:
            return _DECLARED
        if name == SIDECAR:
            return _sidecar(self.known.versions[self.head])
        folder, _, rest = name.partition("/")
        if rest == SIDECAR:
            return _sidecar(self.known.versions[int(folder.removeprefix("v"))])
        return None


Source = Callable[[str], bytes]
"""Gives the bytes of a small file of the object, by its name below the object's folder; raises ``KhizanaError``."""


def small_file(store: ReplicaStore, prefix: str) -> Source:
    """Return what reads small files of the object at *prefix* of *store*."""

    def read(name: str) -> bytes:
        content = bytearray()
        for run in store.read(prefix + name):
            content += run
            if len(content) > _LARGEST_INVENTORY:
                raise Damaged("INVENTORY_UNREADABLE", path=prefix + name, problem=f"{len(content)} bytes")
        return bytes(content)

    return read


def expected(known: Known, head: int, sources: Iterable[Source]) -> Expected | None:
    """Return what *known* must hold at version *head*, or None where no source has that version's inventory.

    Each of *sources* is asked for the inventory in the version's folder and at the root; one is taken only if its
    digest is the known one.
    """
    wanted = known.versions[head]
    for source in sources:
        for name in (f"v{head}/{INVENTORY}", INVENTORY):
            try:
                content = source(name)
            except KhizanaError:
                continue
            if digest_of(content) == wanted:
                return Expected(known, head, content, _files(known, head, content))
    return None


def _files(known: Known, head: int, inventory: bytes) -> dict[str, Digest]:
    manifest = from_json(inventory, known.object_id).manifest
    by_version: dict[int, dict[str, Digest]] = {number: {} for number in range(1, head + 1)}
    for digest, paths in manifest.items():
        for path in paths:
            by_version[int(path.partition("/")[0].removeprefix("v"))][path] = digest
    files: dict[str, Digest] = {}
    for number, content in by_version.items():
        files |= dict(sorted(content.items()))
        files[f"v{number}/{INVENTORY}"] = known.versions[number]
        files[f"v{number}/{SIDECAR}"] = digest_of(_sidecar(known.versions[number]))
    files[OBJECT_DECLARATION] = digest_of(_DECLARED)
    files[INVENTORY] = known.versions[head]
    files[SIDECAR] = digest_of(_sidecar(known.versions[head]))
    return files


def _sidecar(inventory: Digest) -> bytes:
    return f"{inventory} {INVENTORY}\n".encode()
