"""Small OCFL objects and storage roots made by code, and the means to make them wrong in one way at a time."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

USER = {"name": "Aminata", "address": "mailto:aminata@example.org"}
LAYOUT_0003 = "0003-hash-and-id-n-tuple-storage-layout"
TWO_VERSIONS: Sequence[Mapping[str, bytes]] = (
    {"folio-1r.txt": b"first leaf", "notes/binding.txt": b"brown leather"},
    {"folio-1r.txt": b"first leaf, better", "notes/binding.txt": b"brown leather", "folio-1v.txt": b"verso"},
)


def make_object(
    folder: Path,
    identifier: str = "urn:example:one",
    versions: Sequence[Mapping[str, bytes]] = TWO_VERSIONS,
    *,
    spec: str = "1.1",
    algorithm: str = "sha512",
    fixity: Sequence[str] = (),
) -> Path:
    """Write a valid OCFL object with one version for each mapping of logical paths to bytes; return *folder*."""
    folder.mkdir(parents=True)
    (folder / f"0=ocfl_object_{spec}").write_bytes(f"ocfl_object_{spec}\n".encode())
    inventory: dict[str, Any] = {
        "id": identifier,
        "type": f"https://ocfl.io/{spec}/spec/#inventory",
        "digestAlgorithm": algorithm,
        "head": "v1",
        "manifest": {},
        "versions": {},
    }
    for number, files in enumerate(versions, 1):
        version = folder / f"v{number}"
        version.mkdir()
        state: dict[str, list[str]] = {}
        for logical, data in files.items():
            digest = hashlib.new(algorithm, data).hexdigest()
            state.setdefault(digest, []).append(logical)
            if digest in inventory["manifest"]:
                continue
            content = version / "content" / logical
            content.parent.mkdir(parents=True, exist_ok=True)
            content.write_bytes(data)
            path = content.relative_to(folder).as_posix()
            inventory["manifest"][digest] = [path]
            for name in fixity:
                block = inventory.setdefault("fixity", {}).setdefault(name, {})
                block.setdefault(hashlib.new(name, data).hexdigest(), []).append(path)
        inventory["head"] = f"v{number}"
        created = f"2026-01-0{number}T12:00:00Z"
        inventory["versions"][f"v{number}"] = {"created": created, "state": state, "message": "m", "user": USER}
        write_inventory(version, inventory)
    write_inventory(folder, inventory)
    return folder


def write_inventory(folder: Path, inventory: Any, *, sidecar: bool = True) -> None:
    """Write *inventory* (a JSON value, or bytes as they are) into *folder* with its sidecar."""
    data = inventory if isinstance(inventory, bytes) else json.dumps(inventory, indent=1).encode()
    (folder / "inventory.json").write_bytes(data)
    algorithm = inventory.get("digestAlgorithm", "sha512") if isinstance(inventory, dict) else "sha512"
    if sidecar and isinstance(algorithm, str) and algorithm in {"sha512", "sha256", "md5"}:
        for old in folder.glob("inventory.json.*"):
            old.unlink()
        digest = hashlib.new(algorithm, data).hexdigest()
        (folder / f"inventory.json.{algorithm}").write_text(f"{digest} inventory.json\n", encoding="utf-8")


def edit(folder: Path, change: Callable[[dict[str, Any]], object], *, where: str = "") -> Path:
    """Apply *change* to the inventory of *folder*, in the root and the newest version, or only in version *where*."""
    source = folder / where / "inventory.json"
    inventory = json.loads(source.read_bytes())
    newest = inventory["head"]
    edited = deepcopy(inventory)
    change(edited)
    for place in (where,) if where else ("", newest):
        write_inventory(folder / place, edited)
    return folder


def place_0003(identifier: str) -> str:
    """Return where layout 0003, with its defaults, puts the object with *identifier* (plain ASCII letters)."""
    digest = hashlib.sha256(identifier.encode()).hexdigest()
    encoded = "".join(char if char.isalnum() or char in "-_" else f"%{ord(char):02x}" for char in identifier)
    return "/".join((digest[:3], digest[3:6], digest[6:9], encoded))


def make_root(
    folder: Path,
    identifiers: Sequence[str],
    *,
    spec: str = "1.1",
    versions: Sequence[Mapping[str, bytes]] = TWO_VERSIONS,
) -> Path:
    """Write a valid storage root of layout 0003 with one object for each of *identifiers*; return *folder*."""
    folder.mkdir(parents=True)
    (folder / f"0=ocfl_{spec}").write_bytes(f"ocfl_{spec}\n".encode())
    layout = {"extension": LAYOUT_0003, "description": "by hash and identifier"}
    (folder / "ocfl_layout.json").write_text(json.dumps(layout), encoding="utf-8")
    settings = folder / "extensions" / LAYOUT_0003
    settings.mkdir(parents=True)
    parameters = {"extensionName": LAYOUT_0003, "digestAlgorithm": "sha256", "tupleSize": 3, "numberOfTuples": 3}
    (settings / "config.json").write_text(json.dumps(parameters), encoding="utf-8")
    for identifier in identifiers:
        make_object(folder / place_0003(identifier), identifier, versions, spec=spec)
    return folder
