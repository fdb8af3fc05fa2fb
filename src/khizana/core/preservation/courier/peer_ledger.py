"""The ledger of another working place, kept as the files of a ledger: whoever has seen it is its witness.

What comes must go on from what was seen before: a ledger that is not the same up to there was rewritten, and nothing
of it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from khizana.core.findings import Finding, Severity
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.lines import LedgerPiece, pack_line
from khizana.core.preservation.courier.signed import Signed
from khizana.core.preservation.courier.view import whole_piece
from khizana.core.preservation.durable import make_directories, writing
from khizana.core.preservation.ledger.head import Head, head_line
from khizana.core.preservation.ledger.place import ENTRIES, HEADS, lines, newest_head
from khizana.core.preservation.ledger.tree import Frontier, leaf_hash
from khizana.core.preservation.ledger.write import append_at
from khizana.core.preservation.replicas.ledger_pieces import LARGEST_PIECE

AT_ONCE = 10_000  # entries appended with one flush
_LONGEST_PIECE = LARGEST_PIECE + (1 << 17)  # bytes: the last entry of a piece of a ledger may go beyond

Pieces = Callable[[], Iterator[bytes]]
"""Gives the pieces of a ledger, whole lines each; asked twice."""


def extend(folder: Path, head: Head, *, begins: int, pieces: Pieces, peer: str) -> Finding | None:
    """Add to the ledger of *peer* in *folder* what *pieces* hold of it, from entry number *begins* (the first is 0) on.

    Returns a finding, and keeps nothing, where *head*, whose signature was found right, is over other entries than
    those seen before and those that came; or where entries are missing in between. Stopped at any moment, the same call
    goes on.
    """
    known = newest_head(folder)
    size = known.size if known else 0
    frontier, end = Frontier(), 0
    seen = min(size, head.size)
    for line in lines(folder / ENTRIES):
        if frontier.size == size:
            break
        frontier.add(leaf_hash(line.content))
        end = line.end
        if frontier.size == seen and head.size <= size:
            return None if frontier.root().hex() == head.root else _rewritten(peer, seen)
    if known and frontier.root().hex() != known.root:
        # Our copy of it is not what it was: it is kept as it is, and tells no more than that.
        return Finding("PEER_LEDGER_DAMAGED_HERE", Severity.ERROR, peer, {"path": str(folder)})
    if begins > size:
        return Finding("PEER_LEDGER_GAP", Severity.WARNING, peer, {"seen": size, "begins": begins})
    for content in _new(pieces(), begins, size, head.size):
        frontier.add(leaf_hash(content))
    if (frontier.size, frontier.root().hex()) != (head.size, head.root):
        return _rewritten(peer, size)
    with writing(folder):
        make_directories(folder)
        new = _new(pieces(), begins, size, head.size)
        while some := list(islice(new, AT_ONCE)):
            content = b"".join(line + b"\n" for line in some)
            append_at(folder / ENTRIES, content, at=end)
            end += len(content)
        heads = folder / HEADS
        append_at(heads, head_line(head) + b"\n", at=_end_of(heads))
    return None


def brought(pack: Signed, courier: ReplicaStore) -> Iterator[bytes]:
    """Yield the pieces of its sender's ledger that *pack* carries. Raises as ``whole_piece`` does."""
    for line in pack.lines():
        piece = pack_line(line, pack.header.pack)
        if not isinstance(piece, LedgerPiece):
            return
        yield whole_piece(courier, piece.digest, longest=_LONGEST_PIECE)


def seen_of(folder: Path) -> int:
    """Return how many entries of the ledger in *folder* are kept under a signed head."""
    head = newest_head(folder)
    return head.size if head else 0


def _new(pieces: Iterable[bytes], begins: int, first: int, end: int) -> Iterator[bytes]:
    """Yield the lines of *pieces*, the first of which is number *begins*, from number *first* up to *end*."""
    number = begins
    for piece in pieces:
        for line in piece.removesuffix(b"\n").split(b"\n"):
            if first <= number < end:
                yield line
            number += 1


def _end_of(path: Path) -> int:
    """Return where the last whole line of *path* ends."""
    return max((line.end for line in lines(path) if line.whole), default=0)


def _rewritten(peer: str, size: int) -> Finding:
    return Finding("PEER_LEDGER_REWRITTEN", Severity.ERROR, peer, {"seen": size})
