"""Copying to a site, and repair there, killed or failed by the disk at every call that changes it."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from data.interrupted import CALLS, calls_of, failing, going_wrong, killed_at
from data.interrupted_site import copied, damaged, files, kept_aside, repaired
from khizana.core.errors import KhizanaError, NoSpace
from khizana.core.preservation.replicas.copy import ASIDE

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
STRIDE = 1 if LONG else 5


def site_in(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def test_a_copying_killed_at_any_call_completes_when_it_is_run_again(memory_folder: Path) -> None:
    total = calls_of(lambda: copied(site_in(memory_folder, "counted")))
    good = files(memory_folder / "counted")
    assert total > 150
    for number in range(1, total + 1, STRIDE):
        place = site_in(memory_folder, str(number))
        assert killed_at(number, lambda place=place: copied(place))
        for name, content in files(place).items():
            # Whatever has its name is whole; what has not lies in the folder of what arrives.
            assert name.startswith("arriving/") or name.endswith(("inventory.json", ".sha512")) or content == good[name]
        copied(place)
        assert files(place) == good, number
        shutil.rmtree(place)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_a_copying_that_the_disk_fails_at_any_call_is_told_and_completes(memory_folder: Path, error: int) -> None:
    total = calls_of(lambda: copied(site_in(memory_folder, "counted")))
    good = files(memory_folder / "counted")
    told = 0
    for number in range(1, total + 1, STRIDE):
        place = site_in(memory_folder, str(number))
        try:
            with going_wrong(CALLS, failing(number, error)):
                copied(place)
        except KhizanaError as failure:
            told += isinstance(failure, NoSpace) == (error == errno.ENOSPC) and str(place) in failure.sentence()
        copied(place)
        assert files(place) == good, number
        shutil.rmtree(place)
    assert told > total // STRIDE // 2


def test_a_repair_killed_at_any_call_completes_and_throws_nothing_away(memory_folder: Path) -> None:
    whole = site_in(memory_folder, "whole")
    copied(whole)
    good = files(whole)
    counted = site_in(memory_folder, "counted")
    damaged(counted)
    total = calls_of(lambda: repaired(counted, "first"))
    assert kept_aside(counted) == {b"damaged", b"{}", b"stray"}
    for number in range(1, total + 1, 1 if LONG else 3):
        place = site_in(memory_folder, str(number))
        damaged(place)
        assert killed_at(number, lambda place=place: repaired(place, "first"))
        repaired(place, "second")
        assert {name: content for name, content in files(place).items() if not name.startswith(ASIDE)} == good, number
        assert kept_aside(place) >= {b"damaged", b"{}", b"stray"}, number
        shutil.rmtree(place)


def test_a_repair_that_the_disk_fails_at_any_call_completes_and_throws_nothing_away(memory_folder: Path) -> None:
    whole = site_in(memory_folder, "whole")
    copied(whole)
    good = files(whole)
    counted = site_in(memory_folder, "counted")
    damaged(counted)
    total = calls_of(lambda: repaired(counted, "first"))
    for number in range(1, total + 1, 1 if LONG else 3):
        place = site_in(memory_folder, str(number))
        damaged(place)
        try:
            with going_wrong(CALLS, failing(number, errno.EIO)):
                repaired(place, "first")
        except KhizanaError as failure:
            assert str(place) in failure.sentence()  # noqa: PT017 - a call that may fail is right too
        repaired(place, "second")
        assert {name: content for name, content in files(place).items() if not name.startswith(ASIDE)} == good, number
        assert kept_aside(place) >= {b"damaged", b"{}", b"stray"}, number
        shutil.rmtree(place)
