"""Which files of an object belong to which of its versions, with the digest each must have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from khizana.core.errors import Unreadable
from khizana.core.identifiers import Digest
from khizana.core.preservation.ocfl.inventory import INVENTORY
from khizana.core.preservation.ocfl.read import StoredObject, iterate_objects
from khizana.core.preservation.sealed.stream import digest_of_runs, runs_of


def files_of_version(stored: StoredObject, number: int) -> dict[str, Digest]:
    """Return path to digest of all that lies in the folder of version *number*; content as the inventory has it."""
    recorded = {path: digest for digest, paths in stored.inventory.manifest.items() for path in paths}
    folder = f"v{number}"
    found = {path: recorded.get(path) for path in _below(stored.path, folder)}
    # What the inventory names and the disk lacks is asked for all the same, so that sealing says it is missing.
    wanted = {path: digest for path, digest in recorded.items() if path.startswith(f"{folder}/")}
    return {path: digest or _digest(stored.path / path) for path, digest in (found | wanted).items()}


def files_beside(stored: StoredObject, *, with_inventory: bool) -> dict[str, Digest]:
    """Return path to digest of what lies in the object beside its versions: declaration, logs, extensions, inventory.

    Without *with_inventory* only the declaration: the rest is of the newest version.
    """
    versions = {f"v{number}" for number in range(1, stored.head + 1)}
    found = {}
    for name in _names(stored.path):
        if name in versions or (not with_inventory and not name.startswith("0=")):
            continue
        for path in _below(stored.path, name):
            found[path] = stored.inventory_digest if path == INVENTORY else _digest(stored.path / path)
    return found


def storage_root_files(storage: Path) -> dict[str, Digest]:
    """Return path to digest of what lies in a storage root beside its objects."""
    objects = {path.relative_to(storage).parts[0] for path in iterate_objects(storage)}
    return {
        path: _digest(storage / path)
        for name in _names(storage)
        if name not in objects
        for path in _below(storage, name)
    }


def files_in(folder: Path) -> dict[str, Digest]:
    """Return path to digest of every file in *folder*."""
    return {path: _digest(folder / path) for name in _names(folder) for path in _below(folder, name)}


def _below(root: Path, name: str) -> Iterator[str]:
    path = root / name
    if path.is_dir() and not path.is_symlink():
        for each in _names(path):
            yield from _below(root, f"{name}/{each}")
    elif os.path.lexists(path):
        yield name


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names as texts, which may hold any bytes
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(folder), problem=error.strerror or str(error)) from error


def _digest(path: Path) -> Digest:
    try:
        with path.open("rb") as stream:
            return digest_of_runs(runs_of(stream))[0]
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(path), problem=error.strerror or str(error)) from error
