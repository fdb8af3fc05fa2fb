"""A full disk met by every verb that writes: one sentence, the right status, nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.cards import card
from data.commands import KHIZANA, Library, command_environment, khizana, new_library
from data.deleting import consented, name_guardians, objects
from data.sealing import joined_key
from data.tight import tight_file_system

pytestmark = pytest.mark.damage
FULL = 6
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
LITTLE = (0, 4, 16, 64, 200, 500) if LONG else (0, 64, 500)
"""Kilobytes left, at each of which a verb is tried: some stop before they begin, some in the middle."""


class Disk:
    """A small file system that is filled up to some kilobytes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._ballast = root / "ballast"

    def leave(self, kilobytes: int) -> None:
        """Fill the disk up to so much."""
        self._ballast.unlink(missing_ok=True)
        facts = os.statvfs(self.root)
        room = facts.f_bavail * facts.f_frsize - kilobytes * 1024
        with self._ballast.open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, max(1, room))

    def free(self) -> None:
        """Make room."""
        self._ballast.unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with tight_file_system(tmp_path / "disk", megabytes=40) as root:
        yield Disk(root)


def try_at_each(
    disk: Disk,
    run: Callable[[], subprocess.CompletedProcess[str]],
    *,
    done: int = 0,
    before: Callable[[], object] = lambda: None,
) -> int:
    """Run a verb with ever more room; return how often it stopped for want of room, always with one sentence.

    Each time *before* is run with room enough.
    """
    stopped = 0
    for kilobytes in LITTLE:
        disk.free()
        before()
        disk.leave(kilobytes)
        ended = run()
        said = [line for line in ended.stderr.splitlines() if line.strip()]
        assert ended.returncode in (done, FULL), (kilobytes, ended)
        if ended.returncode == FULL:
            assert len(said) == 1, said
            stopped += 1
    disk.free()
    return stopped


def whole(library: Library) -> dict[str, object]:
    assert library.run("verify").returncode == 0
    status = library.json("status")
    assert (status["unfinished"], status["jobs"]["failed"]) == (0, 0)
    return {name: status[name] for name in ("manuscripts", "pages", "staged", "published")}


def test_init_on_a_full_disk_says_so_and_the_same_command_makes_the_library(disk: Disk) -> None:
    root = disk.root / "library"
    stopped = 0
    for kilobytes in LITTLE:
        disk.leave(kilobytes)
        ended = khizana("init", root, "--name", "test")
        assert ended.returncode in (0, FULL), ended
        if ended.returncode == FULL:
            assert len(ended.stderr.splitlines()) == 1, ended.stderr
            stopped += 1
            continue
        break
    disk.free()
    if stopped == len(LITTLE):
        assert khizana("init", root, "--name", "test").returncode == 0
    assert stopped
    assert Library(root).json("status")["manuscripts"] == 0


def test_receive_and_accession_on_a_full_disk_lose_nothing(disk: Disk, tmp_path: Path) -> None:
    library = new_library(disk.root / "library")
    photographs = card(tmp_path / "card")
    assert try_at_each(disk, lambda: library.run("receive", photographs, "--shelfmark", "TB 1", status=None))
    library.run("receive", photographs, "--shelfmark", "TB 1")
    stopped = 0
    for kilobytes in LITTLE:
        disk.leave(kilobytes)
        ended = library.run("accession", "--shelfmark", "TB 1", status=None)
        assert ended.returncode in (0, FULL), ended
        if ended.returncode == 0:
            break
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
        stopped += 1
    else:
        disk.free()
        library.run("accession", "--shelfmark", "TB 1")
    disk.free()
    assert stopped
    state = whole(library)
    assert (state["pages"], state["staged"]) == (3, 0)


@pytest.fixture
def filled(disk: Disk, tmp_path: Path) -> Library:
    library = new_library(disk.root / "library")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "TB 1")
    return library


def test_publish_on_a_full_disk_is_done_or_said(disk: Disk, filled: Library) -> None:
    levels = iter(["smaller", "staff", "open", "smaller", "staff", "open"])
    assert try_at_each(disk, lambda: filled.run("publish", "TB 1", "--level", next(levels), status=None))
    filled.run("publish", "TB 1", "--level", "staff")
    assert whole(filled)["published"] == {"open": 0, "terms": 0, "smaller": 0, "readers": 0, "staff": 1}


def test_order_on_a_full_disk_is_done_or_said(disk: Disk, filled: Library, tmp_path: Path) -> None:
    directions = iter(["ltr", "rtl"] * len(LITTLE))
    assert try_at_each(disk, lambda: filled.run("order", "TB 1", "--direction", next(directions), status=None))
    rows = filled.run("order", "TB 1").stdout.splitlines()
    new = tmp_path / "pages.csv"
    new.write_text("\n".join([rows[0], rows[3], rows[2], rows[1]]))
    filled.run("order", "TB 1", new)
    assert filled.run("order", "TB 1").stdout.splitlines()[1] == rows[3]
    whole(filled)


def test_rebuild_on_a_full_disk_is_done_or_said(disk: Disk, filled: Library) -> None:
    def run() -> subprocess.CompletedProcess[str]:
        for path in filled.root.glob("khizana.sqlite3*"):
            path.unlink()
        disk.leave(LITTLE[len(tried)])
        tried.append(1)
        return filled.run("rebuild", status=None)

    tried: list[int] = []
    before = whole(filled)
    assert try_at_each(disk, run)
    filled.run("rebuild")
    assert whole(filled) == before


