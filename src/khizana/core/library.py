"""A library on disk: one folder, and what lies where in it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from khizana.core.errors import BadInput, NotFound
from khizana.core.identifiers import Digest, ManuscriptId

CONFIGURATION = "khizana.toml"


@dataclass(frozen=True, slots=True)
class LibraryFolder:
    """The folder of one library. What cannot be remade: ``storage``, what is in ``staging``, ``ledger``, ``keys``."""

    root: Path

    @classmethod
    def opened(cls, root: Path) -> LibraryFolder:
        """Return the library at *root*.

        Raises ``NotFound`` where there is none.
        """
        folder = cls(root.absolute())
        if not folder.configuration.is_file():
            raise NotFound("NO_LIBRARY", path=str(root))
        return folder

    @property
    def configuration(self) -> Path:
        """The settings of this library, TOML."""
        return self.root / CONFIGURATION

    @property
    def database(self) -> Path:
        """The SQLite database: an index of the storage root."""
        return self.root / "khizana.sqlite3"

    @property
    def storage(self) -> Path:
        """The OCFL storage root: the truth."""
        return self.root / "storage"

    @property
    def work(self) -> Path:
        """Objects being built and intent records; on the same file system as ``storage``."""
        return self.root / "work"

    @property
    def tasks(self) -> Path:
        """Tasks of the desk, a folder each; swept after a month."""
        return self.work / "tasks"

    @property
    def staging(self) -> Path:
        """Files received and read back, by digest, until they are accessioned."""
        return self.root / "staging"

    @property
    def pending(self) -> Path:
        """Marks of manuscripts whose rows may be older than their objects."""
        return self.root / "pending"

    @property
    def access(self) -> Path:
        """Access copies, by the digest of their master."""
        return self.root / "access"

    @property
    def search(self) -> Path:
        """The search index; it can be thrown away, and is made again."""
        return self.root / "search"

    @property
    def stored(self) -> Path:
        """Stored pages and manifests."""
        return self.root / "stored"

    def stored_pages(self, manuscript: ManuscriptId) -> Path:
        """Return the folder of the stored pages and manifests of *manuscript*."""
        return stored_pages(self.stored, manuscript)

    @property
    def sites(self) -> Path:
        """The list of sites that keep replicas, TOML."""
        return self.root / "sites.toml"

    @property
    def ledger(self) -> Path:
        """The ledger: entries, signed heads, time-stamps."""
        return self.root / "ledger"

    @property
    def keys(self) -> Path:
        """What signs the ledger, public keys that copies are sealed for, keys to buckets. No site is given them."""
        return self.root / "keys"

    def access_copy(self, digest: Digest) -> Path:
        """Return the folder of the access copies of the master with *digest*."""
        return self.access / digest[:2] / digest[2:32]


def stored_pages(stored: Path, manuscript: ManuscriptId) -> Path:
    """Return the folder of the stored pages of *manuscript* below the folder *stored*."""
    name = sha256(manuscript.encode()).hexdigest()[:32]
    return stored / name[:2] / name


def library_root(given: str | None) -> Path:
    """Return the library folder a command was told of.

    Raises ``BadInput`` when neither ``--library`` nor ``KHIZANA_LIBRARY`` names one.
    """
    if not given:
        raise BadInput("WHICH_LIBRARY")
    return Path(given)
