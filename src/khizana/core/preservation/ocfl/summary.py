"""What any valid OCFL object says of itself in its root inventory, whoever wrote it and with which algorithm."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ObjectId

_LARGEST = 1 << 29  # bytes


@dataclass(frozen=True, slots=True)
class Summary:
    """One object, in short."""

    id: ObjectId
    head: int
    created: str
    """When the newest version was made, as its inventory has it."""
    inventory_digest: Digest
    """SHA-512 of the root inventory, whichever algorithm the object itself uses."""


def read_summary(path: Path) -> Summary:
    """Return what the object in the folder *path* says of itself, its inventory compared with its sidecar.

    Raises ``Damaged`` when it cannot be read or is not what its sidecar says.
    """
    inventory = path / "inventory.json"
    try:
        if inventory.stat().st_size > _LARGEST:
            raise Damaged("INVENTORY_UNREADABLE", path=str(inventory), problem=f"> {_LARGEST} bytes")
        content = inventory.read_bytes()
        value = json.loads(content)
        algorithm = value["digestAlgorithm"]
        recorded = (path / f"inventory.json.{algorithm}").read_bytes().split()[0].decode().lower()
        head = str(value["head"])
        summary = Summary(
            ObjectId(str(value["id"])),
            int(head.removeprefix("v")),
            str(value["versions"][head]["created"]),
            Digest(hashlib.sha512(content).hexdigest()),
        )
        matches = hashlib.new(algorithm, content).hexdigest() == recorded
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise Damaged("INVENTORY_UNREADABLE", path=str(inventory), problem=str(error)) from error
    if not matches:
        raise Damaged("INVENTORY_ALTERED", path=str(inventory))
    return summary
