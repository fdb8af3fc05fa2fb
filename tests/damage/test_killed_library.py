"""A library killed again and again, at random moments of random verbs: nothing that was acknowledged is ever lost.

Thirty kills of a library of four objects in every run; ten thousand of one of two hundred with ``KHIZANA_DAMAGE=long``,
or as many as ``KHIZANA_KILLS`` says.
"""

from __future__ import annotations

import json
import logging
import os
import random
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from data.readers import faults
from data.traced import Commands, Ended, commands, inject, strace_works
from data.world import World, new_world, tree
from khizana.core.identifiers import description_object_id, images_object_id, manuscript_id
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.validate import validate_object

logger = logging.getLogger(__name__)
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
KILLS = int(os.environ.get("KHIZANA_KILLS", "10000" if LONG else "30"))
SEED = int(os.environ.get("KHIZANA_SEED", "2026"))
MANUSCRIPTS = 100 if LONG else 2
"""Two objects each."""
WHOLE_EVERY = 100 if LONG else 30
"""Kills after which everything is validated, and the library is as it was at the beginning."""
CALLS = {"pwrite64": 60, "fsync": 90, "write": 40, "rename": 15, "mkdir": 30, "unlink": 20, "openat": 60, "rmdir": 4}
"""Calls at which a command may be killed, and about how often one makes them."""

pytestmark = [
    pytest.mark.damage,
    pytest.mark.skipif(not strace_works(), reason="strace is not installed or may not trace here"),
]


