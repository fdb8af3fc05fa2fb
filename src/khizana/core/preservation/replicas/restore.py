"""A storage root again from one site alone: object by object, each file compared with the inventories that name it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from khizana.core.errors import Away, Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ocfl.inventory import INVENTORY, SIDECAR, Inventory, digest_of, from_json
from khizana.core.preservation.ocfl.listing import is_listing, newest_listing
from khizana.core.preservation.ocfl.summary import summary_of
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import STORAGE, Known, Source, expected, small_file
from khizana.core.preservation.replicas.reading import OnBytes, nothing

_DEPTH = 5
"""Parts of the path of an object's folder at a site: the storage root, three tuples and the name (layout 0003)."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of one object of the site."""

    path: str
    known: Known | None
    """None where nothing of it could be restored: no inventory of the site says what it is."""
    findings: tuple[Finding, ...]
    """One for each file that could not be restored; the others were, all the same."""


def object_folders(store: ReplicaStore) -> Iterator[str]:
    """Yield the folder of each object of a site, with its closing slash, in order; and each that cannot be listed."""
    names = (stored.name for stored in store.names(f"{STORAGE}/"))
    deep = (name for name in names if name.count("/") >= _DEPTH or name.endswith("/"))
    for folder, _ in groupby(deep, key=lambda name: "/".join(name.split("/")[:_DEPTH]) + "/"):
        if not folder.startswith(f"{STORAGE}/extensions/"):
            yield folder


def vouched(store: ReplicaStore, folder: str, *, library: str) -> Known:
    """Return what the object in *folder* says of itself: each version's inventory agrees with the file beside it.

    The newest version whose inventory does is its head: what a root inventory has lost, the versions' folders keep. An
    object that *library* adopted is told by the list of its files.
    Raises ``Damaged`` where none does or the object is not the one that belongs in this folder, and what the store
    raises.
    """
    read = small_file(store, folder)
    if known := _listed(store, folder, library, read):
        return known
    numbers = {name.name.removeprefix(folder).partition("/")[0] for name in store.names(folder + "v")}
    newest = max((int(each[1:]) for each in numbers if each[1:].isdigit()), default=0)
    for head in range(newest, 0, -1):
        places = [f"v{head}/", ""]
        for place in places:
            try:
                content = read(place + INVENTORY)
                inventory = from_json(content, folder)
                if inventory.head == head and _agree(content, read(place + SIDECAR)):
                    return _history(read, folder, inventory, digest_of(content))
            except Away:
                raise
            except (Damaged, NotFound, Unreadable) as error:
                if error.code == "OBJECT_IN_THE_WAY":
                    raise
    raise Damaged("INVENTORY_ALTERED", path=folder + INVENTORY)


def _listed(store: ReplicaStore, folder: str, library: str, read: Source) -> Known | None:
    """Return what is known of an object that *library* adopted; None for one of its own, and where no list fits it."""
    names = [each.name.removeprefix(folder) for each in store.names(f"{folder}logs/")]
    listing = newest_listing((name, read(name)) for name in names if is_listing(name))
    if listing is None:
        return None
    wanted = listing.files[INVENTORY]
    # The root inventory stands in the newest version, too, as a rule.
    for place in [INVENTORY, *(name for name, digest in listing.files.items() if digest == wanted)]:
        with suppress(NotFound, Unreadable):
            content = read(place)
            if digest_of(content) == wanted:
                summary = summary_of(content, folder + place)
                known = Known(summary.id, {summary.head: listing.digest})
                if summary.id.startswith(f"urn:khizana:{library}:"):
                    return None  # its own objects are told by their inventories, whatever lies in their logs
                if known.prefix != folder:
                    raise Damaged("OBJECT_IN_THE_WAY", path=folder, object_id=summary.id)
                return known
    return None


def _history(read: Source, folder: str, inventory: Inventory, head_digest: Digest) -> Known:
    versions: dict[int, Digest] = {}
    for number in range(1, inventory.head):
        content = read(f"v{number}/{INVENTORY}")
        if from_json(content, folder).versions != inventory.versions[:number]:
            raise Damaged("INVENTORY_UNREADABLE", path=folder, problem=f"v{number} is not what the newest says of it")
        versions[number] = digest_of(content)
    known = Known(inventory.object_id, versions | {inventory.head: head_digest})
    if known.prefix != folder:
        raise Damaged("OBJECT_IN_THE_WAY", path=folder, object_id=inventory.object_id)
    return known


def restore(
    site: ReplicaStore,
    goal: ReplicaStore,
    *,
    library: str,
    stamp: str,
    without: Collection[str] = (),
    threads: int = 1,
    on_bytes: OnBytes = nothing,
) -> Iterator[Restored]:
    """Copy every object of *site* to *goal*, and yield what became of each; what stands there already is kept.

    *without* are the folders of objects that are left out. *threads* files are copied at a time. A file that is damaged
    at the site is a finding; its bytes as they are lie in ``aside`` of *goal*, and everything else is restored. Raises
    ``Away`` when a disk has gone and ``NoSpace`` when *goal* is full: the same call goes on.
    """
    for folder in object_folders(site):
        if folder in without:
            continue
        problems: list[KhizanaError] = []
        known = None
        try:
            known = vouched(site, folder, library=library)
            wanted = expected(known, known.head, (small_file(site, folder),))
            if wanted is not None:
                copy_object(site, goal, wanted, stamp=stamp, threads=threads, on_bytes=on_bytes, problems=problems)
        except Away:
            raise
        except (Damaged, NotFound, Unreadable) as error:
            problems.append(error)
        yield Restored(
            folder, known, tuple(Finding(each.code, Severity.ERROR, folder, each.facts) for each in problems)
        )


def _agree(inventory: bytes, beside: bytes) -> bool:
    return beside.split()[:1] == [digest_of(inventory).encode()]
