"""A folder of a site that cannot be listed is told, and keeps nobody from the rest of the site."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path
from typing import Any

import pytest

from data.memory_store import MemoryStore
from data.replicated import some_object
from khizana.adapters.disk import DiskStore
from khizana.core.errors import Unreadable
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Expected, expected, small_file
from khizana.core.preservation.replicas.mend import Mended, NotMended, mend
from khizana.core.preservation.replicas.outcome import Intact
from khizana.core.preservation.replicas.outcome import Unreadable as NotReadable
from khizana.core.preservation.replicas.reading import Reader
from khizana.core.preservation.replicas.restore import restore


def two_objects(site: DiskStore) -> tuple[MemoryStore, list[Expected]]:
    """Copy two objects to *site*; return where they came from and what they hold."""
    source, every = MemoryStore(), []
    for name in ("one", "two"):
        known = some_object(source, name, random.Random(name))
        wanted = expected(known, known.head, [small_file(source, known.prefix)])
        assert wanted is not None
        copy_object(source, site, wanted, stamp="1")
        every.append(wanted)
    return source, every


def broken(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the disk fail whoever lists *folder*."""
    real = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) == folder:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)


def test_its_object_is_not_intact_its_files_are_checked_and_mended_and_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = DiskStore(tmp_path)
    source, (wanted, other) = two_objects(site)
    folder = f"{wanted.known.prefix}v1/"
    broken(monkeypatch, tmp_path / folder)
    (tmp_path / folder / "inventory.json").write_bytes(b"damaged")
    with Reader(site) as reader:
        wrong = [each for each in check(site, reader, wanted) if not isinstance(each, Intact)]
        assert all(isinstance(each, Intact) for each in check(site, reader, other))
    assert {each.name for each in wrong} == {folder, f"{folder}inventory.json"}
    done = {each.name: each for each in mend(site, wanted, wrong, [source], stamp="2")}
    assert isinstance(done[f"{folder}inventory.json"], Mended)
    told = done[folder]
    assert isinstance(told, NotMended)
    assert isinstance(told.was, NotReadable)
    assert folder in told.problem.sentence()
    assert str(tmp_path) in told.problem.sentence()


@pytest.mark.parametrize("version", ["", "v1"])
def test_nothing_is_copied_into_its_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    site = DiskStore(tmp_path)
    source, (wanted, _) = two_objects(site)
    broken(monkeypatch, tmp_path / f"{wanted.known.prefix}{version}")
    with pytest.raises(Unreadable) as told:
        copy_object(source, site, wanted, stamp="2")
    assert str(tmp_path) in told.value.sentence()


@pytest.mark.parametrize("depth", [1, 4, 5], ids=["of several objects", "of one object", "of one version"])
def test_the_other_objects_are_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "goal").mkdir()
    site, goal = DiskStore(tmp_path / "site"), DiskStore(tmp_path / "goal")
    _, (wanted, other) = two_objects(site)
    parts = f"{wanted.known.prefix}v1".split("/")
    broken(monkeypatch, tmp_path.joinpath("site", *parts[: depth + 1]))
    done = list(restore(site, goal, library="test", stamp="2"))
    assert [bool(each.findings) for each in done].count(True) == 1
    assert len(done) == 2
    with Reader(goal) as reader:
        assert all(isinstance(each, Intact) for each in check(goal, reader, other))
