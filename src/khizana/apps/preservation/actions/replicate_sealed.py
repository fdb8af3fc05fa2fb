"""Seal for one site what it lacks, every file read back from there before it counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from khizana.apps.preservation.actions.note_replica import note_replica
from khizana.apps.preservation.actions.replicate import Replicated, lacking
from khizana.apps.preservation.queries import ReplicaState, gave_way_of, replica_state
from khizana.core.errors import AlreadyThere, Damaged, NotFound, Unreadable
from khizana.core.errors import Away as Gone
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.doubts import Doubt, undoubted
from khizana.core.preservation.ocfl.adopt import listing_at
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.listing import Listing
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.ocfl.summary import read_summary
from khizana.core.preservation.replicas.copy import Copied
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.replicas.outcome import Altered, Intact, Outcome
from khizana.core.preservation.sealed.check import check_folders
from khizana.core.preservation.sealed.guidance import guidance, write_guidance
from khizana.core.preservation.sealed.library import Carried, carry_library
from khizana.core.preservation.sealed.mend import reseal, set_all_aside
from khizana.core.preservation.sealed.names import LIBRARY, STORAGE_ROOT, object_folder
from khizana.core.preservation.sealed.seal import Sealed, Sealing, seal_object, seal_storage_root


def replicate_sealed(
    *,
    site: str,
    store: ReplicaStore,
    storage: Path,
    sealing: Sealing,
    now: Callable[[], float],
    without: Collection[ObjectId] = (),
    doubt: Doubt = undoubted,
) -> Iterator[Replicated]:
    """Seal for *store* each object that *site* lacks, and yield what became of it; call it while the store is held.

    *without* are objects that are not sealed there now. Damage found on the way is a finding, and so is an object of
    which there is *doubt*; the other objects are sealed all the same. Raises ``Away`` when a disk has gone and
    ``NoSpace`` when the site is full: what was read back until then counts, and the same call goes on.
    """
    for known, state in lacking(site):
        identifier = known.object_id
        if identifier in without:
            continue
        source = storage / object_path(identifier)
        try:
            listing = listing_at(source, known.versions[known.head])
            if listing is None and not _is_known(source, known):
                finding = Finding("LOCAL_NOT_WHOLE", Severity.ERROR, identifier)
                yield Replicated(identifier, known.head, None, finding)
                continue
            holds = read_object(source).inventory.manifest if listing is None else ()
            if doubtful := doubt(identifier, known.versions, holds):
                raise doubtful
            sealed = _sealed(source, state, store, sealing, listing)
        except Gone:
            raise
        except (Damaged, NotFound, AlreadyThere, Unreadable) as error:
            if error.code == "READ_BACK_DIFFERS":
                wrong = (Altered(str(error.facts["name"]), known.versions[known.head]),)
                note_replica(site=site, identifier=identifier, head=known.head, wrong=wrong, checked=now())
            finding = Finding(error.code, Severity.ERROR, identifier, error.facts)
            yield Replicated(identifier, known.head, None, finding)
        else:
            lists = {each.folder: each.sums for each in sealed}
            note_replica(site=site, identifier=identifier, head=known.head, wrong=(), checked=now(), sealed=lists)
            new = {each.folder: each.sums for each in sealed if each.is_new}
            sizes = [stored.size for folder in new for stored in store.names(folder)]
            yield Replicated(identifier, known.head, Copied(len(sizes), sum(sizes), ()), None, new)


def seal_around(
    *, site: str, store: ReplicaStore, storage: Path, sealing: Sealing, now: Callable[[], float], anew: bool = False
) -> None:
    """Write the pages and the script, and seal what lies in the storage root beside the objects; *anew* for a repair.

    Raises as ``seal_object`` does.
    """
    if anew:
        set_all_aside(store, object_folder(sealing.blinding, STORAGE_ROOT))
    write_guidance(store)
    state = replica_state(site, STORAGE_ROOT)
    done = seal_storage_root(storage, store=store, sealing=sealing)
    lists = {done.folder: done.sums}
    if not anew and not done.is_new and state is None and not _is_whole(store, lists):
        set_all_aside(store, done.folder)
        done = seal_storage_root(storage, store=store, sealing=sealing)
        lists = {done.folder: done.sums}
    lists |= {name: digest_of(content) for name, content in guidance().items()}
    # What a check found wrong stays so until a repair: there may be strays.
    if anew or state is None or (state.state == "intact" and state.sealed != lists):
        note_replica(site=site, identifier=STORAGE_ROOT, head=1, wrong=(), checked=now(), sealed=lists)


def seal_library_again(
    *,
    site: str,
    store: ReplicaStore,
    ledger: Path,
    files: Mapping[str, bytes],
    sealing: Sealing,
    now: Callable[[], float],
    stamp: str,
    anew: bool = False,
) -> Carried:
    """Seal what the site lacks of what the library is made again with; all of it where it is damaged, or *anew*.

    Raises as ``seal_object`` does.
    """
    state = replica_state(site, LIBRARY)
    anew = anew or (state is not None and state.state != "intact")
    known: Mapping[str, Digest] = state.sealed if state else {}
    carried = carry_library(store, ledger, files, sealing=sealing, known=known, site=site, stamp=stamp, anew=anew)
    if anew and carried.finding is not None:
        return carried
    if anew or state is None or state.sealed != carried.sums:
        # Versions that lie there and of which no row tells were never read by this library.
        found = check_folders(store, carried.sums) if state is None else ()
        wrong = [each for each in found if not isinstance(each, Intact)]
        head, lists = len(carried.sums), carried.sums
        note_replica(site=site, identifier=LIBRARY, head=head, wrong=wrong, checked=now(), sealed=lists)
    return carried


def _is_known(source: Path, known: Known) -> bool:
    stored = read_object(source)
    return stored.head == known.head and stored.inventory_digest == known.versions[known.head]


def _sealed(
    source: Path, state: ReplicaState | None, store: ReplicaStore, sealing: Sealing, listing: Listing | None
) -> tuple[Sealed, ...]:
    """Seal what is lacking; what lies there already and was not found whole by a check is read, and mended."""
    gave_way = gave_way_of(read_summary(source).id)
    sealed = seal_object(source, store=store, sealing=sealing, listing=listing, gave_way=gave_way)
    recorded: Mapping[str, Digest] = state.sealed if state else {}
    was_whole = state is not None and state.state == "intact"
    doubtful = {
        each.folder: recorded.get(each.folder, each.sums)
        for each in sealed
        if not each.is_new and not (was_whole and recorded.get(each.folder) == each.sums)
    }
    if not doubtful:
        return sealed
    wrong = [outcome for outcome in _of(store, doubtful) if not isinstance(outcome, Intact)]
    return reseal(source, wrong, store=store, sealing=sealing, listing=listing) if wrong else sealed


def _of(store: ReplicaStore, lists: Mapping[str, Digest]) -> Iterator[Outcome]:
    """Yield the outcomes of the files in the folders of *lists* alone."""
    return (each for each in check_folders(store, lists) if each.name.startswith(tuple(lists)))


def _is_whole(store: ReplicaStore, lists: Mapping[str, Digest]) -> bool:
    return all(isinstance(each, Intact) for each in _of(store, lists))
