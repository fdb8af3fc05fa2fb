"""The object as nearly every object is: known as sound in few steps where nothing in it is other than usual.

Few steps, because most rules follow from others here: a manifest that names the files on disk and no others has no
path that is not plain or that stands in another's way, and an earlier inventory that is what the newest one says of
its version has nothing of its own to be checked. Whatever is unusual, wrong or not, is left to ``ObjectCheck``: only
there are there codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from khizana.core.preservation.ocfl.validate_digests import digest_bytes
from khizana.core.preservation.ocfl.validate_disk import FILE, FOLDER, Kind, names_in, read_start, read_whole
from khizana.core.preservation.ocfl.validate_inventory import USER_KEYS, VERSION_KEYS
from khizana.core.preservation.ocfl.validate_json import NotJson, parse
from khizana.core.preservation.ocfl.validate_paths import are_plain, conflicts
from khizana.core.preservation.ocfl.validate_sidecar import INVENTORY
from khizana.core.preservation.ocfl.validate_values import is_moment, is_uri

if TYPE_CHECKING:
    from collections.abc import Mapping

SPECIFICATION = "1.1"
ALGORITHM = "sha512"

_DECLARED = f"0=ocfl_object_{SPECIFICATION}"
_DECLARATION = f"ocfl_object_{SPECIFICATION}\n".encode()
_SIDECAR = f"{INVENTORY}.{ALGORITHM}"
_TYPE = f"https://ocfl.io/{SPECIFICATION}/spec/#inventory"
_KEYS = frozenset({"id", "type", "digestAlgorithm", "head", "manifest", "versions"})
_DIGEST = re.compile(r"[0-9a-f]{128}").fullmatch
_SMALL = 1 << 14  # bytes of most inventories: what is smaller is read without asking for its size

_VERSIONS = ("v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9")  # a tenth is not usual: it would not sort so
_FILES = {_DECLARED: FILE, INVENTORY: FILE, _SIDECAR: FILE}
_ROOTS = {
    len(_FILES) + count: {**_FILES, **dict.fromkeys(_VERSIONS[:count], FOLDER)}
    for count in range(1, len(_VERSIONS) + 1)
}
"""What stands in the root of an object, by the number of names."""
_WITHOUT_CONTENT = {INVENTORY: FILE, _SIDECAR: FILE}
_OF_VERSION = {"content": FOLDER, **_WITHOUT_CONTENT}


@dataclass(slots=True)  # not frozen: one for every object, and freezing costs as much as a check
class UsualObject:
    """An object with nothing to say of, as far as its content is not read."""

    identifier: str
    manifest: dict[str, str]
    """Content path to digest: of every file that there is, and of no other."""


def read_usual(folder: str, entries: Mapping[str, Kind], *, at_most: int) -> UsualObject | None:
    """Return the object in *folder*, with *entries* in its root, if it is usual and sound; None says nothing of it.

    An inventory of more than *at_most* bytes is not usual.
    """
    if entries != _ROOTS.get(len(entries)):
        return None
    try:
        return _read(folder, _VERSIONS[: len(entries) - len(_FILES)], at_most)
    except (OSError, NotJson):
        return None


def _read(folder: str, names: tuple[str, ...], at_most: int) -> UsualObject | None:
    if read_start(f"{folder}/{_DECLARED}") != _DECLARATION:
        return None
    data, sidecar = _inventory(folder, at_most)
    said = _parsed(data)
    if said is None or not _is_sound(said, names) or (files := _files_of(said["manifest"])) is None:
        return None
    newest = f"{folder}/{names[-1]}"
    # One byte more than there should be, to see whether there is.
    if read_start(f"{newest}/{INVENTORY}", len(data) + 1) != data or read_start(f"{newest}/{_SIDECAR}") != sidecar:
        return None
    for place, name in enumerate(names[:-1], 1):
        earlier, _ = _inventory(f"{folder}/{name}", at_most)
        if not _is_as_told(_parsed(earlier), said, names[:place]):
            return None
    found: set[str] = set()
    for name in names:
        if not _find_files(folder, name, found):
            return None
    return UsualObject(said["id"], files) if found == files.keys() else None


def _inventory(folder: str, at_most: int) -> tuple[bytes, bytes]:
    """Return the bytes of the inventory in *folder*, none where its sidecar is of others, and those of the sidecar."""
    path = f"{folder}/{INVENTORY}"
    data = read_start(path, _SMALL)
    if len(data) >= min(_SMALL, at_most):
        data = read_whole(path, at_most=at_most)
    sidecar = f"{digest_bytes(data, ALGORITHM)} {INVENTORY}\n".encode()
    return (data if read_start(f"{folder}/{_SIDECAR}") == sidecar else b""), sidecar


def _parsed(data: bytes) -> dict[str, Any] | None:
    value, repeats = parse(data)
    return value if isinstance(value, dict) and not repeats else None


def _is_sound(said: dict[str, Any], names: tuple[str, ...]) -> bool:
    """Tell whether nothing is wrong with what the newest inventory has *said*, its manifest's paths apart."""
    if said.keys() != _KEYS:
        return False
    identifier, manifest, blocks = said["id"], said["manifest"], said["versions"]
    return (
        said["type"] == _TYPE
        and said["digestAlgorithm"] == ALGORITHM
        and said["head"] == names[-1]
        and isinstance(identifier, str)
        and is_uri(identifier)
        and isinstance(manifest, dict)
        and isinstance(blocks, dict)
        and tuple(blocks) == names
        and _are_sound_blocks(blocks, manifest)
        and _has_no_more_than(manifest, blocks)
    )


