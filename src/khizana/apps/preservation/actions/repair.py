"""Make right what the newest check of a site found wrong, from any other site that has good bytes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from khizana.apps.preservation.actions.check_site import Checked, check_object
from khizana.apps.preservation.queries import ReplicaState, known_object, replica_state, states_of, turns
from khizana.core.errors import NotFound
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaSource, ReplicaStore
from khizana.core.preservation.ledger.doubts import Doubt, undoubted
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.elsewhere import expected_elsewhere
from khizana.core.preservation.replicas.expected import expected, small_file
from khizana.core.preservation.replicas.mend import NO_GOOD_REPLICA, Mended, NotMended, mend, no_good_replica
from khizana.core.preservation.replicas.outcome import Intact
from khizana.core.preservation.replicas.reading import Reader


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of one object that was not intact."""

    identifier: ObjectId
    done: tuple[Mended | NotMended, ...]
    after: Checked
    """What the object is now: read again, every file of it."""
    sealed: Mapping[str, Digest] = field(default_factory=dict)
    """At a sealed site, the folder of each version that was sealed again to the digest of its ``SHA512SUMS``."""


def repair(
    *,
    site: str,
    store: ReplicaStore,
    others: Mapping[str, ReplicaSource],
    closed: Collection[str] = (),
    now: Callable[[], float],
    stamp: str,
    doubt: Doubt = undoubted,
) -> Iterator[Repaired]:
    """Repair each object of *site* that its newest check found not intact; call it while its store is held.

    *others* are the other sites that can be read; those whose own newest check of the object was intact are asked
    first. *closed* are sealed sites that can be reached and not read, for want of the key: where one of them should
    have what no other has, that is told. Where there is *doubt* of an object, what lies there is left. Raises
    ``Unreadable`` when the site has gone, ``NoSpace`` when it is full.
    """
    with Reader(store) as reader:
        for state in states_of(turns(site).not_intact):
            known = known_object(state.identifier)
            if known is None or not state.head:
                continue
            whole = {name for name in (*others, *closed) if _is_whole(replica_state(name, known.object_id))}
            sources = [others[name] for name in sorted(others, key=lambda name: name not in whole)]
            before = check_object(
                site=site, store=store, reader=reader, others=sources, known=known, head=state.head, now=now
            )
            wrong = before.wrong
            wanted = expected(known, state.head, [small_file(each, known.prefix) for each in (store, *sources)])
            if wanted is None and (wanted := expected_elsewhere(known, state.head, (store, *sources))):
                wrong = tuple(each for each in check(store, reader, wanted) if not isinstance(each, Intact))
            doubtful = wanted and doubt(known.object_id, known.versions, wanted.files.values())
            done: tuple[Mended | NotMended, ...]
            if doubtful:
                done = tuple(NotMended(each.name, each, doubtful) for each in wrong)
            elif wanted:
                done = tuple(mend(store, wanted, wrong, sources, stamp=stamp))
            else:
                done = tuple(NotMended(each.name, each, no_good_replica(each.name, store)) for each in wrong)
            if unopened := [name for name in closed if name in whole]:
                done = tuple(_closed(each, unopened[0], store) for each in done)
            after = before
            if before.wrong:
                after = check_object(
                    site=site, store=store, reader=reader, others=sources, known=known, head=state.head, now=now
                )
            yield Repaired(state.identifier, done, after)


def _closed(done: Mended | NotMended, sealed: str, store: ReplicaStore) -> Mended | NotMended:
    """Return *done*, with what the site *sealed* would have told where nobody else had good bytes."""
    if isinstance(done, NotMended) and done.problem.code == NO_GOOD_REPLICA:
        return replace(done, problem=NotFound("GOOD_REPLICA_SEALED", name=done.name, path=store.address, site=sealed))
    return done


def _is_whole(state: ReplicaState | None) -> bool:
    return state is not None and state.state == "intact"
