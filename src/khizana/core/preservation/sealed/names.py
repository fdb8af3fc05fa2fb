"""Names of sealed files: they say nothing to whoever does not hold the library's blinding value.

With it, and without any secret key, the same object, version and file always have the same name up to the digest of
their ciphertext: so a field machine finds again what it sealed. The digest at the end lets everyone check a file by
its name alone. Lower-case hexadecimal, so that no file system confuses two names.
"""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from typing import NewType

from khizana.core.identifiers import Digest, ObjectId

SEALED = "sealed"
"""Folder of the sealed objects at a site."""

SUMS = "SHA512SUMS"
"""The list of a version's files, which ``sha512sum -c`` reads. Written last: a version without it is unfinished."""

STORAGE_ROOT = ObjectId("")
"""Stands for what lies in the storage root beside its objects. No object has an empty identifier."""

LIBRARY = ObjectId("\x1flibrary")
"""Stands for what a library is made again with: settings, ledger. No object has an identifier that begins so."""

LIBRARY_PLACE = "library"
"""Folder, where it is restored to, of what a library is made again with."""

Blinding = NewType("Blinding", bytes)
"""A random value of the library, 32 bytes. Who knows it can ask whether an object or file he knows is here."""

_CERTIFIED = 40  # hexadecimal digits of the sha512 of the ciphertext that its name ends with
_NAME = re.compile(rf"(contents-)?([0-9a-f]{{24}})-([0-9a-f]{{{_CERTIFIED}}})\.age")
_FOLDER = re.compile(rf"{SEALED}/([0-9a-f]{{2}})/(\1[0-9a-f]{{38}})/v([0-9]{{6,}})/")


def new_blinding() -> Blinding:
    """Return a blinding value for a new library."""
    return Blinding(secrets.token_bytes(32))


def object_folder(blinding: Blinding, object_id: ObjectId) -> str:
    """Return the folder of an object at a site, with its closing slash."""
    name = _blinded(blinding, "object", object_id)[:40]
    return f"{SEALED}/{name[:2]}/{name}/"


def version_folder(blinding: Blinding, object_id: ObjectId, version: int) -> str:
    """Return the folder of one version, with its closing slash."""
    return f"{object_folder(blinding, object_id)}v{version:06d}/"


def file_token(blinding: Blinding, object_id: ObjectId, path: str, digest: Digest) -> str:
    """Return what the name of the file with *digest* at *path* of an object begins with."""
    return _blinded(blinding, "file", object_id, path, digest)[:24]


def contents_token(blinding: Blinding, object_id: ObjectId, version: int, digest: Digest) -> str:
    """Return what the name of a table of contents with *digest* begins with."""
    return "contents-" + _blinded(blinding, "contents", object_id, str(version), digest)[:24]


def _blinded(blinding: Blinding, *parts: str) -> str:
    # Each part has its length before it, so that no two lists of parts are one text.
    coded = [part.encode("utf-8", "surrogateescape") for part in parts]
    message = b"".join(len(part).to_bytes(8, "big") + part for part in coded)
    return hmac.new(blinding, message, "sha256").hexdigest()


def sealed_name(token: str, ciphertext: Digest) -> str:
    """Return the name of the file whose bytes have the digest *ciphertext*."""
    return f"{token}-{ciphertext[:_CERTIFIED]}.age"


@dataclass(frozen=True, slots=True)
class SealedName:
    """A name taken apart."""

    token: str
    certified: str
    """The first 40 hexadecimal digits of the sha512 of the ciphertext."""

    @property
    def is_contents(self) -> bool:
        """Whether it is a table of contents."""
        return self.token.startswith("contents-")


def name_parts(name: str) -> SealedName | None:
    """Return the parts of the name of a sealed file, or None when it is no such name."""
    match = _NAME.fullmatch(name)
    return SealedName(f"{match[1] or ''}{match[2]}", match[3]) if match else None


def folder_above(folder: str) -> str:
    """Return the folder of the object, with its closing slash, that the folder of a version is in."""
    return folder.removesuffix("/").rpartition("/")[0] + "/"


def folder_parts(folder: str) -> tuple[str, int] | None:
    """Return the name of the object's folder and the version that *folder* is of, or None when it is no such folder."""
    match = _FOLDER.fullmatch(folder)
    return (match[2], int(match[3])) if match else None
