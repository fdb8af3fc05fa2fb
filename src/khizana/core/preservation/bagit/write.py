"""The bag writer: BagIt 1.0 with sha512, in a folder, a zip or a tar, whole or not at all.

The payload is read once: hashed while it goes straight into the bag, and compared with the digest it should have. The
manifests come after it (no form of bag asks for an order), so that an archive takes no room but its own. Everything is
written beside its name, flushed, read back and validated by code that the caller brings (and that shares nothing with
this module), and only then named.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import tarfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from khizana.core.errors import AlreadyThere, BadInput, Busy, Damaged
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest
from khizana.core.preservation.durable import (
    PART,
    make_directories,
    remove_tree,
    sync_directory,
    sync_tree,
    write_all,
    writing,
)

CHUNK = 1 << 20  # bytes
MANIFEST = "manifest-sha512.txt"
TAG_MANIFEST = "tagmanifest-sha512.txt"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

Validator = Callable[[Path], Iterable[Finding]]
"""Validates the bag at a path, of whatever form."""


class BagForm(StrEnum):
    """How a bag is kept."""

    FOLDER = "folder"
    ZIP = "zip"
    TAR = "tar"


@dataclass(frozen=True, slots=True)
class Carried:
    """One file of the payload."""

    name: str
    """Path below ``data``."""
    source: Path | bytes
    digest: Digest | None = None
    """What its bytes must have; None when nobody has said."""


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag that was written."""

    path: Path
    files: int
    bytes: int


class _Sink(Protocol):
    """A bag being written."""

    def put(self, name: str, size: int, pieces: Iterable[bytes | memoryview]) -> None:
        """Write one file of exactly *size* bytes."""
        ...

    def finish(self) -> None:
        """Flush everything."""
        ...


def write_bag(
    path: Path,
    payload: Sequence[Carried],
    *,
    form: BagForm,
    info: Sequence[tuple[str, str]],
    created: datetime,
    validator: Validator,
    on_bytes: Callable[[int], None] = lambda _: None,
) -> Bag:
    """Write the bag *path* with *payload*, and return it.

    *info* gives labels and values of ``bag-info.txt``; the Bagging-Date (*created*) and the Payload-Oxum are added. In
    an archive the bag is a folder named as the archive is without its ending. What a killed run left beside *path* is
    replaced.

    Raises ``AlreadyThere`` when *path* exists, ``BadInput`` for names that readers of bags disagree about, ``Busy``
    when another process writes this very bag, ``Damaged`` when a source has not its digest or the bag is not valid,
    and ``NoSpace``; nothing is left beside *path* then.
    """
    _check_names(payload)
    if path.exists() or path.is_symlink():
        raise AlreadyThere("BAG_EXISTS", path=str(path))
    with writing(path.parent):
        make_directories(path.parent)
        part = path.with_name(path.name + PART)
        with _part(part, form) as sink:
            bag = _write(sink, path, payload, info=info, created=created, on_bytes=on_bytes)
            sink.finish()
            for finding in validator(part):
                if finding.severity is Severity.ERROR:
                    raise Damaged("BAG_WRITTEN_INVALID", path=str(path), problem=finding.sentence())
            if path.exists():
                raise AlreadyThere("BAG_EXISTS", path=str(path))
            part.rename(path)
            sync_directory(path.parent)
    return bag


def _check_names(payload: Sequence[Carried]) -> None:
    seen: set[str] = set()
    for carried in payload:
        name = carried.name
        parts = name.split("/")
        # Readers disagree on how a percent sign, a line end or a backslash is written, and on names twice by case.
        unusable = any(character in "%\\" or not character.isprintable() for character in name)
        if unusable or name != name.strip() or not all(parts) or {".", ".."} & set(parts) or name.casefold() in seen:
            raise BadInput("BAG_NAME_UNUSABLE", name=name)
        seen.add(name.casefold())


def _write(
    sink: _Sink,
    path: Path,
    payload: Sequence[Carried],
    *,
    info: Sequence[tuple[str, str]],
    created: datetime,
    on_bytes: Callable[[int], None],
) -> Bag:
    total = 0
    manifest: list[str] = []
    for carried in payload:
        digest, size = _put(sink, carried, on_bytes)
        manifest.append(f"{digest}  data/{carried.name}\n")
        total += size
    labels = [*info, ("Bagging-Date", created.date().isoformat()), ("Payload-Oxum", f"{total}.{len(payload)}")]
    tags = {
        MANIFEST: "".join(manifest).encode(),
        "bag-info.txt": "".join(f"{label}: {' '.join(value.split())}\n" for label, value in labels if value).encode(),
        "bagit.txt": DECLARATION,
    }
    tags[TAG_MANIFEST] = "".join(
        f"{hashlib.sha512(content).hexdigest()}  {name}\n" for name, content in sorted(tags.items())
    ).encode()
    for name, content in tags.items():
        sink.put(name, len(content), [content])
    return Bag(path, len(payload), total)


