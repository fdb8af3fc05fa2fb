"""Check what one sealed site holds, without a key or with one, the least recently checked first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from khizana.apps.preservation.actions.check_site import Checked
from khizana.apps.preservation.actions.note_replica import note_replica
from khizana.apps.preservation.queries import ReplicaState, sealed_folders, states_of, turns
from khizana.core.ports import Opener, ReplicaStore
from khizana.core.preservation.replicas.carried import HEADS_AT_SITE
from khizana.core.preservation.replicas.outcome import Intact, Outcome, Unexpected
from khizana.core.preservation.replicas.reading import OnBytes, Reader, nothing
from khizana.core.preservation.replicas.sites import MARK
from khizana.core.preservation.sealed.check import check_folders
from khizana.core.preservation.sealed.names import STORAGE_ROOT, folder_above, folder_parts
from khizana.core.preservation.sealed.seal import ASIDE

_BESIDE = (MARK, f"{ASIDE}/", HEADS_AT_SITE)
"""What lies at a sealed site and is checked by others: the mark when it is recognised, heads by their signatures."""


def due_sealed(site: str, *, now: float) -> Iterator[ReplicaState]:
    """Yield what a sealed *site* was seen to hold, in the order to check; what lies around the objects is two more."""
    order = turns(site, now=now)
    yield from states_of(order.not_intact)
    yield from states_of(order.intact)


def check_sealed_site(
    *,
    site: str,
    store: ReplicaStore,
    now: Callable[[], float],
    until: float | None = None,
    opener: Opener | None = None,
    threads: int = 1,
    on_bytes: OnBytes = nothing,
) -> Iterator[Checked]:
    """Check object after object until all are done or it is *until* (Unix time), and yield what each is.

    With *opener* the plaintexts are compared, too. Raises ``Away`` when the site has gone.
    """
    with Reader(store, threads=threads, on_bytes=on_bytes) as reader:
        for state in due_sealed(site, now=now()):
            if until is not None and now() >= until:
                return
            yield check_sealed_object(site=site, store=store, reader=reader, state=state, now=now, opener=opener)


def check_sealed_object(
    *,
    site: str,
    store: ReplicaStore,
    reader: Reader,
    state: ReplicaState,
    now: Callable[[], float],
    opener: Opener | None = None,
) -> Checked:
    """Check one object at a sealed site, or what lies around them, and write down what was found."""
    lists = {name: digest for name, digest in state.sealed.items() if folder_parts(name)}
    outcomes: list[Outcome] = list(check_folders(store, lists, opener=opener, reader=reader))
    if state.identifier == STORAGE_ROOT:
        others = [(name, digest) for name, digest in state.sealed.items() if name not in lists]
        outcomes += reader.outcomes(others)
        outcomes += _strays(site, store, [name for name, _ in others])
    wrong = tuple(outcome for outcome in outcomes if not isinstance(outcome, Intact))
    worst = note_replica(site=site, identifier=state.identifier, head=state.head, wrong=wrong, checked=now())
    return Checked(state.identifier, state.head, worst, wrong, len(outcomes) - len(wrong))


def _strays(site: str, store: ReplicaStore, names: Iterable[str]) -> Iterator[Outcome]:
    """Yield what lies at the site and belongs to nothing that was ever seen there."""
    known = {folder_above(folder) for folder in sealed_folders(site)}
    listed = set(names)
    for stored in store.names():
        if stored.name in listed or stored.name.startswith(_BESIDE):
            continue
        if "/".join(stored.name.split("/")[:3]) + "/" not in known:
            yield Unexpected(stored.name, stored.size)
