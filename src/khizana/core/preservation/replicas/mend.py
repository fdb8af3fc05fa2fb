"""Mending one replica from the others: good bytes are found and read first, then the damaged file is set aside.

Nothing that is right is touched, nothing damaged is thrown away, and nothing is written that was not compared with
the digest recorded for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from khizana.core.errors import Damaged, KhizanaError, NoSpace, NotFound
from khizana.core.errors import Unreadable as CannotRead
from khizana.core.identifiers import Digest
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

    They may lie under another name, in *store* too: an object that was joined since may be there what it was before,
    files may be swapped, and what was set aside may have been right.

    Files are mended in the order in which they would be written, so that the root inventory comes last. Each is
    looked at again first: one that is right by now is left. *stamp* names the folder for what is set aside. Raises
    ``NoSpace`` when *store* is full.
    """
    places = [Place(source, wanted.known.prefix) for source in (*sources, store)]
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
                    yield _mended(store, wanted, outcome, places, stamp)
        except NoSpace:
            raise  # nothing more can be mended there, and what lies there is left as it is
        except KhizanaError as error:
            yield NotMended(outcome.name, outcome, error)


def _mended(
    store: ReplicaStore,
    wanted: Expected,
    outcome: Altered | Missing | Unreadable,
    places: Sequence[Place],
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
            places[-1].moved(name, f"{ASIDE}/{stamp}/{name}")  # the last is the store itself

    content = wanted.told.get(short)
    if content is not None:
        make_way()
        store.put(name, [content], size=len(content))
        if not isinstance(Reader(store).outcome(name, digest), Intact):
            raise Damaged("COPY_DIFFERS", name=name, path=store.address)
        return Mended(name, outcome)
    for look in (Place.under_its_name, Place.under_another):
        for place in places:
            good = look(place, name, digest)
            if good is not None:
                make_way()
                sizes, again = {name: good.size}, f"{stamp}-again"
                put_checked(place.source, store, name, digest, sizes, stamp=again, found_at=good.name)
                return Mended(name, outcome, place.source.address)
    return NotMended(name, outcome, no_good_replica(name, store))


class Place:
    """A site that may have good bytes of the object at *prefix*; one that cannot be read has none."""

    def __init__(self, source: ReplicaSource, prefix: str) -> None:
        self.source = source
        self._prefix = prefix

    def under_its_name(self, name: str, digest: Digest) -> Intact | None:
        """Return where *name* is intact."""
        try:
            found = Reader(self.source).outcome(name, digest)
        except KhizanaError:
            return None
        return found if isinstance(found, Intact) else None

    def under_another(self, _: str, digest: Digest) -> Intact | None:
        """Return a file with the bytes of *digest*, whatever it is called."""
        found = (self.under_its_name(each, digest) for each in self._others.get(digest, ()))
        return next((each for each in found if each), None)

    def moved(self, name: str, aside: str) -> None:
        """Take note that *name* is called *aside* now."""
        for names in self._others.values() if "_others" in self.__dict__ else ():
            names[:] = [aside if each == name else each for each in names]

    @cached_property
    def _others(self) -> dict[Digest, list[str]]:
        """Names by digest of all that is there of the object and of what was set aside of it: it is read, once."""
        others: dict[Digest, list[str]] = {}
        with suppress(KhizanaError):
            for stored in (*self.source.names(self._prefix), *self.source.names(f"{ASIDE}/")):
                if not stored.name.startswith(f"{ASIDE}/") or f"/{self._prefix}" in stored.name:
                    found = Reader(self.source).outcome(stored.name, Digest(""))
                    if isinstance(found, Altered):
                        others.setdefault(found.found, []).append(stored.name)
        return others
