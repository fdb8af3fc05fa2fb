"""Content files: what lies in the content directories, and whether every digest that is given is right."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from khizana.core.preservation.ocfl.validate_digests import (
    FileRead,
    Readers,
    digest_file,
    digest_small,
    is_computable,
)
from khizana.core.preservation.ocfl.validate_disk import FILE, FOLDER, GONE, LINK, TooLarge, listing, reason
from khizana.core.preservation.ocfl.validate_inventory import Inventory
from khizana.core.preservation.ocfl.validate_report import Report
from khizana.core.preservation.ocfl.validate_sidecar import INVENTORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Future

LARGE_FILE = 1 << 20  # bytes; below, handing a file to a thread costs more than reading it
MOST_WAITING = 64  # large files of one object given to the threads and not yet compared


@dataclass(slots=True)
class ContentOnDisk:
    """The files found in the content directories of an object, by their version directories."""

    by_version: dict[str, set[str]] = field(default_factory=dict)
    """Version directory name to content paths."""
    unreadable: list[str] = field(default_factory=list)
    """Folders that could not be listed, relative to the object root: what lies in them is not known."""

    def holds(self, path: str) -> bool:
        """Tell whether *path* (relative to the object root) was found."""
        return path in self.by_version.get(path.partition("/")[0], ())

    def is_unknown(self, path: str) -> bool:
        """Tell whether *path* would lie in a folder that could not be listed."""
        return any(path.startswith(f"{folder}/") for folder in self.unreadable)


def walk_content(report: Report, root: str, version: str, folder: str, content: ContentOnDisk) -> None:
    """Add to *content* the files in the content directory *folder* (``v1/content``) of *version*.

    Links and special files are noted and left alone; so are empty folders and folders that cannot be listed.
    """
    files = content.by_version.setdefault(version, set())
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            names = listing(f"{root}/{here}")
        except OSError as error:
            content.unreadable.append(here)
            report.add("OCFL_UNREADABLE", here, version=version, found=reason(error))
            continue
        if not names:
            report.add("W003" if here == folder else "E024", here, version=version)
        for name, kind in names.items():
            path = f"{here}/{name}"
            if kind is FILE:
                files.add(path)
            elif kind is FOLDER:
                waiting.append(path)
            else:
                report.add("E090" if kind is LINK else "E089", path, version=version)


def check_referenced(report: Report, inventory: Inventory, content: ContentOnDisk, versions: list[str]) -> None:
    """Note every content file of *versions* that the manifest of *inventory* does not name."""
    if not inventory.manifest_is_read:
        return
    for version in versions:
        found = content.by_version.get(version, set())
        if found <= inventory.manifest.keys():
            continue
        for path in sorted(found - inventory.manifest.keys() - inventory.mentioned):
            report.add("E023", path, version=version, expected=inventory.path)


@dataclass(slots=True)
class Expectations:
    """Every digest that any inventory of an object gives for a content path.

    The manifest of the first inventory is kept as it is; what other inventories add is kept only where it
    differs, so that fifty inventories that agree cost one.
    """

    algorithm: str = ""
    manifest: Mapping[str, str] = field(default_factory=dict)
    others: dict[str, list[tuple[str, str, str, str]]] = field(default_factory=dict)
    """Content path to (algorithm, digest, code when it is wrong, inventory that gives it)."""

    def add(self, inventory: Inventory) -> None:
        """Add the manifest and the fixity block of *inventory*."""
        algorithm = inventory.algorithm
        if algorithm is not None:
            if not self.algorithm:
                self.algorithm, self.manifest = algorithm, inventory.manifest
            elif inventory.manifest is not self.manifest:
                self._add_block(algorithm, inventory.manifest, "E092", inventory.path)
        for name, block in inventory.fixity.items():
            if is_computable(name):
                self._add_block(name, block, "E093", inventory.path)

    def _add_block(self, algorithm: str, block: Mapping[str, str], code: str, source: str) -> None:
        known = self.manifest if algorithm == self.algorithm else {}
        for path, digest in block.items():
            if code == "E092" and known.get(path) == digest:
                continue
            entries = self.others.setdefault(path, [])
            if not any(entry[:3] == (algorithm, digest, code) for entry in entries):
                entries.append((algorithm, digest, code, source))

    def __iter__(self) -> Iterator[str]:
        yield from self.manifest
        yield from (path for path in self.others if path not in self.manifest)

    def of(self, path: str) -> list[tuple[str, str, str, str]]:
        """Return every (algorithm, digest, code, inventory) expected of *path*."""
        extra = self.others.get(path, [])
        digest = self.manifest.get(path)
        return extra if digest is None else [(self.algorithm, digest, "E092", INVENTORY), *extra]


Wanted = list[tuple[str, str, str, str]]
"""What is expected of one file: (algorithm, digest, code when it is wrong, inventory that gives it)."""


class ContentReader:
    """Compares files with what is expected of them, each read once; knows how much was read.

    Large files are given to *readers*: hashing them needs no interpreter, while small ones would only have
    threads wait for one another.
    """

    def __init__(self, report: Report, root: str, read_back: Mapping[str, str], readers: Readers) -> None:
        self._report = report
        self._root = root
        self._read_back = read_back
        self._readers = readers
        self._waiting: deque[tuple[str, Wanted, Future[FileRead]]] = deque()
        self._linked: dict[tuple[int, int], str] = {}
        self.files = 0
        self.bytes = 0

    def check(self, expected: Expectations, content: ContentOnDisk) -> None:
        """Compare every file that is expected; note what is missing, unreadable or other than recorded."""
        for path in expected:
            if content.holds(path):
                self._read(path, expected.of(path))
            elif not content.is_unknown(path):
                self._note_missing(path, expected.of(path))

    def check_found(self, algorithm: str, manifest: Mapping[str, str]) -> None:
        """Do so for files that were all found, of which *manifest* alone expects something: content path to digest."""
        for path, digest in manifest.items():
            small = None if self._read_back else digest_small(f"{self._root}/{path}", algorithm)
            if small is not None and small[0] == digest:
                self.files += 1
                self.bytes += small[1]
            else:
                self._read(path, [(algorithm, digest, "E092", INVENTORY)])

    @property
    def is_done(self) -> bool:
        """Whether no file is still being read."""
        return not self._waiting or all(future.done() for _, _, future in self._waiting)

    def finish(self) -> None:
        """Wait for the files that are still being read."""
        while self._waiting:
            self._settle(*self._waiting.popleft())

    def _read(self, path: str, wanted: Wanted) -> None:
        full = f"{self._root}/{path}"
        algorithms = {entry[0] for entry in wanted} if len(wanted) > 1 else {wanted[0][0]}
        known = self._read_back.get(full) if self._read_back else None
        if known is not None and algorithms == {"sha512"}:
            self._compare(path, wanted, FileRead({"sha512": known.lower()}, 0, None))
        else:
            try:
                read = digest_file(full, algorithms, at_most=LARGE_FILE)
            except TooLarge:
                if len(self._waiting) >= MOST_WAITING:
                    self._settle(*self._waiting.popleft())
                self._waiting.append((path, wanted, self._readers.submit(full, algorithms)))
            except OSError as error:
                self._note_unreadable(path, wanted, error)
            else:
                self._compare(path, wanted, read)

    def _settle(self, path: str, wanted: Wanted, future: Future[FileRead]) -> None:
        try:
            read = future.result()
        except OSError as error:
            self._note_unreadable(path, wanted, error)
        else:
            self._compare(path, wanted, read)

    def _compare(self, path: str, wanted: Wanted, read: FileRead) -> None:
        self.files += 1
        self.bytes += read.size
        for algorithm, digest, code, source in wanted:
            found = read.digests[algorithm]
            if found != digest:
                version = path.partition("/")[0]
                facts = {"found": f"{algorithm} {found}", "expected": f"{digest} ({source})"}
                self._report.add(code, path, version=version, **facts)
        if read.identity is not None and (other := self._linked.setdefault(read.identity, path)) != path:
            self._report.add("E090", path, version=path.partition("/")[0], found=other)

    def _note_missing(self, path: str, wanted: Wanted) -> None:
        for code in dict.fromkeys(entry[2] for entry in wanted):
            self._report.add(code, path, version=path.partition("/")[0], found="-", expected=wanted[0][1])

    def _note_unreadable(self, path: str, wanted: Wanted, error: OSError) -> None:
        if error.errno in GONE:  # it stood in the listing a moment ago
            self._note_missing(path, wanted)
        else:
            self._report.add("OCFL_UNREADABLE", path, version=path.partition("/")[0], found=reason(error))
