"""Sealing and restoring from it, killed or failed by the disk at every call that changes one."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from data.interrupted import CALLS, calls_of, failing, going_wrong, killed_at
from data.ocfl_objects import make_object
from data.sealing import Site, tree
from khizana.core.errors import KhizanaError, NoSpace
from khizana.core.preservation.replicas.outcome import Intact
from khizana.core.preservation.sealed.check import check_sealed
from khizana.core.preservation.sealed.seal import seal_object
from khizana.core.preservation.sealed.unseal import Restored, unseal

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
STRIDE = 1 if LONG else 5


def sealed(site: Site, source: Path) -> None:
    with site.store.held():
        seal_object(source, store=site.store, sealing=replace(site.sealing, at_once=1), place="p")


def assert_whole(site: Site) -> None:
    found = [*check_sealed(site.store, opener=site.opener)]
    assert len(found) > 10
    assert all(isinstance(each, Intact) for each in found), found
    assert {path.name for path in site.root.iterdir()} <= {"sealed", "khizana-site.lock"}
    assert not site.scratch.exists() or not list(site.scratch.iterdir())


def test_a_sealing_killed_at_any_call_is_taken_up_and_leaves_no_litter(memory_folder: Path) -> None:
    source = make_object(memory_folder / "object")
    total = calls_of(lambda: sealed(Site.made(memory_folder / "counted"), source))
    assert total > 80
    for number in range(1, total + 1, STRIDE):
        site = Site.made(memory_folder / str(number))
        # The first run of a process may make a few calls more, so that the last numbers may not be reached.
        assert killed_at(number, lambda site=site: sealed(site, source)) or number > total - 10
        left = tree(site.root / "sealed") if (site.root / "sealed").exists() else {}
        sealed(site, source)
        after = tree(site.root / "sealed")
        assert {name: after.get(name) for name in left} == left, number
        assert_whole(site)
        shutil.rmtree(memory_folder / str(number))


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_a_sealing_that_the_disk_fails_at_any_call_is_told_and_taken_up(memory_folder: Path, error: int) -> None:
    source = make_object(memory_folder / "object")
    total = calls_of(lambda: sealed(Site.made(memory_folder / "counted"), source))
    told = 0
    for number in range(1, total + 1, STRIDE):
        site = Site.made(memory_folder / str(number))
        try:
            with going_wrong(CALLS, failing(number, error)):
                sealed(site, source)
        except KhizanaError as failure:
            told += isinstance(failure, NoSpace) == (error == errno.ENOSPC) and str(number) in failure.sentence()
        sealed(site, source)
        assert_whole(site)
        shutil.rmtree(memory_folder / str(number))
    assert told > total // STRIDE // 2


def restored(site: Site, into: Path) -> None:
    assert [type(each) for each in unseal(site.store, site.opener, into)] == [Restored]


def test_a_restore_killed_at_any_call_goes_on_and_never_names_what_is_half_there(memory_folder: Path) -> None:
    source, site = make_object(memory_folder / "object"), Site.made(memory_folder)
    sealed(site, source)
    good = tree(source)
    total = calls_of(lambda: restored(site, memory_folder / "counted"))
    assert total > 20
    for number in range(1, total + 1, STRIDE):
        into = memory_folder / str(number)
        assert killed_at(number, lambda into=into: restored(site, into)) or number > total - 10
        place = into / "storage" / "p"
        assert not place.exists() or tree(place) == good
        restored(site, into)
        assert tree(place) == good
        assert [each.name for each in into.iterdir()] == ["storage"]
        shutil.rmtree(into)
