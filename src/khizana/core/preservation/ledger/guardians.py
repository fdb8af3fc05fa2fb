"""Guardians: three named people, each with an Ed25519 key of their own, whose secret half no library holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from khizana.core.errors import BadInput, NotFound, Unreadable
from khizana.core.library import CONFIGURATION
from khizana.core.preservation.durable import make_directories, write_beside, writing
from khizana.core.preservation.ledger.entry import canonical
from khizana.core.preservation.ledger.keys import SigningKey, is_key

COUNT = 3
NEEDED = 2
LONGEST_NAME = 100  # characters
PRIVATE = "guardian.pem"
PUBLIC = "guardian.txt"
_HEADER = "khizana guardian 1"
_LARGEST = 4096  # bytes of a key file


@dataclass(frozen=True, slots=True)
class Guardian:
    """One of them. Raises ``BadInput`` for what cannot be one."""

    name: str
    key: str
    """The public key, 64 hexadecimal digits."""

    def __post_init__(self) -> None:
        plain = self.name == self.name.strip() and 0 < len(self.name) <= LONGEST_NAME and self.name.isprintable()
        if not plain or not is_key(self.key):
            raise BadInput("GUARDIAN_UNUSABLE", name=self.name[:LONGEST_NAME])


@dataclass(frozen=True, slots=True)
class Guardians:
    """The three. Raises ``BadInput`` where they are not three different people with three different keys."""

    people: tuple[Guardian, ...]

    def __post_init__(self) -> None:
        if {len(self.people), len({each.name for each in self.people}), len({each.key for each in self.people})} != {
            COUNT
        }:
            raise BadInput("GUARDIANS_NOT_THREE")

    @property
    def digest(self) -> str:
        """What a request names them by: a sha256."""
        return sha256(canonical(self.facts)).hexdigest()

    @property
    def facts(self) -> dict[str, str | int]:
        """The three as facts of an entry."""
        told: dict[str, str | int] = {}
        for number, each in enumerate(self.people, 1):
            told |= {f"name {number}": each.name, f"key {number}": each.key}
        return told

    def name_of(self, key: str) -> str | None:
        """Return who has *key*, or None."""
        return next((each.name for each in self.people if each.key == key), None)


def guardians_in(facts: Mapping[str, str | int]) -> Guardians:
    """Return the guardians that *facts* of an entry name.

    Raises ``BadInput``.
    """
    numbers = range(1, COUNT + 1)
    return Guardians(tuple(Guardian(str(facts.get(f"name {n}", "")), str(facts.get(f"key {n}", ""))) for n in numbers))


def make_guardian(name: str, folder: Path) -> Guardian:
    """Make a key for the person called *name*, and write both halves into *folder*.

    Raises ``AlreadyThere`` where the folder has such a key, ``BadInput`` where it is one of a library, which must never
    hold it, ``NoSpace``, ``Unreadable``.
    """
    if any((each / CONFIGURATION).is_file() for each in (folder.resolve(), *folder.resolve().parents)):
        raise BadInput("GUARDIAN_IN_LIBRARY", path=str(folder))
    private = Ed25519PrivateKey.generate()
    guardian = Guardian(name, SigningKey(private).public)
    with writing(folder):
        make_directories(folder)
        write_beside(
            folder / PRIVATE, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600
        )
        write_beside(folder / PUBLIC, f"{_HEADER}\n{guardian.name}\n{guardian.key}\n".encode())
    return guardian


def read_guardians(paths: Sequence[Path]) -> Guardians:
    """Return the three whose public files are *paths*.

    Raises ``BadInput``, ``NotFound``, ``Unreadable``.
    """
    people = []
    for path in paths:
        lines = _bytes(path).decode("utf-8", "replace").splitlines()
        if len(lines) != 3 or lines[0] != _HEADER:
            raise BadInput("GUARDIAN_FILE_UNUSABLE", path=str(path))
        people.append(Guardian(lines[1], lines[2]))
    return Guardians(tuple(people))


def read_secret(path: Path) -> SigningKey:
    """Return the secret key in *path*.

    Raises ``NotFound``, and ``BadInput`` for what is none.
    """
    try:
        private = load_pem_private_key(_bytes(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadInput("GUARDIAN_FILE_UNUSABLE", path=str(path)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BadInput("GUARDIAN_FILE_UNUSABLE", path=str(path))
    return SigningKey(private)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("NO_SUCH_FILE", path=str(path)) from error
    except OSError as error:
        raise Unreadable("PATH_UNREADABLE", path=str(path), problem=error.strerror or str(error)) from error
