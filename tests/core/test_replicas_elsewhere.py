"""An inventory under no name of its own tells all the same what an object must hold."""

from __future__ import annotations

import random
from hashlib import sha512

import pytest

from data.memory_store import MemoryStore
from data.replicated import put_object, some_object
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ocfl.listing import listing_name
from khizana.core.preservation.replicas.elsewhere import expected_elsewhere
from khizana.core.preservation.replicas.expected import Known, expected, small_file

ELSEWHERE = ["{}v1/inventory.json.old", "aside/2026/{}inventory.json", "{}v2/content/branches/5f/v1/inventory.json"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_inventory_that_was_renamed_set_aside_or_joined_tells_what_the_object_must_hold(name: str) -> None:
    lacking, other = MemoryStore(), MemoryStore()
    known = put_object(lacking, "one", [{"a.tif": b"a"}])
    wanted = expected(known, 1, [small_file(lacking, known.prefix)])
    inventory = lacking.files.pop(f"{known.prefix}v1/inventory.json")
    del lacking.files[f"{known.prefix}inventory.json"]
    assert expected_elsewhere(known, 1, [lacking, other]) is None
    other.files[name.format(known.prefix)] = inventory
    assert expected(known, 1, [small_file(each, known.prefix) for each in (lacking, other)]) is None
    assert expected_elsewhere(known, 1, [lacking, other]) == wanted


def test_no_other_bytes_and_no_other_object_tell_anything() -> None:
    store, other = MemoryStore(), MemoryStore()
    known = some_object(store, "one", random.Random(1))
    some_object(other, "two", random.Random(2))
    head = f"v{known.head}/inventory.json"
    inventory = store.files.pop(f"{known.prefix}inventory.json")
    store.files[known.prefix + head] = inventory + b" "
    other.files[f"{Known(ObjectId('urn:khizana:test:two:images'), known.versions).prefix}{head}.old"] = inventory
    assert expected_elsewhere(known, known.head, [store, other]) is None


def test_the_list_of_an_adopted_object_is_found_under_another_name() -> None:
    files = {"0=ocfl_object_1.0": b"ocfl_object_1.0\n", "inventory.json": b"{}", "v1/content/a": b"a"}
    listing = "".join(f"{sha512(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())).encode()
    digest = Digest(sha512(listing).hexdigest())
    known = Known(ObjectId("urn:other:one"), {1: digest})
    store = MemoryStore({known.prefix + listing_name(digest): listing})
    wanted = expected(known, 1, [small_file(store, known.prefix)])
    assert wanted is not None
    store.files[f"{known.prefix}logs/list.old"] = store.files.pop(known.prefix + listing_name(digest))
    assert expected_elsewhere(known, 1, [store]) == wanted
