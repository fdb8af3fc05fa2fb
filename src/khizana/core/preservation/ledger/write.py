"""The writer of the ledger: entries appended and flushed, then a signed head; one process at a time.

The cost of appending does not grow with the ledger. After a kill or a power cut the next command finds the lines that
reached the disk; the rest of a line that did not is cut off, and so is whatever follows it. Nothing that a head was
signed over is ever cut: where such a line is not an entry the ledger is damaged, and a person must look.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from khizana.core.errors import Busy, Damaged, NotFound, Unreadable
from khizana.core.preservation.durable import make_directories, remove_tree, sync_directory, write_all, writing
from khizana.core.preservation.ledger.cache import State, keep_state, read_state
from khizana.core.preservation.ledger.entry import LONGEST_LINE, Entry, from_line, to_line
from khizana.core.preservation.ledger.head import Head, head_line, sign_head
from khizana.core.preservation.ledger.ids import Ids
from khizana.core.preservation.ledger.keyring import Keyring, begun, key_changed, key_replaced
from khizana.core.preservation.ledger.keys import PRIVATE, SigningKey
from khizana.core.preservation.ledger.place import (
    CACHE,
    ENTRIES,
    HEADS,
    LOCK,
    TAIL,
    Line,
    length_of,
    lines,
    newest_head,
)
from khizana.core.preservation.ledger.tree import Frontier, leaf_hash

PATIENCE = 10.0  # seconds to wait for another process that writes
CACHED_AFTER = 1024  # entries that a command may read again before they are cached
NEXT = "next"  # folder, beside the key, of the one that it hands over to
_TURN = 0.05  # seconds between two looks at the lock


class LedgerWriter:
    """The ledger in a folder, held by this process; see ``open_ledger``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries = folder / ENTRIES
        self._state = State(0, Frontier(), Keyring(), ())
        self._ids = Ids(folder / CACHE, self._entries)
        self._cached = 0
        self.head = newest_head(folder)
        """The newest signed head, or None."""
        if not self._read(read_state(folder / CACHE)):
            self._read(None)

    def close(self) -> None:
        """Let go of the files."""
        self._ids.close()

    @property
    def size(self) -> int:
        """Number of entries."""
        return self._state.frontier.size

    @property
    def root(self) -> bytes:
        """The root over all entries."""
        return self._state.frontier.root()

    @property
    def library(self) -> str:
        """The library's name, as the first entry says; nothing where there is no entry."""
        return self._state.keyring.library

    @property
    def key(self) -> str:
        """The public key in force."""
        return self._state.keyring.key

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._ids

    def entry(self, identifier: str) -> Entry | None:
        """Return the entry with that id, or None. Raises ``Damaged`` where its line is not one."""
        begins = self._ids.begins(identifier)
        if begins is None:
            return None
        with self._entries.open("rb") as stream:
            stream.seek(begins)
            line = stream.readline(LONGEST_LINE + 1).removesuffix(b"\n")
        try:
            return from_line(line)
        except ValueError as error:
            raise Damaged("LEDGER_LINE_DAMAGED", path=str(self._entries), line=identifier) from error

    def begin(self, keys: Path, *, library: str, when: str, agent: str) -> None:
        """Make the key, in the folder *keys*, and the first entry; nothing where there is one.

        A kill in between leaves a key that the same call takes up. Raises ``NoSpace``.
        """
        if self.size:
            return
        if not (keys / PRIVATE).exists():
            SigningKey.made().keep(keys)
        public = SigningKey.read(keys).public
        self.append([begun(library=library, key=public, when=when, agent=agent)])
        self.sign(keys, when=when)

    def go_on(self, keys: Path, *, when: str, agent: str) -> Head:
        """Go on with a ledger that came back from a site, with the key in the folder *keys*, made where there is none.

        Where that is not the key in force, which lies at no site, an entry says that it was replaced: no signature
        vouches for it, and every check tells. A kill in between leaves what the same call takes up. Raises as ``sign``.
        """
        if not (keys / PRIVATE).exists():
            SigningKey.made().keep(keys)
        public = SigningKey.read(keys).public
        if public != self.key:
            self.append([key_replaced(public, library=self.library, when=when, agent=agent)])
        return self.sign(keys, when=when)

    def append(self, entries: Iterable[Entry]) -> int:
        """Append those of *entries* whose id is not there yet, all with one flush; return how many.

        Durable when this returns. Raises ``NoSpace``, and the ledger is then as it was.
        """
        frontier = Frontier(self._state.frontier.size, self._state.frontier.peaks)
        keyring = Keyring(self.library, self.key)
        content, ids, begins = [], {}, self._state.bytes
        for entry in entries:
            if entry.id in ids or entry.id in self:
                continue
            if not keyring.take(entry):
                raise Damaged("LEDGER_ENTRY_REFUSED", id=entry.id, kind=entry.kind)
            line = to_line(entry)
            frontier.add(leaf_hash(line))
            ids[entry.id] = begins
            content.append(line + b"\n")
            begins += len(line) + 1
        if not ids:
            return 0
        with writing(self._entries):
            append_at(self._entries, b"".join(content), at=self._state.bytes)
        self._state = State(begins, frontier, keyring, self._state.runs)
        for identifier, at in ids.items():
            self._ids.add(identifier, at)
        return len(ids)

    def sign(self, keys: Path, *, when: str) -> Head:
        """Sign a head over all entries with the key in the folder *keys*, and write it down.

        Returns the one that is there where nothing was appended. Raises ``NotFound`` and ``Unreadable`` for a key that
        is gone, ``Damaged`` for one that is not in force, ``NoSpace``.
        """
        if self.head is not None and (self.head.size, self.head.root) == (self.size, self.root.hex()):
            return self.head
        key = self._signing_key(keys)
        if key.public != self.key:
            raise Damaged("LEDGER_KEY_OTHER", path=str(self.folder))
        head = sign_head(key, library=self.library, size=self.size, root=self.root, when=when)
        with writing(self.folder):
            path = self.folder / HEADS
            append_at(path, head_line(head) + b"\n", at=_whole_length(path))
        self.head = head
        self.keep()
        return head

    def change_key(self, keys: Path, *, when: str, agent: str) -> Head:
        """Make a new key, have the old one hand over to it, and sign a head with the new one.

        A kill in between leaves both keys, and whoever signs next knows which is in force. Raises as ``sign``.
        """
        old = self._signing_key(keys)
        if not (keys / NEXT / PRIVATE).exists():
            SigningKey.made().keep(keys / NEXT)
        new = SigningKey.read(keys / NEXT)
        self.append([key_changed(old, new.public, library=self.library, when=when, agent=agent)])
        return self.sign(keys, when=when)

    def keep(self, *, at_least: int = CACHED_AFTER) -> None:
        """Keep what is known of the entries, where *at_least* so many came since it was kept."""
        if self.size - self._cached < at_least or not self.head or self.head.size != self.size:
            return
        # A cache that cannot be written costs time and nothing else.
        with suppress(OSError):
            runs = tuple(self._ids.settled())
            self._state = State(self._state.bytes, self._state.frontier, self._state.keyring, runs)
            keep_state(self.folder / CACHE, self._state)
            self._ids.tidy()
            self._cached = self.size

    def _signing_key(self, keys: Path) -> SigningKey:
        """Return the key, the next one where the old has handed over to it: that one takes its place."""
        key, beside = SigningKey.read(keys), keys / NEXT
        if (beside / PRIVATE).exists() and key.public != self.key:
            new = SigningKey.read(beside)
            if new.public == self.key:
                new.keep(keys, replacing=True)
                key = new
        if beside.is_dir() and key.public == self.key and self._is_spent(beside):
            remove_tree(beside)
        return key

    def _is_spent(self, beside: Path) -> bool:
        """Say whether the key in *beside* is in its place already: it is the one in force."""
        with suppress(NotFound, Unreadable):
            return SigningKey.read(beside).public == self.key
        return True

    def _read(self, cached: State | None) -> bool:
        """Read the entries from where *cached* ends; return False where it does not fit them."""
        state = cached or State(0, Frontier(), Keyring(), ())
        self._ids.close()
        self._ids = Ids(self.folder / CACHE, self._entries, state.runs)
        signed = self.head.size if self.head else 0
        if cached and (not self._fits(cached) or signed < cached.frontier.size):
            return False
        self._cached = state.frontier.size
        try:
            self._state = self._follow(state, signed)
        except Damaged:
            if cached:
                return False
            raise
        return True

    def _fits(self, cached: State) -> bool:
        if not self._ids.is_whole() or not self._entries.is_file() or self._entries.stat().st_size < cached.bytes:
            return False
        with self._entries.open("rb") as stream:
            stream.seek(max(cached.bytes - 1, 0))
            return stream.read(1) == b"\n"

    def _follow(self, state: State, signed: int) -> State:
        frontier, keyring, at = state.frontier, state.keyring, state.bytes
        self._compare(frontier)
        for line in lines(self._entries, start=at, number=frontier.size):
            entry = self._entry(line, keyring)
            if entry is None:
                if frontier.size < signed:
                    raise Damaged("LEDGER_LINE_DAMAGED", path=str(self._entries), line=line.number)
                break
            self._ids.add(entry.id, at)
            frontier.add(leaf_hash(line.content))
            at = line.end
            self._compare(frontier)
        if frontier.size < signed:
            raise Damaged("LEDGER_CUT_SHORT", path=str(self._entries), entries=frontier.size, signed=signed)
        return State(at, frontier, keyring, state.runs)

    def _compare(self, frontier: Frontier) -> None:
        if self.head and self.head.size == frontier.size and self.head.root != frontier.root().hex():
            raise Damaged("LEDGER_NOT_AS_SIGNED", path=str(self._entries), signed=self.head.size)

    @staticmethod
    def _entry(line: Line, keyring: Keyring) -> Entry | None:
        try:
            entry = from_line(line.content)
        except ValueError:
            return None
        return entry if line.whole and keyring.take(entry) else None


