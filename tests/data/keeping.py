"""Storage roots to test with: something to receive, and a writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from khizana.core.findings import Finding
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.card import FileOnDisk
from khizana.core.preservation.ocfl.inventory import User
from khizana.core.preservation.ocfl.layout import create_storage_root
from khizana.core.preservation.ocfl.validate import validate_object
from khizana.core.preservation.ocfl.write import ObjectVersion, StorageRoot, Validator
from khizana.core.preservation.staging import Received, receive

WHEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WHO = User("Aïcha Traoré", "mailto:aicha@example.org")
OBJECT = ObjectId("urn:khizana:demo:ms-1:images")


def validated(path: Path, read_back: Mapping[Path, str]) -> Iterable[Finding]:
    """Validate with this house's own validator."""
    return validate_object(path, read_back=read_back)


def unvalidated(_: Path, __: Mapping[Path, str]) -> Iterable[Finding]:
    """Find nothing."""
    return ()


def on_disk(path: Path) -> FileOnDisk:
    """Return the file at *path* as one of a card."""
    return FileOnDisk(path, path.name)


@dataclass(frozen=True)
class Place:
    """A card, staging, work folder and storage root below one folder."""

    root: Path

    @property
    def card(self) -> Path:
        return self.root / "card"

    @property
    def staging(self) -> Path:
        return self.root / "staging"

    @property
    def storage(self) -> Path:
        return self.root / "storage"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def writer(self) -> StorageRoot:
        return StorageRoot(self.storage, self.work, patience=0)

    @classmethod
    def made(cls, root: Path) -> Place:
        place = cls(root)
        place.card.mkdir(parents=True)
        create_storage_root(place.storage)
        return place

    def picture(self, name: str, content: bytes | None = None) -> Received:
        """Receive a file named *name* from the card."""
        (self.card / name).write_bytes(content if content is not None else name.encode() * 1000)
        return receive(on_disk(self.card / name), self.staging)

    def write(
        self,
        put: Mapping[str, Received | bytes],
        *,
        object_id: str = OBJECT,
        remove: Iterable[str] = (),
        expected_head: int | None = None,
        validator: Validator = validated,
    ) -> ObjectVersion:
        """Write one version."""
        return self.writer.write_version(
            ObjectId(object_id),
            put=put,
            remove=tuple(remove),
            message="a change",
            user=WHO,
            created=WHEN,
            expected_head=expected_head,
            validator=validator,
        )

    def files(self, folder: str) -> dict[str, bytes]:
        """Return every file below *folder* with its bytes; the lock, which holds none, is left out."""
        return dict(self._files(self.root / folder))

    @staticmethod
    def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name != "lock":
                yield path.relative_to(folder).as_posix(), path.read_bytes()
