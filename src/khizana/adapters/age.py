"""Sealing and opening in the age format, by ``pyrage`` (the Rust implementation of age)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pyrage
from pyrage import x25519

from khizana.core.errors import BadInput, Damaged
from khizana.core.ports import ByteReader, ByteWriter


class AgeSealer:
    """Seals for *recipients*, public keys that begin with "age1": any one of their secret keys opens it alone.

    Raises ``BadInput`` for none, or for what is no such key.
    """

    def __init__(self, recipients: Iterable[str]) -> None:
        self._recipients = [_recipient(each) for each in recipients]
        if not self._recipients:
            raise BadInput("KEYS_NO_RECIPIENT")

    def seal(self, reader: ByteReader, writer: ByteWriter) -> None:
        """Encrypt; the file key and nonces are new each time."""
        ends = _Ends(reader, writer)
        try:
            pyrage.encrypt_io(ends.reader, ends.writer, self._recipients)
        except (pyrage.EncryptError, OSError):
            ends.raise_own()
            raise
        # The library writes its last block as it lets go of the writer, and says nothing when that fails.
        ends.raise_own()


class AgeOpener:
    """Opens with *identities*, secret keys that begin with "AGE-SECRET-KEY-1".

    Raises ``BadInput`` for none, or for what is no such key.
    """

    def __init__(self, identities: Iterable[str]) -> None:
        self._identities = [_identity(each) for each in identities]
        if not self._identities:
            raise BadInput("KEYS_NO_IDENTITY")

    def open(self, reader: ByteReader, writer: ByteWriter) -> None:
        """Decrypt."""
        ends = _Ends(reader, writer)
        try:
            pyrage.decrypt_io(ends.reader, ends.writer, self._identities)
        except (pyrage.DecryptError, OSError) as error:
            ends.raise_own()
            # The library tells the two apart by its words only; a test holds it to them.
            if "No matching keys" in str(error):
                raise BadInput("SEALED_OTHER_KEY") from error
            raise Damaged("SEALED_DAMAGED") from error
        ends.raise_own()


def new_identity() -> str:
    """Return a new secret key, "AGE-SECRET-KEY-1...", from the system's source of chance."""
    return str(x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """Return the public key of *identity*.

    Raises ``BadInput`` when it is no secret key.
    """
    return str(_identity(identity).to_public())


def _recipient(text: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BadInput("KEYS_RECIPIENT_UNUSABLE", recipient=text[:80]) from error


def _identity(text: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(text.strip())
    except pyrage.IdentityError as error:
        raise BadInput("KEYS_IDENTITY_UNUSABLE") from error


class _Ends:
    """Both ends of a stream, which remember what they raised: the library would hand on its words alone."""

    def __init__(self, reader: ByteReader, writer: ByteWriter) -> None:
        self.reader = _End(reader, self)
        self.writer = _End(writer, self)
        self.raised: BaseException | None = None

    def raise_own(self) -> None:
        if self.raised is not None:
            raise self.raised


class _End:
    def __init__(self, stream: Any, ends: _Ends) -> None:
        self._ends = ends
        self.flush = self._remembering(getattr(stream, "flush", lambda: None))
        self.read = self._remembering(getattr(stream, "read", lambda _: b""))
        self.write = self._remembering(getattr(stream, "write", lambda _: 0))

    def _remembering(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any) -> Any:
            try:
                return call(*given)
            except BaseException as error:
                self._ends.raised = error
                raise

        return called
