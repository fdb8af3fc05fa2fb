"""One sealed object as all its tables of contents tell it: which encrypted file each of its files comes out of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from khizana.core.preservation.sealed.contents import Contents, SealedFile

_VERSION = re.compile(r"v[0-9]+/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of one file are sealed."""

    name: str
    """Of the encrypted file, as the site lists it."""
    file: SealedFile


@dataclass(frozen=True, slots=True)
class History:
    """An object, up to the newest of its tables that could be opened."""

    newest: Contents
    files: dict[str, Place]
    """Path below the object's folder to where its bytes are."""
    copies: dict[str, str]
    """A path, and the one whose bytes stand there, too."""


def history_of(tables: Iterable[tuple[str, Contents]]) -> History | None:
    """Return what *tables*, each with the folder that it lies in and the oldest first, say; None where there is none.

    What lies beside the versions is that of the newest table: a declaration may have been replaced.
    """
    files: dict[str, Place] = {}
    newest = None
    for folder, newest in tables:
        files = {path: each for path, each in files.items() if _VERSION.match(path)}
        files |= {each.path: Place(folder + each.name, each) for each in newest.files}
    if newest is None:
        return None
    return History(newest, files, {other: path for path, other in newest.copies})
