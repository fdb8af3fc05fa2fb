"""What an object must hold at a site, file by file, told from the digests of its inventories alone.

The digest of the inventory of each version is known from elsewhere (the ledger, the database). An inventory with
that digest tells the digest of every content file; declarations and sidecars follow. Of an adopted object the digest
of the list of its files is known, and the list tells the rest. So a replica is never asked to vouch for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from khizana.core.errors import Damaged, KhizanaError
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaSource
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, digest_of, from_json
from khizana.core.preservation.ocfl.layout import OBJECT_DECLARATION, object_path
from khizana.core.preservation.ocfl.listing import listing_name, read_listing

STORAGE = "storage"
"""Folder of the storage root, in the library as at every site that keeps replicas as they are."""

_LARGEST_INVENTORY = 1 << 30  # bytes
_DECLARED = f"{OBJECT_DECLARATION.removeprefix('0=')}\n".encode()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one object, independently of any of its replicas."""

    object_id: ObjectId
    versions: Mapping[int, Digest]
    """The digest of the inventory of each version, from 1 on without a gap; of an adopted object the digest of the
    list of its files, at the version that it was adopted at."""

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
    """The version that is meant."""
    files: Mapping[str, Digest]
    """Name below the object's folder to digest; in the order in which they are written, the root inventory and its
    sidecar last: an object without them is one that is still arriving."""
    told: Mapping[str, bytes]
    """The bytes of those files that need no source: the declaration, the sidecars, and what vouches for the rest."""
    replaced: Collection[str] = (INVENTORY, SIDECAR)
    """Those of ``told`` of which a site may hold an older version's, whose place the new ones take."""

    @property
    def is_listed(self) -> bool:
        """Whether a list of its files vouches for it, and not its inventory: an adopted object."""
        return not self.replaced


Source = Callable[[str], bytes]
"""Gives the bytes of a small file of the object, by its name below the object's folder; raises ``KhizanaError``."""


def small_file(store: ReplicaSource, prefix: str) -> Source:
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
    """Return what *known* must hold at version *head*, or None where no source has what vouches for that version.

    Each of *sources* is asked for the inventory in the version's folder and at the root, and for the list of an adopted
    object; one is taken only if its digest is the known one.
    """
    wanted = known.versions[head]
    listing = listing_name(wanted)
    for source in sources:
        for name in (f"v{head}/{INVENTORY}", INVENTORY, listing):
            try:
                content = source(name)
            except KhizanaError:
                continue
            if digest_of(content) == wanted:
                return _listed(known, content) if name == listing else _described(known, head, content)
    return None


def _listed(known: Known, content: bytes) -> Expected:
    listing = read_listing(content, known.object_id)
    files = {name: digest for name, digest in sorted(listing.files.items()) if not name.startswith(INVENTORY)}
    last = {name: digest for name, digest in sorted(listing.files.items()) if name not in files}
    return Expected(known, known.head, files | {listing.name: listing.digest} | last, {listing.name: content}, ())


def _described(known: Known, head: int, inventory: bytes) -> Expected:
    told = {OBJECT_DECLARATION: _DECLARED, INVENTORY: inventory, f"v{head}/{INVENTORY}": inventory}
    told |= {f"v{number}/{SIDECAR}": _sidecar(known.versions[number]) for number in range(1, head + 1)}
    told[SIDECAR] = told[f"v{head}/{SIDECAR}"]
    return Expected(known, head, _files(known, head, inventory), told)


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
