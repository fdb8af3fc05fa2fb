"""Random damage to three replicas: all of it is found, all of it is mended while one good copy of a file exists,
nothing that is right is touched, nothing damaged is thrown away, and nothing raises.

Three hundred damaged libraries in every run, a hundred thousand damages and more with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import logging
import os
import random
from collections import Counter

import pytest

from data.memory_store import MemoryStore
from data.replicated import DAMAGES, damage, some_object
from khizana.core.errors import Away
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.copy import ASIDE, copy_object
from khizana.core.preservation.replicas.expected import Expected, Known, expected, small_file
from khizana.core.preservation.replicas.mend import Mended, mend
from khizana.core.preservation.replicas.outcome import Intact, Outcome, kind_of
from khizana.core.preservation.replicas.reading import Reader

logger = logging.getLogger(__name__)
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
ROUNDS = 33_000 if LONG else 300

pytestmark = pytest.mark.damage


def three_replicas(chance: random.Random) -> tuple[Known, Expected, list[MemoryStore]]:
    stores = [MemoryStore(name=f"site {number}") for number in range(3)]
    known = some_object(stores[0], "one", chance)
    wanted = expected(known, known.head, [small_file(stores[0], known.prefix)])
    assert wanted is not None
    for store in stores[1:]:
        copy_object(stores[0], store, wanted, stamp="copy")
    assert stores[0].files == stores[1].files == stores[2].files
    return known, wanted, stores


def wrong_in(store: MemoryStore, wanted: Expected) -> list[Outcome]:
    return [each for each in check(store, Reader(store), wanted) if not isinstance(each, Intact)]


def really_wrong(store: MemoryStore, good: dict[str, bytes], prefix: str) -> set[str]:
    names = {name for name in {*store.files, *good} if name.startswith(prefix)}
    return {name for name in names if store.files.get(name) != good.get(name) or name in store.unreadable}


def damaged(stores: list[MemoryStore], known: Known, chance: random.Random) -> Counter[str]:
    """Damage one to three of *stores*, each by one to three kinds; return how often each kind changed something."""
    done: Counter[str] = Counter()
    for store in chance.sample(stores, chance.randint(1, 3)):
        for kind in chance.choices(list(DAMAGES), k=chance.randint(1, 3)):
            done[kind] += damage(store, known, kind, chance)
    return done


def assert_all_is_found(store: MemoryStore, wanted: Expected, good: dict[str, bytes], seed: str) -> None:
    found = wrong_in(store, wanted)
    assert {each.name for each in found} == really_wrong(store, good, wanted.known.prefix), seed
    for each in found:
        if each.name not in store.files:
            kind = "missing"
        elif each.name not in good:
            kind = "unexpected"
        else:
            kind = "unreadable" if each.name in store.unreadable else "altered"
        assert kind_of(each) == kind, f"{seed}: {each.name}"


def readable(store: MemoryStore, prefix: str) -> set[bytes]:
    """Return whatever bytes *store* has of the object at *prefix*, under any name, set aside or not."""
    found = (name for name in store.files if prefix in name and name not in store.unreadable)
    return {store.files[name] for name in found}


def assert_mended(
    store: MemoryStore, whole: Expected, sources: list[MemoryStore], good: dict[str, bytes], seed: str
) -> int:
    """Mend *store*; return the number of files of which no good bytes were left anywhere."""
    lost = set()
    # Under whatever name: good bytes that were swapped or set aside are found, too.
    there = set().union(*(readable(place, whole.known.prefix) for place in (*sources, store)))
    for each in mend(store, whole, wrong_in(store, whole), sources, stamp="mended"):
        is_good_elsewhere = good.get(each.name) in there
        told = each.name not in good or each.name.removeprefix(whole.known.prefix) in whole.told
        assert isinstance(each, Mended) == (is_good_elsewhere or told), f"{seed}: {each}"
        if isinstance(each, Mended):
            assert store.files.get(each.name) == good.get(each.name), f"{seed}: {each.name} was mended wrongly"
        else:
            assert each.problem.code == "NO_GOOD_REPLICA", f"{seed}: {each}"
            assert "has good bytes" in each.problem.sentence(), seed
            lost.add(each.name)
    assert really_wrong(store, good, whole.known.prefix) == lost, seed
    return len(lost)


def assert_nothing_was_lost(store: MemoryStore, was: dict[str, bytes], good: dict[str, bytes], seed: str) -> None:
    for name, content in was.items():
        if good.get(name) == content and name not in store.unreadable:
            assert store.files.get(name) == content, f"{seed}: {name} was right and was touched"
        else:
            kept = [store.files.get(name), *(v for k, v in store.files.items() if k.startswith(ASIDE))]
            assert content in kept, f"{seed}: the damaged bytes of {name} were thrown away"


@pytest.mark.parametrize("part", range(3))
def test_random_damage_is_found_and_mended(part: int) -> None:
    done: Counter[str] = Counter()
    lost = nothing_known = 0
    for number in range(part, ROUNDS, 3):
        chance, seed = random.Random(number), f"seed {number}"
        known, wanted, stores = three_replicas(chance)
        good = dict(stores[0].files)
        done += damaged(stores, known, chance)
        before = [dict(store.files) for store in stores]
        for store in stores:
            assert_all_is_found(store, wanted, good, seed)
        for store in stores:
            sources = [each for each in stores if each is not store]
            whole = expected(known, known.head, [small_file(each, known.prefix) for each in (store, *sources)])
            if whole is None:
                nothing_known += 1
                assert all(
                    store.files.get(known.prefix + name) != wanted.told["inventory.json"]
                    or known.prefix + name in store.unreadable
                    for store in stores
                    for name in (f"v{known.head}/inventory.json", "inventory.json")
                ), f"{seed}: an inventory was there"
                continue
            lost += assert_mended(store, whole, sources, good, seed)
        for store, was in zip(stores, before, strict=True):
            assert_nothing_was_lost(store, was, good, seed)
    assert set(+done) == set(DAMAGES), "every kind of damage was done"
    assert done.total() > ROUNDS
    assert lost, "some damages must have left no good bytes"
    assert nothing_known
    told = "%d damages: %s; %d files lost everywhere, %d objects without an inventory"
    logger.info(told, done.total(), dict(done), lost, nothing_known)


def test_two_sites_lost_at_once_are_made_again_from_the_third() -> None:
    for number in range(30):
        chance = random.Random(f"two {number}")
        known, wanted, stores = three_replicas(chance)
        good = dict(stores[0].files)
        stores[1].files.clear()
        damage(stores[2], known, "encrypt", chance)
        stores[2].is_gone = number % 2 == 0
        for store in stores[1:]:
            sources = [each for each in stores if each is not store]
            if store.is_gone:
                with pytest.raises(Away):
                    wrong_in(store, wanted)
                store.is_gone = False
            assert assert_mended(store, wanted, sources, good, f"two {number}") == 0
            assert not wrong_in(store, wanted)


def test_one_good_replica_is_enough_for_all() -> None:
    for number in range(60):
        chance = random.Random(f"one {number}")
        known, _, stores = three_replicas(chance)
        good = dict(stores[0].files)
        for store in stores[1:]:
            for kind in chance.sample(list(DAMAGES), 4):
                damage(store, known, kind, chance)
        for store in stores[1:]:
            sources = [each for each in stores if each is not store]
            whole = expected(known, known.head, [small_file(each, known.prefix) for each in sources])
            assert whole is not None
            done = list(mend(store, whole, wrong_in(store, whole), sources, stamp="mended"))
            assert all(isinstance(each, Mended) for each in done)
            assert not wrong_in(store, whole)
            assert {name: content for name, content in store.files.items() if not name.startswith(ASIDE)} == good


def test_with_no_good_replica_left_it_is_said_plainly() -> None:
    chance = random.Random(7)
    _known, wanted, stores = three_replicas(chance)
    lost = next(name for name in stores[0].files if "/content/masters/" in name)
    for store in stores:
        store.files[lost] = b"lost"
    done = list(mend(stores[0], wanted, wrong_in(stores[0], wanted), stores[1:], stamp="mended"))
    assert [(each.name, isinstance(each, Mended)) for each in done] == [(lost, False)]
    assert stores[0].files[lost] == b"lost", "nothing was changed"
    assert "No site that can be reached has good bytes" in done[0].problem.sentence()