class Library:
    """Gives a library of *world* random commands, kills them, and remembers what was acknowledged."""

    def __init__(self, world: World, server: Commands, chance: random.Random) -> None:
        self.world, self.server, self.chance = world, server, chance
        self.acknowledged: dict[str, frozenset[str]] = {}
        self.killed: Counter[str] = Counter()
        self._cards = 0
        self._begun: dict[str, Path] = {}
        self._lasts = dict.fromkeys(VERBS, 0.25)
        self._at_first: dict[str, frozenset[str]] = {}

    def fill(self, manuscripts: int) -> None:
        """Add *manuscripts*, copy all to the sites, and keep that."""
        for _ in range(manuscripts):
            shelfmark, card = self._new_card()
            assert self.server.run("add", card, "--shelfmark", shelfmark).status == 0
            self._acknowledge(shelfmark, card)
        assert self.server.run("replicate").status == 0
        self.world.keep("filled")
        self._at_first = dict(self.acknowledged)

    def begin_again(self) -> None:
        """Make all as it was when the library was filled."""
        self.world.again("filled")
        self.acknowledged = dict(self._at_first)

    def step(self) -> None:
        """Give one command, kill it, make good what it left, and look at what it may have touched."""
        verb = self.chance.choice(list(VERBS))
        shelfmark = self.chance.choice(list(self.acknowledged))
        arguments, shelfmark, card = VERBS[verb](self, shelfmark)
        ended = self._killed(verb, arguments)
        if ended.status == 0 and card is not None:
            self._acknowledge(shelfmark, card)
        at = (self.killed.total(), arguments, ended)
        assert "Traceback" not in ended.said, at
        assert "fault of Khizana" not in ended.said, at
        self._look(shelfmark, at)
        if self.chance.random() < 0.5:
            again = self.server.run(*arguments)
            # A check may find what a repair that was killed has not mended yet.
            assert again.status in ({0, 8} if verb == "verify" else {0}), (at, again)
            if card is not None:
                self._acknowledge(shelfmark, card)
            self._look(shelfmark, at)

    def assert_whole(self) -> None:
        """Complete everything that was begun; then all is valid, everywhere, and nothing lies about."""
        at = self.killed.total()
        for shelfmark, card in self._begun.items():
            done = self.server.run("add", card, "--shelfmark", shelfmark)
            assert done.status == 0, (at, done)
            self._acknowledge(shelfmark, card)
        self._begun.clear()
        for verb in ("repair", "replicate", "repair"):
            done = self.server.run(verb)
            assert done.status == 0, (at, done)
        for arguments in (("verify",), ("verify", "--site", "all"), ("ledger", "check")):
            checked = self.server.run(*arguments)
            assert checked.status == 0, (at, checked)
        here, there = self.world.storages
        assert faults(here) == [], at
        assert tree(there) == tree(here), at
        assert self.world.litter() == [], at

    def _killed(self, verb: str, arguments: tuple[object, ...]) -> Ended:
        # A check reads so many files that to trace one takes ten times as long.
        if verb != "verify" and self.chance.random() < 0.5:
            call = self.chance.choice(list(CALLS))
            ended = self.server.run(*arguments, tracing=inject(call, self.chance.randint(1, CALLS[call]), "KILL"))
        else:
            ended = self.server.run(*arguments, after=self.chance.uniform(0, self._lasts[verb]))
            # Settles where seven of ten are killed, however fast the machine is.
            self._lasts[verb] *= 1.03 if ended.status == -9 else 0.93
        self.killed[verb] += ended.status == -9
        return ended

    def _look(self, shelfmark: str, at: object) -> None:
        done = self.server.run("status", "--json")
        assert done.status == 0, (at, done)
        assert json.loads(done.stdout)["unfinished"] == 0, at
        kept = self.world.masters()
        lost = {each for each, digests in self.acknowledged.items() if not digests <= kept}
        assert not lost, at
        for identifier in (images_object_id, description_object_id):
            place = self.world.storages[0] / object_path(identifier("test", manuscript_id(shelfmark)))
            assert not place.exists() or [*validate_object(place)] == [], at

    def _acknowledge(self, shelfmark: str, card: Path) -> None:
        self.acknowledged[shelfmark] = frozenset(sha256(path.read_bytes()).hexdigest() for path in card.iterdir())

    def _new_card(self) -> tuple[str, Path]:
        self._cards += 1
        return f"TB {self._cards}", self.world.card(f"card-{self._cards}", self._cards)

    def add(self, _: str) -> tuple[tuple[object, ...], str, Path | None]:
        shelfmark, card = self._new_card()
        self._begun[shelfmark] = card
        return ("add", card, "--shelfmark", shelfmark), shelfmark, card

    def order(self, shelfmark: str) -> tuple[tuple[object, ...], str, Path | None]:
        rows = self.server.run("order", shelfmark).stdout.splitlines()
        new = self.world.now / "pages.csv"
        new.write_text("\n".join([rows[0], *self.chance.sample(rows[1:], len(rows) - 1)]))
        return ("order", shelfmark, new, "--direction", self.chance.choice(("rtl", "ltr"))), shelfmark, None

    def publish(self, shelfmark: str) -> tuple[tuple[object, ...], str, Path | None]:
        how = self.chance.choice((("--level", "open"), ("--level", "smaller"), ("--level", "staff"), ("--withdraw",)))
        return ("publish", shelfmark, *how), shelfmark, None

    def replicate(self, shelfmark: str) -> tuple[tuple[object, ...], str, Path | None]:
        return ("replicate",), shelfmark, None

    def verify(self, shelfmark: str) -> tuple[tuple[object, ...], str, Path | None]:
        return ("verify", "--site", "all"), shelfmark, None

    def repair(self, shelfmark: str) -> tuple[tuple[object, ...], str, Path | None]:
        """Damage a file at the plain site, let a check find it, and repair it."""
        path = object_path(images_object_id("test", manuscript_id(shelfmark)))
        files = sorted(each for each in (self.world.storages[1] / path).rglob("*") if each.is_file())
        if files:
            self.chance.choice(files).write_bytes(b"damaged")
            self.server.run("verify", "--site", "plain")
        return ("repair",), shelfmark, None


Given = Callable[[Library, str], tuple[tuple[object, ...], str, Path | None]]
VERBS: dict[str, Given] = {
    "add": Library.add,
    "order": Library.order,
    "publish": Library.publish,
    "replicate": Library.replicate,
    "verify": Library.verify,
    "repair": Library.repair,
}
"""What to give, which manuscript it touches, and the card it takes."""


def test_random_kills_of_random_verbs_never_lose_what_was_acknowledged(tmp_path: Path) -> None:
    with new_world(tmp_path) as world, commands(world.library.root, world.root / "scratch") as server:
        library = Library(world, server, random.Random(SEED))
        library.fill(MANUSCRIPTS)
        looked = 0
        steps = 0
        while library.killed.total() < KILLS:
            steps += 1
            assert steps < 20 * KILLS, "commands end before they can be killed"
            library.step()
            if library.killed.total() >= looked + WHOLE_EVERY:
                looked = library.killed.total()
                library.assert_whole()
                library.begin_again()
                logger.info("%d kills of %d commands: %s", looked, steps, dict(library.killed))
        library.assert_whole()
    assert set(library.killed) == set(VERBS)