def _are_sound_blocks(blocks: dict[str, Any], manifest: dict[str, Any]) -> bool:
    """Tell whether nothing is wrong with the *blocks* of all versions."""
    paths: set[str] = set()
    for block in reversed(blocks.values()):  # the newest first: most of what the others hold is in it
        logical = _logical_paths(block["state"]) if _is_sound_block(block, manifest) else None
        if logical is None:
            return False
        if not logical <= paths:  # of plain paths that are not in one another's way, neither are some
            if not are_plain(logical) or any(conflicts(logical)):
                return False
            paths = logical
    return True


def _is_sound_block(block: Any, manifest: dict[str, Any]) -> bool:
    """Tell whether nothing is wrong with the *block* of a version, the paths in its state apart."""
    if not isinstance(block, dict) or block.keys() != VERSION_KEYS:
        return False
    user, state = block["user"], block["state"]
    return (
        is_moment(block["created"])
        and isinstance(block["message"], str)
        and isinstance(user, dict)
        and user.keys() == USER_KEYS
        and isinstance(user["name"], str)
        and user["name"] != ""
        and isinstance(user["address"], str)
        and is_uri(user["address"])
        and isinstance(state, dict)
        and state.keys() <= manifest.keys()
    )


def _logical_paths(state: dict[str, Any]) -> set[str] | None:
    """Return the paths in *state*; None where they are not lists of texts, or one stands twice."""
    logical: set[str] = set()
    count = 0
    for paths in state.values():
        if not isinstance(paths, list):
            return None
        for path in paths:
            if not isinstance(path, str):
                return None
            logical.add(path)
        count += len(paths)
    return logical if len(logical) == count else None


def _has_no_more_than(manifest: dict[str, Any], blocks: dict[str, Any]) -> bool:
    """Tell whether every digest of *manifest* stands in the state of one of *blocks*."""
    return manifest.keys() <= set().union(*[block["state"] for block in blocks.values()])


def _is_as_told(earlier: dict[str, Any] | None, said: dict[str, Any], names: tuple[str, ...]) -> bool:
    """Tell whether an *earlier* inventory says of versions *names* what the newest has *said* of them, and no more."""
    inside = tuple([f"{name}/" for name in names])
    manifest = {
        digest: kept
        for digest, paths in said["manifest"].items()
        if (kept := [path for path in paths if path.startswith(inside)])
    }
    blocks = {name: said["versions"][name] for name in names}
    told = {**said, "head": names[-1], "manifest": manifest, "versions": blocks}
    return earlier == told and _has_no_more_than(manifest, blocks)


def _files_of(manifest: dict[str, Any]) -> dict[str, str] | None:
    """Return content path to digest; None where a digest, or the list of its paths, is not sound by itself."""
    files: dict[str, str] = {}
    count = 0
    for digest, paths in manifest.items():
        if not isinstance(paths, list) or not paths or not _DIGEST(digest):
            return None
        for path in paths:
            if not isinstance(path, str):
                return None
            files[path] = digest
        count += len(paths)
    return files if len(files) == count else None


def _find_files(folder: str, version: str, found: set[str]) -> bool:
    """Add the content files of *version* to *found*; tell whether there is nothing else that needs a word."""
    entries = names_in(f"{folder}/{version}")
    if entries != _OF_VERSION:
        return entries == _WITHOUT_CONTENT
    waiting = [f"{version}/content"]
    while waiting:
        here = waiting.pop()
        names = names_in(f"{folder}/{here}")
        for name, kind in names.items():
            if kind is FILE:
                found.add(f"{here}/{name}")
            elif kind is FOLDER:
                waiting.append(f"{here}/{name}")
            else:
                return False
        if not names:
            return False
    return True
