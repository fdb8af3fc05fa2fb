"""A site interrupted: a small copying to a folder, and a repair there, which go on where an earlier run stopped."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from data.memory_store import MemoryStore
from data.replicated import some_object
from khizana.adapters.disk import DiskStore
from khizana.core.preservation.replicas.around import prepare
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.copy import ASIDE, copy_object
from khizana.core.preservation.replicas.expected import Expected, expected, small_file
from khizana.core.preservation.replicas.mend import NotMended, mend
from khizana.core.preservation.replicas.outcome import Intact
from khizana.core.preservation.replicas.reading import Reader

SEED = 5  # of an object of three versions


def source() -> tuple[MemoryStore, list[Expected]]:
    """Return a store with one object, and what the object must hold at each of its versions."""
    store = MemoryStore()
    known = some_object(store, "one", random.Random(SEED))
    wanted = [expected(known, head, [small_file(store, known.prefix)]) for head in sorted(known.versions)]
    assert len(wanted) == 3
    return store, [each for each in wanted if each is not None]


def copied(place: Path, told: Callable[[str], None] = lambda _: None) -> None:
    """Make a site in *place* hold the first version, then the newest, as two runs of a command do.

    *told* hears what is promised: that a version has been copied.
    """
    here, wanted = source()
    site = DiskStore(place)
    with site.held():
        prepare(site, settings=b'secret = "x"\n', sites=b"", stamp="copy")
        later = any(site.names(f"{wanted[0].known.prefix}v2/"))
        for number in (len(wanted),) if later else (1, len(wanted)):
            copy_object(here, site, wanted[number - 1], stamp="copy")
            told(f"copied {number}")


def files(place: Path) -> dict[str, bytes]:
    """Return every file below *place* with its bytes."""
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def damaged(place: Path) -> None:
    """Make a site in *place* and damage a master, remove an inventory, and add a stray file."""
    copied(place)
    prefix = place / source()[1][-1].known.prefix
    min(prefix.rglob("masters/*")).write_bytes(b"damaged")
    (prefix / "inventory.json").write_bytes(b"{}")
    (prefix / "v1" / "inventory.json").unlink()
    (prefix / "v1" / "stray").write_bytes(b"stray")


def repaired(place: Path, stamp: str) -> None:
    """Repair the site in *place*; what is damaged goes into the folder of *stamp*."""
    here, wanted = source()
    site = DiskStore(place)
    with site.held():
        wrong = [each for each in check(site, Reader(site), wanted[-1]) if not isinstance(each, Intact)]
        for each in mend(site, wanted[-1], wrong, [here], stamp=stamp):
            if isinstance(each, NotMended):
                raise each.problem


def kept_aside(place: Path) -> set[bytes]:
    """Return the contents of the files that were set aside."""
    return {content for name, content in files(place).items() if name.startswith(ASIDE)}
