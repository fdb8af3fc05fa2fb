"""The OCFL validator: objects and storage roots of OCFL 1.0 and 1.1, with the specification's own codes.

It imports nothing from the writer, uses no database, follows no link, and raises nothing for what it finds
on disk: everything is a finding. A file that cannot be read is ``OCFL_UNREADABLE``, never "altered".
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from khizana.core.errors import BadInput, NotFound, Unreadable
from khizana.core.preservation.ocfl.validate_declaration import is_object, is_root
from khizana.core.preservation.ocfl.validate_digests import Readers
from khizana.core.preservation.ocfl.validate_disk import GONE, Kind, listing, reason
from khizana.core.preservation.ocfl.validate_layout import DESCRIPTION
from khizana.core.preservation.ocfl.validate_object import ObjectCheck
from khizana.core.preservation.ocfl.validate_report import Subject, Verdict, plain
from khizana.core.preservation.ocfl.validate_root import StorageRootCheck
from khizana.core.preservation.ocfl.validate_sidecar import INVENTORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from khizana.core.findings import Finding

__all__ = ["Subject", "Verdict", "examine_object", "validate", "validate_object", "validate_storage_root"]

NOTHING_READ_BACK: Mapping[Path, str] = {}


def validate_object(path: Path, *, read_back: Mapping[Path, str] = NOTHING_READ_BACK) -> tuple[Finding, ...]:
    """Return everything wrong with the OCFL object at *path*; empty when it is valid and nothing is to say.

    *read_back* gives content files (absolute path to SHA-512) that this process has itself just read back
    from disk: their digest is compared without reading them again. Raises ``NotFound`` or ``BadInput`` when
    *path* is no folder.
    """
    return examine_object(path, read_back=read_back).findings


def examine_object(
    path: Path, *, read_back: Mapping[Path, str] = NOTHING_READ_BACK, workers: int | None = None
) -> Verdict:
    """Return the verdict of the OCFL object at *path*, as ``validate_object`` does, with what was read.

    *workers* threads (by default as many as there are cores) read large files at the same time.
    """
    folder = _folder(path)
    known = {os.path.abspath(file): digest for file, digest in read_back.items()}  # noqa: PTH100  # as _folder does
    with Readers(workers or os.cpu_count() or 1) as readers:
        check = ObjectCheck(folder, os.fspath(path), readers, read_back=known)
        check.run()
        return check.verdict()


def validate_storage_root(path: Path, *, workers: int | None = None) -> Iterator[Verdict]:
    """Yield the verdict of every object of the storage root at *path*, then that of the hierarchy itself.

    Objects come in the order of their paths, each as soon as it is done. *workers* threads (by default as
    many as there are cores) read large files at the same time. Memory does not grow with the number of
    objects whose layout is declared, and by some hundred bytes an object otherwise. Raises ``NotFound`` or
    ``BadInput`` when *path* is no folder.
    """
    return StorageRootCheck(_folder(path)).verdicts(workers or os.cpu_count() or 1)


def validate(path: Path, *, workers: int | None = None) -> Iterator[Verdict]:
    """Yield verdicts for whatever *path* is: a storage root, an object, or a folder inside either.

    A folder inside an object stands for the whole object; a folder inside a storage root for the objects in
    it. Raises ``NotFound`` when there is nothing at *path*, ``BadInput`` when it is or belongs to nothing of
    OCFL, ``Unreadable`` when it cannot be listed.
    """
    start = _folder(path)
    folder, below = start, ""
    bare: str | None = None  # a folder with an inventory and no declaration: a damaged object, or a version's folder
    while True:
        try:
            entries = listing(folder)
        except OSError as error:
            if folder == start:
                raise Unreadable("OCFL_PATH_UNREADABLE", path=plain(start), reason=reason(error)) from error
            break  # what cannot be looked at cannot say what lies in it
        if is_object(entries):
            return _only(Path(folder), workers)
        if (is_root(entries) or (DESCRIPTION in entries and not below)) and below.partition("/")[0] != "extensions":
            within = below if bare is None else os.path.relpath(bare, folder)
            return StorageRootCheck(folder, within).verdicts(workers or os.cpu_count() or 1)
        if entries.get(INVENTORY) is Kind.FILE:
            bare = folder
        parent, name = os.path.split(folder)
        if parent == folder:
            break
        folder, below = parent, f"{name}/{below}" if below else name
    if bare is not None:
        return _only(Path(bare), workers)
    raise BadInput("OCFL_NEITHER", path=plain(start))


def _only(path: Path, workers: int | None) -> Iterator[Verdict]:
    yield examine_object(path, workers=workers)


def _folder(path: Path) -> str:
    folder = os.path.abspath(path)  # noqa: PTH100  # a Path would resolve "..", but not without touching the disk
    try:
        is_folder = stat.S_ISDIR(os.stat(folder).st_mode)  # noqa: PTH116  # one form of path in this module
    except ValueError as error:
        raise BadInput("OCFL_NOT_A_FOLDER", path=plain(folder)) from error
    except OSError as error:
        if error.errno in GONE:
            raise NotFound("OCFL_NOTHING_THERE", path=plain(folder)) from error
        raise Unreadable("OCFL_PATH_UNREADABLE", path=plain(folder), reason=reason(error)) from error
    if not is_folder:
        raise BadInput("OCFL_NOT_A_FOLDER", path=plain(folder))
    return folder
