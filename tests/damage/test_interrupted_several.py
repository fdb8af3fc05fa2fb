"""Many new objects written together, interrupted: each is whole or not there, and the same run completes."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from data.interrupted import CALLS, ROOM, calls_of, failing, full, going_wrong, killed_at
from data.keeping import WHEN, WHO, Place, validated
from data.readers import faults
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object

pytestmark = pytest.mark.damage
LONG = os.environ.get("KHIZANA_DAMAGE") == "long"
STRIDE = 1 if LONG else 3
CONTENTS = {
    ObjectId(f"urn:khizana:demo:ms-{number}:description"): {
        "description.xml": f"<TEI>{number}</TEI>".encode(),
        "imported.xml": f"<TEI>{number}</TEI>".encode(),
        "events/0001.xml": b"<e/>",
    }
    for number in range(1, 5)
}


def _write(place: Place) -> None:
    place.writer.recover()
    there = {each for each in CONTENTS if (place.storage / object_path(each)).is_dir()}
    lacking = {each: put for each, put in CONTENTS.items() if each not in there}
    if lacking:
        place.writer.write_objects(lacking, message="import", user=WHO, created=WHEN, validator=validated)


def _assert_each_whole_or_not_there(place: Place) -> None:
    place.writer.recover()
    assert place.files("work") == {}
    assert faults(place.storage) == []
    for each, put in CONTENTS.items():
        path = place.storage / object_path(each)
        if path.is_dir():
            stored = read_object(path)
            assert {logical: stored.read_bytes(logical) for logical in stored.state()} == put


def _assert_all(place: Place) -> None:
    _assert_each_whole_or_not_there(place)
    assert all((place.storage / object_path(each)).is_dir() for each in CONTENTS)


def _total(folder: Path) -> int:
    place = Place.made(folder / "counted")
    total = calls_of(lambda: _write(place))
    _assert_all(place)
    assert total > 60
    return total


def test_a_kill_at_any_call_leaves_each_object_whole_or_not_there_and_the_same_run_completes(
    memory_folder: Path,
) -> None:
    kept = set()
    for number in range(1, _total(memory_folder) + 1, STRIDE):
        place = Place.made(memory_folder / f"at-{number}")
        assert killed_at(number, lambda place=place: _write(place))
        for again in (3, 9):
            killed_at(again, lambda place=place: place.writer.recover() and None)
        _assert_each_whole_or_not_there(place)
        kept.add(sum((place.storage / object_path(each)).is_dir() for each in CONTENTS))
        _write(place)
        _assert_all(place)
        shutil.rmtree(place.root)
    assert kept == {0, len(CONTENTS)}  # once they are recorded, all of them are named


@pytest.mark.parametrize("once", [True, False])
def test_a_full_disk_at_any_call_loses_nothing_and_leaves_nothing(memory_folder: Path, *, once: bool) -> None:
    for number in range(1, _total(memory_folder) + 1, STRIDE):
        place = Place.made(memory_folder / f"full-{number}")
        with going_wrong(ROOM, full(number, once=once)):
            try:
                _write(place)
            except KhizanaError as error:
                assert error.code == "DISK_FULL"  # noqa: PT017 - some calls come after the last that needs room
        _assert_each_whole_or_not_there(place)
        _write(place)
        _assert_all(place)
        shutil.rmtree(place.root)


def test_a_call_that_fails_is_told_and_the_same_run_completes(memory_folder: Path) -> None:
    told = 0
    for number in range(1, _total(memory_folder) + 1, STRIDE):
        place = Place.made(memory_folder / f"failed-{number}")
        with going_wrong(CALLS, failing(number, errno.EIO)):
            try:
                _write(place)
            except KhizanaError as error:
                assert str(place.root) in str(error.facts["path"])  # noqa: PT017 - as above
                told += 1
        _assert_each_whole_or_not_there(place)
        _write(place)
        _assert_all(place)
        shutil.rmtree(place.root)
    assert told > 10


def test_an_object_that_is_there_already_is_not_touched(memory_folder: Path) -> None:
    place = Place.made(memory_folder / "place")
    _write(place)
    before = place.files("storage")
    with pytest.raises(KhizanaError) as refused:
        place.writer.write_objects(CONTENTS, message="again", user=WHO, created=WHEN, validator=validated)
    assert refused.value.code == "OBJECT_EXISTS"
    assert place.files("storage") == before
