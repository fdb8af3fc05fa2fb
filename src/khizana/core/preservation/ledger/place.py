"""Where the ledger lies: names in its folder, and reading the lines of its files."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import Damaged, NotFound, Unreadable
from khizana.core.preservation.ledger.entry import LONGEST_LINE, Entry, from_line
from khizana.core.preservation.ledger.head import LONGEST_HEAD, Head, read_head

ENTRIES = "entries.jsonl"
HEADS = "heads.jsonl"
STAMPS = "stamps"
CACHE = "cache"
LOCK = "lock"
TAIL = 65_536  # bytes of the heads that are looked at for the newest


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    number: int
    """From 1."""
    content: bytes
    """Without the line end; cut where it is longer than any line may be."""
    end: int
    """Where in the file the next line begins."""
    whole: bool
    """Whether it has its line end: one that has none was being written when the power went."""


def lines(path: Path, *, start: int = 0, number: int = 0, longest: int = LONGEST_LINE) -> Iterator[Line]:
    """Yield the lines of *path* from the byte *start* on, which follow line *number*; none where there is no file.

    No line is held longer than *longest* bytes. Raises ``Unreadable``.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            while content := stream.readline(longest + 1):
                number += 1
                whole, size = content.endswith(b"\n"), len(content)
                if not whole and size > longest:
                    while rest := stream.readline(longest + 1):
                        size += len(rest)
                        whole = rest.endswith(b"\n")
                        if whole:
                            break
                start += size
                yield Line(number, content.removesuffix(b"\n"), start, whole)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise Unreadable("PATH_UNREADABLE", path=str(path), problem=error.strerror or str(error)) from error


def read_entries(ledger: Path) -> Iterator[tuple[int, Entry]]:
    """Yield the number (from 1) of each entry of the ledger in the folder *ledger*, and the entry.

    What was being written when the power went, after all that a head was signed over, is none. Raises ``NotFound``
    where there is no ledger, ``Damaged`` at any other line that is no entry, ``Unreadable``.
    """
    path = ledger / ENTRIES
    if not path.is_file():
        raise NotFound("NO_LEDGER", path=str(ledger))
    for line in lines(path):
        if not line.whole:
            return
        try:
            yield line.number, from_line(line.content)
        except ValueError as error:
            if line.number > signed_size(ledger):
                return
            raise Damaged("LEDGER_LINE_DAMAGED", path=str(path), line=line.number) from error


def newest_head(folder: Path) -> Head | None:
    """Return the newest head of the ledger in *folder* that can be read and is truly signed, or None."""
    path = folder / HEADS
    start = max(length_of(path) - TAIL, 0)
    # The first of these lines is cut in the middle, unless the file begins there.
    for line in reversed(list(lines(path, start=start, longest=LONGEST_HEAD))):
        with suppress(ValueError):
            if line.whole and (head := read_head(line.content)).is_true:
                return head
    return None


def signed_size(folder: Path) -> int:
    """Return how many entries the newest head was signed over, 0 where there is none."""
    head = newest_head(folder)
    return head.size if head else 0


def length_of(path: Path) -> int:
    """Return the bytes of *path*, 0 where there is no such file."""
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0
