"""The entries of a ledger in pieces, as they lie at a site: cut, compared with the ledger, and put together again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from khizana.core.ports import ReplicaStore
from khizana.core.preservation.durable import make_directories, sync_directory, write_file, writing
from khizana.core.preservation.ledger.place import ENTRIES, HEADS, lines
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.outcome import Altered, Intact, Unreadable
from khizana.core.preservation.replicas.reading import Reader

PIECES_AT_SITE = "ledger/entries/"
LARGEST_PIECE = 8 << 20
"""Bytes from which on a piece takes no further entry."""

DIGITS = 12
"""Of the number in the name of a piece or head."""


def contents(ledger: Path, start: int, end: int) -> Iterator[bytes]:
    """Yield the entries of *ledger* from number *start* (the first is 0) up to *end*, each without its line end."""
    return islice((line.content for line in lines(ledger / ENTRIES) if line.whole), start, end)


def pieces(ledger: Path, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of *ledger* from number *start* (the first is 0) up to *end* in pieces, each with its first."""
    piece, first = bytearray(), start
    for number, content in enumerate(contents(ledger, start, end), start):
        piece += content + b"\n"
        if len(piece) >= LARGEST_PIECE:
            yield first, bytes(piece)
            piece, first = bytearray(), number + 1
    if piece:
        yield first, bytes(piece)


def put_together(folder: Path, pieces: Iterable[tuple[int, bytes]], heads: bytes) -> None:
    """Make the new *folder* the ledger that *pieces* and *heads* are: each piece with the number of its first entry.

    They come in the order of these numbers. What two of them have counts once: where a site has lost its newest heads,
    entries that it has are carried there again, in other pieces. Raises ``NoSpace``.
    """
    content, count = bytearray(), 0
    for first, piece in pieces:
        if first > count:
            break  # what is between is lost: the ledger ends here
        entries = piece.removesuffix(b"\n").split(b"\n") if piece else []
        content += b"".join(each + b"\n" for each in entries[count - first :])
        count = max(count, first + len(entries))
    with writing(folder):
        make_directories(folder)
        for name, whole in ((ENTRIES, bytes(content)), (HEADS, heads)):
            (folder / name).unlink(missing_ok=True)
            write_file(folder / name, whole)
        sync_directory(folder)


def numbered(store: ReplicaStore, prefix: str, ending: str) -> list[tuple[int, str]]:
    """Return the numbers and names of the files that were carried, in order.

    Others may lie beside them, as a system, a person or ransomware left them: taken for a part of the ledger they would
    damage what comes back.
    """
    ours = re.compile(rf"{re.escape(prefix)}([0-9]{{{DIGITS},}}){re.escape(ending)}")
    found = (ours.fullmatch(stored.name) for stored in store.names(prefix))
    return sorted((int(each[1]), each[0]) for each in found if each)


@dataclass(frozen=True, slots=True)
class Held:
    """What a site has of a ledger: pieces that are *wrong*, and the *gaps*, each from its first entry to its end."""

    wrong: list[Altered | Unreadable]
    gaps: list[tuple[int, int]]


def held(store: ReplicaStore, ledger: Path, size: int, *, and_read: bool) -> Held:
    """Compare the pieces at a site with the first *size* entries of the folder *ledger*, in one pass over both.

    A piece that begins before the one before it ends says nothing new.
    """
    reader, sizes = Reader(store), {stored.name: stored.size for stored in store.names(PIECES_AT_SITE)}
    own, count = contents(ledger, 0, size), 0
    found = Held([], [])
    for first, name in numbered(store, PIECES_AT_SITE, ".jsonl"):
        if first < count:
            continue
        skipped = sum(1 for _ in islice(own, first - count))
        if skipped:
            found.gaps.append((count, count + skipped))
        count += skipped
        if count < first:
            break  # beyond what is compared
        mine, whole = [], bytearray()
        most = sizes[name] if sizes[name] <= 2 * LARGEST_PIECE else 0  # no piece is ever as large
        while len(whole) < most and (content := next(own, None)) is not None:
            mine.append(content)
            whole += content + b"\n"
        outcome = _piece_outcome(reader, name, sizes[name], bytes(whole), and_read=and_read)
        if outcome is None:
            count += len(mine)
        else:
            found.wrong.append(outcome)
            own = chain(mine, own)
    if count < size:
        found.gaps.append((count, size))
    return found


def _piece_outcome(
    reader: Reader, name: str, size: int, right: bytes, *, and_read: bool
) -> Altered | Unreadable | None:
    """Return what is wrong with the piece *name*, which should have the bytes *right*."""
    if right and size == len(right) and not and_read:
        return None
    outcome = reader.outcome(name, digest_of(right))
    if isinstance(outcome, Altered | Unreadable):
        return outcome
    return None if right and isinstance(outcome, Intact) else Altered(name, digest_of(b""))


def piece_name(first: int) -> str:
    """Return the name at a site of the piece that begins with entry number *first*."""
    return f"{PIECES_AT_SITE}{first:0{DIGITS}}.jsonl"
