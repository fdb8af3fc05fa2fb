"""Check what one site holds, the least recently checked first, for as long as there is time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from khizana.apps.preservation.actions.note_replica import note_replica
from khizana.apps.preservation.queries import count_known, known_states, turns, with_states
from khizana.core.identifiers import ObjectId
from khizana.core.ports import ReplicaSource, ReplicaStore
from khizana.core.preservation.ocfl.inventory import INVENTORY
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.expected import Known, expected, small_file
from khizana.core.preservation.replicas.outcome import Intact, Missing, Outcome
from khizana.core.preservation.replicas.reading import OnBytes, Reader, nothing
from khizana.core.preservation.replicas.sites import HERE


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of one object found."""

    identifier: ObjectId
    head: int
    state: str
    """The worst kind among ``wrong``, or ``intact``."""
    wrong: tuple[Outcome, ...]
    """Every file that is not intact."""
    intact: int
    """Files."""


def due(site: str, *, now: float) -> Iterator[tuple[Known, int]]:
    """Yield the objects that *site* should hold, each with the version that it should hold, in the order to check.

    What was not intact comes first, then what was checked longest ago. The library itself should hold everything
    that is known; another site what it was seen to hold.
    """
    order = turns(site, now=now)
    for known, state in known_states(order.not_intact):
        if site == HERE or state.head:
            yield known, known.head if site == HERE else state.head
    if site == HERE:
        yield from ((known, known.head) for known, seen in with_states(site) if seen is None)
    for known, state in known_states(order.intact):
        if site == HERE or state.head:
            yield known, known.head if site == HERE else state.head


def count_due(site: str) -> int:
    """Return the number of objects that *site* should hold."""
    return count_known(None if site == HERE else site)


def check_site(
    *,
    site: str,
    store: ReplicaStore,
    others: Sequence[ReplicaSource],
    now: Callable[[], float],
    until: float | None = None,
    threads: int = 1,
    on_bytes: OnBytes = nothing,
) -> Iterator[Checked]:
    """Check object after object until all are done or it is *until* (Unix time), and yield what each is.

    *others* may give the inventory that the site has lost. Stopped at any moment, the next call begins with what
    this one did not reach. Raises ``Unreadable`` when the site has gone.
    """
    with Reader(store, threads=threads, on_bytes=on_bytes) as reader:
        for known, head in due(site, now=now()):
            if until is not None and now() >= until:
                return
            yield check_object(site=site, store=store, reader=reader, others=others, known=known, head=head, now=now)


def check_object(
    *,
    site: str,
    store: ReplicaStore,
    reader: Reader,
    others: Sequence[ReplicaSource],
    known: Known,
    head: int,
    now: Callable[[], float],
) -> Checked:
    """Check one object that should be at version *head*, and write down what was found."""
    wanted = expected(known, head, [small_file(each, known.prefix) for each in (store, *others)])
    if wanted is None:
        # Nobody has the inventory: what the object should hold is not known, only that this is not it.
        outcomes: list[Outcome] = [Missing(f"{known.prefix}v{head}/{INVENTORY}")]
    else:
        outcomes = list(check(store, reader, wanted))
    wrong = tuple(outcome for outcome in outcomes if not isinstance(outcome, Intact))
    state = note_replica(site=site, identifier=known.object_id, head=head, wrong=wrong, checked=now())
    return Checked(known.object_id, head, state, wrong, len(outcomes) - len(wrong))
