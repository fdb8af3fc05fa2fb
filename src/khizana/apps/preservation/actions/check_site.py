"""Check what one site holds, the least recently checked first, for as long as there is time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from khizana.apps.preservation.actions.note_replica import note_replica
from khizana.apps.preservation.queries import ReplicaState, known_objects, replica_states
from khizana.core.identifiers import ObjectId
from khizana.core.ports import ReplicaStore
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


def due(site: str, *, now: float) -> list[tuple[Known, int]]:
    """Return the objects that *site* should hold, each with the version that it should hold, in the order to check.

    What was not intact comes first, then what was checked longest ago. The library itself should hold everything
    that is known; another site what it was seen to hold.
    """
    states = replica_states(site)
    there = [
        (known, known.head if site == HERE else states[known.object_id].head)
        for known in known_objects()
        if site == HERE or known.object_id in states
    ]
    return sorted(there, key=lambda each: turn(states.get(each[0].object_id), now=now))


def check_site(
    *,
    site: str,
    store: ReplicaStore,
    others: Sequence[ReplicaStore],
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
    others: Sequence[ReplicaStore],
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


def turn(state: ReplicaState | None, *, now: float) -> tuple[bool, float]:
    """Return what puts objects in the order to check them.

    What was checked at a time that is still to come, by a clock that was wrong, counts as never checked: else what is
    checked now would always be the longest ago, and nothing else would have its turn.
    """
    if state is None:
        return (True, 0.0)
    return (state.state == "intact", state.checked if state.checked <= now else 0.0)
