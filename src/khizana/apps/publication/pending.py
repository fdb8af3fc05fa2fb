"""Marks for manuscripts whose objects may be newer than their rows, so that a killed command is made good.

The mark is on disk before the first object is touched and goes when the rows are written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from khizana.core.identifiers import ManuscriptId
from khizana.core.library import LibraryFolder
from khizana.core.preservation.durable import replace_beside

_NAME = 32  # characters of the name of a mark


@contextmanager
def pending(folder: LibraryFolder, manuscript: ManuscriptId) -> Iterator[None]:
    """Keep the mark of *manuscript* while its objects and rows are written; it stays when that fails."""
    mark = folder.pending / hashlib.sha256(manuscript.encode()).hexdigest()[:_NAME]
    folder.pending.mkdir(exist_ok=True)
    replace_beside(mark, manuscript.encode())
    yield
    mark.unlink(missing_ok=True)


def manuscripts_pending(folder: LibraryFolder) -> list[ManuscriptId]:
    """Return every manuscript whose rows may be older than its objects."""
    if not folder.pending.is_dir():
        return []
    marks = (path for path in folder.pending.iterdir() if len(path.name) == _NAME and path.is_file())
    names = (path.read_bytes().decode("utf-8", "replace") for path in sorted(marks))
    return [ManuscriptId(name) for name in names if name]


def forget(folder: LibraryFolder, manuscript: ManuscriptId) -> None:
    """Remove the mark of *manuscript*."""
    (folder.pending / hashlib.sha256(manuscript.encode()).hexdigest()[:_NAME]).unlink(missing_ok=True)
