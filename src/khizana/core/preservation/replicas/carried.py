"""The ledger at a site: pieces of entries and signed heads, each a file that is never written again.

A site that has seen a head is a witness: a ledger that is shorter than it, or that has other entries under it, was
rolled back or rewritten, and nothing of it is carried there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from khizana.core.errors import Damaged, KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.durable import make_directories, sync_directory, write_file, writing
from khizana.core.preservation.ledger.head import LONGEST_HEAD, Head, head_line, read_head
from khizana.core.preservation.ledger.place import ENTRIES, HEADS, STAMPS, lines
from khizana.core.preservation.ledger.tree import Frontier, leaf_hash
from khizana.core.preservation.ledger.write import newest_head
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.around import small
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.outcome import Intact, Missing
from khizana.core.preservation.replicas.reading import Reader

PIECES_AT_SITE = "ledger/entries/"
HEADS_AT_SITE = "ledger/heads/"
STAMPS_AT_SITE = "ledger/stamps/"
LARGEST_PIECE = 8 << 20  # bytes
_DIGITS = 12


def carry_ledger(store: ReplicaStore, ledger: Path, *, site: str, stamp: str) -> Finding | None:
    """Bring to *store* the entries, heads and stamps of the folder *ledger* that it lacks, read back there.

    Returns a finding, and carries nothing, where the site knows a newer head or another one. Stopped at any moment,
    the same call goes on. Raises ``Damaged`` COPY_DIFFERS, and what the store raises.
    """
    ours = newest_head(ledger)
    if ours is None:
        return None
    theirs = head_at(store)
    there = theirs.size if theirs else 0
    if there > ours.size:
        return Finding("LEDGER_BEHIND_SITE", Severity.ERROR, site, {"entries": ours.size, "there": there})
    frontier = Frontier()
    entries = (line.content for line in lines(ledger / ENTRIES) if line.whole)
    for _, content in zip(range(there), entries, strict=False):
        frontier.add(leaf_hash(content))
    if theirs and (frontier.size, frontier.root().hex()) != (theirs.size, theirs.root):
        return Finding("LEDGER_OTHER_AT_SITE", Severity.ERROR, site, {"there": there})
    if there < ours.size:
        for start, piece in _pieces(entries, there, ours.size):
            _keep(store, f"{PIECES_AT_SITE}{start:0{_DIGITS}}.jsonl", piece, stamp)
        _keep(store, f"{HEADS_AT_SITE}{ours.size:0{_DIGITS}}.json", head_line(ours) + b"\n", stamp)
    for path in sorted((ledger / STAMPS).glob("*")):
        _keep(store, STAMPS_AT_SITE + path.name, path.read_bytes(), stamp)
    return None


def head_at(store: ReplicaStore) -> Head | None:
    """Return the newest head at a site that can be read and is truly signed, or None."""
    for stored in reversed(list(store.names(HEADS_AT_SITE))):
        if stored.size > LONGEST_HEAD + 1:
            continue
        with suppress(ValueError, KhizanaError):
            head = read_head(small(store, stored.name).removesuffix(b"\n"))
            if head.is_true:
                return head
    return None


def bring_ledger(store: ReplicaStore, folder: Path) -> Head | None:
    """Put the ledger of a site together again in the new *folder*, as it was last carried there; return its head.

    None, and no folder, where the site has none. The files are those of a ledger, so that what checks one checks it.
    """
    head = head_at(store)
    if head is None:
        return None
    with writing(folder):
        make_directories(folder)
        (folder / ENTRIES).unlink(missing_ok=True)
        (folder / HEADS).unlink(missing_ok=True)
        write_file(folder / ENTRIES, b"".join(bytes(run) for run in _runs(store, PIECES_AT_SITE)))
        write_file(folder / HEADS, b"".join(bytes(run) for run in _runs(store, HEADS_AT_SITE)))
        sync_directory(folder)
    return head


def _runs(store: ReplicaStore, prefix: str) -> Iterator[bytes | memoryview]:
    for stored in list(store.names(prefix)):
        yield from (bytes(run) for run in store.read(stored.name))


def _pieces(entries: Iterator[bytes], start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield the entries from number *start* up to *end* in pieces, each with the number of its first."""
    piece, first = bytearray(), start
    for number, content in enumerate(entries, start):
        if number == end:
            break
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
