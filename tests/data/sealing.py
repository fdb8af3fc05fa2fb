"""Keys and sites to seal with in tests."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data.commands import KHIZANA, command_environment
from khizana.adapters.age import AgeOpener, AgeSealer, new_identity, recipient_of
from khizana.adapters.disk import DiskStore
from khizana.core.errors import BadInput, Damaged
from khizana.core.ports import ByteReader, ByteWriter
from khizana.core.preservation.sealed.names import Blinding
from khizana.core.preservation.sealed.seal import Sealed, Sealing, seal_object, seal_storage_root

BLINDING = Blinding(bytes(range(32)))


@dataclass(frozen=True)
class Site:
    """A sealed site on a disk, with everything needed to seal to it and to open it."""

    root: Path
    identity: str
    scratch: Path

    @classmethod
    def made(cls, folder: Path) -> Site:
        (folder / "site").mkdir(parents=True)
        return cls(folder / "site", new_identity(), folder / "scratch")

    @property
    def store(self) -> DiskStore:
        return DiskStore(self.root)

    @property
    def opener(self) -> AgeOpener:
        return AgeOpener([self.identity])

    @property
    def sealing(self) -> Sealing:
        return Sealing(AgeSealer([recipient_of(self.identity)]), BLINDING, self.scratch)

    def seal(self, source: Path, place: str | None = None) -> tuple[Sealed, ...]:
        with self.store.held():
            return seal_object(source, store=self.store, sealing=self.sealing, place=place)

    def seal_root(self, storage: Path, objects: Iterable[Path] = ()) -> None:
        with self.store.held():
            seal_storage_root(storage, store=self.store, sealing=self.sealing)
        for each in objects:
            self.seal(each, each.relative_to(storage).as_posix())

    def files(self) -> list[Path]:
        return sorted(path for path in (self.root / "sealed").rglob("*") if path.is_file())


class DebianAge:
    """Seals and opens by the program ``age``: another implementation of both ports."""

    def __init__(self, recipient: str = "", identity: Path | None = None) -> None:
        self._recipient, self._identity = recipient, identity

    def seal(self, reader: ByteReader, writer: ByteWriter) -> None:
        writer.write(self._run("-r", self._recipient, given=_all(reader)))

    def open(self, reader: ByteReader, writer: ByteWriter) -> None:
        writer.write(self._run("-d", "-i", str(self._identity), given=_all(reader)))

    @staticmethod
    def _run(*arguments: str, given: bytes) -> bytes:
        done = subprocess.run(["age", *arguments], input=given, capture_output=True, check=False)
        if b"no identity matched" in done.stderr:
            raise BadInput("SEALED_OTHER_KEY")
        if done.returncode:
            raise Damaged("SEALED_DAMAGED")
        return done.stdout


def _all(reader: ByteReader) -> bytes:
    content = b""
    while run := reader.read(1 << 16):
        content += run
    return content


def joined_key(pages: Path, key: Path) -> Path:
    """Write the key file *key* from two of the *pages* of its keepers."""
    lines = []
    for path in sorted(pages.glob("*.txt"))[:2]:
        rows = re.findall(r"(\d+)\. ([a-z]+)", path.read_text(encoding="utf-8").split("\n\n")[0])
        lines.append(" ".join(word for _, word in sorted(rows, key=lambda row: int(row[0]))))
    key.unlink(missing_ok=True)
    command = [*KHIZANA, "keys", "join", str(key)]
    done = subprocess.run(
        command, input="\n".join(lines), env=command_environment(), text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return key


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder* with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
