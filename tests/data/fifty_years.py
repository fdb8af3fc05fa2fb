"""Fifty years of one object at five places: people write at two of them, everything that can happen to bytes happens.

Two working places, A and B, are joined by packs alone; A copies to three sites. What does the work is the library's own
code. What is right is known by an *oracle* that works everything out anew, from bytes that it keeps for itself.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from pathlib import Path

from data.keeping import OBJECT, Place, validated
from data.memory_store import MemoryStore
from data.replicated import DAMAGES, damage
from khizana.adapters.disk import DiskStore
from khizana.core.errors import Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaSource, ReplicaStore, Stored
from khizana.core.preservation.branches.arrival import Arrived, take_in
from khizana.core.preservation.branches.history import kept_inventories
from khizana.core.preservation.ocfl.inventory import User, from_json
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Expected, Known, expected, small_file
from khizana.core.preservation.replicas.mend import NO_GOOD_REPLICA, Mended, NotMended, mend
from khizana.core.preservation.replicas.outcome import Altered, Intact, Missing, Outcome
from khizana.core.preservation.replicas.reading import Reader

STEPS = 60
STEP = timedelta(days=365.25 * 50 / STEPS)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
WRONG_CLOCK = timedelta(days=365 * 20)
AWAY = 2  # steps: a little more than eighteen months
PREFIX = Known(OBJECT, {}).prefix

_PATHS = ("masters/0001.tif", "masters/0002.tif", "masters/0003.tif", "description.xml", "publication.json")
_NOWHERE = "/nowhere"
"""Where a link points that stands for a file that cannot be read."""


def digest_of(content: bytes) -> Digest:
    return Digest(sha512(content).hexdigest())


class Oracle:
    """The bytes of all that was ever acknowledged, out of reach of everything that happens."""

    def __init__(self) -> None:
        self.bytes: dict[Digest, bytes] = {}
        self.acknowledged: set[Digest] = set()
        """The inventory of each version that a person was told is kept."""
        self.contents: set[Digest] = set()
        """The files that stood in one of those."""

    def remember(self, known: Known, files: Mapping[str, bytes]) -> None:
        """Take note of what a place holds, which is new as a rule: its bytes are right, or this is a failure."""
        for number, digest in known.versions.items():
            self._keep(digest, files.get(f"{PREFIX}v{number}/inventory.json", b""))
        for path, digest in _manifest(self.bytes[known.versions[known.head]]):
            self._keep(digest, files.get(PREFIX + path, b""))

    def _keep(self, digest: Digest, content: bytes) -> None:
        if digest not in self.bytes:
            assert digest_of(content) == digest, "what was just written is not what was recorded"
            self.bytes[digest] = content

    def good(self, known: Known, head: int) -> dict[str, Digest]:
        """Return every file that the object has at version *head*, under its full name, with its digest."""
        files = {"0=ocfl_object_1.1": digest_of(b"ocfl_object_1.1\n")}
        for number in range(1, head + 1):
            files |= _with_sidecar(f"v{number}/", known.versions[number])
        files |= _with_sidecar("", known.versions[head]) | dict(_manifest(self.bytes[known.versions[head]]))
        return {PREFIX + name: digest for name, digest in files.items()}


def _manifest(inventory: bytes) -> Iterator[tuple[str, Digest]]:
    for digest, paths in json.loads(inventory)["manifest"].items():
        yield from ((path, digest) for path in paths)


def _with_sidecar(folder: str, inventory: Digest) -> dict[str, Digest]:
    beside = digest_of(f"{inventory} inventory.json\n".encode())
    return {f"{folder}inventory.json": inventory, f"{folder}inventory.json.sha512": beside}


class Watched:
    """A ``ReplicaStore`` that fails where a file whose bytes are right is moved, or replaced by another."""

    def __init__(self, store: ReplicaStore, good: Callable[[], Mapping[str, Digest]]) -> None:
        self._store, self._good = store, good

    @property
    def address(self) -> str:
        return self._store.address

    def held(self) -> AbstractContextManager[None]:
        return self._store.held()

    def names(self, prefix: str = "") -> Iterator[Stored]:
        return self._store.names(prefix)

    def read(self, name: str) -> Iterator[bytes | memoryview]:
        return self._store.read(name)

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:
        self._store.put(name, content, size=size)

    def replace(self, name: str, content: bytes) -> None:
        assert self._good().get(name) == digest_of(content), f"{name} was replaced by what is not right"
        self._store.replace(name, content)

    def set_aside(self, name: str, aside: str) -> None:
        if name in self._good():
            found = Reader(self._store).outcome(name, self._good()[name])
            assert not isinstance(found, Intact), f"{name} was right at {self.address}, and was set aside"
        self._store.set_aside(name, aside)


@dataclass
class Desk:
    """A working place: its disk, and what it knows of the object, which nobody outside it can change."""

    name: str
    place: Place
    clock: timedelta
    known: Known | None = None
    common: int = 0
    """Versions that the other place has, as its packs have shown."""

    def files(self) -> dict[str, bytes]:
        """Return what can be read of the object on the disk, under the names of a store."""
        found = {}
        for path in (self.place.root / PREFIX).rglob("*"):
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(self.place.root).as_posix()] = path.read_bytes()
        return found


@dataclass
class Site:
    """A site of A, and the row that A has of it."""

    store: MemoryStore
    visits: float
    """How likely it is to be visited in a step, where another is at 1."""
    head: int = 0
    intact: bool = False
    earlier: list[dict[str, bytes]] = field(default_factory=list)
    """How it once was: what a rollback brings back."""
    back: int = 0
    """The step at which it can be reached again."""

    def files(self) -> dict[str, bytes]:
        return {name: content for name, content in self.store.files.items() if name not in self.store.unreadable}


@dataclass(frozen=True)
class Said:
    """What a check and a repair of one place said."""

    before: frozenset[str]
    """Names of what was wrong."""
    not_mended: Mapping[str, str]
    """Names of what could not be made right, with the code that said so."""


class FiftyYears:
    """One history, all of it told by *seed*; ``counts`` says what happened.

    Unless *is_careless*, nothing happens to the last good copy of a file.
    """

    def __init__(self, seed: int, root: Path, *, is_careless: bool) -> None:
        self.chance = random.Random(seed)
        self.is_careless = is_careless
        self.oracle = Oracle()
        self.desks = [
            Desk(name, Place.made(root / name), clock)
            for name, clock in (("A", timedelta()), ("B", self.chance.choice([-WRONG_CLOCK, WRONG_CLOCK])))
        ]
        self.a, self.b = self.desks
        self.sites = [
            Site(MemoryStore(name=name), visits) for name, visits in (("near", 1.0), ("far", 0.15), ("bucket", 0.6))
        ]
        self.packs: list[tuple[str, Known, MemoryStore]] = []
        """Who made each, what it says, and what it carries: none is ever lost, and each may come again."""
        self.step = 0
        self.stamps = 0
        self.counts: Counter[str] = Counter()

    def run(self) -> None:
        """Live through the fifty years, and the round of care after them."""
        self.write(self.a)
        for self.step in range(1, STEPS + 1):
            for site in self.sites:
                site.store.is_gone = self.step < site.back
            for happening, likely in self._happenings():
                if self.chance.random() < likely:
                    happening()
        for site in self.sites:
            site.store.is_gone = False
        for _ in range(3):
            self._care()
        self._judge()

    def _happenings(self) -> list[tuple[Callable[[], object], float]]:
        return [
            (lambda: self.write(self.a), 0.14),
            (lambda: self.write(self.b), 0.12),
            *((lambda site=site: self.visit(site), 0.5 * site.visits) for site in self.sites),
            (lambda: self.look_after(self.a), 0.4),
            (lambda: self.look_after(self.b), 0.4),
            (lambda: self.pack(self.a), 0.2),
            (lambda: self.pack(self.b), 0.2),
            (lambda: self.receive(self.a), 0.2),
            (lambda: self.receive(self.b), 0.2),
            (self.rot_at_site, 0.3),
            (self.rot_at_desk, 0.12),
            (self.roll_back, 0.04),
            (self.ransom, 0.03),
            (self.insider_at_site, 0.04),
            (self.insider_at_desk, 0.03),
            (self.go_away, 0.05),
            (self.die, 0.03),
        ]

    # What people and the library do.

    def write(self, desk: Desk) -> None:
        """Let a person write, as the verbs do: after what lies there, if that is what is known of it."""
        known, folder = desk.known, desk.place.writer.object_directory(OBJECT)
        try:
            if known is not None:
                stored = read_object(folder)
                if (stored.head, stored.inventory_digest) != (known.head, known.versions[known.head]):
                    raise Damaged("OBJECT_REWRITTEN", object_id=OBJECT, version=stored.head, path=str(folder))
            put = {path: self.chance.randbytes(self.chance.randint(1, 40)) for path in self.chance.sample(_PATHS, 2)}
            put |= {"publication.json": b'{"level": "%s"}' % self.chance.choice([b"open", b"staff"])}
            done = desk.place.writer.write_version(
                OBJECT,
                put=put,
                message="a change",
                user=User(desk.name, "urn:khizana:test"),
                created=BEGINNING + STEP * self.step + desk.clock,
                expected_head=known.head if known else 0,
                validator=validated,
            )
        except KhizanaError as error:
            self.counts[f"not written: {error.code}"] += 1
            return
        desk.known = Known(OBJECT, {**(known.versions if known else {}), done.head: done.inventory_digest})
        self.oracle.remember(desk.known, desk.files())
        self.oracle.acknowledged.add(done.inventory_digest)
        self.oracle.contents |= set(map(digest_of, put.values()))
        self.counts["written"] += 1

    def visit(self, site: Site) -> None:
        """Copy to a site of A what it lacks, check it and repair it; some visits only do one of these."""
        if site.store.is_gone or self.a.known is None:
            return
        does = self.chance.choice(["all", "copy", "check", "all"])
        if does != "check":
            self.copy(site)
        if does != "copy":
            self.look_after(site)
        if self.chance.random() < 0.3:
            site.earlier.append(dict(site.store.files))

    def copy(self, site: Site) -> None:
        """Do as ``replicate`` does."""
        known = self.a.known
        assert known is not None
        if site.intact and site.head == known.head:
            return
        here = self._disk(self.a)
        wanted = expected(known, known.head, [small_file(here, PREFIX)])
        if wanted is None:
            self.counts["not copied: LOCAL_NOT_WHOLE"] += 1
            return
        verified = site.head if site.intact else 0
        try:
            copy_object(here, self._watched(site), wanted, verified_head=verified, stamp=self._stamp())
        except (Damaged, NotFound, Unreadable) as error:  # what ``replicate`` tells, and goes on
            self.counts[f"not copied: {error.code}"] += 1
            return
        files = site.files()
        for name, digest in self.oracle.good(known, known.head).items():
            version = name.removeprefix(PREFIX).partition("/")[0].removeprefix("v")
            if not version.isdigit() or int(version) > verified:
                assert digest_of(files.get(name, b"")) == digest, f"{name} was copied and is not right"
        site.head, site.intact = known.head, True
        self.counts["copied"] += 1

    def look_after(self, where: Desk | Site) -> Said | None:
        """Check a place, and repair it from the others that can be reached, as ``check`` and ``repair`` do."""
        known = where.known if isinstance(where, Desk) else self.a.known
        head = where.head if isinstance(where, Site) else known.head if known else 0
        if known is None or not head:
            return None
        store = self._watched(where)
        others: list[ReplicaSource] = [
            site.store for site in self.sites if site is not where and not site.store.is_gone
        ]
        if isinstance(where, Site):
            others.append(self._disk(self.a))
        before, wanted = self._checked(where, store, others, known, head)
        if isinstance(where, Site):
            where.intact = not before
        if not before:
            return Said(frozenset(), {})
        done: list[Mended | NotMended] = []
        if wanted is not None:
            done = list(mend(store, wanted, before, others, stamp=self._stamp()))
            for each in done:
                if isinstance(each, NotMended):
                    assert each.problem.code == NO_GOOD_REPLICA, each
                    self._assert_lost(each.name, self.oracle.good(known, head)[each.name], where, others)
        after, _ = self._checked(where, store, others, known, head)
        if isinstance(where, Site):
            where.intact = not after
        not_mended = {each.name: each.problem.code for each in done if isinstance(each, NotMended)}
        if wanted is None:
            not_mended = {each.name: NO_GOOD_REPLICA for each in before}
        else:
            assert {each.name for each in after} == set(not_mended)
        self.counts["mended"] += sum(isinstance(each, Mended) for each in done)
        self.counts["not mended"] += len(not_mended)
        return Said(frozenset(each.name for each in before), not_mended)

    def _checked(
        self, where: Desk | Site, store: Watched, others: list[ReplicaSource], known: Known, head: int
    ) -> tuple[list[Outcome], Expected | None]:
        """Return what a check finds wrong, which must be all that is wrong, and nothing else."""
        wanted = expected(known, head, [small_file(each, PREFIX) for each in (store, *others)])
        self.counts["checks"] += 1
        if wanted is None:
            for name in (f"{PREFIX}v{head}/inventory.json", f"{PREFIX}inventory.json"):
                self._assert_lost(name, known.versions[head], where, [store, *others])
            return [Missing(f"{PREFIX}v{head}/inventory.json")], None
        good = self.oracle.good(known, head)
        assert {PREFIX + name: digest for name, digest in wanted.files.items()} == good
        with Reader(store) as reader:
            wrong: list[Outcome] = [each for each in check(store, reader, wanted) if not isinstance(each, Intact)]
        files = where.files()
        really = {name for name, digest in good.items() if name not in files or digest_of(files[name]) != digest}
        there = {each.name for each in store.names(PREFIX)}
        arriving = {
            name for v in range(head + 1, known.head + 1) for name in there if name.startswith(f"{PREFIX}v{v}/")
        }
        assert {each.name for each in wrong} == really | (there - good.keys() - arriving)
        for each in wrong:
            if each.name in good and each.name in files:
                assert isinstance(each, Altered), each
        return wrong, wanted

    def _assert_lost(self, name: str, digest: Digest, where: Desk | Site, others: Iterable[ReplicaSource]) -> None:
        for other in others:
            found = Reader(other).outcome(name, digest)
            assert not isinstance(found, Intact), f"{name} is good at {other.address}, and was called lost for {where}"

    def pack(self, desk: Desk, *, everything: bool = False) -> None:
        """Make a pack for the other place: no byte goes into it that was not compared."""
        known = desk.known
        if known is None:
            return
        disk = self._disk(desk)
        wanted = expected(known, known.head, [small_file(disk, PREFIX)])
        if wanted is None:
            self.counts["not packed: LOCAL_NOT_WHOLE"] += 1
            return
        base = 0 if everything else min(desk.common, known.head - 1)
        files = {}
        for name, digest in wanted.files.items():
            version = name.partition("/")[0].removeprefix("v")
            if version.isdigit() and int(version) > base:
                if not isinstance(Reader(disk).outcome(PREFIX + name, digest), Intact):
                    self.counts["not packed: damaged"] += 1
                    return
                files[PREFIX + name] = self.oracle.bytes.get(digest) or b"".join(map(bytes, disk.read(PREFIX + name)))
        self.packs.append((desk.name, known, MemoryStore(files)))

    def receive(self, desk: Desk) -> None:
        """Let a pack of the other place arrive: any, so that they come late, twice and out of order."""
        packs = [pack for pack in self.packs if pack[0] != desk.name]
        if packs:
            self._take(desk, self.chance.choice(packs))

    def _take(self, desk: Desk, pack: tuple[str, Known, MemoryStore]) -> None:
        _, incoming, source = pack
        before = desk.known
        try:
            taken = take_in(incoming, source, ours=before, storage=desk.place.writer, validator=validated)
        except KhizanaError as error:
            self.counts[f"not taken in: {error.code}"] += 1
            return
        self.counts[f"taken in: {taken.kind}"] += 1
        if taken.kind is Arrived.LACKING:
            return
        now = Known(OBJECT, taken.versions)
        assert before is None or now.head >= before.head, "an object never grows shorter"
        desk.known = now
        self.oracle.remember(now, desk.files())
        desk.common = _common(now, incoming)
        if desk is self.a and before is not None:
            for site in self.sites:
                site.head = min(site.head, _common(before, now))

    # What happens to bytes.

    def rot_at_site(self) -> None:
        site = self.chance.choice(self.sites)
        for _ in range(self.chance.randint(1, 3)):
            kind = self.chance.choice(list(DAMAGES))
            self._harm_site(site, kind, lambda: damage(site.store, self._known_of_a(), kind, self.chance))  # noqa: B023

    def rot_at_desk(self) -> None:
        kind = self.chance.choice(list(DAMAGES))
        self._harm_desk(
            self.chance.choice(self.desks), kind, lambda store, known: damage(store, known, kind, self.chance)
        )

    def roll_back(self) -> None:
        site = self.chance.choice(self.sites)
        if site.earlier:
            earlier = self.chance.choice(site.earlier)

            def change() -> None:
                site.store.files.clear()
                site.store.files.update(earlier)
                site.store.unreadable.clear()

            self._harm_site(site, "site rolled back", change)

    def ransom(self) -> None:
        site = self.chance.choice(self.sites)

        def change() -> None:
            for name in list(site.store.files):
                site.store.files[f"{name}.locked"] = bytes(byte ^ 0x5A for byte in site.store.files.pop(name))

        self._harm_site(site, "ransomware", change)

    def insider_at_site(self) -> None:
        site = self.chance.choice(self.sites)
        self._harm_site(site, "insider at a site", lambda: rewrite(site.store.files, self.chance))

    def insider_at_desk(self) -> None:
        desk = self.chance.choice(self.desks)
        self._harm_desk(desk, "insider at a desk", lambda store, _: rewrite(store.files, self.chance))

    def go_away(self) -> None:
        self.chance.choice(self.sites).back = self.step + 1 + AWAY
        self.counts["away"] += 1

    def die(self) -> None:
        site = self.chance.choice(self.sites)
        self._harm_site(site, "site died", site.store.files.clear)

    def _harm_site(self, site: Site, kind: str, change: Callable[[], None]) -> None:
        if self.a.known is None:
            return
        files, unreadable = dict(site.store.files), set(site.store.unreadable)
        change()
        if self._may_stand():
            self.counts[kind] += 1
        else:
            site.store.files.clear()
            site.store.files.update(files)
            site.store.unreadable.clear()
            site.store.unreadable.update(unreadable)

    def _harm_desk(self, desk: Desk, kind: str, change: Callable[[MemoryStore, Known], None]) -> None:
        if desk.known is None:
            return
        files = desk.files()
        store = MemoryStore(dict(files))
        change(store, desk.known)
        self._lay_out(desk, files, store)
        if self._may_stand():
            self.counts[kind if kind.startswith("insider") else f"{kind} at a desk"] += 1
        else:
            self._lay_out(desk, desk.files(), MemoryStore(files))

    def _lay_out(self, desk: Desk, was: Mapping[str, bytes], store: MemoryStore) -> None:
        """Make the disk of *desk* hold what *store* does, where it held *was*."""
        for name in was.keys() - store.files.keys():
            (desk.place.root / name).unlink()
        for name, content in store.files.items():
            path = desk.place.root / name
            if name in store.unreadable:
                path.unlink(missing_ok=True)
                path.symlink_to(_NOWHERE)
            elif was.get(name) != content:
                path.unlink(missing_ok=True)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def _may_stand(self) -> bool:
        """Say whether, in a careful history, each place can still be made whole from what is left."""
        return self.is_careless or not any(self._irreparable(desk) for desk in self.desks)

    def _irreparable(self, desk: Desk) -> set[str]:
        """Return the files of *desk* of which neither it nor a site has good bytes, under the name that they have."""
        if desk.known is None:
            return set()
        places = [desk.files(), *(site.files() for site in self.sites)]
        inventory, told = self._vouching(desk.known, places)
        lost = set() if inventory else {f"{PREFIX}v{desk.known.head}/inventory.json"}
        for name, digest in self.oracle.good(desk.known, desk.known.head).items():
            if name not in told and not any(name in files and digest_of(files[name]) == digest for files in places):
                lost.add(name)
        return lost

    def _vouching(self, known: Known, places: list[dict[str, bytes]]) -> tuple[bool, set[str]]:
        newest = {f"{PREFIX}v{known.head}/inventory.json", f"{PREFIX}inventory.json"}
        found = any(
            digest_of(files.get(name, b"")) == known.versions[known.head] for files in places for name in newest
        )
        names = self.oracle.good(known, known.head)
        return found, newest | {name for name in names if name.endswith((".sha512", "ocfl_object_1.1"))}

    # The end.

    def _care(self) -> None:
        for desk in self.desks:
            self.look_after(desk)
        for desk, other in ((self.a, self.b), (self.b, self.a)):
            count = len(self.packs)
            self.pack(desk, everything=True)
            if len(self.packs) > count:
                self._take(other, self.packs[-1])
        for site in self.sites:
            self.copy(site)
            self.look_after(site)

    def _judge(self) -> None:
        """Say that all is whole, or, in a careless history, that what is not is lost and was said to be."""
        lost = {desk.name: self._irreparable(desk) for desk in self.desks}
        if not self.is_careless:
            assert not any(lost.values()), lost
        if not any(lost.values()):
            self._judge_whole()
            return
        self.counts["histories with a loss"] += 1
        for desk in self.desks:
            said = self.look_after(desk)
            if desk.known is None or said is None:
                continue
            newest = f"{PREFIX}v{desk.known.head}/inventory.json"
            if newest in lost[desk.name]:  # what the object should hold is not known then
                assert set(said.not_mended) == {newest}, "a loss was not said"
            else:
                assert set(said.not_mended) == lost[desk.name], "what was called lost is not what is"

    def _judge_whole(self) -> None:
        known = self.a.known
        assert known is not None
        assert self.b.known is None or self.b.known.versions == known.versions
        good = self.oracle.good(known, known.head)
        inventory = from_json(self.oracle.bytes[known.versions[known.head]], OBJECT)
        assert self.oracle.acknowledged <= {*known.versions.values(), *kept_inventories(inventory)}
        assert self.oracle.contents <= inventory.manifest.keys()
        everywhere: tuple[Desk | Site, ...] = (*self.desks, *self.sites)
        for where in everywhere:
            said = self.look_after(where)
            assert said is not None
            assert not said.before, "something was still wrong"
            files = {name: digest_of(content) for name, content in where.files().items() if name.startswith(PREFIX)}
            assert files == good
        self.counts["whole histories"] += 1

    def _known_of_a(self) -> Known:
        assert self.a.known is not None
        return self.a.known

    def _disk(self, desk: Desk) -> DiskStore:
        return DiskStore(desk.place.root)

    def _watched(self, where: Desk | Site) -> Watched:
        store = self._disk(where) if isinstance(where, Desk) else where.store

        def good() -> Mapping[str, Digest]:
            known = where.known if isinstance(where, Desk) else self.a.known
            assert known is not None
            return self.oracle.good(known, known.head)

        return Watched(store, good)

    def _stamp(self) -> str:
        self.stamps += 1
        return f"{self.stamps:06d}"


def _common(one: Known, other: Known) -> int:
    return sum(1 for number in range(1, min(one.head, other.head) + 1) if _same_up_to(one, other, number))


def _same_up_to(one: Known, other: Known, number: int) -> bool:
    return all(one.versions[each] == other.versions[each] for each in range(1, number + 1))


def rewrite(files: dict[str, bytes], chance: random.Random) -> None:
    """Change one content file and all that vouches for it in the object itself: what an insider can do."""
    contents = sorted(name for name in files if name.startswith(PREFIX) and "/content/" in name)
    if not contents:
        return
    name = chance.choice(contents)
    old, new = digest_of(files[name]), files[name] + b"!"
    files[name] = new
    for each in sorted(files):
        if each.startswith(PREFIX) and each.endswith("inventory.json"):
            files[each] = files[each].replace(old.encode(), digest_of(new).encode())
            files[f"{each}.sha512"] = f"{digest_of(files[each])} inventory.json\n".encode()
