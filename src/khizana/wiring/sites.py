"""The stores of sites, by their addresses. No table is asked: a library is restored where there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from khizana.adapters.disk import DiskStore
from khizana.adapters.s3.address import find_keys, parse
from khizana.adapters.s3.store import S3Store
from khizana.core.configuration import Configuration
from khizana.core.errors import BadInput, KhizanaError, NotFound
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.durable import writing
from khizana.core.preservation.replicas.sites import HERE, Site, read_sites, recognise


def _disk(rest: str, _: Path | None) -> ReplicaStore:
    return DiskStore(Path(rest))


def _s3(rest: str, keys: Path | None) -> ReplicaStore:
    address = parse(rest)
    return S3Store(address, find_keys(address.bucket, keys, os.environ))


KINDS: Mapping[str, Callable[[str, Path | None], ReplicaStore]] = {"disk": _disk, "s3": _s3}
"""What an address begins with, and what makes the store of the rest with the folder of keys."""


def store_at(address: str, *, keys: Path | None = None) -> ReplicaStore:
    """Return what keeps replicas at *address*, a kind and what it is: "disk:/media/SAHARA-2", "s3:bucket/folder?...".

    *keys* is the folder of a library's keys; keys to a bucket that are not there are those of the environment.
    Raises ``BadInput`` for an address of no kind that is known, ``NotFound`` where the keys to a bucket are missing.
    """
    kind, _, rest = address.partition(":")
    if kind not in KINDS or not rest:
        raise BadInput("SITE_ADDRESS_UNUSABLE", address=address, kinds=", ".join(f"{each}:" for each in KINDS))
    return KINDS[kind](rest, keys)


def new_store(address: str, *, keys: Path | None = None) -> ReplicaStore:
    """Return the store at *address*; a folder on a disk is made where the folder above it is there.

    Raises ``NotFound`` SITE_NO_DISK where it is not, and what ``store_at`` raises.
    """
    store = store_at(address, keys=keys)
    folder = Path(address.partition(":")[2]).absolute()
    if isinstance(store, DiskStore) and not folder.is_dir():
        if not folder.parent.is_dir():
            raise NotFound("SITE_NO_DISK", path=str(folder))
        with writing(folder):
            folder.mkdir()
    return store


def stores(
    folder: LibraryFolder, configuration: Configuration, *, on_away: Callable[[Site, KhizanaError], None]
) -> dict[str, ReplicaStore]:
    """Return the store of each site that can be reached and is what its mark says, the library itself as ``here``.

    *on_away* is told of each that is not there, or is not that site.
    """
    reached: dict[str, ReplicaStore] = {HERE: DiskStore(folder.root)}
    for site in read_sites(folder.sites):
        try:
            store = store_at(site.address, keys=folder.keys)
            recognise(store, site, configuration.name)
        except KhizanaError as error:
            on_away(site, error)
        else:
            reached[site.name] = store
    return reached
