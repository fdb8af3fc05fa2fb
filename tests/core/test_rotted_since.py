"""What rots between two looks: a copying loses no bytes by it."""

from __future__ import annotations

from data.memory_store import MemoryStore
from data.replicated import put_object
from khizana.core.preservation.replicas.copy import ASIDE, copy_object
from khizana.core.preservation.replicas.expected import Expected, Known, expected, small_file


def two_versions() -> tuple[MemoryStore, Known, Expected, MemoryStore]:
    """Return a library with two versions of an object, and a site with the first."""
    here, site = MemoryStore(), MemoryStore()
    known = put_object(here, "one", [{"a": b"first"}, {"a": b"second"}])
    first = expected(known, 1, [small_file(here, known.prefix)])
    assert first is not None
    copy_object(here, site, first, stamp="1")
    newest = expected(known, 2, [small_file(here, known.prefix)])
    assert newest is not None
    return here, known, newest, site


def test_the_last_good_copy_of_an_inventory_is_kept_when_the_root_inventory_gives_way() -> None:
    here, known, newest, site = two_versions()
    first = site.files[f"{known.prefix}inventory.json"]
    site.files[f"{known.prefix}v1/inventory.json"] = b"rotted"
    copy_object(here, site, newest, verified_head=1, stamp="2")
    kept = [content for name, content in site.files.items() if name.startswith(f"{ASIDE}/2/{known.prefix}inventory")]
    assert kept == [first]


def test_nothing_is_kept_where_the_version_has_its_inventory() -> None:
    here, _, newest, site = two_versions()
    assert not copy_object(here, site, newest, verified_head=1, stamp="2").set_aside
    assert not [name for name in site.files if name.startswith(ASIDE)]
