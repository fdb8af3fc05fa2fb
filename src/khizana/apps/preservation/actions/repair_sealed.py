"""Make right what the newest check of a sealed site found wrong: sealed again from the library, which is read first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from khizana.apps.preservation.actions.check_sealed_site import check_sealed_object
from khizana.apps.preservation.actions.check_site import Checked, check_object
from khizana.apps.preservation.actions.note_replica import note_replica
from khizana.apps.preservation.actions.repair import Repaired
from khizana.apps.preservation.queries import ReplicaState, known_object, replica_state, states_of, turns
from khizana.core.errors import Away, Damaged, KhizanaError, NoSpace, NotFound
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.doubts import Doubt
from khizana.core.preservation.ocfl.adopt import listing_at
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.replicas.mend import Mended, NotMended
from khizana.core.preservation.replicas.outcome import KINDS, Missing, Outcome, Unexpected, Unreadable
from khizana.core.preservation.replicas.reading import Reader
from khizana.core.preservation.replicas.sites import HERE
from khizana.core.preservation.sealed.library import Carried
from khizana.core.preservation.sealed.mend import reseal
from khizana.core.preservation.sealed.names import LIBRARY, SEALED, STORAGE_ROOT, SUMS, folder_parts
from khizana.core.preservation.sealed.seal import Sealing, set_aside


class Around(Protocol):
    """Seals what lies around the objects."""

    def __call__(self, *, anew: bool) -> None: ...  # noqa: D102 - the class says it


class Library(Protocol):
    """Seals what the library is made again with."""

    def __call__(self, *, anew: bool) -> Carried: ...  # noqa: D102 - the class says it


@dataclass(frozen=True, slots=True)
class Means:
    """What a repair of a sealed site is made with."""

    here: ReplicaStore
    storage: Path
    sealing: Sealing
    around: Around
    library: Library
    doubt: Doubt


def repair_sealed(*, site: str, store: ReplicaStore, means: Means, now: Callable[[], float]) -> Iterator[Repaired]:
    """Repair each object of *site* that its newest check found not intact; call it while its store is held.

    Nothing is taken from other sites: the library must have the object whole, which is read first. Raises ``Away``
    when the site has gone, ``NoSpace`` when it is full.
    """
    # What lies around comes last: what repairs of objects set aside is no stray any more.
    with Reader(store) as reader:
        for state in sorted(states_of(turns(site).not_intact), key=lambda each: each.identifier == STORAGE_ROOT):
            before = check_sealed_object(site=site, store=store, reader=reader, state=state, now=now)
            wrong = before.wrong + _suspected(state, before.wrong)
            if not wrong:
                yield Repaired(state.identifier, (), before)
                continue
            problem: KhizanaError | None = None
            try:
                _mend(site, store, replace(before, wrong=wrong), means, now)
            except (Away, NoSpace):
                raise
            except KhizanaError as error:
                problem = error
            again = replica_state(site, state.identifier) or state
            after = check_sealed_object(site=site, store=store, reader=reader, state=again, now=now)
            left = {each.name for each in after.wrong}
            done = tuple(_told(each, left, means.here.address, store.address, problem) for each in wrong)
            anew = {folder: digest for folder, digest in again.sealed.items() if state.sealed.get(folder) != digest}
            yield Repaired(state.identifier, done, after, anew)


def _suspected(state: ReplicaState, wrong: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """Return the lists of versions of which a check with the key found what is not *wrong* without it.

    What comes out of such a version is not what was sealed: it is sealed anew, and nothing of it is taken up.
    """
    told = {_folder(name) for kind, name in state.problems if kind != KINDS[Unreadable]}
    found = {_folder(each.name) for each in wrong}
    return tuple(Missing(folder + SUMS) for folder in sorted(told - found) if folder_parts(folder))


def _folder(name: str) -> str:
    return f"{name.rpartition('/')[0]}/"


def _mend(site: str, store: ReplicaStore, before: Checked, means: Means, now: Callable[[], float]) -> None:
    if before.identifier == LIBRARY:
        means.library(anew=True)
        return
    if before.identifier == STORAGE_ROOT:
        for each in before.wrong:
            if isinstance(each, Unexpected):
                set_aside(store, each.name)
        means.around(anew=True)
        return
    known = known_object(before.identifier)
    if known is None:
        raise NotFound("NO_GOOD_REPLICA", name=before.identifier, path=store.address)
    with Reader(means.here) as reader:
        here = check_object(
            site=HERE, store=means.here, reader=reader, others=(), known=known, head=known.head, now=now
        )
    if here.state != "intact":
        raise Damaged("NO_GOOD_REPLICA", name=before.identifier, path=store.address)
    source = means.storage / object_path(before.identifier)
    listing = listing_at(source, known.versions[known.head])
    holds = read_object(source).inventory.manifest if listing is None else ()
    if doubtful := means.doubt(known.object_id, known.versions, holds):
        raise doubtful
    sealed = reseal(source, before.wrong, store=store, sealing=means.sealing, listing=listing)
    lists = {each.folder: each.sums for each in sealed}
    note_replica(site=site, identifier=before.identifier, head=known.head, wrong=(), checked=now(), sealed=lists)


def _told(outcome: Outcome, left: set[str], here: str, there: str, problem: KhizanaError | None) -> Mended | NotMended:
    if problem is not None:
        return NotMended(outcome.name, outcome, problem)
    if outcome.name in left:
        return NotMended(outcome.name, outcome, NotFound("NO_GOOD_REPLICA", name=outcome.name, path=there))
    return Mended(outcome.name, outcome, here if outcome.name.startswith(f"{SEALED}/") else "")
