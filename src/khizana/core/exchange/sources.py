"""The files that an import was given: files, all that lies below folders, and what is in zip and tar archives."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from khizana.core.catalogue.incoming import Reported
from khizana.core.exchange.kinds import HEAD
from khizana.core.findings import Finding, Severity
from khizana.core.structure.labels import natural_key

LARGEST = 256 * 1024 * 1024
"""Bytes of one file in an archive: it is read into memory."""
_ZIP = b"PK\x03\x04"
_SHEETS_IN_ZIP = (b"xl/", b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument", b"_rels/")
"""A workbook is a zip archive, too: it has one of these among its first names."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file to import from."""

    name: str
    """As a person finds it again: the path as it was given; for a file in an archive, its path in it after a colon."""
    path: Path | None = None
    """Where it lies, or None for a file in an archive."""
    content: bytes = b""
    """Of a file in an archive."""

    def head(self) -> bytes:
        """Return its first bytes, enough to tell what it is. Raises ``OSError``."""
        with self.opened() as stream:
            return stream.read(HEAD)

    def opened(self) -> BinaryIO:
        """Return a stream of its bytes. Raises ``OSError``."""
        return io.BytesIO(self.content) if self.path is None else self.path.open("rb")

    def size(self) -> int:
        """Return how many bytes it has. Raises ``OSError``."""
        return len(self.content) if self.path is None else self.path.stat().st_size

    def read(self) -> bytes:
        """Return all of it. Raises ``OSError``."""
        return self.content if self.path is None else self.path.read_bytes()


def sources(given: Sequence[Path]) -> Iterator[Source | Reported]:
    """Yield every file that *given* names, in natural order of their paths; what cannot be read is reported.

    Links to folders are not followed: they may lead round in a circle. One archive is opened at a time, and one of its
    files held in memory.
    """
    for path in given:
        if path.is_dir():
            for each in _below(path):
                yield from _opened(each) if isinstance(each, Path) else (each,)
        else:
            yield from _opened(path)


def _below(folder: Path) -> Iterator[Path | Reported]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: natural_key(entry.name))
    except OSError as error:
        yield _unreadable(str(folder), error)
        return
    for entry in entries:
        if entry.name.startswith((".", "~$")):  # of the system, and of a spreadsheet that is open elsewhere
            continue
        if entry.is_symlink() and entry.is_dir():
            yield _link(str(folder / entry.name), os.fspath(Path(entry.path).readlink()))
        elif entry.is_dir():
            yield from _below(folder / entry.name)
        else:
            yield folder / entry.name


def _opened(path: Path) -> Iterator[Source | Reported]:
    if path.exists() and not path.is_file():  # a pipe would be waited for, and can be read once only
        yield Reported(Finding("IMPORT_NO_FILE", Severity.ERROR, str(path)), str(path), 1)
        return
    try:
        head = Source(str(path), path).head()
        if head.startswith(_ZIP) and not any(name in head for name in _SHEETS_IN_ZIP):
            yield from _in_zip(path)
        elif _is_tar(path, head):
            yield from _in_tar(path)
        else:
            yield Source(str(path), path)
    except (OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        # RuntimeError is what the library says of a zip archive with a password.
        yield _unreadable(str(path), error)


def _is_tar(path: Path, head: bytes) -> bool:
    packed = head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"))
    return (packed or head[257:262] == b"ustar") and tarfile.is_tarfile(path)


def _in_zip(path: Path) -> Iterator[Source | Reported]:
    with zipfile.ZipFile(path) as archive:
        for member in sorted(archive.infolist(), key=lambda each: natural_key(each.filename)):
            if member.is_dir() or _is_hidden(member.filename):
                continue
            name = f"{path}:{member.filename}"
            with archive.open(member) as stream:
                yield _bounded(name, stream.read(LARGEST + 1))


def _in_tar(path: Path) -> Iterator[Source | Reported]:
    # As a stream: a packed archive of half a million descriptions is read once, in its own order.
    with tarfile.open(path, "r|*") as archive:
        while (member := archive.next()) is not None:
            if not member.isdir() and not _is_hidden(member.name):
                stream = archive.extractfile(member) if member.isfile() else None
                name = f"{path}:{member.name}"
                yield _link(name, member.linkname) if stream is None else _bounded(name, stream.read(LARGEST + 1))
            archive.members.clear()  # type: ignore[attr-defined] # the library remembers every member that it has seen


def _link(name: str, goal: str) -> Reported:
    # What it leads to has its own place in the archive, or none that could be read.
    return Reported(Finding("IMPORT_LINK", Severity.INFO, name, {"goal": goal}), name, 1)


def _bounded(name: str, content: bytes) -> Source | Reported:
    if len(content) > LARGEST:
        finding = Finding("IMPORT_FILE_TOO_LARGE", Severity.ERROR, name, {"largest": LARGEST})
        return Reported(finding, name, 1)
    return Source(name, None, content)


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _unreadable(name: str, error: Exception) -> Reported:
    problem = getattr(error, "strerror", None) or str(error)
    return Reported(Finding("IMPORT_FILE_UNREADABLE", Severity.ERROR, name, {"problem": problem}), name, 1)
