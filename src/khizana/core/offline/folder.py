"""The folder of an offline edition: written so that a cut leaves it whole, and checked by its own list of digests.

Every file is written beside its name, flushed, named and read back. One that is there already with the same bytes is
left alone, so that the same command goes on where it was stopped and changes what has changed. The list of digests
(``SHA512SUMS``, as sha512sum of coreutils reads it) comes last, and after it the mark that says that all is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from khizana.core.errors import BadInput, Damaged, NotFound, Unreadable
from khizana.core.preservation.durable import PART, make_directories, remove_empty, replace_beside, writing

MARK: Final = "khizana-offline.json"
"""Says whose edition a folder is: only a folder that has it, or an empty one, is written to."""
SUMS: Final = "SHA512SUMS"
_OWN: Final = ("ar/", "fr/", "en/", "i/", "k/", "s/")
"""Folders of an edition: what a run that was cut off left there is on no list, and goes all the same."""

_LINE = re.compile(r"([0-9a-f]{128})  ([^\n]+)")
_CHUNK = 1 << 20  # bytes read at once


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found; paths are relative to the folder, with slashes."""

    intact: int
    altered: tuple[str, ...]
    """Other bytes than were written, or none that can be read."""
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    """Nobody wrote them here as part of the edition."""

    @property
    def is_whole(self) -> bool:
        """Whether all that was written is there as it was."""
        return not self.altered and not self.missing


@dataclass(slots=True)
class EditionFolder:
    """The folder at *root*, being written for the library called *library*."""

    root: Path
    library: str
    written: int = 0
    """Files that were not there before, or had other bytes."""
    size: int = 0
    """Bytes of all files of the edition, those that were there already too."""
    _digests: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begun(cls, root: Path, library: str) -> EditionFolder:
        """Return the folder at *root*, made where it is not there; it is unfinished until ``finish``.

        Raises ``BadInput`` for a folder with anything in it that is no edition of this library, ``NoSpace`` and
        ``Unreadable`` for a disk that cannot be written.
        """
        with writing(root):
            make_directories(root)
            mark = root / MARK
            if mark.is_file():
                if _of_mark(mark).get("library") != library and not _is_damaged_mark_of(root, library):
                    raise BadInput("OFFLINE_OF_ANOTHER", path=str(root))
            elif any(path.name != MARK + PART for path in root.iterdir()):  # that is left by a cut before all else
                raise BadInput("OFFLINE_NOT_EMPTY", path=str(root))
            replace_beside(mark, _mark(library, is_finished=False))
        return cls(root, library)

    def put(self, path: str, content: bytes) -> None:
        """Write *content* to *path* below the folder, unless it is there.

        Raises ``NoSpace``, ``Unreadable``, and ``Damaged`` where it cannot be read back.
        """
        goal = self.root / path
        digest = hashlib.sha512(content).hexdigest()
        with writing(goal):
            if not _has(goal, content):
                make_directories(goal.parent)
                replace_beside(goal, content)
                if not _has(goal, content):
                    raise Damaged("OFFLINE_NOT_READ_BACK", path=str(goal))
                self.written += 1
        self._digests[path] = digest
        self.size += len(content)

    def finish(self) -> None:
        """Take away what an earlier edition wrote here and this one has not; write the list, then the mark."""
        mark = _mark(self.library, is_finished=True)
        self._digests[MARK] = hashlib.sha512(mark).hexdigest()
        with writing(self.root):
            own = [path for path in _all_files(self.root) if path.startswith(_OWN)]
            for path in {*_listed(self.root), *_parts(self.root), *own}:
                if path not in self._digests and path != SUMS:
                    (self.root / path).unlink(missing_ok=True)
                    remove_empty((self.root / path).parent, below=self.root)
            lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(self._digests.items()))
            if not _has(self.root / SUMS, lines.encode()):
                replace_beside(self.root / SUMS, lines.encode())
            replace_beside(self.root / MARK, mark)


def check_edition(root: Path, *, on_file: Callable[[], None] = lambda: None) -> Checked:
    """Read every file of the edition at *root* and compare it with the list of digests.

    Raises ``NotFound`` where there is no edition, or one that was not finished.
    """
    digests = _listed(root)
    # A mark that was damaged is told as that, not as an edition that was not finished.
    if not digests or _of_mark(root / MARK).get("finished") is False:
        raise NotFound("OFFLINE_NOT_FINISHED", path=str(root))
    altered, missing = [], []
    for path, digest in digests.items():
        found = _digest_of(root / path)
        if found is None:
            missing.append(path)
        elif found != digest:
            altered.append(path)
        on_file()
    unexpected = [path for path in _all_files(root) if path not in digests and path != SUMS]
    intact = len(digests) - len(altered) - len(missing)
    return Checked(intact, tuple(altered), tuple(missing), tuple(unexpected))


def _is_damaged_mark_of(root: Path, library: str) -> bool:
    """Return whether a mark that says nothing was one of *library*: the list has the digest of what it said."""
    said = hashlib.sha512(_mark(library, is_finished=True)).hexdigest()
    return not _of_mark(root / MARK) and _listed(root).get(MARK) == said


def _mark(library: str, *, is_finished: bool) -> bytes:
    value = {"form": "khizana offline 1", "library": library, "finished": is_finished}
    return json.dumps(value).encode() + b"\n"


def _of_mark(mark: Path) -> dict[str, Any]:
    """Return what a mark says: nothing where it is damaged or not there."""
    try:
        value = json.loads(mark.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _has(path: Path, content: bytes) -> bool:
    """Return whether the file at *path* has *content*, asking the disk rather than the memory where that can be had."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        if os.fstat(handle).st_size != len(content):
            return False
        place = 0
        while chunk := os.read(handle, _CHUNK):
            if chunk != content[place : place + len(chunk)]:
                return False
            place += len(chunk)
        return place == len(content)
    except OSError:
        return False
    finally:
        os.close(handle)


def _digest_of(path: Path) -> str | None:
    """Return the digest of the file at *path*; None where there is none, nothing where it cannot be read."""
    digest = hashlib.sha512()
    try:
        with path.open("rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None
    except OSError:
        return ""
    return digest.hexdigest()


def _listed(root: Path) -> dict[str, str]:
    """Return path and digest of each line of the list at *root*; lines that lead out of it are not followed."""
    try:
        lines = (root / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Unreadable("DISK_FAILED", path=str(root / SUMS), problem=error.strerror or str(error)) from error
    found = (_LINE.fullmatch(line) for line in lines)
    return {each[2]: each[1] for each in found if each and _is_below(each[2])}


def _is_below(path: str) -> bool:
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts and "\\" not in path


def _all_files(root: Path) -> Iterator[str]:
    for here, _, names in os.walk(root):
        yield from ((Path(here) / name).relative_to(root).as_posix() for name in sorted(names))


def _parts(root: Path) -> Iterator[str]:
    """Yield what a cut left beside a name that was never given."""
    return (path for path in _all_files(root) if path.endswith(PART))
