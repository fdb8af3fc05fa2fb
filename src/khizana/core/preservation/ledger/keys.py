"""The key that signs the heads: Ed25519, private in ``keys/ledger.pem`` (PKCS #8), public as 64 hexadecimal digits.

Source: RFC 8032; RFC 8410 for the files, so that ``openssl`` reads them.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from khizana.core.errors import BadInput, NotFound, Unreadable
from khizana.core.preservation.durable import make_directories, replace_beside, write_beside, writing

PRIVATE = "ledger.pem"
PUBLIC = "ledger.pub"
_HEX_KEY = re.compile(r"[0-9a-f]{64}")
_LARGEST = 4096  # bytes of a key file


class SigningKey:
    """A key pair whose private half this machine holds."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = _hex(private.public_key())
        """64 hexadecimal digits."""

    @classmethod
    def made(cls) -> SigningKey:
        """Return a new key, by the system's chance."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, keys: Path) -> SigningKey:
        """Return the key kept in the folder *keys*.

        Raises ``NotFound`` where there is none, ``Unreadable`` for what is no Ed25519 key.
        """
        path = keys / PRIVATE
        try:
            private = load_pem_private_key(_bytes(path), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Unreadable("LEDGER_KEY_UNREADABLE", path=str(path)) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise Unreadable("LEDGER_KEY_UNREADABLE", path=str(path))
        return cls(private)

    def keep(self, keys: Path, *, replacing: bool = False) -> None:
        """Write both halves into the folder *keys*, the private one for its owner's eyes only.

        Raises ``AlreadyThere`` where there is a key, unless *replacing* says that it has been changed for this one.
        """
        pem = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with writing(keys):
            make_directories(keys)
            # Some file systems of portable disks know no rights; the file's own are asked for as well.
            with suppress(OSError):
                keys.chmod(0o700)
            # The public half first: a kill in between leaves one that is written again, not a private one without it.
            replace_beside(keys / PUBLIC, public_pem(self.public))
            (replace_beside if replacing else write_beside)(keys / PRIVATE, pem, mode=0o600)

    def sign(self, content: bytes) -> str:
        """Return the signature of *content*, 128 hexadecimal digits."""
        return self._private.sign(content).hex()


def is_signed(content: bytes, *, signature: str, key: str) -> bool:
    """Say whether *signature* is that of *content* by the public *key*; any text may be given."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), content)
    except (ValueError, InvalidSignature):
        return False
    return True


def is_key(text: str) -> bool:
    """Say whether *text* is written as a public key."""
    return bool(_HEX_KEY.fullmatch(text))


def public_pem(key: str) -> bytes:
    """Return the public *key* as a file that ``openssl`` reads."""
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_key(given: str) -> str:
    """Return the public key that a person gave: its 64 digits, or the path of a file with them or in PEM.

    Raises ``BadInput`` for what is neither, ``NotFound``, ``Unreadable``.
    """
    if is_key(given.strip().lower()):
        return given.strip().lower()
    content = _bytes(Path(given))
    text = content.decode("ascii", "replace").strip().lower()
    if is_key(text):
        return text
    try:
        public = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadInput("LEDGER_KEY_UNUSABLE", path=given) from error
    if not isinstance(public, Ed25519PublicKey):
        raise BadInput("LEDGER_KEY_UNUSABLE", path=given)
    return _hex(public)


def _hex(public: Ed25519PublicKey) -> str:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("LEDGER_KEY_MISSING", path=str(path)) from error
    except (OSError, ValueError) as error:
        raise Unreadable("PATH_UNREADABLE", path=str(path), problem=str(error)) from error
