"""Fifty years of a small library: what people do at its two working places and with its three sites.

Whatever the library does is done by its own code; who decides (a person, by the rule) and what goes wrong
(``fifty_harms``) is made up from a seed. The truth is known by itself; every check, repair and copying is held to it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from data.fifty_care import copy_to, look_after, wrong_in
from data.fifty_disputes import hold
from data.fifty_harms import HARMS
from data.fifty_places import LIBRARY, Row, Spot, Working, site
from data.fifty_truths import Truth, digest
from data.keeping import validated
from data.memory_store import MemoryStore
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.branches.arrival import Arrived, take_in
from khizana.core.preservation.branches.history import BRANCHES
from khizana.core.preservation.courier.peer_ledger import extend
from khizana.core.preservation.ledger.head import Head
from khizana.core.preservation.ledger.write import newest_head
from khizana.core.preservation.ocfl.inventory import INVENTORY
from khizana.core.preservation.replicas.carried import contradicted, head_at, older_or_rewritten
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.expected import STORAGE, Known
from khizana.core.preservation.replicas.ledger_pieces import pieces

YEARS = 50
EVENTS = 40
_PATHS = ("masters/0001.jpg", "masters/0002.jpg", "description.xml", "notes/a")
_SITES = ("offline disk", "bucket", "other building")


@dataclass(frozen=True)
class Pack:
    """What a courier carries: objects as they stood, and the ledger of whoever sent them."""

    sender: str
    known: dict[ObjectId, Known]
    store: MemoryStore
    head: Head | None
    entries: list[bytes]


class FiftyYears:
    """One history, all of it told by *seed*, in the folder *root*; ``counts`` says what happened.

    Unless *is_careless*, nothing happens to the last good copy of a file.
    """

    def __init__(self, seed: int, root: Path, *, is_careless: bool) -> None:
        self.chance = random.Random(seed)
        self.root = root
        self.is_careless = is_careless
        self.day = 0
        self.counts: Counter[str] = Counter()
        self.truth = Truth()
        self._stamps = 0
        self.laptop = self.working("laptop")
        self.second = self.working("second")
        self.sites = {name: site(name) for name in _SITES}
        self.away: dict[str, int] = {}
        """The day from which a site can be reached again."""
        self.shelf: list[Working] = []
        """Machines that were replaced, as they were."""
        self.packs: list[Pack] = []
        """None is ever lost, and each may come again."""
        self.images: dict[str, Working | dict[str, bytes]] = {}
        self.wrong_until: dict[str, int] = {}

    def run(self) -> None:
        """Live through the fifty years, and the round of care after them; then judge."""
        doings, weights = zip(*_DOINGS, *HARMS, strict=True)
        for day in sorted(self.chance.sample(range(30, YEARS * 365), EVENTS)):
            self.day = day
            self._let_time_pass()
            doing = self.chance.choices(doings, weights)[0]
            self.counts[doing.__name__] += 1
            doing(self)
        gone = self.needed() - self.alive()
        self._settle()
        self._judge(gone)

    def _let_time_pass(self) -> None:
        for name in [name for name, until in self.away.items() if until <= self.day]:
            del self.away[name]
        for working in (self.laptop, self.second):
            if self.wrong_until.get(working.name, self.day) <= self.day:
                working.years_wrong = 0

    # What is known of everything.

    def spots(self) -> dict[str, Spot]:
        return {"laptop": self.laptop.spot, "second": self.second.spot, **self.sites}

    def alive(self) -> set[Digest]:
        """Return what of all that was acknowledged or joined lies anywhere."""
        places = chain(self.spots().values(), (old.spot for old in self.shelf))
        return set().union(*(self.truth.in_place(spot.held) for spot in places))

    def needed(self) -> set[Digest]:
        """Return what must lie somewhere, or is lost."""
        return self.truth.needed(chain(self.laptop.known.values(), self.second.known.values()))

    @contextmanager
    def own_hands(self, spot: Spot) -> Iterator[None]:
        """Whatever our own code does meanwhile, *spot* has all that it had, unless an attacker came."""
        before, attacks = self.truth.in_place(spot.held), self.counts["struck"]
        yield
        if self.counts["struck"] == attacks:
            lost = before & self.truth.acknowledged.keys() - self.truth.in_place(spot.held)
            if lost:
                lost -= {digest(content) for name, content in spot.held.files.items() if _is_kept(name)}
            assert not lost, f"{spot.name} lost {sorted(each[:12] for each in lost)} by our own hands"

    def working(self, name: str) -> Working:
        made = self.stamp()
        return Working(name, self.root / f"{name}-{made}", self.root / f"keys-{name}-{made}")

    def stamp(self) -> str:
        self._stamps += 1
        return f"{self._stamps:06}"

    # What people do.

    def write(self) -> None:
        """Somebody writes a version, at one place or the other."""
        working = self.chance.choice((self.laptop, self.laptop, self.second))
        object_id = ObjectId(f"urn:khizana:{LIBRARY}:ms-{self.chance.randint(1, 2)}:images")
        put = {self.chance.choice(_PATHS): self.chance.randbytes(8) for _ in range(self.chance.randint(1, 2))}
        put["events/0001.xml"] = b"%d" % self.day
        try:
            stored = working.write(object_id, put, self.day)
        except KhizanaError as error:
            self.counts[f"not written: {error.code}"] += 1
            return
        if not working.has_entered(working.known[object_id]) or self.truth.is_forged(working.known[object_id]):
            self.counts["written after what an insider made"] += 1
            return
        self.truth.acknowledge(object_id, [stored.inventory_digest, *map(digest, put.values())])
        self.truth.remember(working.known[object_id], working.spot.readable())

    def send(self) -> None:
        """A courier is packed at one of the two places."""
        self.packs.append(self._packed(self.chance.choice((self.laptop, self.second))))

    def arrive(self) -> None:
        """One of the couriers arrives: late, again, after one that left later."""
        if self.packs:
            self._receive(self.chance.choice(self.packs))

    def tend(self) -> None:
        """Somebody at the laptop sees to all that can be reached: looks, mends, copies, looks again."""
        sites = {name: spot for name, spot in self.sites.items() if name not in self.away}
        hold(self, sites)
        trusted = {name: spot.store for name, spot in sites.items() if self.contradiction(spot.store) is None}
        look_after(self, self.laptop, "laptop", [*trusted.values(), *(old.spot.store for old in self.shelf)])
        for name in trusted:
            copy_to(self, self.sites[name])
        for name in trusted:
            others = [trusted[each] for each in trusted if each != name]
            look_after(self, self.laptop, name, [self.laptop.spot.store, *others])

    def look(self) -> None:
        """Somebody checks one site, and mends nothing."""
        name = self.chance.choice(list(self.sites))
        if name not in self.away:
            look_after(self, self.laptop, name, [self.laptop.spot.store], and_mend=False)

    def copy(self) -> None:
        """Somebody copies to one site, and looks at nothing."""
        name = self.chance.choice(list(self.sites))
        if name not in self.away:
            copy_to(self, self.sites[name])

    def mend_one(self) -> None:
        """Somebody checks and repairs one site, and looks at nothing else."""
        name = self.chance.choice(list(self.sites))
        store = self.sites[name].store
        if name in self.away:
            return
        if refused := older_or_rewritten(self.laptop.ledger, store, site=name):  # as the verb asks first
            self.counts[f"not mended: {refused.code}"] += 1
            return
        reached = [spot.store for each, spot in self.sites.items() if each not in {name, *self.away}]
        look_after(self, self.laptop, name, [self.laptop.spot.store, *reached])

    # How they do it.

    def _packed(self, sender: Working, *, everything: bool = False) -> Pack:
        """Return a pack of what the other place has not shown that it has."""
        files = {name: content for name, content in sender.spot.readable().items() if name.startswith(STORAGE)}
        for known in sender.known.values():
            had = 0 if everything else min(sender.common.get(known.object_id, 0), known.head - 1)
            for number in range(1, had + 1):
                folder = f"{known.prefix}v{number}/"
                files = {name: content for name, content in files.items() if not name.startswith(folder)}
        head = newest_head(sender.ledger)
        entries = [piece for _, piece in pieces(sender.ledger, 0, head.size)] if head else []
        store = MemoryStore(files, name=f"courier of {sender.name}")
        return Pack(sender.name, dict(sender.known), store, head, entries)

    def _receive(self, pack: Pack) -> None:
        """Take in what a courier brought, after what it can mend was mended."""
        at = self.second if pack.sender == "laptop" else self.laptop
        if pack.head is not None:
            finding = extend(at.peer, pack.head, begins=0, pieces=lambda: iter(pack.entries), peer=pack.sender)
            if finding is not None:
                self.counts[finding.code] += 1
        look_after(self, at, at.name, [pack.store])
        with self.own_hands(at.spot):
            for known in pack.known.values():
                if self.truth.is_forged(known):
                    self.counts["forged, and not taken in"] += 1
                else:
                    self.take_in(at, known, pack.store)

    def take_in(self, at: Working, known: Known, source: ReplicaStore) -> bool:
        """Take in an object from elsewhere; say whether all of it is at the place *at* now."""
        object_id, ours = known.object_id, at.known.get(known.object_id)
        if ours is not None and at.doubts(ours):
            self.counts["not taken in: not as entered"] += 1
            return False
        try:
            taken = take_in(known, source, ours=ours, storage=at.place.writer, validator=validated)
        except KhizanaError as error:
            self.counts[f"not taken in: {error.code}"] += 1
            return False
        self.counts[f"taken in: {taken.kind}"] += 1
        if taken.kind is Arrived.LACKING:
            return False
        now = Known(object_id, taken.versions)
        at.common[object_id] = _common(now, known)
        if taken.kind is Arrived.HAD:
            return True
        assert ours is None or now.head >= ours.head, "an object never grows shorter"
        at.known[object_id] = now
        for (name, other), row in list(at.rows.items()):
            if other == object_id:
                at.rows[name, other] = Row(min(row.head, taken.stayed), row.state)
        at.enter(self.day)
        if not self.truth.is_forged(now):
            self.truth.remember(now, at.spot.readable())
        if taken.kind is Arrived.JOINED and ours is not None and self.truth.is_forged(ours):
            self.truth.forged.add(now.versions[now.head])  # it keeps what the insider made as a branch
        return True

    def contradiction(self, store: ReplicaStore) -> str | None:
        """Return what speaks against it that the laptop's ledger goes on from what a site has seen."""
        theirs, ours = head_at(store), newest_head(self.laptop.ledger)
        if ours is None:
            return "NO_LEDGER" if theirs else None
        finding = contradicted(self.laptop.ledger, ours, theirs, site=store.address)
        return finding.code if finding else None

    # The end.

    def _settle(self) -> None:
        """Everything can be reached again: looking, mending, copying and couriers, until that changes nothing."""
        self.away.clear()
        for number in range(4):
            before = self._standing()
            self.tend()
            if number and self._standing() == before and self._is_even():
                return
            if self.shelf:  # they are carried there, too: the other place may have lost what only they still have
                look_after(self, self.second, "second", [old.spot.store for old in self.shelf])
            self._receive(self._packed(self.laptop, everything=True))
            self._receive(self._packed(self.second, everything=True))

    def _is_even(self) -> bool:
        """Say whether both working places know the same, and were found whole with it."""
        places = (self.laptop, self.second)
        rows = [place.rows.get((place.name, each)) for place in places for each in place.known]
        is_whole = all(row is not None and row.state == "intact" for row in rows)
        return is_whole and self.laptop.known == self.second.known

    def _standing(self) -> tuple[object, ...]:
        return dict(self.laptop.known), dict(self.second.known), dict(self.laptop.rows), self.counts["mended"]

    def _judge(self, gone: set[Digest]) -> None:
        """What one good copy was left of is whole everywhere; of everything else it is said that it is gone."""
        assert self.is_careless or not gone, "a harm that was not to happen"
        objects = self.truth.joining | self.truth.acknowledged
        broken = {objects[each] for each in gone}
        """Objects of which something is gone for good: a version that lacks a file is not exchanged between places."""
        whole = {each for each, object_id in self.truth.acknowledged.items() if object_id not in broken}
        for name, spot in self.spots().items():
            lacking = whole - self.truth.in_place(spot.held)
            assert not lacking, f"{name} lacks {sorted(each[:12] for each in lacking)}"
            for known in self.laptop.known.values():
                wrong, _ = wrong_in(self, spot, known, known.head)
                if known.object_id not in broken:
                    assert not self.truth.is_forged(known), "what an insider made stands at last"
                    assert not wrong, f"{name}: {wrong}"
                    assert self.second.known[known.object_id] == known, "the two places did not come to the same"
        if not gone:
            self.counts["whole histories"] += 1
        elif gone <= self._said():
            self.counts["histories with a loss that is said"] += 1
        else:
            self.counts["histories with a loss at the only place that knew of it"] += 1

    def _said(self) -> set[Digest]:
        """Return the files of which a check at a working place says that they, or what tells of them, are wrong."""
        said: set[Digest] = set()
        for working in (self.laptop, self.second):
            for known in working.known.values():
                wrong, wanted = wrong_in(self, working.spot, known, known.head)
                good = self.truth.good(known, known.head)
                said |= (
                    set(good.values()) if wanted is None else {good[each.name] for each in wrong if each.name in good}
                )
        return said


def _common(one: Known, other: Known) -> int:
    for number in range(1, min(one.head, other.head) + 1):
        if one.versions[number] != other.versions[number]:
            return number - 1
    return min(one.head, other.head)


def _is_kept(name: str) -> bool:
    """Say whether the file is an inventory set aside, or of a branch: also where an insider's was joined to it."""
    return (name.startswith(ASIDE) and INVENTORY in name) or f"/content/{BRANCHES}" in name


_DOINGS = (
    (FiftyYears.write, 14),
    (FiftyYears.tend, 9),
    (FiftyYears.send, 6),
    (FiftyYears.arrive, 7),
    (FiftyYears.look, 1),
    (FiftyYears.copy, 2),
    (FiftyYears.mend_one, 2),
)
