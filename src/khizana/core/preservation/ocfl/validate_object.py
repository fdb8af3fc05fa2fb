"""One OCFL object: its folder, its inventories, its versions, its content, in that order (OCFL 1.1, 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khizana.core.preservation.ocfl import validate_versions as versions
from khizana.core.preservation.ocfl.validate_content import (
    ContentOnDisk,
    ContentReader,
    Expectations,
    check_referenced,
    walk_content,
)
from khizana.core.preservation.ocfl.validate_declaration import LATEST, OBJECT, check_declaration, is_object
from khizana.core.preservation.ocfl.validate_digests import CONTENT_ALGORITHMS, Readers, digest_bytes
from khizana.core.preservation.ocfl.validate_disk import FILE, FOLDER, LINK, Kind, TooLarge, listing, read_whole, reason
from khizana.core.preservation.ocfl.validate_extensions import check_extensions, check_logs
from khizana.core.preservation.ocfl.validate_history import Generation, check_earlier, check_generations
from khizana.core.preservation.ocfl.validate_inventory import LARGEST_INVENTORY, Inventory, read_inventory
from khizana.core.preservation.ocfl.validate_report import Report, Subject, Verdict, plain
from khizana.core.preservation.ocfl.validate_sidecar import INVENTORY, check_sidecar, sidecars
from khizana.core.preservation.ocfl.validate_usual import ALGORITHM, SPECIFICATION, read_usual

if TYPE_CHECKING:
    from collections.abc import Mapping

_OBJECT = Subject.OBJECT  # asked for with every object: a member of an enumeration is found more slowly


class ObjectCheck:
    """The check of the object in one folder: ``run`` once, then ``verdict`` waits for what is still being read."""

    def __init__(
        self, folder: str, subject: str, readers: Readers, *, read_back: Mapping[str, str] | None = None
    ) -> None:
        self.report = Report(subject)
        self.identifier: str | None = None
        self.declared: str | None = None
        self._folder = folder
        self._content = ContentOnDisk()
        self._expected = Expectations()
        self._reader = ContentReader(self.report, folder, read_back or {}, readers)
        self._spec = LATEST
        self._algorithm: str | None = None
        self._root: tuple[str, str] | None = None
        """Algorithm and digest of the root inventory's bytes: enough to know them again, however large."""

    def run(self, entries: Mapping[str, Kind] | None = None) -> None:
        """Check everything; whatever the disk holds, nothing is raised.

        *entries* are the names in the object root, when the caller has just listed them.
        """
        try:
            entries = listing(self._folder) if entries is None else entries
        except OSError as error:
            self.report.add("OCFL_UNREADABLE", found=reason(error))
            return
        usual = read_usual(self._folder, entries, at_most=LARGEST_INVENTORY)
        if usual is not None:
            self.identifier, self.declared = usual.identifier, SPECIFICATION
            self._reader.check_found(ALGORITHM, usual.manifest)
            return
        self.declared, declarations = check_declaration(self.report, self._folder, entries, OBJECT)
        self._spec = self.declared or LATEST
        root = self._read_root(entries)
        folders = self._check_entries(entries, declarations)
        versions.check_sequence(self.report, folders, "")
        if root is not None and set(folders) != set(root.versions):
            self._check_correspondence(folders, root)
        self._check_versions(folders, root)
        self._reader.check(self._expected, self._content)

    @property
    def is_done(self) -> bool:
        """Whether ``verdict`` would not have to wait."""
        return self._reader.is_done

    def verdict(self) -> Verdict:
        """Return what was found, once every file is read."""
        self._reader.finish()
        return Verdict(
            path=self.report.subject,
            subject=_OBJECT,
            identifier=None if self.identifier is None else plain(self.identifier),
            specification=self.declared,
            findings=self.report.findings(),
            files=self._reader.files,
            bytes=self._reader.bytes,
        )

    # The object root

    def _read_root(self, entries: Mapping[str, Kind]) -> Inventory | None:
        if entries.get(INVENTORY) is not FILE:
            self.report.add("E063", INVENTORY)
            return None
        data = self._read(INVENTORY)
        if data is None:
            return None
        # An object that declares nothing is not held to the declaration that it lacks.
        is_declared = self.declared is not None
        inventory = read_inventory(self.report, data, path=INVENTORY, declared=self._spec, is_root=is_declared)
        if inventory is not None:
            self.identifier = inventory.identifier
            self._algorithm = inventory.algorithm
        digests = _Digests(data)
        algorithm = self._algorithm or CONTENT_ALGORITHMS[0]
        self._root = (algorithm, digests.of(algorithm))
        check_sidecar(self.report, self._folder, "", entries, algorithm=self._algorithm, digest=digests.of)
        return inventory

    def _check_entries(self, entries: Mapping[str, Kind], declarations: set[str]) -> list[str]:
        """Note what does not belong in the object root; return its version directories."""
        report = self.report
        own = {INVENTORY, *sidecars(entries, self._algorithm)}
        folders: list[str] = []
        for name, kind in entries.items():
            if kind is LINK:
                if name not in declarations:
                    report.add("E090", name)
            elif kind is FOLDER and versions.number(name) is not None:
                folders.append(name)
            elif kind is FOLDER and name == "logs":
                check_logs(report, self._folder)
            elif kind is FOLDER and name == "extensions":
                check_extensions(report, self._folder, stray="E067", unregistered="W013")
            elif name not in declarations and not (kind is FILE and name in own):
                self._note_stranger(name, kind)
        return folders

    def _note_stranger(self, name: str, kind: Kind) -> None:
        self.report.add("E001", name, found=kind.value)
        if kind is FILE and name.lower() == INVENTORY:
            self.report.add("E034", name, found=name, expected=INVENTORY)
        if kind is FOLDER:
            try:
                inner = listing(f"{self._folder}/{name}")
            except OSError:
                return  # E001 is noted: what it holds does not matter
            if is_object(inner):
                self.report.add("E082", name)

    def _check_correspondence(self, folders: list[str], root: Inventory) -> None:
        for name in versions.in_order(set(folders) - set(root.versions)):
            self.report.add("E046", INVENTORY, version=name, found=name)
        for name in versions.in_order(set(root.versions) - set(folders)):
            self.report.add("E046", INVENTORY, version=name, found=name)
        if root.versions:
            versions.check_sequence(self.report, root.versions, INVENTORY)

    # The version directories

    def _check_versions(self, folders: list[str], root: Inventory | None) -> None:
        ordered = versions.in_order(folders)
        entries = {name: self._list_version(name) for name in ordered}
        current = root or self._stand_in(ordered, entries)
        content_folder = current.content_folder if current is not None else "content"
        for name in ordered:
            self._check_version_entries(name, entries[name], content_folder)
        if current is not None:
            self._expected.add(current)
        generations: list[Generation] = []
        for position, name in enumerate(ordered, 1):
            inventory = self._read_version(name, entries[name], current, is_latest=name == ordered[-1])
            if inventory is None:
                continue
            generations.append(Generation.of(inventory, name))
            if current is not None:
                check_earlier(self.report, inventory, current, version=name)
            if inventory.content_folder == content_folder:  # another one is noted, and what it holds not looked at
                self._expected.add(inventory)
                check_referenced(self.report, inventory, self._content, ordered[:position])
        if root is not None:
            generations.append(Generation.of(root, root.head or ""))
            check_referenced(self.report, root, self._content, ordered)
        if generations:
            check_generations(self.report, generations, self._spec)

    def _list_version(self, name: str) -> dict[str, Kind]:
        try:
            return listing(f"{self._folder}/{name}")
        except OSError as error:
            self._content.unreadable.append(name)
            self.report.add("OCFL_UNREADABLE", name, version=name, found=reason(error))
            return {}

    def _stand_in(self, ordered: list[str], entries: Mapping[str, Mapping[str, Kind]]) -> Inventory | None:
        """Return the newest inventory that can be read of a version, where the object's own cannot."""
        for name in reversed(ordered):
            path = f"{name}/{INVENTORY}"
            silent = Report(path)  # what is wrong with it is noted when its turn comes
            if entries[name].get(INVENTORY) is FILE and (data := self._read(path, silent)) is not None:
                inventory = read_inventory(silent, data, path=path, declared=self._spec, is_root=False)
                if inventory is not None:
                    return inventory
        return None

    def _check_version_entries(self, version: str, entries: Mapping[str, Kind], content_folder: str) -> None:
        for name, kind in entries.items():
            path = f"{version}/{name}"
            if kind is LINK:
                self.report.add("E090", path, version=version)
            elif kind is FOLDER and name == content_folder:
                walk_content(self.report, self._folder, version, path, self._content)
            elif kind is FOLDER:
                self.report.add("W002", path, version=version)
            elif kind is Kind.OTHER or not name.startswith(INVENTORY):
                self.report.add("E015", path, version=version)
                if name.lower() == INVENTORY:
                    self.report.add("E034", path, version=version, found=name, expected=INVENTORY)

    def _read_version(
        self, version: str, entries: Mapping[str, Kind], current: Inventory | None, *, is_latest: bool
    ) -> Inventory | None:
        """Return the inventory in the directory of *version*; None when there is none, or the root's own again."""
        report, path = self.report, f"{version}/{INVENTORY}"
        if entries.get(INVENTORY) is not FILE:
            report.add("W010", path, version=version)
            self._note_sidecars(version, entries, set())
            return None
        data = self._read(path)
        if data is None:
            self._note_sidecars(version, entries, sidecars(entries, None))
            return None
        digests = _Digests(data)
        is_same = self._root is not None and digests.of(self._root[0]) == self._root[1]
        if is_latest and not is_same and self._root is not None:
            report.add("E064", path, version=version)
        inventory, algorithm = None, self._algorithm
        if not (is_latest and is_same):
            inventory = read_inventory(report, data, path=path, declared=self._spec, is_root=False, before=current)
            algorithm = None if inventory is None else inventory.algorithm
        folder = f"{self._folder}/{version}"
        check_sidecar(report, folder, version, entries, algorithm=algorithm, digest=digests.of)
        self._note_sidecars(version, entries, sidecars(entries, algorithm))
        return inventory

    def _note_sidecars(self, version: str, entries: Mapping[str, Kind], own: set[str]) -> None:
        for name, kind in entries.items():
            if kind is FILE and name.startswith(INVENTORY) and name != INVENTORY and name not in own:
                self.report.add("E015", f"{version}/{name}", version=version)

    def _read(self, path: str, report: Report | None = None) -> bytes | None:
        report = report or self.report
        try:
            return read_whole(f"{self._folder}/{path}", at_most=LARGEST_INVENTORY)
        except TooLarge:
            report.add("OCFL_INVENTORY_TOO_LARGE", path, expected=LARGEST_INVENTORY)
        except OSError as error:
            report.add("OCFL_UNREADABLE", path, found=reason(error))
        return None


class _Digests:
    """The digests of some bytes, each computed once."""

    __slots__ = ("_data", "_known")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._known: dict[str, str] = {}

    def of(self, algorithm: str) -> str:
        known = self._known.get(algorithm)
        if known is None:
            known = self._known[algorithm] = digest_bytes(self._data, algorithm)
        return known
