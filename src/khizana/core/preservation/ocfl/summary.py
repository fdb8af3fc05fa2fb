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
    algorithm: str
    """Of the inventory's sidecar and manifest."""
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
        summary = summary_of(content, str(inventory))
        recorded = (path / f"inventory.json.{summary.algorithm}").read_bytes().split()[0].decode().lower()
        matches = hashlib.new(summary.algorithm, content).hexdigest() == recorded
    except (OSError, ValueError, IndexError) as error:
        raise Damaged("INVENTORY_UNREADABLE", path=str(inventory), problem=str(error)) from error
    if not matches:
        raise Damaged("INVENTORY_ALTERED", path=str(inventory))
    return summary


def summary_of(inventory: bytes, place: str) -> Summary:
    """Return what *inventory*, as read at *place*, says. Raises ``Damaged`` when it cannot be understood."""
    try:
        value = json.loads(inventory)
        head = str(value["head"])
        return Summary(
            ObjectId(str(value["id"])),
            int(head.removeprefix("v")),
            str(value["versions"][head]["created"]),
            str(value["digestAlgorithm"]),
            Digest(hashlib.sha512(inventory).hexdigest()),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged("INVENTORY_UNREADABLE", path=place, problem=str(error)) from error
