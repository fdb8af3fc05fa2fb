"""Make right what the newest check of a site found wrong, from any other site that has good bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from khizana.apps.preservation.actions.check_site import Checked, check_object
from khizana.apps.preservation.queries import known_object, replica_state, states_of, turns
from khizana.core.identifiers import ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.replicas.expected import expected, small_file
from khizana.core.preservation.replicas.mend import Mended, NotMended, mend
from khizana.core.preservation.replicas.reading import Reader


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of one object that was not intact."""

    identifier: ObjectId
    done: tuple[Mended | NotMended, ...]
    after: Checked
    """What the object is now: read again, every file of it."""


def repair(
    *, site: str, stores: Mapping[str, ReplicaStore], now: Callable[[], float], stamp: str
) -> Iterator[Repaired]:
    """Repair each object of *site* that its newest check found not intact; call it while its store is held.

    *stores* are the sites that can be reached, *site* among them; those whose own newest check of the object was
    intact are asked first. Raises ``Unreadable`` when the site has gone, ``NoSpace`` when it is full.
    """
    store = stores[site]
    with Reader(store) as reader:
        for state in states_of(turns(site).not_intact):
            known = known_object(state.identifier)
            if known is None:
                continue
            good_first = sorted(
                (name for name in stores if name != site),
                key=lambda name: getattr(replica_state(name, state.identifier), "state", "") != "intact",
            )
            sources = [stores[name] for name in good_first]
            before = check_object(
                site=site, store=store, reader=reader, others=sources, known=known, head=state.head, now=now
            )
            wanted = expected(known, state.head, [small_file(each, known.prefix) for each in (store, *sources)])
            done = tuple(mend(store, wanted, before.wrong, sources, stamp=stamp)) if wanted else ()
            after = before
            if before.wrong:
                after = check_object(
                    site=site, store=store, reader=reader, others=sources, known=known, head=state.head, now=now
                )
            yield Repaired(state.identifier, done, after)
