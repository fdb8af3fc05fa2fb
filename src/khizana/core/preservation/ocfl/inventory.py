"""The inventory of an OCFL 1.1 object as a value, as JSON, and how a new version follows from the last.

Source: OCFL 1.1, "Inventory". Every inventory written here uses sha512 and the content directory ``content``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from khizana.core.errors import BadInput, Damaged
from khizana.core.identifiers import Digest, ObjectId

INVENTORY = "inventory.json"
ALGORITHM = "sha512"
SIDECAR = f"{INVENTORY}.{ALGORITHM}"
TYPE = "https://ocfl.io/1.1/spec/#inventory"

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_PLAIN_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_LONGEST_PLAIN = 180  # characters of a content path below its version directory
_BY_DIGEST = "by-digest"
_CONTENT = re.compile(r"v[1-9][0-9]*/[^\0]+")
_VERSION = re.compile(r"v([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class User:
    """Who made a version: a name, and an address that is a URI (``mailto:`` or other)."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object: when, why, by whom, and which file stood under each logical path."""

    created: datetime
    message: str
    user: User
    state: Mapping[str, Digest]
    """Logical path to digest."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything OCFL keeps of an object. The last of ``versions`` is the head, version ``len(versions)``."""

    object_id: ObjectId
    manifest: Mapping[Digest, tuple[str, ...]]
    """Digest to content paths, relative to the object's folder."""
    versions: tuple[Version, ...]

    @property
    def head(self) -> int:
        """Number of the newest version, from 1; 0 when there is none yet."""
        return len(self.versions)

    @property
    def state(self) -> Mapping[str, Digest]:
        """Logical path to digest in the newest version."""
        return self.versions[-1].state if self.versions else {}


def digest_of(content: bytes) -> Digest:
    """Return the sha512 of *content*."""
    return Digest(hashlib.sha512(content).hexdigest())


def sidecar(inventory: bytes) -> bytes:
    """Return the content of the file that goes beside *inventory*."""
    return f"{digest_of(inventory)} {INVENTORY}\n".encode()


