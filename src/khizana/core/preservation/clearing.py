"""Clearing sites of what a tombstone names, file by file; what is there is looked at first.

Nothing here decides that something is deleted: the caller has read that in the ledger (``ledger.deletions``). A site
that has a version to whose deletion nobody consented keeps all of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Protocol

from khizana.core.errors import Away, Damaged, KhizanaError, NotFound
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.deletion_entries import Named
from khizana.core.preservation.ocfl.inventory import INVENTORY, digest_of
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.listing import is_listing, listing_name, read_listing
from khizana.core.preservation.ocfl.summary import summary_of
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.expected import STORAGE, Source, small_file
from khizana.core.preservation.sealed import sums
from khizana.core.preservation.sealed.names import SUMS, Blinding, file_token, folder_parts, object_folder

Vouched = Mapping[ObjectId, Collection[Digest]]
"""What vouched for the versions that were deleted, as the ledger knew them: inventories, or the list of the files."""

_INVENTORY = re.compile(rf"(?:v([0-9]+)/)?{re.escape(INVENTORY)}")
_VERSION = re.compile(r"v([0-9]+)/")


class Clearable(Protocol):
    """A site, as what is cleared asks it."""

    @property
    def store(self) -> ReplicaStore:
        """Its files."""
        ...

    def folder(self, object_id: ObjectId) -> str:
        """Return where the object lies, with its closing slash."""
        ...

    def stranger(self, named: Named, names: Sequence[str], deleted: Collection[Digest]) -> int | None:
        """Return a version among *names* that is none of those *named* and *deleted*; None where all of them are."""
        ...


@dataclass(frozen=True, slots=True)
class PlainSite:
    """One that keeps replicas as they are: each inventory there that agrees with its sidecar is a version."""

    store: ReplicaStore

    def folder(self, object_id: ObjectId) -> str:
        """Return where the object lies, with its closing slash."""
        return f"{STORAGE}/{PurePosixPath(object_path(object_id))}/"

    def stranger(self, named: Named, names: Sequence[str], deleted: Collection[Digest]) -> int | None:
        """Return a version that nobody consented to. Raises what the store raises."""
        read, allowed = small_file(self.store, self.folder(named.object_id)), set(deleted)
        for name in names:
            if (match := _VERSION.match(name)) and int(match[1]) > named.head:
                return int(match[1])
            # Of another institution's object the ledger knows the list of its files, which has its inventories.
            if is_listing(name) and digest_of(content := read(name)) in deleted:
                files = read_listing(content, name).files
                allowed |= {digest for path, digest in files.items() if _INVENTORY.fullmatch(path)}
        for name in names:
            match = _INVENTORY.fullmatch(name)
            if match and (digest := _vouching(read, name)) is not None and digest not in allowed:
                return int(match[1] or named.head)
        return None


@dataclass(frozen=True, slots=True)
class SealedSite:
    """A sealed one: the names in each finished version tell, to who has the blinding value, which inventory it has."""

    store: ReplicaStore
    blinding: Blinding

    def folder(self, object_id: ObjectId) -> str:
        """Return where the object lies, with its closing slash."""
        return object_folder(self.blinding, object_id)

    def stranger(self, named: Named, names: Sequence[str], deleted: Collection[Digest]) -> int | None:
        """Return a version that nobody consented to. Raises what the store raises."""
        above = self.folder(named.object_id)
        folders: dict[str, set[str]] = {}
        for name in names:
            folders.setdefault(name.rpartition("/")[0] + "/", set()).add(name.rpartition("/")[2])
        for folder, there in folders.items():
            parts = folder_parts(above + folder)
            if parts is None:
                continue
            version = parts[1]
            if version > named.head:
                return version
            if SUMS not in there:
                continue  # of a run that was killed, or half removed
            listed = sums.parse(small_file(self.store, above)(folder + SUMS))
            tokens = {self._token(named, path, each) for each in deleted for path in _paths(version, each)}
            if not any(name.rpartition("-")[0] in tokens for name in there | set(listed or ())):
                return version
        return None

    def _token(self, named: Named, path: str, digest: Digest) -> str:
        return file_token(self.blinding, named.object_id, path, digest)


def clear(site: Clearable, objects: Sequence[Named], vouched: Vouched) -> int:
    """Remove from *site* all that is left of *objects*; return the number of files. The caller holds its store.

    Stopped at any moment, the same call goes on. Raises ``Damaged`` DELETION_OTHER_AT_SITE, with nothing removed, where
    the site has a version that nobody consented to, and what the store raises.
    """
    found = [(each, _names(site, each)) for each in objects]
    for each, names in found:
        version = site.stranger(each, names, _deleted(each, vouched))
        if version is not None:
            path = site.store.address
            raise Damaged("DELETION_OTHER_AT_SITE", object_id=each.object_id, version=version, path=path)
    count = 0
    for each, names in found:
        folder = site.folder(each.object_id)
        count += _remove(site.store, [*(folder + name for name in names), *_aside(site.store, folder)])
    return count


def still_there(site: Clearable, objects: Sequence[Named], vouched: Vouched) -> list[Named]:
    """Return those of *objects* that *site* has as they were deleted; none where one of them is another there.

    Half a manuscript is none. Raises ``Away`` when the site has gone.
    """
    found = []
    for each in objects:
        try:
            names = _names(site, each)
            if names and site.stranger(each, names, _deleted(each, vouched)) is not None:
                return []
        except Away:
            raise
        except KhizanaError:
            return []  # not known for what was deleted
        found += [each] if names else []
    return found


def clear_aside(store: ReplicaStore, object_id: ObjectId) -> int:
    """Remove from *store* what was set aside of the object; return the number of files."""
    return _remove(store, _aside(store, f"{PurePosixPath(object_path(object_id))}/"))


def _names(site: Clearable, named: Named) -> list[str]:
    folder = site.folder(named.object_id)
    return [stored.name.removeprefix(folder) for stored in site.store.names(folder)]


def _deleted(named: Named, vouched: Vouched) -> set[Digest]:
    return {named.first, named.inventory, *vouched.get(named.object_id, ())}


def _vouching(read: Source, name: str) -> Digest | None:
    """Return the sha512 of the inventory *name*; None where its sidecar, whatever its algorithm, does not agree."""
    try:
        content = read(name)
        algorithm = summary_of(content, name).algorithm
        beside = read(f"{name}.{algorithm}").split()[:1]
        agrees = beside == [hashlib.new(algorithm, content).hexdigest().encode()]
    except (NotFound, Damaged, ValueError):
        return None
    return digest_of(content) if agrees else None


def _paths(version: int, digest: Digest) -> tuple[str, str]:
    return f"v{version}/{INVENTORY}", listing_name(digest)


def _aside(store: ReplicaStore, path: str) -> list[str]:
    return [stored.name for stored in store.names(f"{ASIDE}/") if f"/{path}" in stored.name]


def _remove(store: ReplicaStore, names: Sequence[str]) -> int:
    for name in names:
        store.remove(name)
    return len(names)
