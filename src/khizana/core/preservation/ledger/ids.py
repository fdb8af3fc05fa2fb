"""Which entry has an id, without reading them all: sorted runs on disk, each about twice as long as the next.

A run is a file of records of 16 bytes, in order: 8 bytes of the SHA-256 of the id, and 8 of where its line begins in
the entries (big-endian). Finding looks into each run by halving; what it finds is compared with the line itself. All
of it can be made again from the entries.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from khizana.core.preservation.durable import PART, make_directories, sync_directory, write_all
from khizana.core.preservation.ledger.entry import LONGEST_LINE, from_line

RECORD = 16  # bytes
KEY = 8  # bytes of a record that it is sorted by
RECENT = 65_536  # ids held in memory at most
_BLOCK = 4096  # records read or written at once


class Ids:
    """The ids of the entries in the file *entries*, kept in *folder* in *runs*: their names, the longest first."""

    def __init__(self, folder: Path, entries: Path, runs: Sequence[str] = ()) -> None:
        self._folder = folder
        self._entries = entries
        self._runs = list(runs)
        self._recent: dict[str, int] = {}
        self._opened: dict[str, int] = {}

    def close(self) -> None:
        """Let go of the files."""
        while self._opened:
            os.close(self._opened.popitem()[1])

    def is_whole(self) -> bool:
        """Say whether every run is there, and as long as its name says."""
        return all(_length(self._folder / run) == _count(run) * RECORD for run in self._runs)

    def add(self, identifier: str, begins: int) -> None:
        """Take in the id of an entry whose line begins at the byte *begins*."""
        self._recent[identifier] = begins
        if len(self._recent) >= RECENT:
            # They stay in memory where the disk takes no more: what is in the ledger is there all the same.
            with suppress(OSError):
                self._flush()

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._recent or self.begins(identifier) is not None

    def begins(self, identifier: str) -> int | None:
        """Return where the line of the entry begins, in bytes, or None where there is none of that id."""
        if identifier in self._recent:
            return self._recent[identifier]
        return next(
            (
                begins
                for run in self._runs
                for begins in _found(self._handle(run), _count(run), identifier)
                if self._is_at(identifier, begins)
            ),
            None,
        )

    def settled(self) -> list[str]:
        """Write everything to the disk and return the names of the runs that now hold it."""
        self._flush()
        return list(self._runs)

    def tidy(self) -> None:
        """Remove runs that are no longer used."""
        for path in self._folder.glob("ids-*"):
            if path.name not in self._runs:
                path.unlink(missing_ok=True)

    def _flush(self) -> None:
        if not self._recent:
            return
        records = sorted(_key(each) + begins.to_bytes(8) for each, begins in self._recent.items())
        count, merged, kept = len(records), [iter(records)], list(self._runs)
        while kept and _count(kept[-1]) <= count:
            run = kept.pop()
            count += _count(run)
            merged.append(_records(self._folder / run))
        name = f"ids-{count}-{max(self._recent.values()):x}"
        _write(self._folder / name, heapq.merge(*merged))
        self.close()
        self._runs = [*kept, name]
        self._recent = {}

    def _handle(self, run: str) -> int:
        if run not in self._opened:
            self._opened[run] = os.open(self._folder / run, os.O_RDONLY | os.O_CLOEXEC)
        return self._opened[run]

    def _is_at(self, identifier: str, begins: int) -> bool:
        with self._entries.open("rb") as stream:
            stream.seek(begins)
            try:
                return from_line(stream.readline(LONGEST_LINE + 1).removesuffix(b"\n")).id == identifier
            except ValueError:
                return False


def _key(identifier: str) -> bytes:
    return sha256(identifier.encode()).digest()[:KEY]


def _count(run: str) -> int:
    count = run.split("-")[1:2]
    return int(count[0]) if count and count[0].isascii() and count[0].isdigit() else -1


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _found(handle: int, count: int, identifier: str) -> Iterator[int]:
    """Yield where entries begin whose id has the same key, from a run of *count* records."""
    key = _key(identifier)
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if os.pread(handle, KEY, middle * RECORD) < key:
            low = middle + 1
        else:
            high = middle
    while (record := os.pread(handle, RECORD, low * RECORD))[:KEY] == key:
        yield int.from_bytes(record[KEY:])
        low += 1


def _records(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK * RECORD):
            yield from (block[at : at + RECORD] for at in range(0, len(block), RECORD))


def _write(path: Path, records: Iterable[bytes]) -> None:
    """Write a run, whole or not at all."""
    make_directories(path.parent)
    part = path.with_name(path.name + PART)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        block: list[bytes] = []
        for record in records:
            block.append(record)
            if len(block) == _BLOCK:
                write_all(handle, b"".join(block))
                block.clear()
        write_all(handle, b"".join(block))
        os.fsync(handle)
    finally:
        os.close(handle)
    part.replace(path)
    sync_directory(path.parent)
