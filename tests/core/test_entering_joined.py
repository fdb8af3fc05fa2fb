"""What may take the place of a version that was made by joining branches, and stands in the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.desks import Desk
from data.ledgers import when
from khizana.core.preservation.branches.entering import joining_facts, may_follow
from khizana.core.preservation.ledger.entry import Entry
from khizana.core.preservation.ledger.versions import version_entry
from khizana.core.preservation.ocfl.inventory import digest_of, sidecar
from khizana.core.preservation.ocfl.read import StoredObject, read_object

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def desks(tmp_path: Path) -> tuple[Desk, Desk, Desk]:
    """Three places that have the same first version; the first has joined what the second and itself wrote since."""
    places = [Desk.made(tmp_path / name) for name in ("one", "two", "three")]
    one, two, three = places
    one.write({"description.xml": b"first"})
    two.take(one.packed())
    three.take(one.packed())
    one.write({"masters/0001.jpg": b"one's"}, day=2)
    one.write({"masters/0002.jpg": b"one's"}, day=2)
    two.write({"notes/a": b"two's"}, day=3)
    one.take(two.packed())
    return one, two, three


def entered(stored: StoredObject, number: int) -> Entry:
    """Return what the ledger says of a version of *stored*."""
    return version_entry(
        object_id=stored.id,
        version=number,
        inventory=digest_of((stored.path / f"v{number}" / "inventory.json").read_bytes()),
        when=when(1),
        agent="khizana",
        facts=joining_facts(stored, number),
    )


def test_only_a_joining_version_is_told_as_one_with_the_branches_that_gave_way(desks: tuple[Desk, Desk, Desk]) -> None:
    one, two, _ = desks
    assert joining_facts(one.object, 3) == {}
    assert joining_facts(one.object, 4) == {"joined": two.object.inventory_digest}


def test_a_joining_that_is_made_anew_when_another_branch_comes_may_follow(desks: tuple[Desk, Desk, Desk]) -> None:
    one, _, three = desks
    before = entered(one.object, 4)
    three.write({"notes/b": b"three's"}, day=4)
    one.take(three.packed())
    assert one.object.head == 4
    assert entered(one.object, 4).facts["inventory"] != before.facts["inventory"]
    assert may_follow(one.object, before)


def test_a_branch_that_became_the_one_that_goes_on_may_follow(desks: tuple[Desk, Desk, Desk]) -> None:
    one, two, _ = desks
    before = entered(one.object, 4), entered(one.object, 2)
    for day in range(5, 8):
        two.write({"notes/c": b"%d" % day}, day=day)
    one.take(two.packed())
    assert one.object.head == 6
    assert all(may_follow(one.object, each) for each in before)


def _forget_branch(inventory: dict[str, Any]) -> None:
    state = inventory["versions"]["v4"]["state"]
    for digest, paths in list(state.items()):
        if any(path.startswith("branches/") for path in paths):
            del state[digest], inventory["manifest"][digest]


def _forget_content(inventory: dict[str, Any]) -> None:
    state = inventory["versions"]["v4"]["state"]
    (digest,) = (digest for digest, paths in state.items() if "notes/a" in paths)
    del state[digest], inventory["manifest"][digest]


def _say_otherwise(inventory: dict[str, Any]) -> None:
    inventory["versions"]["v4"]["user"]["name"] = "of whom nobody heard"


@pytest.mark.parametrize("edit", [_forget_branch, _forget_content, _say_otherwise])
def test_what_lost_a_branch_or_a_byte_of_one_or_joins_the_same_otherwise_may_not_follow(
    edit: Edit, desks: tuple[Desk, Desk, Desk]
) -> None:
    one, _, _ = desks
    before = entered(one.object, 4)
    inventory = json.loads((one.folder / "inventory.json").read_bytes())
    edit(inventory)
    content = json.dumps(inventory).encode()
    for folder in (one.folder, one.folder / "v4"):
        (folder / "inventory.json").write_bytes(content)
        (folder / "inventory.json.sha512").write_bytes(sidecar(content))
    assert not may_follow(read_object(one.folder), before)


def test_what_is_kept_as_a_branch_may_be_followed_and_what_is_not_may_not(desks: tuple[Desk, Desk, Desk]) -> None:
    one, two, three = desks
    three.write({"notes/b": b"three's"}, day=4)
    assert may_follow(one.object, entered(two.object, 2))
    assert not may_follow(one.object, entered(three.object, 2))
