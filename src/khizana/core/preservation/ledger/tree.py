"""The Merkle tree over the entries: its root, and the two proofs, with SHA-256.

Source: RFC 6962, section 2.1 (tree hash, audit paths, consistency proofs); the verification of both proofs as RFC 9162,
sections 2.1.3.2 and 2.1.4.2, states it. Proofs are made in one pass over the leaves, in memory that grows with the
logarithm of their number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""

Span = tuple[int, int]
"""Leaves from the first number up to and without the second, counted from 0."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that grows at its right edge: as many hashes as its size has ones in binary, whatever its size."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        """Roots of the full trees that the size is made of, the largest first."""
        if size < 0 or len(self.peaks) != size.bit_count() or any(len(each) != len(EMPTY) for each in self.peaks):
            raise ValueError("not the frontier of a tree of that size")

    def add(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        size = self.size
        while size & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            size >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def inclusion_spans(index: int, size: int) -> tuple[Span, ...]:
    """Return the parts of a tree of *size* leaves whose roots make the audit path of leaf *index*, lowest first.

    Raises ``ValueError`` for a leaf that is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    first, end, spans = 0, size, []
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first = middle
    return tuple(reversed(spans))


def consistency_spans(old: int, size: int) -> tuple[Span, ...]:
    """Return the parts of a tree of *size* leaves whose roots prove that its first *old* leaves are the older tree.

    Raises ``ValueError`` unless ``0 < old <= size``.
    """
    if not 0 < old <= size:
        raise ValueError("no such older tree")
    first, end, spans, whole = 0, size, [], True
    while old - first < end - first:
        middle = first + _split(end - first)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((first, middle))
            first, whole = middle, False
    if not whole:
        spans.append((first, end))
    return tuple(reversed(spans))


def roots_of(spans: Sequence[Span], leaves: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return the root over each of *spans*, which do not overlap, of the tree with these *leaves* (hashes).

    Raises ``ValueError`` when there are too few leaves.
    """
    roots: dict[Span, bytes] = {}
    waiting = iter(sorted(spans))
    span = next(waiting, None)
    frontier = Frontier()
    for number, leaf in enumerate(leaves):
        if span is None:
            break
        if number >= span[0]:
            frontier.add(leaf)
        if number + 1 == span[1]:
            roots[span] = frontier.root()
            span, frontier = next(waiting, None), Frontier()
    if span is not None:
        raise ValueError("too few leaves")
    return tuple(roots[each] for each in spans)


def includes(root: bytes, *, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Say whether *path* proves that the tree of *size* leaves with this *root* has the leaf hash *leaf* at *index*."""
    if not 0 <= index < size:
        return False
    node, last, reached = index, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            reached = node_hash(each, reached)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            reached = node_hash(reached, each)
        node, last = node >> 1, last >> 1
    return last == 0 and reached == root


def is_consistent(old_root: bytes, root: bytes, *, old: int, size: int, path: Sequence[bytes]) -> bool:
    """Say whether *path* proves that a tree of *size* leaves begins with the tree of *old* leaves.

    A tree without leaves is the beginning of every tree, and needs no path.
    """
    if old in (0, size):
        return not path and old <= size and old_root == (root if old == size else EMPTY)
    if not 0 < old < size or not path:
        return False
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # An older tree that is a full one is itself the first hash of the path, and is left out there.
    rest = iter(path if node else (old_root, *path))
    older = newer = next(rest)
    for each in rest:
        if last == 0:
            return False
        if node & 1 or node == last:
            older, newer = node_hash(each, older), node_hash(each, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, each)
        node, last = node >> 1, last >> 1
    return last == 0 and older == old_root and newer == root


def _split(size: int) -> int:
    """Return the largest power of two below *size*, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1
