"""Where a bag lies: a folder, a zip or a tar. What is in it is listed and read there; no name in it is ever opened.

A bag's own paths (in manifests, in ``fetch.txt``) are only compared with what the listing found, so that none of
them can lead out of the bag. Links are listed as links, and never followed.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import tarfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from khizana.core.preservation.bagit.validate_names import PAYLOAD, is_unsafe
from khizana.core.preservation.bagit.validate_report import Report
from khizana.core.preservation.ocfl.validate_disk import Kind, open_file, reason

MOST_EXPANSION = 100  # times its own size that an archive may claim to hold, beyond SMALL bytes
SMALL = 1 << 30
_ENCRYPTED = 1  # of a zip's flags for one file
MOST_TAG_FILES = 1000  # files beside the payload that are remembered for reading


@dataclass(frozen=True, slots=True)
class Member:
    """Something in a bag."""

    name: str
    """Path below the bag, as the file system or archive has it."""
    kind: Kind
    size: int
    """Bytes, as the file system or archive says."""
    place: Any
    """What its source opens it by."""


class Source(Protocol):
    """A place that holds one bag. Every method raises ``OSError`` when the place cannot be read."""

    is_archive: bool

    def top(self) -> dict[str, Member]:
        """Return the files beside the payload at the top of the bag, and ``data``, by name."""
        ...

    def members(self, *, payload: bool) -> Iterator[Member]:
        """Yield every file, link and device of the payload, or else of all that is beside it; folders are none."""
        ...

    def open(self, member: Member) -> BinaryIO:
        """Return a stream of the bytes of *member*."""
        ...

    def close(self) -> None:
        """Let go of the place."""
        ...


class Form(Enum):
    """How a bag is kept."""

    FOLDER = "folder"
    ZIP = "zip"
    TAR = "tar"


def form_of(path: Path) -> Form | None:
    """Return how what lies at *path* could hold a bag, by its first bytes; None when it could not, or is not there."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return Form.FOLDER
        if not stat.S_ISREG(status.st_mode):
            return None
        with path.open("rb") as stream:
            start = stream.read(512)
    except (OSError, ValueError):
        return None
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Form.ZIP
    return Form.TAR if start[257:262] == b"ustar" else None


def source_of(path: Path, form: Form, report: Report) -> Source:
    """Return the source at *path*. Raises ``OSError`` when it cannot be read."""
    if form is Form.FOLDER:
        return Folder(path, report)
    return _Zip(path, report) if form is Form.ZIP else _Tar(path, report)


class Folder:
    """A bag in a folder."""

    is_archive = False

    def __init__(self, path: Path, report: Report) -> None:
        self._path = os.path.abspath(path)  # noqa: PTH100 - a Path would join surrogates and dots its own way
        self._report = report

    def top(self) -> dict[str, Member]:
        """Return what lies at the top."""
        return {member.name: member for member in self._listed("")}

    def members(self, *, payload: bool) -> Iterator[Member]:
        """Yield files, links and devices; a folder that cannot be listed is noted and passed over."""
        waiting = [PAYLOAD] if payload else [""]
        while waiting:
            here = waiting.pop()
            try:
                for member in self._listed(here):
                    if member.kind is not Kind.FOLDER:
                        yield member
                    elif payload or member.name != "data":
                        waiting.append(f"{member.name}/")
            except OSError as error:
                self._report.add("BAGIT_UNREADABLE", here, found=reason(error))

    def open(self, member: Member) -> BinaryIO:
        """Return a stream on the regular file; a link that has taken its place since is refused."""
        return os.fdopen(open_file(member.place)[0], "rb", buffering=0)

    def close(self) -> None:
        """Do nothing: no handle is kept."""

    def _listed(self, below: str) -> Iterator[Member]:
        with os.scandir(f"{self._path}/{below}") as entries:
            for entry in entries:
                kind = _kind(entry)
                size = 0
                if kind is Kind.FILE:
                    with suppress(OSError):
                        size = entry.stat(follow_symlinks=False).st_size
                yield Member(f"{below}{entry.name}", kind, size, entry.path)


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return Kind.LINK
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    return Kind.FILE if entry.is_file(follow_symlinks=False) else Kind.OTHER


