"""The ledger at a site: pieces of entries and signed heads, each a file that is never written again.

A site that has seen a head is a witness: a ledger that is shorter than it, or that has other entries under it, was
rolled back or rewritten, and nothing of it is carried there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from khizana.core.errors import Damaged, KhizanaError, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.durable import make_directories, sync_directory, write_file, writing
from khizana.core.preservation.ledger.head import LONGEST_HEAD, Head, head_line, read_head
from khizana.core.preservation.ledger.place import ENTRIES, HEADS, STAMPS, lines, newest_head
from khizana.core.preservation.ledger.tree import Frontier, leaf_hash
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.around import small
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.outcome import Intact, Missing
from khizana.core.preservation.replicas.reading import Reader

PIECES_AT_SITE = "ledger/entries/"
HEADS_AT_SITE = "ledger/heads/"
STAMPS_AT_SITE = "ledger/stamps/"
LARGEST_PIECE = 8 << 20  # bytes
DIGITS = 12
"""Of the number in the name of a piece or head."""


def carry_ledger(store: ReplicaStore, ledger: Path, *, site: str, stamp: str) -> Finding | None:
    """Bring to *store* the entries, heads and stamps of the folder *ledger* that it lacks, read back there.

    Returns a finding, and carries nothing, where the site knows a newer head or another one. Stopped at any moment,
    the same call goes on. Raises ``Damaged`` COPY_DIFFERS, and what the store raises.
    """
    ours = newest_head(ledger)
    if ours is None:
        return None
    theirs = head_at(store)
    if refused := contradicted(ledger, ours, theirs, site=site):
        return refused
    there = theirs.size if theirs else 0
    if there < ours.size:
        for start, piece in pieces(ledger, there, ours.size):
            _keep(store, f"{PIECES_AT_SITE}{start:0{DIGITS}}.jsonl", piece, stamp)
        keep_head(store, ours, stamp=stamp)
    for path in sorted((ledger / STAMPS).glob("*")):
        _keep(store, STAMPS_AT_SITE + path.name, path.read_bytes(), stamp)
    return None


def contradicted(ledger: Path, ours: Head, theirs: Head | None, *, site: str) -> Finding | None:
    """Return a finding where the ledger in the folder *ledger* is not one that goes on from what *site* has seen."""
    if theirs is None:
        return None
    if theirs.size > ours.size:
        return _behind(site, ours.size, theirs)
    frontier = Frontier()
    for content in _contents(ledger, 0, theirs.size):
        frontier.add(leaf_hash(content))
    if (frontier.size, frontier.root().hex()) != (theirs.size, theirs.root):
        return Finding("LEDGER_OTHER_AT_SITE", Severity.ERROR, site, {"there": theirs.size})
    return None


def rewritten(ledger: Path, store: ReplicaStore, *, site: str) -> Finding | None:
    """Return a finding where the folder *ledger* is not the ledger that *site* has seen, and not a part of it either.

    Somebody rewrote the one or the other, or it is another place's: whose objects are the true ones is not known then,
    and nothing must take the place of any. A ledger that is older than the site's is compared with what the site saw
    when it was as long; one that is shorter than all that the site ever saw, or gone, cannot be, and is told as behind.
    """
    ours, seen = newest_head(ledger), None
    for seen in heads_seen(store):
        if ours is None:
            return _behind(site, 0, seen)
        if seen.size <= ours.size:
            break
    if ours is None:
        return None
    return contradicted(ledger, ours, seen, site=site)


def older_or_rewritten(ledger: Path, store: ReplicaStore, *, site: str) -> Finding | None:
    """Return a finding also where *ledger* is a part of what *site* has seen: it is older than the site.

    What such a library does not know of may be what was written since, and must not be taken for strays there.
    """
    ours, seen = newest_head(ledger), head_at(store)
    if ours is None:
        return _behind(site, 0, seen) if seen else None
    return contradicted(ledger, ours, seen, site=site)


def _behind(site: str, entries: int, theirs: Head) -> Finding:
    return Finding("LEDGER_BEHIND_SITE", Severity.ERROR, site, {"entries": entries, "there": theirs.size})


def keep_head(store: ReplicaStore, head: Head, *, stamp: str) -> None:
    """Make the site a witness of *head*. Raises as ``carry_ledger`` does."""
    _keep(store, f"{HEADS_AT_SITE}{head.size:0{DIGITS}}.json", head_line(head) + b"\n", stamp)


def head_at(store: ReplicaStore) -> Head | None:
    """Return the newest head at a site that can be read and is truly signed, or None."""
    return next(heads_seen(store), None)


def heads_seen(store: ReplicaStore) -> Iterator[Head]:
    """Yield the heads at a site that can be read and are truly signed, the newest first."""
    for stored in reversed(list(store.names(HEADS_AT_SITE))):
        if stored.size > LONGEST_HEAD + 1:
            continue
        with suppress(ValueError, KhizanaError):
            head = read_head(small(store, stored.name).removesuffix(b"\n"))
            if head.is_true:
                yield head


def bring_ledger(store: ReplicaStore, folder: Path) -> Head | None:
    """Put the ledger of a site together again in the new *folder*, as it was last carried there; return its head.

    None where no head is left there, and no folder where there are no entries either. The files are those of a ledger,
    so that what checks one checks it: it ends at what cannot be read or is lost. Raises ``Away`` and ``NoSpace``.
    """
    head, numbered = head_at(store), _numbered(store, PIECES_AT_SITE, ".jsonl")
    if head is None and not numbered:
        return None
    put_together(folder, ((first, _readable(store, name)) for first, name in numbered), heads_at(store))
    return head


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


def heads_at(store: ReplicaStore) -> bytes:
    """Return the lines of all heads that a site has seen."""
    lines = (_readable(store, name) for _, name in _numbered(store, HEADS_AT_SITE, ".json"))
    return b"".join(line.removesuffix(b"\n") + b"\n" for line in lines)


def _numbered(store: ReplicaStore, prefix: str, ending: str) -> list[tuple[int, str]]:
    """Return the numbers and names of the files that were carried, in order.

    Others may lie beside them, as a system, a person or ransomware left them: taken for a part of the ledger they would
    damage what comes back.
    """
    ours = re.compile(rf"{re.escape(prefix)}([0-9]{{{DIGITS},}}){re.escape(ending)}")
    found = (ours.fullmatch(stored.name) for stored in store.names(prefix))
    return sorted((int(each[1]), each[0]) for each in found if each)


def _readable(store: ReplicaStore, name: str) -> bytes:
    """Return the bytes of a file of a site, none where they cannot be read: all else is to come back all the same."""
    try:
        return small(store, name)
    except (Damaged, Unreadable):
        return b""


def _contents(ledger: Path, start: int, end: int) -> Iterator[bytes]:
    return islice((line.content for line in lines(ledger / ENTRIES) if line.whole), start, end)


def pieces(ledger: Path, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the entries of *ledger* from number *start* (the first is 0) up to *end* in pieces, each with its first."""
    piece, first = bytearray(), start
    for number, content in enumerate(_contents(ledger, start, end), start):
        piece += content + b"\n"
        if len(piece) >= LARGEST_PIECE:
            yield first, bytes(piece)
            piece, first = bytearray(), number + 1
    if piece:
        yield first, bytes(piece)


def _keep(store: ReplicaStore, name: str, content: bytes, stamp: str) -> None:
    digest = digest_of(content)
    found = Reader(store).outcome(name, digest)
    if isinstance(found, Intact):
        return
    if not isinstance(found, Missing):
        store.set_aside(name, f"{ASIDE}/{stamp}/{name}")
    store.put(name, [content], size=len(content))
    if not isinstance(Reader(store).outcome(name, digest), Intact):
        raise Damaged("COPY_DIFFERS", name=name, path=store.address)
