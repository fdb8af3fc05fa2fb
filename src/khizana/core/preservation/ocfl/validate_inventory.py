"""One inventory by itself: its JSON, its keys, its blocks and whether they agree (OCFL 1.1, 3.5)."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from khizana.core.preservation.ocfl import validate_versions as versions
from khizana.core.preservation.ocfl.validate_block import BlockReader
from khizana.core.preservation.ocfl.validate_digests import CONTENT_ALGORITHMS, is_computable, is_known
from khizana.core.preservation.ocfl.validate_json import Document, NotJson, parse
from khizana.core.preservation.ocfl.validate_paths import conflicts, has_bad_element, has_edge_slash, is_plain
from khizana.core.preservation.ocfl.validate_report import Report
from khizana.core.preservation.ocfl.validate_values import is_moment, is_uri

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_INVENTORY = 512 * 1024 * 1024  # bytes

_TYPES = {f"https://ocfl.io/{spec}/spec/#inventory": spec for spec in ("1.0", "1.1")}
_KEYS = frozenset({"id", "type", "digestAlgorithm", "head", "contentDirectory", "manifest", "versions", "fixity"})
VERSION_KEYS = frozenset({"created", "state", "message", "user"})
USER_KEYS = frozenset({"name", "address"})


@dataclass(slots=True)
class Inventory:
    """What an inventory says, as far as it can be understood; what cannot is None or left out."""

    path: str
    spec: str
    """The version of the specification that governs it: 1.0 or 1.1."""
    type_given: bool = False
    identifier: str | None = None
    algorithm: str | None = None
    """The algorithm of its digests and its sidecar: any that can be computed, so that damage is told from error."""
    head: str | None = None
    content_directory: str | None = None
    """As the inventory gives it; None when it gives none, or none that can be used."""
    manifest: dict[str, str] = field(default_factory=dict)
    """Content path to digest in lower case; only paths that can be looked for."""
    mentioned: frozenset[str] = frozenset()
    """Files that the manifest means by paths it may not use."""
    manifest_is_read: bool = False
    versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Version name to its block, as written; only those that are JSON objects under a version's name."""
    fixity: dict[str, dict[str, str]] = field(default_factory=dict)
    """Algorithm to content path to digest in lower case."""

    sound_manifest: dict[str, Any] = field(default_factory=dict)
    """The manifest as written, where nothing is wrong with it by itself."""
    sound_versions: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Those of ``versions`` with which nothing is wrong."""

    @property
    def content_folder(self) -> str:
        """Name of the content directory in every version directory."""
        return self.content_directory or "content"


def read_inventory(
    report: Report, data: bytes, *, path: str, declared: str, is_root: bool, before: Inventory | None = None
) -> Inventory | None:
    """Return the inventory in *data*, noting all that is wrong with it alone; None when it is no JSON object.

    *path* is relative to the object root; *declared* the specification version that the object declares. What this
    inventory has in common with *before*, where it was found sound, is not looked at once more.
    """
    try:
        document = parse(data)
    except NotJson as error:
        report.add("E033", path, found=str(error))
        return None
    for _, keys in document.repeats:
        report.add("E033", path, found=f"{keys[0]}, {keys[0]}")
    if not isinstance(document.value, dict):
        report.add("E033", path, found=document.value, expected="{…}")
        return None
    return _Reader(report, document, path=path, declared=declared, is_root=is_root, before=before).read()


def state_of(block: Mapping[str, Any]) -> dict[str, str]:
    """Return the logical state of a version *block*: logical path to digest in lower case."""
    state = block.get("state")
    if not isinstance(state, dict):
        return {}
    return {
        logical: digest.lower()
        for digest, paths in state.items()
        if isinstance(paths, list)
        for logical in paths
        if isinstance(logical, str)
    }


_NOTHING_BEFORE = Inventory("", "")


class _Reader:
    """Reads one inventory, key by key."""

    def __init__(
        self,
        report: Report,
        document: Document,
        *,
        path: str,
        declared: str,
        is_root: bool,
        before: Inventory | None,
    ) -> None:
        self._report = report
        self._document = document
        self._data: dict[str, Any] = document.value
        self._declared = declared
        self._is_root = is_root
        self._path = path
        self._inventory = Inventory(path, declared)
        self._before = before or _NOTHING_BEFORE

    def read(self) -> Inventory:
        inventory = self._inventory
        self._read_type()  # first: the codes of the rest hang on the specification it names
        for key in ("id", "type", "digestAlgorithm", "head"):
            if key not in self._data:
                self._report.add("E036", self._path, found="", expected=key)
        self._read_identifier()
        self._read_algorithm()
        self._read_content_directory()
        self._read_keys()
        self._read_versions()
        self._read_head()
        manifest_digests = self._read_manifest()
        self._read_fixity()
        used: set[str] | None = set()
        for name, block in inventory.versions.items():
            if self._is_sound_before(name, block, manifest_digests):
                digests: set[str] | None = set(block["state"])
                inventory.sound_versions[name] = block
            else:
                found = self._report.total
                digests = self._read_version(name, block, manifest_digests)
                if found == self._report.total:
                    inventory.sound_versions[name] = block
            used = None if digests is None or used is None else used | digests
        if used is not None and manifest_digests is not None and inventory.spec != "1.0":
            self._check_used(manifest_digests, used)
        return inventory

    def _is_sound_before(self, name: str, block: dict[str, Any], manifest: dict[str, Any] | None) -> bool:
        return (
            manifest is not None
            and self._before.sound_versions.get(name) == block
            and block["state"].keys() <= manifest.keys()
        )

    def _check_used(self, manifest: dict[str, Any], used: set[str]) -> None:
        if manifest.keys() <= used:
            return
        lower = {digest.lower() for digest in used}
        for digest in manifest:
            if digest.lower() not in lower:
                self._report.add("E107", self._path, found=digest)

    def _read_type(self) -> None:
        given = self._data.get("type")
        spec = _TYPES.get(given) if isinstance(given, str) else None
        if spec is not None:
            self._inventory.spec = spec
            self._inventory.type_given = True
        wrong = spec is None or (self._is_root and spec != self._declared)
        if "type" in self._data and wrong:
            self._report.add("E038", self._path, found=given, expected=self._type_expected())

    def _type_expected(self) -> str:
        return f"https://ocfl.io/{self._declared}/spec/#inventory"

    def _read_identifier(self) -> None:
        given = self._data.get("id")
        if isinstance(given, str) and given:
            self._inventory.identifier = given
            if not is_uri(given):
                self._report.add("W005", self._path, found=given)
        elif "id" in self._data:
            self._report.add("E037", self._path, found=given, expected="")

    def _read_algorithm(self) -> None:
        given = self._data.get("digestAlgorithm")
        if isinstance(given, str) and is_known(given) and is_computable(given):
            self._inventory.algorithm = given
        if "digestAlgorithm" not in self._data:
            return
        if given not in CONTENT_ALGORITHMS:
            self._report.add("E025", self._path, found=given, expected=" / ".join(CONTENT_ALGORITHMS))
        elif given != CONTENT_ALGORITHMS[0]:
            self._report.add("W004", self._path, found=given, expected=CONTENT_ALGORITHMS[0])

    def _read_content_directory(self) -> None:
        if "contentDirectory" not in self._data:
            return
        given = self._data["contentDirectory"]
        if not isinstance(given, str) or not given or "\0" in given:
            self._report.add("E017" if self._inventory.spec == "1.0" else "E108", self._path, found=given)
        elif "/" in given:
            self._report.add("E017", self._path, found=given)
        elif given in {".", ".."}:
            self._report.add("E018", self._path, found=given)
        else:
            self._inventory.content_directory = given

    def _read_keys(self) -> None:
        if self._data.keys() <= _KEYS:
            return
        for key in sorted(self._data.keys() - _KEYS):
            match key.casefold():
                case "versions" | "version":
                    self._report.add("E044", self._path, found=key, expected="versions")
                case "fixity":
                    self._report.add("E055", self._path, found=key, expected="fixity")
                case _:
                    self._report.add("E102", self._path, found=key)

    def _read_versions(self) -> None:
        if "versions" not in self._data:
            self._report.add("E043", self._path)
            return
        given = self._data["versions"]
        if not isinstance(given, dict):
            self._report.add("E045", self._path, found=given)
            return
        versions.check_names(self._report, given, self._path, self._inventory.spec)
        for name, block in given.items():
            if not isinstance(block, dict):
                self._report.add("E047", self._path, version=name, found=block)
            elif versions.number(name) is not None:
                self._inventory.versions[name] = block

    def _read_head(self) -> None:
        given = self._data.get("head")
        highest = versions.latest(self._inventory.versions)
        if isinstance(given, str) and versions.number(given) is not None:
            self._inventory.head = given
        if "head" in self._data and (self._inventory.head is None or given != highest):
            self._report.add("E040", self._path, found=given, expected=highest or "v1")

    def _read_manifest(self) -> dict[str, Any] | None:
        if "manifest" not in self._data:
            self._report.add("E041", self._path)
            return None
        given = self._data["manifest"]
        inventory = self._inventory
        if not isinstance(given, dict):
            self._report.add("E041" if inventory.spec == "1.0" else "E106", self._path, found=given)
            return None
        for key in self._repeated_in(given):
            self._report.add("E096", self._path, found=key)
        before = self._before
        known = before.sound_manifest if before.algorithm == inventory.algorithm else {}
        if known and all(known.get(digest) == paths for digest, paths in given.items()):
            inventory.manifest = self._in_content(
                {path: each.lower() for each, paths in given.items() for path in paths}
            )
            inventory.sound_manifest = given
        else:
            found = self._report.total
            block = BlockReader(self._report, self._path, inventory.algorithm, is_fixity=False)
            paths = block.read(given)
            if found == self._report.total:
                inventory.sound_manifest = given
            inventory.manifest = self._in_content(paths)
            inventory.mentioned = frozenset(posixpath.normpath(bad).lstrip("/") for bad in block.refused)
        inventory.manifest_is_read = True
        return given

    def _in_content(self, paths: dict[str, str]) -> dict[str, str]:
        """Return those of *paths* that lie in a content directory; note the others."""
        inventory = self._inventory
        folder = inventory.content_folder
        kept: dict[str, str] = {}
        for path, digest in paths.items():
            parts = path.split("/", 2)
            if len(parts) == 3 and parts[1] == folder and parts[0] in inventory.versions:
                kept[path] = digest
            elif "/" not in path and "\\" in path:
                self._report.add("E035", self._path, found=path)
            elif versions.number(parts[0]) is None:
                self._report.add("E042", self._path, found=path)
            elif parts[0] not in inventory.versions:
                self._report.add("E014", self._path, found=path, expected=versions.latest(inventory.versions) or "v1")
            else:
                code = "E016" if inventory.content_directory or len(parts) < 3 else "E021"
                self._report.add(code, self._path, version=parts[0], found=path, expected=f"{parts[0]}/{folder}")
        return kept

    def _read_fixity(self) -> None:
        if "fixity" not in self._data:
            return
        given = self._data["fixity"]
        inventory = self._inventory
        if not isinstance(given, dict):
            self._report.add("E057" if inventory.spec == "1.0" else "E111", self._path, found=given)
            return
        for algorithm, block in given.items():
            if not is_known(algorithm):
                self._report.add("E056", self._path, found=algorithm)
            elif not isinstance(block, dict):
                self._report.add("E057", self._path, found=block, expected=algorithm)
            else:
                for key in self._repeated_in(block):
                    self._report.add("E097", self._path, found=key, expected=algorithm)
                read = BlockReader(self._report, self._path, algorithm, is_fixity=True).read(block)
                for path in sorted(read.keys() - inventory.manifest.keys()) if inventory.manifest_is_read else ():
                    self._report.add("E057", self._path, found=path, expected=algorithm)
                inventory.fixity[algorithm] = read

    def _repeated_in(self, block: dict[str, Any]) -> tuple[str, ...]:
        return next((keys for value, keys in self._document.repeats if value is block), ())

    def _read_version(self, name: str, block: dict[str, Any], manifest: dict[str, Any] | None) -> set[str] | None:
        """Check one version *block*; return the digests of its state, or None when they cannot be known."""
        report, path = self._report, self._path
        if block.keys() != VERSION_KEYS:
            self._check_version_keys(name, block)
        if "created" in block and not is_moment(block["created"]):
            report.add("E049", path, version=name, found=block["created"])
        if "message" in block and not isinstance(block["message"], str):
            report.add("E094", path, version=name, found=block["message"])
        if "user" in block:
            self._read_user(name, block["user"])
        return self._read_state(name, block["state"], manifest) if "state" in block else None

    def _check_version_keys(self, name: str, block: dict[str, Any]) -> None:
        for key in sorted(block.keys() - VERSION_KEYS):
            self._report.add("E102", self._path, version=name, found=key)
        for code, keys in (("E048", ("created", "state")), ("W007", ("message", "user"))):
            for key in keys:
                if key not in block:
                    self._report.add(code, self._path, version=name, expected=key)

    def _read_user(self, name: str, user: Any) -> None:
        report, path = self._report, self._path
        if not isinstance(user, dict):
            report.add("E054", path, version=name, found=user, expected="name")
            return
        for key in sorted(user.keys() - USER_KEYS) if not user.keys() <= USER_KEYS else ():
            report.add("E102", path, version=name, found=f"user.{key}")
        given = user.get("name")
        if not isinstance(given, str) or not given:
            report.add("E054", path, version=name, found=given if "name" in user else "", expected="name")
        if "address" not in user:
            report.add("W008", path, version=name, expected="address")
        elif not isinstance(user["address"], str) or not is_uri(user["address"]):
            report.add("W009", path, version=name, found=user["address"])

    def _read_state(self, name: str, state: Any, manifest: dict[str, Any] | None) -> set[str] | None:
        report, path = self._report, self._path
        if not isinstance(state, dict):
            report.add("E050", path, version=name, found=state)
            return None
        logical: list[str] = []
        for digest, paths in state.items():
            if manifest is not None and digest not in manifest:
                report.add("E050", path, version=name, found=digest)
            if not isinstance(paths, list):
                report.add("E050", path, version=name, found=paths)
                continue
            for one in paths:
                if not isinstance(one, str):
                    report.add("E051", path, version=name, found=one)
                    continue
                logical.append(one)
                if not is_plain(one):
                    self._check_logical(name, one)
        unique = set(logical)
        if len(unique) != len(logical):
            seen: set[str] = set()
            for one in logical:
                if one in seen:
                    report.add("E095", path, version=name, found=one, expected=one)
                seen.add(one)
        for folder, inner in conflicts(unique):
            report.add("E095", path, version=name, found=folder, expected=inner)
        return set(state)

    def _check_logical(self, name: str, logical: str) -> None:
        if has_edge_slash(logical):
            self._report.add("E053", self._path, version=name, found=logical)
        if has_bad_element(logical):
            self._report.add("E052", self._path, version=name, found=logical)
