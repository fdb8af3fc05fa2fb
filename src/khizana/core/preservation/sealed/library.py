"""What a library is made again with, sealed: its settings, its sites, its public keys, and its ledger.

Each carrying that has something new is a version of its own: the entries that the site lacks lie in the folder of the
version, so that they are kept, and the rest beside the versions, so that the newest counts. Heads lie in clear: they
say how many entries there are and nothing of what stands in them, and they make the site a witness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from khizana.core.findings import Finding
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.durable import make_directories, remove_tree, writing
from khizana.core.preservation.ledger.head import Head
from khizana.core.preservation.ledger.place import STAMPS, newest_head
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.around import small
from khizana.core.preservation.replicas.carried import contradicted, head_at, heads_at, keep_head
from khizana.core.preservation.replicas.ledger_pieces import DIGITS, pieces, put_together
from khizana.core.preservation.sealed import sums
from khizana.core.preservation.sealed.mend import set_all_aside
from khizana.core.preservation.sealed.names import LIBRARY, SUMS, file_token, object_folder
from khizana.core.preservation.sealed.seal import Sealing, seal_library
from khizana.core.preservation.sealed.walk import versions_at

SETTINGS = "khizana.toml"
SITES = "sites.toml"
RECIPIENTS = "recipients.txt"
_PIECE = "entries-"


@dataclass(frozen=True, slots=True)
class Carried:
    """What a site has of the library after a carrying."""

    sums: Mapping[str, Digest]
    """Folder of each version to the digest of its ``SHA512SUMS``."""
    finding: Finding | None
    """Why no entries were carried, where the site has seen another ledger."""


def carry_library(
    store: ReplicaStore,
    ledger: Path,
    files: Mapping[str, bytes],
    *,
    sealing: Sealing,
    known: Mapping[str, Digest],
    site: str,
    stamp: str,
    anew: bool = False,
) -> Carried:
    """Seal for *store* what it lacks of *files* (name to bytes) and of the ledger in the folder *ledger*.

    *known* are digests of lists that are known already. To seal all *anew*, what is there is set aside; where the
    site has seen another ledger, whose entries may be nowhere else, nothing is done then.

    Stopped at any moment, the same call goes on; the caller holds the store. Raises ``Damaged``, ``NoSpace``,
    ``Unreadable``, and what the store raises.
    """
    ours, theirs = newest_head(ledger), head_at(store)
    finding = contradicted(ledger, ours, theirs, site=site) if ours else None
    if anew and finding is not None:
        return Carried(known, finding)
    if anew:
        set_all_aside(store, object_folder(sealing.blinding, LIBRARY))
        known = {}
    found: dict[int, str] = {}
    for each in versions_at(store, object_folder(sealing.blinding, LIBRARY)):
        if each.version and SUMS in each.sizes:
            found[each.version] = each.folder
    newest = max(found, default=0)
    listed = sums.parse(small(store, found[newest] + SUMS)) if newest else None
    wanted = dict(files) | {f"{STAMPS}/{path.name}": path.read_bytes() for path in sorted((ledger / STAMPS).glob("*"))}
    # Where the versions were lost, all entries are carried again: a head alone gives none of them back.
    start = theirs.size if theirs and newest else 0
    end = ours.size if ours and finding is None else start
    sealed = {folder: known.get(folder) or digest_of(small(store, folder + SUMS)) for folder in found.values()}
    if start < end or not _holds(sealing, listed, wanted):
        folder = sealing.scratch / f"library-{site}"
        with writing(sealing.scratch):
            remove_tree(folder)
        try:
            with writing(sealing.scratch):
                for name, content in wanted.items():
                    _write(folder / name, content)
                for first, piece in pieces(ledger, start, end):
                    _write(folder / f"v{newest + 1}" / f"{_PIECE}{first:0{DIGITS}}.jsonl", piece)
            done = seal_library(newest + 1, folder, store=store, sealing=sealing)
        finally:
            remove_tree(folder)
        sealed[done.folder] = done.sums
    if ours and finding is None and (theirs is None or theirs.size < ours.size):
        keep_head(store, ours, stamp=stamp)
    return Carried(sealed, finding)


def bring_ledger(store: ReplicaStore, library: Path, folder: Path) -> Head | None:
    """Put the ledger together again in the new *folder* from what was unsealed into the folder *library*.

    Returns the newest head of the site; None, and no folder, where it has none.
    """
    head = head_at(store)
    if head is None:
        return None
    paths = sorted(library.glob(f"v*/{_PIECE}*.jsonl"), key=lambda each: each.name)
    pieces_in = ((int(path.stem.removeprefix(_PIECE)), path.read_bytes()) for path in paths)
    put_together(folder, pieces_in, heads_at(store))
    return head


def _holds(sealing: Sealing, listed: Mapping[str, Digest] | None, wanted: Mapping[str, bytes]) -> bool:
    """Tell whether the newest version has *wanted*, by the names of its files."""
    tokens = {name.rpartition("-")[0] for name in listed or () if not name.startswith("contents-")}
    return listed is not None and all(
        file_token(sealing.blinding, LIBRARY, name, digest_of(content)) in tokens for name, content in wanted.items()
    )


def _write(path: Path, content: bytes) -> None:
    make_directories(path.parent)
    path.write_bytes(content)
