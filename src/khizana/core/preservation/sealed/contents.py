r"""The table of contents of one sealed version: what each sealed file is, for whoever can open it.

Lines of words, made for ``while read -r`` in a shell. Paths are written so that ``printf %b`` gives them back: every
byte that is not a plain one as ``\0`` and three octal digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.sealed.names import LIBRARY_PLACE, Blinding, name_parts

HEADER = "khizana-sealed-copy 1"
LARGEST = 1 << 28
"""Bytes of the largest table that is read: about a million files."""

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/=+,@%:-")
_ESCAPED = re.compile(r"(?:[A-Za-z0-9._/=+,@%:-]|\\0[0-3][0-7]{2})*")
_DIGEST = re.compile(r"[0-9a-f]{128}")


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One file of an object: where its ciphertext is, and what comes out of it."""

    name: str
    size: int
    digest: Digest
    path: str
    """Below the object's folder."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What one version adds to an object, and all that lies beside its versions; those of earlier tables are gone."""

    object_id: ObjectId
    version: int
    place: str
    """The object's folder below the storage root; empty for what lies beside the objects."""
    blinding: Blinding
    files: tuple[SealedFile, ...]
    copies: tuple[tuple[str, str], ...] = ()
    """A path of the object, and another at which the same bytes stand: the root inventory is that of the version."""
    is_beside: bool = False
    """Whether ``place`` is beside the storage root and not below it: ``LIBRARY_PLACE`` alone is."""


def to_text(contents: Contents) -> bytes:
    """Return *contents* as the table that is sealed; the same bytes for the same value."""
    lines = [
        HEADER,
        f"object {_escaped(contents.object_id)}",
        f"version {contents.version}",
        f"{'beside' if contents.is_beside else 'place'} {_escaped(contents.place)}",
        f"blinding {contents.blinding.hex()}",
        *(f"file {each.name} {each.size} {each.digest} {_escaped(each.path)}" for each in contents.files),
        *(f"copy {_escaped(path)} {_escaped(other)}" for path, other in contents.copies),
        "end",
    ]
    return ("\n".join(lines) + "\n").encode("ascii")


def parse(content: bytes, name: str) -> Contents:
    """Return the table in *content*, as opened from the sealed file *name*.

    Raises ``Damaged`` when it is none, or when a path of it would lead out of the object: whoever knows the public
    keys can seal a table of his own.
    """
    try:
        header, object_line, version, place, blinding, *lines, end = (
            content.decode("ascii").removesuffix("\n").split("\n")
        )
        if (header, end) != (HEADER, "end"):
            raise ValueError(header)  # noqa: TRY301 - one place says what is wrong with a table
        files, copies = [], []
        for line in lines:
            match line.split(" "):
                case ["file", sealed, size, digest, path] if name_parts(sealed) and _DIGEST.fullmatch(digest):
                    files.append(SealedFile(sealed, int(size), Digest(digest), _inner(path)))
                case ["copy", path, other]:
                    copies.append((_inner(path), _inner(other)))
                case _:
                    raise ValueError(line)  # noqa: TRY301 - the same
        is_beside = place == f"beside {LIBRARY_PLACE}"
        placed = _value(place, "beside" if is_beside else "place")
        return Contents(
            ObjectId(_plain(_value(object_line, "object"))),
            int(_value(version, "version")),
            _inner(placed) if placed else "",
            Blinding(bytes.fromhex(_value(blinding, "blinding"))),
            tuple(files),
            tuple(copies),
            is_beside,
        )
    except ValueError as error:
        raise Damaged("SEALED_CONTENTS_UNUSABLE", name=name, problem=str(error)[:100]) from error


def _value(line: str, word: str) -> str:
    found, _, value = line.partition(" ")
    if found != word:
        raise ValueError(line)
    return value


def _escaped(path: str) -> str:
    coded = path.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _PLAIN else f"\\0{byte:03o}" for byte in coded)


def _plain(written: str) -> str:
    if not _ESCAPED.fullmatch(written):
        raise ValueError(written)
    coded = re.sub(rb"\\0([0-7]{3})", lambda match: bytes([int(match[1], 8)]), written.encode("ascii"))
    return coded.decode("utf-8", "surrogateescape")


def _inner(written: str) -> str:
    path = _plain(written)
    if "\0" in path or any(part in {"", ".", ".."} for part in path.split("/")):
        raise ValueError(written)
    return path
