"""What is asked of preservation objects and events."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from math import inf
from pathlib import Path
from typing import TypeVar

from django.db.models import Case, Count, F, Max, Min, QuerySet, Value, When

from khizana.apps.preservation.models import Event, ObjectVersion, PreservationObject, Replica
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.courier.lines import Have
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.replicas.rule import Light, Rule, Standing, light
from khizana.core.preservation.replicas.sites import HERE, Site

AT_ONCE = 500
"""Rows in one query."""

T = TypeVar("T")


def content_path(storage: Path, identifier: ObjectId, logical_path: str) -> Path:
    """Return where the bytes of *logical_path* lie, at the head of the object *identifier*.

    Raises ``NotFound`` or ``Damaged`` where the object is not what it was.
    """
    return read_object(storage / object_path(identifier)).content_path(logical_path)


def counts() -> tuple[int, int]:
    """Return the number of preservation objects and of events."""
    return PreservationObject.objects.count(), Event.objects.count()


def undecided_objects() -> list[ObjectId]:
    """Return the objects of which a person has something to decide, since branches were joined."""
    rows = PreservationObject.objects.filter(undecided__gt=0).order_by("identifier")
    return [ObjectId(identifier) for identifier in rows.values_list("identifier", flat=True)]


@dataclass(frozen=True, slots=True)
class Batch:
    """Versions of several objects that were written together, as their events tell."""

    batch: str
    """``urn:uuid:...``."""
    when: str
    count: int
    """Objects."""
    what: str
    """What was done to one of them."""


def batches(*, limit: int | None = None) -> list[Batch]:
    """Return what was done to many objects at once, the newest first."""
    rows = (
        Event.objects.filter(batch__isnull=False)
        .order_by()
        .values("batch")
        .annotate(begun=Min("when"), last=Max("pk"), count=Count("object", distinct=True), what=Min("detail"))
        .order_by("-begun", "-last")
    )
    return [Batch(row["batch"], row["begun"], row["count"], row["what"]) for row in rows[:limit]]


def objects_of_batch(batch: str) -> list[ObjectId]:
    """Return the objects of which *batch* wrote a version."""
    rows = Event.objects.filter(batch=batch)
    return [ObjectId(each) for each in rows.order_by("object").values_list("object__identifier", flat=True).distinct()]


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """What the newest copying or check of one object at one site found."""

    identifier: ObjectId
    head: int
    state: str
    checked: float
    """Unix time."""
    problems: Sequence[tuple[str, str]]
    """(kind, name) of the first files that are not intact."""
    sealed: Mapping[str, Digest]
    """At a sealed site, the folder of each version to the digest of its ``SHA512SUMS``."""
    sent: int = 0
    """The newest version that a courier carries there, whether it arrived or not."""


@dataclass(frozen=True, slots=True)
class ObjectSafety:
    """How safe one object is, and the sites that lack its newest version."""

    identifier: ObjectId
    light: Light
    lacking: tuple[str, ...]


def known_objects() -> Iterator[Known]:
    """Yield every object that was ever indexed, with the digest of the inventory of each of its versions, in order.

    Some are asked for at a time: they are never all in memory, and no lock is held while something is done with them.
    """
    last = ""
    while rows := list(_versions().filter(identifier__gt=last)[:AT_ONCE]):
        last = rows[-1][0]
        if len(rows) == AT_ONCE:  # the last object may have more versions than were asked for
            rows = [row for row in rows if row[0] != last] + list(_versions().filter(identifier=last))
        yield from _known(rows)


def known_object(identifier: ObjectId) -> Known | None:
    """Return what is known of one object, or None."""
    return next(_known(_versions().filter(identifier=identifier)), None)


def gave_way_of(identifier: ObjectId) -> frozenset[Digest]:
    """Return the digests of the inventories that versions of an object had before branches were joined."""
    rows = ObjectVersion.objects.filter(identifier=identifier).values_list("before", flat=True)
    return frozenset(Digest(digest) for before in rows for digest in before)


def have() -> Have:
    """Return what the library has in all, as two places compare it."""
    calculation, count = sha256(), 0
    for known in known_objects():
        calculation.update(f"{known.object_id} {known.head} {known.versions[known.head]}\n".encode())
        count += 1
    return Have(count, calculation.hexdigest())


def replica_state(site: str, identifier: ObjectId) -> ReplicaState | None:
    """Return the state of one object at *site*, or None where it was never seen there."""
    return _states(Replica.objects.filter(site=site, identifier=identifier)).get(identifier)


def with_states(site: str) -> Iterator[tuple[Known, ReplicaState | None]]:
    """Yield every object, as ``known_objects`` does, with its state at *site*."""
    for few in _by_few(known_objects()):
        states = _states(Replica.objects.filter(site=site, identifier__in=[known.object_id for known in few]))
        yield from ((known, states.get(known.object_id)) for known in few)


@dataclass(frozen=True, slots=True)
class Turns:
    """The rows of what a site was seen to hold, as they are now, those that were checked longest ago first."""

    not_intact: array[int]
    intact: array[int]


def turns(site: str, *, now: float = inf) -> Turns:
    """Return in which order to check what *site* was seen to hold; *now* is Unix time.

    What was checked at a time that is still to come, by a clock that was wrong, counts as never checked: else what is
    checked now would always be the longest ago, and nothing else would have its turn.
    """
    turn = Case(When(checked__gt=now, then=Value(0.0)), default=F("checked"))
    rows = Replica.objects.filter(site=site).order_by(turn, "identifier").values_list("pk", flat=True)
    kept, others = rows.filter(state="intact"), rows.exclude(state="intact")
    return Turns(array("q", others.iterator()), array("q", kept.iterator()))


def states_of(rows: array[int]) -> Iterator[ReplicaState]:
    """Yield the states in *rows*, in their order, each as it is when its turn comes."""
    for start in range(0, len(rows), AT_ONCE):
        few = list(rows[start : start + AT_ONCE])
        states = dict(_read(Replica.objects.filter(pk__in=few)))
        yield from (states[key] for key in few if key in states)


def known_states(rows: array[int]) -> Iterator[tuple[Known, ReplicaState]]:
    """Yield the states in *rows*, as ``states_of`` does, with their objects; none where nothing is known of one."""
    for few in _by_few(states_of(rows)):
        found = _known(_versions().filter(identifier__in=[state.identifier for state in few]))
        known = {each.object_id: each for each in found}
        yield from ((known[state.identifier], state) for state in few if state.identifier in known)


def count_known(site: str | None = None) -> int:
    """Return the number of objects that are known, or of those that *site* was seen to hold."""
    identifiers = ObjectVersion.objects.values("identifier").distinct()
    if site is None:
        return identifiers.count()
    return Replica.objects.filter(site=site, identifier__in=identifiers).count()


def count_seen(site: str) -> int:
    """Return the number of objects that *site* was seen to hold, what lies around the others among them."""
    return Replica.objects.filter(site=site).count()


def sealed_folders(site: str) -> Iterator[str]:
    """Yield the folder of every version that a sealed *site* was seen to hold."""
    for sealed in Replica.objects.filter(site=site).values_list("sealed", flat=True).iterator(chunk_size=AT_ONCE):
        yield from sealed


def _versions() -> QuerySet[ObjectVersion, tuple[str, int, str]]:
    rows = ObjectVersion.objects.order_by("identifier", "number")
    return rows.values_list("identifier", "number", "inventory_digest")


def _known(rows: Iterable[tuple[str, int, str]]) -> Iterator[Known]:
    for identifier, versions in groupby(rows, key=lambda row: row[0]):
        yield Known(ObjectId(identifier), {number: Digest(digest) for _, number, digest in versions})


def _states(rows: QuerySet[Replica]) -> dict[ObjectId, ReplicaState]:
    return {state.identifier: state for _, state in _read(rows)}


def _read(rows: QuerySet[Replica]) -> Iterator[tuple[int, ReplicaState]]:
    columns = ("pk", "identifier", "head", "state", "checked", "problems", "sealed", "sent")
    for key, identifier, head, state, checked, problems, sealed, sent in rows.values_list(*columns):
        named = tuple((kind, name) for kind, name in problems)
        yield key, ReplicaState(ObjectId(identifier), head, state, checked, named, sealed, sent)


def _by_few(values: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(values)
    while few := list(islice(rest, AT_ONCE)):
        yield few


def safety(rule: Rule, sites: Sequence[Site], *, place: str) -> Iterator[ObjectSafety]:
    """Yield how safe each object is; *place* is where the library itself is."""
    kept = {HERE: (place, False)} | {site.name: (site.place, site.offline) for site in sites}
    for few in _by_few(known_objects()):
        rows = Replica.objects.filter(identifier__in=[known.object_id for known in few], state="intact")
        whole = set(rows.values_list("site", "identifier", "head"))
        for known in few:
            standings = [
                Standing(name, where, offline, (name, known.object_id, known.head) in whole)
                for name, (where, offline) in kept.items()
            ]
            lacking = tuple(each.site for each in standings if not each.whole)
            yield ObjectSafety(known.object_id, light(rule, standings), lacking)
