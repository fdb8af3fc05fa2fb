"""The ledger at a site: pieces of entries and signed heads, each a file that is never written again.

A site that has seen a head is a witness: a ledger that is shorter than it, or that has other entries under it, was
rolled back or rewritten, and nothing of it is carried there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from khizana.core.errors import Damaged, KhizanaError
from khizana.core.errors import Unreadable as UnreadableError
from khizana.core.findings import Finding, Severity
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.head import LONGEST_HEAD, Head, head_line, read_head
from khizana.core.preservation.ledger.place import STAMPS, newest_head
from khizana.core.preservation.ledger.tree import Frontier, leaf_hash
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.around import small
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.ledger_pieces import (
    DIGITS,
    PIECES_AT_SITE,
    contents,
    held,
    numbered,
    piece_name,
    pieces,
    put_together,
)
from khizana.core.preservation.replicas.outcome import Altered, Intact, Missing, Unreadable
from khizana.core.preservation.replicas.reading import Reader

HEADS_AT_SITE = "ledger/heads/"
STAMPS_AT_SITE = "ledger/stamps/"


def carry_ledger(store: ReplicaStore, ledger: Path, *, site: str, stamp: str, and_read: bool = False) -> Finding | None:
    """Bring to *store* the entries, heads and stamps of the folder *ledger* that it lacks, read back there.

    What it has is told by names and sizes, or, where it is to be *and_read*, by its bytes; what is wrong is set aside.
    Returns a finding, and carries nothing, where the site knows a newer head or another one. Stopped at any moment,
    the same call goes on. Raises ``Damaged`` COPY_DIFFERS, and what the store raises.
    """
    ours = newest_head(ledger)
    if ours is None:
        return None
    theirs = head_at(store)
    if refused := contradicted(ledger, ours, theirs, site=site):
        return refused
    there = held(store, ledger, ours.size, and_read=and_read)
    for wrong in there.wrong:
        store.set_aside(wrong.name, f"{ASIDE}/{stamp}/{wrong.name}")
    for first, end in there.gaps:
        for start, piece in pieces(ledger, first, end):
            _keep(store, piece_name(start), piece, stamp)
    if theirs is None or theirs.size < ours.size:
        keep_head(store, ours, stamp=stamp)
    for path in sorted((ledger / STAMPS).glob("*")):
        _keep(store, STAMPS_AT_SITE + path.name, path.read_bytes(), stamp)
    return None


def wrong_with_ledger(store: ReplicaStore, ledger: Path) -> list[Altered | Missing | Unreadable]:
    """Return what of the entries that a site was given is not there as it stands in the folder *ledger*.

    Nothing where the ledger does not go on from what the site has seen: neither vouches for the other then.
    """
    ours, theirs = newest_head(ledger), head_at(store)
    if ours is None or theirs is None or contradicted(ledger, ours, theirs, site=store.address):
        return []
    there = held(store, ledger, ours.size, and_read=True)
    named = {wrong.name for wrong in there.wrong}
    lost = [piece_name(first) for first, _ in there.gaps if first < theirs.size]
    return [*there.wrong, *(Missing(name) for name in lost if name not in named)]


def contradicted(ledger: Path, ours: Head, theirs: Head | None, *, site: str) -> Finding | None:
    """Return a finding where the ledger in the folder *ledger* is not one that goes on from what *site* has seen."""
    if theirs is None:
        return None
    if theirs.size > ours.size:
        return _behind(site, ours.size, theirs)
    frontier = Frontier()
    for content in contents(ledger, 0, theirs.size):
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
    head, there = head_at(store), numbered(store, PIECES_AT_SITE, ".jsonl")
    if head is None and not there:
        return None
    put_together(folder, ((first, _readable(store, name)) for first, name in there), heads_at(store))
    return head


def heads_at(store: ReplicaStore) -> bytes:
    """Return the lines of all heads that a site has seen."""
    lines = (_readable(store, name) for _, name in numbered(store, HEADS_AT_SITE, ".json"))
    return b"".join(line.removesuffix(b"\n") + b"\n" for line in lines)


def _readable(store: ReplicaStore, name: str) -> bytes:
    """Return the bytes of a file of a site, none where they cannot be read: all else is to come back all the same."""
    try:
        return small(store, name)
    except (Damaged, UnreadableError):
        return b""


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