def test_an_account_on_a_full_disk_is_made_or_said(disk: Disk, filled: Library) -> None:
    names = iter(f"reader{number}" for number in range(len(LITTLE)))

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*KHIZANA, "account", next(names)],
            env=command_environment(KHIZANA_LIBRARY=str(filled.root)),
            input="a long enough password\n",
            capture_output=True,
            text=True,
            check=False,
        )

    assert try_at_each(disk, run)
    names = iter(["aicha"])
    assert run().returncode == 0
    whole(filled)


def with_sites(library: Library, disk: Disk) -> tuple[Path, Path]:
    """Give *library* a plain and a sealed site on *disk*."""
    library.run("keys", "make", "--into", library.root.parent / "pages", "--needed", 2, "--shares", 3)
    for name, more in (("plain", ()), ("sealed", ("--sealed",))):
        library.run("site", "add", name, f"disk:{disk.root / name}", *more)
    return disk.root / "plain", disk.root / "sealed"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Library:
    """A library on another disk than the one that is filled."""
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "card"), "--shelfmark", "TB 1")
    return library


@pytest.mark.parametrize("site", ["plain", "sealed"])
def test_replicate_to_a_full_site_is_done_or_said(disk: Disk, elsewhere: Library, site: str) -> None:
    sites = with_sites(elsewhere, disk)
    assert try_at_each(disk, lambda: elsewhere.run("replicate", "--site", site, status=None))
    elsewhere.run("replicate", "--site", site)
    elsewhere.run("verify", "--site", site)
    assert not any((place / "arriving").exists() for place in sites)


@pytest.mark.parametrize("site", ["plain", "sealed"])
def test_repair_at_a_full_site_is_done_or_said(disk: Disk, elsewhere: Library, site: str) -> None:
    place = dict(zip(("plain", "sealed"), with_sites(elsewhere, disk), strict=True))[site]
    elsewhere.run("replicate")
    largest = max((path for path in place.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    good = largest.read_bytes()

    def damage() -> None:
        largest.write_bytes(b"damaged")
        elsewhere.run("verify", "--site", site, status=8)

    assert try_at_each(disk, lambda: elsewhere.run("repair", "--site", site, status=None), before=damage)
    elsewhere.run("repair", "--site", site)
    elsewhere.run("verify", "--site", site)
    assert site == "sealed" or largest.read_bytes() == good
    assert not (place / "arriving").exists()


def test_repair_of_a_library_on_a_full_disk_is_done_or_said(disk: Disk, filled: Library, tmp_path: Path) -> None:
    filled.run("site", "add", "plain", f"disk:{tmp_path / 'plain'}")
    filled.run("replicate")
    master = max(filled.root.rglob("masters/*"))
    good = master.read_bytes()

    def damage() -> None:
        master.write_bytes(b"damaged")
        filled.run("verify", "--site", "here", status=8)

    assert try_at_each(disk, lambda: filled.run("repair", status=None), before=damage)
    filled.run("repair")
    assert master.read_bytes() == good
    filled.run("verify", "--site", "all")
    whole(filled)


@pytest.mark.parametrize("site", ["plain", "sealed"])
def test_restore_to_a_full_disk_is_done_or_said(disk: Disk, filled: Library, tmp_path: Path, site: str) -> None:
    before = whole(filled)
    more = ("--sealed",) if site == "sealed" else ()
    filled.run("keys", "make", "--into", tmp_path / "pages", "--needed", 2, "--shares", 3)
    filled.run("site", "add", site, f"disk:{tmp_path / site}", *more)
    filled.run("replicate")
    key = ("--key", joined_key(tmp_path / "pages", tmp_path / "key")) if site == "sealed" else ()
    again = disk.root / "again"
    arguments = ("restore", f"disk:{tmp_path / site}", "--into", again, *key)
    assert try_at_each(disk, lambda: khizana(*arguments), before=lambda: shutil.rmtree(again, ignore_errors=True))
    disk.leave(LITTLE[-1])
    stopped = khizana(*arguments)
    disk.free()
    assert stopped.returncode == 0 or khizana(*arguments).returncode == 0, "the same command goes on"
    assert whole(Library(again)) | {"pages": before["pages"]} == before


def test_a_deletion_on_a_full_disk_says_so_takes_all_or_nothing_and_the_same_command_completes(
    disk: Disk, tmp_path: Path
) -> None:
    library = new_library(disk.root / "library")
    for number in (1, 2):
        library.run("add", card(tmp_path / f"card{number}", ["1r.jpg"], seed=number), "--shelfmark", f"TB {number}")
    name_guardians(library, tmp_path)
    request = library.json("delete", "ask", "TB 1", "--reason", "taken twice")["request"]
    consented(library, tmp_path, request)
    shutil.copytree(library.root, tmp_path / "kept")

    def as_before() -> None:
        shutil.rmtree(library.root)
        shutil.copytree(tmp_path / "kept", library.root)

    def carried_out() -> subprocess.CompletedProcess[str]:
        ended = library.run("delete", "carry-out", request, status=None)
        assert objects(library.root / "storage") in {2, 4}
        return ended

    assert try_at_each(disk, carried_out, before=as_before)
    library.run("delete", "carry-out", request)
    assert objects(library.root / "storage") == 2
    assert whole(library)["manuscripts"] == 1
