"""The payload of a bag in one file, as a card: each photograph is read where it lies, and nothing is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from khizana.core.errors import Unreadable
from khizana.core.preservation.bagit.validate_names import PAYLOAD
from khizana.core.preservation.bagit.validate_report import Report
from khizana.core.preservation.bagit.validate_source import Form, Member, Source, source_of
from khizana.core.preservation.card import readable
from khizana.core.preservation.ocfl.validate_disk import Kind, reason


@contextmanager
def packed_card(path: Path, form: Form) -> Iterator[PackedCard]:
    """Give the payload of the bag at *path*, a zip or tar that was found valid. Raises ``Unreadable``."""
    try:
        source = source_of(path, form, Report(str(path)))
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(path), problem=reason(error)) from error
    try:
        yield PackedCard(path, source)
    finally:
        source.close()


class PackedCard:
    """The payload of the bag *source* at *path*."""

    def __init__(self, path: Path, source: Source) -> None:
        self.path = path
        self._source = source
        self._files = {
            member.name.removeprefix(PAYLOAD): _PackedFile(self, member)
            for member in source.members(payload=True)
            if member.kind is Kind.FILE
        }

    def files(self) -> Iterator[_PackedFile]:
        """Yield the files of the payload."""
        for name, file in self._files.items():
            if not any(part.startswith(".") for part in name.split("/")):
                yield file

    def content(self, name: str, most: int) -> bytes | None:
        """Return at most *most* bytes of *name*."""
        file = self._files.get(name)
        if file is None:
            return None
        content = bytearray(min(most, file.size))
        with file.opened() as reading:
            rest = memoryview(content)
            while length := reading.into(rest):
                rest = rest[length:]
        return bytes(content[: len(content) - len(rest)])

    def is_there(self) -> bool:
        """Say whether the file that holds the bag is there."""
        return self.path.is_file()

    def state(self) -> tuple[int, int, int]:
        """Return what the file system says of the file that holds the bag: the same while nobody writes to it."""
        status = self.path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns

    def stream(self, member: Member) -> BinaryIO:
        """Return a stream of the bytes of *member*. Raises ``OSError``."""
        return self._source.open(member)


@dataclass(frozen=True, slots=True)
class _PackedFile:
    """A file of a bag."""

    card: PackedCard
    member: Member

    @property
    def name(self) -> str:
        return readable(self.member.name.removeprefix(PAYLOAD))

    @property
    def size(self) -> int:
        return self.member.size

    @property
    def modified(self) -> int:
        try:
            return self.card.state()[2]
        except OSError:
            return 0

    @contextmanager
    def opened(self) -> Iterator[_Reading]:
        try:
            before = self.card.state()
            stream = self.card.stream(self.member)
        except OSError as error:
            raise self.told(error) from error
        with stream:
            yield _Reading(self, stream, before)

    def told(self, error: OSError) -> Unreadable:
        facts = {"name": self.name, "folder": str(self.card.path), "problem": reason(error)}
        return Unreadable("SOURCE_UNREADABLE", **facts)


class _Reading:
    def __init__(self, file: _PackedFile, stream: BinaryIO, before: tuple[int, int, int]) -> None:
        self.size = file.size
        self._file, self._stream, self._before = file, stream, before

    def into(self, buffer: memoryview) -> int:
        try:
            return self._stream.readinto(buffer) or 0  # type: ignore[attr-defined]  # both kinds have it
        except OSError as error:
            raise self._file.told(error) from error

    def is_unchanged(self) -> bool:
        try:
            return self._file.card.state() == self._before
        except OSError:
            return False