@contextmanager
def open_ledger(folder: Path, *, patience: float = PATIENCE) -> Iterator[LedgerWriter]:
    """Hold the ledger in *folder* for writing; the folder is made where it is not there.

    Raises ``Busy`` when another process keeps writing for *patience* seconds, ``Damaged`` when the entries are not
    those that the newest head was signed over.
    """
    with writing(folder):
        make_directories(folder)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + patience
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            if time.monotonic() >= deadline:
                raise Busy("LEDGER_BUSY", path=str(folder))
            time.sleep(_TURN)
        with writing(folder):
            ledger = LedgerWriter(folder)
        try:
            yield ledger
        finally:
            ledger.close()
    finally:
        os.close(handle)


def require_head(folder: Path) -> Head:
    """Return the newest head.

    Raises ``NotFound`` where there is none.
    """
    head = newest_head(folder)
    if head is None:
        raise NotFound("NO_LEDGER", path=str(folder))
    return head


def _whole_length(path: Path) -> int:
    """Return where the last whole line of *path* ends."""
    end = length = length_of(path)
    if not length:
        return 0
    with path.open("rb") as stream:
        while end:
            start = max(end - TAIL, 0)
            stream.seek(start)
            found = stream.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
    return 0


def append_at(path: Path, content: bytes, *, at: int) -> None:
    """Write *content* at the byte *at* of *path*, in the place of a torn rest, and flush; undo where that fails."""
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if os.fstat(handle).st_size != at:
            os.ftruncate(handle, at)
        os.lseek(handle, at, os.SEEK_SET)
        try:
            write_all(handle, content)
            os.fsync(handle)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(handle, at)
            raise
    finally:
        os.close(handle)
    if is_new:
        sync_directory(path.parent)
