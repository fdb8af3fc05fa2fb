"""Random histories of a library: whatever was done, others' tools accept every object and a bag of every manuscript.

Three histories in every run, a hundred with ``KHIZANA_DAMAGE=long``.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest

from data.readers import faults
from data.traced import Commands, commands
from data.world import World, new_world, tree

logger = logging.getLogger(__name__)
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
HISTORIES = 100 if LONG else 3
STEPS = 12 if LONG else 8

pytestmark = pytest.mark.damage


class History:
    """Random steps of a person at one library."""

    def __init__(self, world: World, server: Commands, chance: random.Random) -> None:
        self.world, self._server, self.chance = world, server, chance
        self.done: Counter[str] = Counter()
        self.shelfmarks: list[str] = []
        self._cards = 0

    def step(self) -> None:
        """Take one."""
        name = self.chance.choice(list(STEPS_OF_ALL_KINDS)) if self.shelfmarks else "add"
        STEPS_OF_ALL_KINDS[name](self)
        self.done[name] += 1

    def run(self, *arguments: object, status: int = 0) -> str:
        """Run one command."""
        ended = self._server.run(*arguments)
        assert ended.status == status, (arguments, ended)
        return ended.stdout

    def add(self) -> None:
        shelfmark = self.chance.choice(("TB {}", "تب {}", "Fonds Ḥaïdara, n° {}")).format(len(self.shelfmarks) + 1)
        direction, level = self.chance.choice(("rtl", "ltr")), self.chance.choice(("open", "smaller", "staff"))
        title = self.chance.choice(("ar=رسالة في الفلك", "en=A letter, with “quotes” & <angles>"))
        given = ("--title", title, "--direction", direction, "--level", level)
        self.run("add", self._card(), "--shelfmark", shelfmark, *given)
        self.shelfmarks.append(shelfmark)

    def more(self) -> None:
        self.run("add", self._card(), "--shelfmark", self._any(), "--more")

    def order(self) -> None:
        """Change the order of the pages, a label and the direction."""
        shelfmark = self._any()
        first, *rows = self.run("order", shelfmark).splitlines()
        self.chance.shuffle(rows)
        number, _, *rest = rows[0].split(",")
        rows[0] = ",".join([number, self.chance.choice(("1r", "غلاف", "f. 1 “bis”")), *rest])
        pages = self.world.now / "pages.csv"
        pages.write_text("\n".join([first, *rows]))
        self.run("order", shelfmark, pages, "--direction", self.chance.choice(("rtl", "ltr")))

    def publish(self) -> None:
        self.run("publish", self._any(), "--level", self.chance.choice(("open", "smaller", "staff")))

    def withdraw(self) -> None:
        self.run("publish", self._any(), "--withdraw")

    def replicate(self) -> None:
        self.run("replicate")

    def repair(self) -> None:
        """Damage a file in one of two places, then let a check find it and a repair mend it."""
        self.run("replicate")
        storage = self.chance.choice(self.world.storages)
        objects = [path for path in storage.rglob("*") if path.is_file() and "urn%3akhizana" in str(path)]
        path = self.chance.choice(sorted(objects))
        self.chance.choice((lambda: path.write_bytes(b"damaged"), path.unlink))()
        self.run("verify", "--site", "all", status=8)
        self.run("repair")

    def _any(self) -> str:
        return self.chance.choice(self.shelfmarks)

    def _card(self) -> Path:
        self._cards += 1
        return self.world.card(f"card-{self._cards}", self.chance.randrange(10**6))


STEPS_OF_ALL_KINDS: dict[str, Callable[[History], None]] = {
    "add": History.add,
    "more": History.more,
    "order": History.order,
    "publish": History.publish,
    "withdraw": History.withdraw,
    "replicate": History.replicate,
    "repair": History.repair,
}


def assert_accepted_by_others(history: History) -> None:
    history.run("replicate")
    here, there = history.world.storages
    assert faults(here) == []
    assert tree(there) == tree(here)
    bags = history.world.now / "bags"
    bags.mkdir()
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    for shelfmark in history.shelfmarks:
        history.run("bag", shelfmark, "--into", bags)
    made = list(bags.iterdir())
    assert len(made) == len(history.shelfmarks)
    for folder in made:
        bag = bagit.Bag(str(folder))
        bag.validate()
        assert len(bag.payload_entries()) > 3


def test_others_accept_what_any_history_leaves(tmp_path: Path) -> None:
    done: Counter[str] = Counter()
    objects = bags = 0
    with new_world(tmp_path) as world, commands(world.library.root, world.root / "scratch") as server:
        world.keep("empty")
        for number in range(HISTORIES):
            world.again("empty")
            history = History(world, server, random.Random(f"history {number}"))
            for _ in range(STEPS):
                history.step()
            assert_accepted_by_others(history)
            done += history.done
            objects += 2 * len(history.shelfmarks)
            bags += len(history.shelfmarks)
        shutil.rmtree(world.now / "bags")
    assert set(done) == set(STEPS_OF_ALL_KINDS)
    logger.info("%d histories, %s: %d objects and %d bags accepted", HISTORIES, dict(done), objects, bags)