def to_json(inventory: Inventory) -> bytes:
    """Return *inventory* as JSON: sorted, UTF-8, one closing newline; the same bytes for the same value.

    Nothing is indented: each version holds an inventory that repeats those before it.
    """
    versions = {}
    for number, version in enumerate(inventory.versions, start=1):
        state: dict[str, list[str]] = {}
        for path, digest in version.state.items():
            state.setdefault(digest, []).append(path)
        user = {"name": version.user.name} | ({"address": version.user.address} if version.user.address else {})
        versions[f"v{number}"] = {
            "created": rfc3339(version.created),
            "message": version.message,
            "state": {digest: sorted(paths) for digest, paths in state.items()},
            "user": user,
        }
    value = {
        "digestAlgorithm": ALGORITHM,
        "head": f"v{inventory.head}",
        "id": inventory.object_id,
        "manifest": {digest: sorted(paths) for digest, paths in inventory.manifest.items()},
        "type": TYPE,
        "versions": versions,
    }
    return (json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n").encode()


def rfc3339(when: datetime) -> str:
    """Return *when* as RFC 3339, with its own offset; UTC is written Z.

    Raises ``ValueError`` when it has no time zone: such a time means nothing to another place.
    """
    if when.utcoffset() is None:
        raise ValueError("a time without a time zone")
    return when.isoformat().replace("+00:00", "Z")


def from_json(content: bytes, place: str) -> Inventory:
    """Return the inventory in *content*, as read at *place*.

    Raises ``Damaged`` when it cannot be understood. This is a reader, not a validator: it takes any OCFL 1.x
    inventory of sha512 whose content directories need no interpretation.
    """
    try:
        value: dict[str, Any] = json.loads(content)
        if value["digestAlgorithm"] != ALGORITHM:
            raise Damaged("INVENTORY_UNREADABLE", path=place, problem=f"digestAlgorithm {value['digestAlgorithm']}")
        numbers = sorted(int(_VERSION.fullmatch(name)[1]) for name in value["versions"])  # type: ignore[index]  # no match raises TypeError, caught below
        if value["head"] != f"v{len(numbers)}" or numbers != list(range(1, len(numbers) + 1)):
            raise Damaged("INVENTORY_UNREADABLE", path=place, problem="head")
        manifest = {Digest(digest.lower()): tuple(paths) for digest, paths in value["manifest"].items()}
        for path in (path for paths in manifest.values() for path in paths):
            # Such a path would lead out of the object.
            if not _CONTENT.fullmatch(path) or {"", ".", ".."} & set(path.split("/")):
                raise Damaged("INVENTORY_UNREADABLE", path=place, problem=f"content path {path}")
        if not isinstance(value["id"], str):
            raise Damaged("INVENTORY_UNREADABLE", path=place, problem=f"id {value['id']}")
        return Inventory(
            ObjectId(value["id"]),
            manifest,
            tuple(_version(value["versions"][f"v{number}"]) for number in numbers),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged("INVENTORY_UNREADABLE", path=place, problem=str(error)) from error


def _version(value: dict[str, Any]) -> Version:
    user = value.get("user") or {}
    created = datetime.fromisoformat(value["created"])
    rfc3339(created)
    return Version(
        created,
        value.get("message", ""),
        User(user.get("name", ""), user.get("address", "")),
        {path: Digest(digest.lower()) for digest, paths in value["state"].items() for path in paths},
    )


def check_logical_path(path: str) -> None:
    """Refuse a logical path that OCFL does not allow or that no file system could give back.

    Raises ``BadInput`` for one that is absolute, has an empty, "." or ".." segment, a NUL, or no UTF-8 form.
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput("LOGICAL_PATH_UNUSABLE", logical_path=ascii(path)) from error
    if "\0" in path or any(segment in {"", ".", ".."} for segment in path.split("/")):
        raise BadInput("LOGICAL_PATH_UNUSABLE", logical_path=path)


def check_no_conflict(paths: Iterable[str]) -> None:
    """Refuse logical paths of which one is a file and also the folder of another.

    Raises ``BadInput``.
    """
    known = set(paths)
    for path in known:
        for folder in _folders(path):
            if folder in known:
                raise BadInput("LOGICAL_PATH_CONFLICT", logical_path=path, other=folder)


def _folders(path: str) -> list[str]:
    segments = path.split("/")
    return ["/".join(segments[:end]) for end in range(1, len(segments))]


class ContentPaths:
    """Gives each new file of one version a content path that every file system can hold.

    A logical path of plain ASCII names is its own content path; anything else (Arabic, 255 bytes, line ends,
    names that differ from another only by case) is stored under its digest. OCFL's inventory maps the one to
    the other, so nothing is lost.
    """

    def __init__(self, version: int) -> None:
        self._root = f"v{version}/content"
        self._files: set[str] = set()
        self._folders: dict[str, str] = {}  # case-folded to as first written

    def give(self, logical_path: str, digest: Digest) -> str:
        """Return the content path for the file with *digest* that stands under *logical_path*."""
        path = logical_path
        if not _is_plain(path) or not self._is_free(path):
            extension = PurePosixPath(logical_path).suffix
            extension = extension.lower() if _PLAIN_EXTENSION.fullmatch(extension) else ""
            path = f"{_BY_DIGEST}/{digest[:32]}{extension}"
        self._take(path)
        return f"{self._root}/{path}"

    def _is_free(self, path: str) -> bool:
        folded = path.casefold()
        if folded in self._files or folded in self._folders:
            return False
        return not any(
            folder.casefold() in self._files or self._folders.get(folder.casefold(), folder) != folder
            for folder in _folders(path)
        )

    def _take(self, path: str) -> None:
        self._files.add(path.casefold())
        self._folders.update({folder.casefold(): folder for folder in _folders(path)})


def _is_plain(path: str) -> bool:
    # Nobody else's names below by-digest, so that a name there is always free: one version holds a digest once.
    segments = path.split("/")
    if segments[0].casefold() == _BY_DIGEST:
        return False
    return len(path) <= _LONGEST_PLAIN and all(
        _PLAIN.fullmatch(segment) and not _RESERVED.fullmatch(segment) and not segment.endswith(".")
        for segment in segments
    )
