"""The stores of sites, by their addresses. No table is asked: a library is restored where there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from glob import escape
from pathlib import Path

from khizana.adapters.disk import DiskStore
from khizana.adapters.s3.address import find_keys, parse
from khizana.adapters.s3.store import S3Store
from khizana.core.configuration import Configuration
from khizana.core.errors import Away, BadInput, KhizanaError, NotFound
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.places import FOLDER
from khizana.core.preservation.durable import writing
from khizana.core.preservation.replicas.sites import HERE, MARK, PEER, Site, read_sites, recognise

MOUNTS = "KHIZANA_MOUNTS"
"""Folders in which disks appear, with a colon between them, where they are not the usual ones."""
COURIER = "courier:"
"""What the address of a site begins with that is a portable disk, known by its label wherever it is plugged in."""
_USUAL_MOUNTS = "/media:/run/media:/mnt"
_FOLDER = "khizana"
"""Folder of a portable disk for the site."""


def _disk(rest: str, _: Path | None) -> ReplicaStore:
    return DiskStore(Path(rest))


def _s3(rest: str, keys: Path | None) -> ReplicaStore:
    address = parse(rest)
    return S3Store(address, find_keys(address.bucket, keys, os.environ))


def _courier(rest: str, _: Path | None) -> ReplicaStore:
    """Return the site on the portable disk with the label *rest*, wherever it is plugged in."""
    disks = portable_disks(rest)
    # A folder that a disk left behind has the label and not the mark.
    disk = next((each for each in disks if (each / _FOLDER / MARK).is_file()), disks[-1])
    return DiskStore(disk / _FOLDER)


def portable_disks(label: str) -> list[Path]:
    """Return the folders with the label *label* where portable disks appear, at least one.

    Raises ``BadInput`` for what is no label, ``Away`` where there is no such disk.
    """
    if not label or "/" in label or label in {".", ".."}:
        raise BadInput("SITE_LABEL_UNUSABLE", label=label)
    mounts = os.environ.get(MOUNTS) or _USUAL_MOUNTS
    folders = [Path(each) for each in mounts.split(":") if each]
    disks = [
        disk for each in folders for disk in (each / label, *sorted(each.glob(f"*/{escape(label)}"))) if disk.is_dir()
    ]
    if not disks:
        raise Away("SITE_NOT_PLUGGED_IN", label=label, mounts=mounts)
    return disks


KINDS: Mapping[str, Callable[[str, Path | None], ReplicaStore]] = {
    "disk": _disk,
    "s3": _s3,
    COURIER.removesuffix(":"): _courier,
}
"""What an address begins with, and what makes the store of the rest with the folder of keys."""


def store_at(address: str, *, keys: Path | None = None) -> ReplicaStore:
    """Return what keeps replicas at *address*, a kind and what it is: "disk:/media/SAHARA-2", "s3:bucket/folder?...".

    *keys* is the folder of a library's keys; keys to a bucket that are not there are those of the environment.
    Raises ``BadInput`` for an address of no kind that is known, ``NotFound`` where the keys to a bucket are missing.
    """
    if address.startswith(PEER):
        raise BadInput("SITE_IS_PEER", site=address)
    kind, _, rest = address.partition(":")
    if kind not in KINDS or not rest:
        raise BadInput("SITE_ADDRESS_UNUSABLE", address=address, kinds=", ".join(f"{each}:" for each in KINDS))
    return KINDS[kind](rest, keys)


def packs_at(address: str) -> ReplicaStore | None:
    """Return the folder for packs on the disk at *address*, as a site's is written; None where it has none.

    That is a portable disk by its label, "courier:RED", or the folder where it is plugged in, "disk:/media/RED". Raises
    as ``portable_disks`` does.
    """
    kind, _, rest = address.partition(":")
    disks = portable_disks(rest) if f"{kind}:" == COURIER else [Path(rest)] if kind == "disk" and rest else []
    return next((DiskStore(disk / FOLDER) for disk in disks if (disk / FOLDER).is_dir()), None)


def new_store(address: str, *, keys: Path | None = None) -> ReplicaStore:
    """Return the store at *address*; a folder on a disk is made where the folder above it is there.

    Raises ``NotFound`` SITE_NO_DISK where it is not, and what ``store_at`` raises.
    """
    store = store_at(address, keys=keys)
    folder = Path(store.address)
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

    *on_away* is told of each that is not there, or is not that site. Other working places are no stores: what they hold
    is read by nobody but themselves.
    """
    reached: dict[str, ReplicaStore] = {HERE: DiskStore(folder.root)}
    for site in read_sites(folder.sites):
        if site.is_peer:
            continue
        try:
            store = store_at(site.address, keys=folder.keys)
            recognise(store, site, configuration.name)
        except KhizanaError as error:
            on_away(site, error)
        else:
            reached[site.name] = store
    return reached
