"""Working a new version out, and building it beside: everything that comes before it is validated and named."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import Damaged, NotFound
from khizana.core.identifiers import Digest
from khizana.core.preservation.durable import NO_LINKS, copy_file, sync_directory, sync_tree, write_file
from khizana.core.preservation.ocfl.intent import Transaction
from khizana.core.preservation.ocfl.inventory import (
    INVENTORY,
    SIDECAR,
    ContentPaths,
    Inventory,
    Version,
    digest_of,
    sidecar,
)
from khizana.core.preservation.ocfl.layout import OBJECT_DECLARATION
from khizana.core.preservation.staging import Received, untouched, verify

Given = Received | bytes
"""What is put under a logical path: a staged file, or bytes that fit into memory."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A new version, worked out before anything is written."""

    inventory: Inventory
    moved: Mapping[str, Received]
    """Content path to the staged file that goes there."""
    written: Mapping[str, bytes]
    """Content path to the bytes that go there."""


@dataclass(frozen=True, slots=True)
class Built:
    """What is told of a version that has been built."""

    read: Mapping[Path, str]
    """Files that need not be read to be validated, with their digests: masters that this process read back and
    that nobody has touched since; and, for a version after the first, empty files that stand for the content of
    earlier versions, which is validated where it is, not here."""
    copied: tuple[str, ...]
    """Content paths of the staged files that could only be copied, and are still staged."""


def state_after(state: Mapping[str, Digest], put: Mapping[str, Given], remove: Collection[str]) -> dict[str, Digest]:
    """Return *state* without *remove* and with *put*."""
    after = {path: digest for path, digest in state.items() if path not in remove}
    for path, given in put.items():
        after[path] = given.digest if isinstance(given, Received) else digest_of(given)
    return after


def plan_version(before: Inventory, version: Version, put: Mapping[str, Given]) -> Plan:
    """Return how *version* follows *before*: which bytes are new to the object, and where they go.

    Raises ``NotFound`` when a staged file that is needed is gone, ``Damaged`` when it has another size.
    """
    paths = ContentPaths(before.head + 1)
    manifest = dict(before.manifest)
    moved: dict[str, Received] = {}
    written: dict[str, bytes] = {}
    for logical_path in sorted(put):
        given, digest = put[logical_path], version.state[logical_path]
        if digest in manifest:
            continue  # the object holds these bytes already: once is enough
        content_path = paths.give(logical_path, digest)
        manifest[digest] = (content_path,)
        if isinstance(given, Received):
            _check_staged(given)
            moved[content_path] = given
        else:
            written[content_path] = given
    return Plan(Inventory(before.object_id, manifest, (*before.versions, version)), moved, written)


def _check_staged(received: Received) -> None:
    try:
        size = received.path.lstat().st_size
    except FileNotFoundError as error:
        raise NotFound("STAGED_MISSING", path=str(received.path)) from error
    if size != received.size:
        raise Damaged("STAGED_ALTERED", path=str(received.path))


def build(transaction: Transaction, plan: Plan, inventory: bytes) -> Built:
    """Build *plan* in the folder of *transaction* and flush all of it.

    Raises ``OSError`` and ``Damaged``; the transaction then undoes everything.
    """
    built = transaction.built
    version = built / f"v{plan.inventory.head}"
    for folder in sorted({(built / path).parent for path in (*plan.moved, *plan.written)} | {version}):
        folder.mkdir(parents=True, exist_ok=True)
    for path, content in plan.written.items():
        write_file(built / path, content)
    for folder in (version, built):
        write_file(folder / INVENTORY, inventory)
        write_file(folder / SIDECAR, sidecar(inventory))
    write_file(built / OBJECT_DECLARATION, b"ocfl_object_1.1\n")
    stand_ins = stand_in(built, transaction.target, plan.inventory, stays=plan.inventory.head - 1)
    in_place = [_place(received, built / path) for path, received in plan.moved.items()]
    sync_tree(version)
    sync_directory(built)
    sync_directory(built.parent)
    # After the new names are on the disk the old ones may go: in the other order a power cut could lose both.
    for received, (_, linked) in zip(plan.moved.values(), in_place, strict=True):
        if linked:
            received.path.unlink()
    for folder in sorted({received.path.parent for received in plan.moved.values()}):
        sync_directory(folder)
    read = {placed.path: placed.digest for placed, _ in in_place if untouched(placed)}
    copied = [path for (_, linked), path in zip(in_place, plan.moved, strict=True) if not linked]
    return Built(stand_ins | read, tuple(copied))


def stand_in(built: Path, target: Path, inventory: Inventory, *, stays: int) -> dict[Path, str]:
    """Make the folders of the first *stays* versions and an empty file for each of their files; return those.

    They are never flushed and never named: what they stand for lies in *target*, and is validated there.
    """
    if not stays:
        return {}
    kept = {f"v{number}" for number in range(1, stays + 1)}
    stand_ins = {
        built / path: str(digest)
        for digest, paths in inventory.manifest.items()
        for path in paths
        if path.partition("/")[0] in kept
    }
    for version in kept:
        (built / version).mkdir(exist_ok=True)
    for folder in sorted({path.parent for path in stand_ins}):
        folder.mkdir(parents=True, exist_ok=True)
    for path in stand_ins:
        path.touch()
    for name in (INVENTORY, SIDECAR):
        (built / f"v{stays}" / name).write_bytes((target / f"v{stays}" / name).read_bytes())
    return stand_ins


def _place(received: Received, place: Path) -> tuple[Received, bool]:
    """Give the staged file a second name, *place*; where that cannot be, copy it and read the copy back.

    It is not renamed: of a rename exFAT may keep the old name's going and not the new name's coming when the power is
    cut. Returns the file in its place, and whether the name in staging is one too many.
    """
    try:
        os.link(received.path, place)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        copy_file(received.path, place)
        return verify(Received(received.digest, received.size, place)), False
    return Received(received.digest, received.size, place, received.signature), True