class _Archive(ABC):
    """A bag in one file: a folder of the archive, or the archive itself."""

    is_archive = True

    def __init__(self, path: Path, report: Report) -> None:
        self._path = path
        self._report = report
        self._prefix, self._top = self._looked_at()

    def top(self) -> dict[str, Member]:
        return self._top

    def members(self, *, payload: bool) -> Iterator[Member]:
        for member in self._all():
            if member.kind is not Kind.FOLDER and member.name.startswith(self._prefix):
                name = member.name[len(self._prefix) :]
                if name.startswith(PAYLOAD) is payload:
                    yield Member(name, member.kind, member.size, member.place)

    @abstractmethod
    def _all(self) -> Iterator[Member]:
        """Yield every member of the archive."""

    def _looked_at(self) -> tuple[str, dict[str, Member]]:
        """Return the folder of the archive that is the bag, and what lies at its top; note what is odd."""
        tops: dict[str, dict[str, Member]] = {}
        payloads: set[str] = set()
        roots: set[str] = set()
        claimed = 0
        for member in self._all():
            claimed += member.size
            parts = member.name.split("/")
            if len(roots) < MOST_TAG_FILES:
                roots.add(parts[0])
            for depth in (1, 2):
                prefix = "/".join(parts[: depth - 1]) + "/" * (depth - 1)
                if len(parts) == depth and member.kind is not Kind.FOLDER:
                    within = tops.setdefault(prefix, {})
                    if len(within) < MOST_TAG_FILES or member.name.endswith("bagit.txt"):
                        within[parts[-1]] = Member(parts[-1], member.kind, member.size, member.place)
                if parts[depth - 1 : depth] == ["data"] and (len(parts) > depth or member.kind is Kind.FOLDER):
                    payloads.add(prefix)
            if len(tops) > MOST_TAG_FILES:
                raise OSError(0, "it holds too many folders to be one bag")
        if claimed > SMALL and claimed > MOST_EXPANSION * self._path.stat().st_size:
            self._report.add("BAGIT_ARCHIVE_EXPANDS", found=claimed, expected=self._path.stat().st_size)
            raise OSError(0, "it claims to hold far more than its size allows")
        prefix = next((each for each in sorted(tops) if "bagit.txt" in tops[each]), min(payloads, default=""))
        top = tops.get(prefix, {})
        if prefix in payloads:
            top["data"] = Member("data", Kind.FOLDER, 0, None)
        if not prefix or len(roots) > 1:
            self._report.add("BAGIT_ARCHIVE_ROOT", found=len(roots))
        return prefix, top

    def _tidy(self, name: str) -> str:
        while name.startswith("./"):
            name = name[2:]
        if name in ("", "."):
            return ""
        if is_unsafe(name):
            self._report.add("BAGIT_PATH_UNSAFE", str(self._path.name), found=name)
            return ""
        return name.rstrip("/")


class _Zip(_Archive):
    def __init__(self, path: Path, report: Report) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError:
            raise
        except Exception as error:
            raise OSError(0, str(error) or type(error).__name__) from error
        super().__init__(path, report)

    def _all(self) -> Iterator[Member]:
        for info in self._zip.infolist():
            name = self._tidy(info.filename)
            if name:
                yield Member(name, _zip_kind(info), info.file_size, info)

    def open(self, member: Member) -> BinaryIO:
        if member.place.flag_bits & _ENCRYPTED:
            raise OSError(0, "it is encrypted: ask its sender for it without a password")
        try:
            return _Careful(self._zip.open(member.place))  # type: ignore[return-value]  # a stream to read bytes from
        except OSError:
            raise
        except Exception as error:
            raise OSError(0, str(error) or type(error).__name__) from error

    def close(self) -> None:
        self._zip.close()


def _zip_kind(info: zipfile.ZipInfo) -> Kind:
    mode = info.external_attr >> 16
    if info.is_dir():
        return Kind.FOLDER
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return Kind.LINK if stat.S_ISLNK(mode) else Kind.OTHER
    return Kind.FILE


class _Tar(_Archive):
    def __init__(self, path: Path, report: Report) -> None:
        self._stream = path.open("rb")
        try:
            super().__init__(path, report)
        except BaseException:
            self._stream.close()
            raise

    def _all(self) -> Iterator[Member]:
        self._stream.seek(0)
        try:
            with tarfile.open(fileobj=self._stream, mode="r:", errors="surrogateescape", ignore_zeros=False) as tar:
                for info in tar:
                    tar.members = []  # type: ignore[attr-defined]  # else each of a million is kept
                    name = self._tidy(info.name)
                    if name:
                        yield Member(name, _tar_kind(info), max(info.size, 0), (info.offset_data, max(info.size, 0)))
        except OSError:
            raise
        except Exception as error:
            raise OSError(0, str(error) or type(error).__name__) from error

    def open(self, member: Member) -> BinaryIO:
        start, size = member.place
        return _Stretch(self._stream.fileno(), start, size)  # type: ignore[return-value]  # a stream to read bytes from

    def close(self) -> None:
        self._stream.close()


def _tar_kind(info: tarfile.TarInfo) -> Kind:
    if info.isdir():
        return Kind.FOLDER
    if info.issym() or info.islnk():
        return Kind.LINK
    # A sparse file claims any number of zeros and takes no room: no bag is packed so.
    return Kind.FILE if info.isreg() and not info.issparse() else Kind.OTHER


class _Careful(io.RawIOBase):
    """A stream of an archive whose every error is an ``OSError``: those of zips that lie are not all documented."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._stream.read(len(buffer))
        except OSError:
            raise
        except Exception as error:
            raise OSError(0, str(error) or type(error).__name__) from error
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Stretch(io.RawIOBase):
    """A stretch of a file, read without moving the place at which others read it."""

    def __init__(self, handle: int, start: int, size: int) -> None:
        self._handle, self._at, self._end = handle, start, start + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._end - self._at)
        if wanted <= 0:
            return 0
        length = os.preadv(self._handle, [memoryview(buffer)[:wanted]], self._at)
        if not length:
            raise OSError(errno.EIO, "the archive ends within a file")
        self._at += length
        return length
