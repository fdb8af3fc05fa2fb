"""A library with sites, and all that stands around it as it was: to be damaged, stopped and looked at again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from data.cards import photograph
from data.commands import Library, new_library

MEMORY = Path("/dev/shm")  # noqa: S108 - what Linux calls it


@dataclass(frozen=True)
class World:
    """A library, cards, a plain site and a sealed one, all below ``now``; kept states of that beside it."""

    root: Path

    @property
    def now(self) -> Path:
        return self.root / "now"

    @property
    def library(self) -> Library:
        return Library(self.now / "library")

    @property
    def sites(self) -> tuple[Path, Path]:
        return self.now / "plain", self.now / "sealed"

    @property
    def storages(self) -> tuple[Path, Path]:
        """The storage root, and that of the plain site."""
        return self.library.root / "storage", self.sites[0] / "storage"

    @property
    def other_place(self) -> Library:
        """The working place of the same library that couriers go to and come from, in states that have one."""
        return Library(self.now / "bamako")

    def again(self, name: str) -> None:
        """Make everything as it was when it was *kept* under that name."""
        shutil.rmtree(self.now)
        shutil.copytree(self.root / name, self.now)

    def keep(self, name: str) -> None:
        """Keep everything as it is."""
        shutil.copytree(self.now, self.root / name)

    def card(self, name: str, seed: int) -> Path:
        """Make a card with two small photographs."""
        folder = self.now / name
        folder.mkdir()
        for number in range(2):
            photograph(folder / f"{number}.jpg", 2 * seed + number, width=60, height=80)
        return folder

    def masters(self) -> set[str]:
        """Return the digests of the masters that the library holds, those that a repair has set aside too."""
        kept = (*self.storages[0].rglob("masters/*"), *(self.library.root / "aside").rglob("masters/*"))
        return {sha256(path.read_bytes()).hexdigest() for path in kept}

    def litter(self) -> list[str]:
        """Return what a command that is done must not leave behind."""
        places = [self.library.root / name for name in ("work", "staging", "pending", "arriving")]
        places += [site / "arriving" for site in self.sites]
        places += self.now.glob("*/khizana-courier/arriving")
        inside = [path for place in places for path in place.rglob("*") if path.is_file()]
        left = [path for path in inside if not path.name.endswith("lock")]
        left += [path for path in self.now.rglob("*") if path.name.endswith((".part", ".tmp", "-journal"))]
        return sorted(str(path.relative_to(self.now)) for path in left)

    def aside(self) -> set[bytes]:
        """Return the bytes of what was set aside anywhere."""
        places = (self.library.root, *self.sites)
        return {path.read_bytes() for place in places for path in (place / "aside").rglob("*") if path.is_file()}


@contextmanager
def new_world(folder: Path) -> Iterator[World]:
    """Make a world in memory where there is some, else in *folder*: an empty library with two empty sites."""
    root = MEMORY / f"khizana-world-{os.getpid()}-{folder.name}" if os.access(MEMORY, os.W_OK) else folder
    root.mkdir(exist_ok=True)
    try:
        world = World(root)
        world.now.mkdir()
        library = new_library(world.library.root)
        library.run("keys", "make", "--into", world.now / "pages", "--needed", 2, "--shares", 3)
        library.run("site", "add", "plain", f"disk:{world.sites[0]}", "--place", "Bamako")
        library.run("site", "add", "sealed", f"disk:{world.sites[1]}", "--place", "Timbuktu", "--sealed")
        yield world
    finally:
        shutil.rmtree(root)


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below *folder* with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