def _put(sink: _Sink, carried: Carried, on_bytes: Callable[[int], None]) -> tuple[str, int]:
    calculation = hashlib.sha512()
    length = 0
    with _opened(carried.source) as (stream, size):

        def pieces() -> Iterator[bytes]:
            nonlocal length
            while piece := stream.read(CHUNK):
                calculation.update(piece)
                length += len(piece)
                if length > size:
                    break
                on_bytes(len(piece))
                yield piece

        sink.put(f"data/{carried.name}", size, pieces())
    digest = calculation.hexdigest()
    if length != size or (carried.digest is not None and digest != carried.digest):
        raise Damaged("CONTENT_ALTERED", path=str(carried.source) if isinstance(carried.source, Path) else carried.name)
    return digest, size


@contextmanager
def _opened(source: Path | bytes) -> Iterator[tuple[BinaryIO, int]]:
    if isinstance(source, bytes):
        yield io.BytesIO(source), len(source)
        return
    with source.open("rb") as stream:
        yield stream, os.fstat(stream.fileno()).st_size


@contextmanager
def _part(part: Path, form: BagForm) -> Iterator[_Sink]:
    """Give what writes the bag under the name *part*; it is removed unless it has been renamed by the end."""
    lock = part.with_name(f"{part.name}.lock")
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("BAG_BUSY", path=str(part)) from error
        _remove(part)
        try:
            if form is BagForm.FOLDER:
                yield _FolderSink(part)
            else:
                with part.open("xb") as stream:
                    top = part.name.removesuffix(PART).removesuffix(f".{form}")
                    sink = _ZipSink(stream, top) if form is BagForm.ZIP else _TarSink(stream, top)
                    try:
                        yield sink
                    except BaseException:
                        with suppress(Exception):
                            sink.end()
                        raise
        finally:
            with suppress(OSError):
                _remove(part)
            lock.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _remove(part: Path) -> None:
    if part.is_dir() and not part.is_symlink():
        remove_tree(part)
    else:
        part.unlink(missing_ok=True)


class _FolderSink:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "data").mkdir(parents=True)

    def put(self, name: str, size: int, pieces: Iterable[bytes | memoryview]) -> None:  # noqa: ARG002 - a folder needs no size
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            for piece in pieces:
                write_all(handle, piece)
            os.fsync(handle)
            # What is read back should come from the disk.
            with suppress(OSError):
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)

    def finish(self) -> None:
        sync_tree(self._folder)


class _ArchiveSink(ABC):
    def __init__(self, stream: BinaryIO, top: str) -> None:
        self._stream = stream
        self._top = top

    @abstractmethod
    def end(self) -> None:
        """Write what closes the archive."""

    def finish(self) -> None:
        self.end()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        with suppress(OSError):
            os.posix_fadvise(self._stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class _ZipSink(_ArchiveSink):
    """Stored, not compressed: photographs are compressed already, and what is stored can be saved from a torn zip."""

    def __init__(self, stream: BinaryIO, top: str) -> None:
        super().__init__(stream, top)
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED, allowZip64=True)

    def put(self, name: str, size: int, pieces: Iterable[bytes | memoryview]) -> None:
        entry = zipfile.ZipInfo(f"{self._top}/{name}")
        entry.file_size = size
        entry.external_attr = 0o100644 << 16
        with self._zip.open(entry, "w", force_zip64=size >= zipfile.ZIP64_LIMIT // 2) as sink:
            for piece in pieces:
                sink.write(piece)

    def end(self) -> None:
        self._zip.close()


class _TarSink(_ArchiveSink):
    def __init__(self, stream: BinaryIO, top: str) -> None:
        super().__init__(stream, top)
        self._tar = tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed at the end

    def put(self, name: str, size: int, pieces: Iterable[bytes | memoryview]) -> None:
        entry = tarfile.TarInfo(f"{self._top}/{name}")
        entry.size = size
        self._tar.addfile(entry, _Pieces(pieces, name))

    def end(self) -> None:
        self._tar.close()


class _Pieces(io.RawIOBase):
    """Pieces as a stream to read, which is how a tar asks for them. Raises ``Damaged`` when they end early."""

    def __init__(self, pieces: Iterable[bytes | memoryview], name: str) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")
        self._name = name

    def read(self, size: int = -1) -> bytes:
        """Return exactly *size* bytes."""
        parts: list[bytes] = []
        while size > 0:
            if not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    raise Damaged("CONTENT_ALTERED", path=self._name)
                self._rest = memoryview(piece)
            parts.append(bytes(self._rest[:size]))
            self._rest = self._rest[size:]
            size -= len(parts[-1])
        return b"".join(parts)
