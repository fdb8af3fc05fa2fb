"""What is asked of preservation objects and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from khizana.apps.preservation.models import Event, ObjectVersion, PreservationObject, Replica
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.courier.lines import Have
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.replicas.rule import Light, Rule, Standing, light
from khizana.core.preservation.replicas.sites import HERE, Site


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
    """Yield every object that was ever indexed, with the digest of the inventory of each of its versions."""
    rows = ObjectVersion.objects.order_by("identifier", "number").values_list(
        "identifier", "number", "inventory_digest"
    )
    for identifier, versions in groupby(rows.iterator(chunk_size=2000), key=lambda row: row[0]):
        yield Known(ObjectId(identifier), {number: Digest(digest) for _, number, digest in versions})


def known_object(identifier: ObjectId) -> Known | None:
    """Return what is known of one object, or None."""
    rows = ObjectVersion.objects.filter(identifier=identifier).values_list("number", "inventory_digest")
    versions = {number: Digest(digest) for number, digest in rows}
    return Known(identifier, versions) if versions else None


def have() -> Have:
    """Return what the library has in all, as two places compare it."""
    calculation, count = sha256(), 0
    for known in known_objects():
        calculation.update(f"{known.object_id} {known.head} {known.versions[known.head]}\n".encode())
        count += 1
    return Have(count, calculation.hexdigest())


def replica_states(site: str) -> dict[ObjectId, ReplicaState]:
    """Return the state of every object that *site* was ever seen to hold."""
    rows = Replica.objects.filter(site=site).values_list(
        "identifier", "head", "state", "checked", "problems", "sealed", "sent"
    )
    return {
        ObjectId(identifier): ReplicaState(
            ObjectId(identifier), head, state, checked, tuple((kind, name) for kind, name in problems), sealed, sent
        )
        for identifier, head, state, checked, problems, sealed, sent in rows
    }


def safety(rule: Rule, sites: Sequence[Site], *, place: str) -> Iterator[ObjectSafety]:
    """Yield how safe each object is; *place* is where the library itself is."""
    states = {name: replica_states(name) for name in (HERE, *(site.name for site in sites))}
    for known in known_objects():
        standings = []
        for name, at_site in states.items():
            site = next((each for each in sites if each.name == name), None)
            state = at_site.get(known.object_id)
            whole = state is not None and state.state == "intact" and state.head == known.head
            standings.append(Standing(name, site.place if site else place, bool(site and site.offline), whole))
        lacking = tuple(each.site for each in standings if not each.whole)
        yield ObjectSafety(known.object_id, light(rule, standings), lacking)
