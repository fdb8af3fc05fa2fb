"""A joining interrupted: a place whose branch gives way, and a pack with the one that goes on."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from data.desks import Desk, chain_of
from data.keeping import Place
from data.memory_store import MemoryStore
from khizana.core.preservation.replicas.expected import Known

Pack = tuple[Known, MemoryStore]

OURS = frozenset({b"1" * 3000, b"one" * 1000, b"one says"})
"""What was written at the place, some of it in a version that gives way."""


def begun(root: Path) -> Desk:
    """Make the place in *root*, with what was written there."""
    one = Desk.made(root)
    one.write({"masters/0001.jpg": b"1" * 3000, "description.xml": b"first"})
    one.write({"masters/0002.jpg": b"one" * 1000, "description.xml": b"one says"})
    return one


@cache
def pack() -> Pack:
    """Return what another place packs, which wrote two versions after the first."""
    with tempfile.TemporaryDirectory() as folder:
        two = Desk.made(Path(folder))
        two.write({"masters/0001.jpg": b"1" * 3000, "description.xml": b"first"})
        two.write({"masters/0002.jpg": b"two" * 1000, "notes/ملاحظة": b"two's"})
        two.write({"notes/ملاحظة": b"two's, again"})
        return two.packed()


def desk_at(root: Path) -> Desk:
    """Return the place in *root* as a command finds it: what a dead one left is made good first."""
    desk = Desk(Place(root))
    desk.place.writer.recover()
    desk.known = chain_of(desk.object)
    return desk


def joined(root: Path) -> None:
    """Take the pack in, going on where an earlier run stopped."""
    desk_at(root).take(pack())


def kept(root: Path) -> dict[str, bytes]:
    """Return the files of the objects, and those that were set aside."""
    return {
        f"{folder}/{name}": each for folder in ("storage", "aside") for name, each in Place(root).files(folder).items()
    }
