"""Mending one replica from the others: good bytes are found and read first, then the damaged file is set aside.

Nothing that is right is touched, nothing damaged is thrown away, and nothing is written that was not compared with
the digest recorded for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from khizana.core.errors import Away, Damaged, KhizanaError, NoSpace, NotFound
from khizana.core.errors import Unreadable as CannotRead
from khizana.core.ports import ReplicaSource, ReplicaStore
from khizana.core.preservation.replicas.copy import ASIDE, put_checked
from khizana.core.preservation.replicas.expected import Expected
from khizana.core.preservation.replicas.outcome import Altered, Intact, Missing, Outcome, Unexpected, Unreadable
from khizana.core.preservation.replicas.reading import Reader

NO_GOOD_REPLICA = "NO_GOOD_REPLICA"


@dataclass(frozen=True, slots=True)
class Mended:
    """A file that is right again, and the site its bytes came from: nothing where none was needed."""

    name: str
    was: Outcome
    source: str = ""


@dataclass(frozen=True, slots=True)
class NotMended:
    """A file for which no site that could be asked has good bytes, or that could not be written."""

    name: str
    was: Outcome
    problem: KhizanaError


def no_good_replica(name: str, store: ReplicaStore) -> NotFound:
    """Return what says that no site has good bytes of *name* for *store*."""
    return NotFound(NO_GOOD_REPLICA, name=name, path=store.address)


def mend(
    store: ReplicaStore, wanted: Expected, wrong: Sequence[Outcome], sources: Sequence[ReplicaSource], *, stamp: str
) -> Iterator[Mended | NotMended]:
    """Make right in *store* each file of *wrong*, from the first of *sources* whose bytes have the digest recorded.

    Files are mended in the order in which they would be written, so that the root inventory comes last. Each is
    looked at again first: one that is right by now is left. *stamp* names the folder for what is set aside. Raises
    ``NoSpace`` when *store* is full.
    """
    order = {wanted.known.prefix + name: place for place, name in enumerate(wanted.files)}
    for outcome in sorted(wrong, key=lambda each: order.get(each.name, -1)):
        try:
            match outcome:
                case Intact():
                    continue
                case Unexpected():
                    store.set_aside(outcome.name, f"{ASIDE}/{stamp}/{outcome.name}")
                    yield Mended(outcome.name, outcome)
                case Unreadable() if outcome.name.endswith("/"):  # a folder: whoever mends it gives its files back
                    facts = {"name": outcome.name, "path": store.address, "problem": outcome.problem}
                    yield NotMended(outcome.name, outcome, CannotRead("SITE_UNREADABLE", **facts))
                case Altered() | Missing() | Unreadable():
                    yield _mended(store, wanted, outcome, sources, stamp)
        except NoSpace:
            raise  # nothing more can be mended there, and what lies there is left as it is
        except KhizanaError as error:
            yield NotMended(outcome.name, outcome, error)


def _mended(
    store: ReplicaStore,
    wanted: Expected,
    outcome: Altered | Missing | Unreadable,
    sources: Sequence[ReplicaSource],
    stamp: str,
) -> Mended | NotMended:
    name = outcome.name
    short = name.removeprefix(wanted.known.prefix)
    digest = wanted.files[short]
    now = Reader(store).outcome(name, digest)
    if isinstance(now, Intact):
        return Mended(name, outcome)

    def make_way() -> None:
        if not isinstance(now, Missing):
            store.set_aside(name, f"{ASIDE}/{stamp}/{name}")

    content = wanted.told.get(short)
    if content is not None:
        make_way()
        store.put(name, [content], size=len(content))
        if not isinstance(Reader(store).outcome(name, digest), Intact):
            raise Damaged("COPY_DIFFERS", name=name, path=store.address)
        return Mended(name, outcome)
    for source in sources:
        try:
            good = Reader(source).outcome(name, digest)
        except Away:
            continue  # another may have it
        if isinstance(good, Intact):
            make_way()
            put_checked(source, store, name, digest, {name: good.size}, stamp=f"{stamp}-again")
            return Mended(name, outcome, source.address)
    return NotMended(name, outcome, no_good_replica(name, store))
