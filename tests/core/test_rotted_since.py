"""What rots between two looks: a copying loses no bytes by it."""

from __future__ import annotations

from data.memory_store import MemoryStore
from data.replicated import put_object
from khizana.core.errors import KhizanaError
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.replicas.copy import ASIDE, copy_object
from khizana.core.preservation.replicas.expected import Expected, Known, expected, small_file
from khizana.core.preservation.replicas.mend import Mended, NotMended, mend
from khizana.core.preservation.replicas.outcome import Altered, Missing


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


def joined_since() -> tuple[MemoryStore, Known, Expected, MemoryStore, bytes]:
    """Return a library whose object gave its first version to another branch, and a site with it as it was before.

    What the first version was is kept in the second, under another name.
    """
    here, before = MemoryStore(), MemoryStore()
    was = put_object(before, "one", [{"a": b"ours"}])
    first = expected(was, 1, [small_file(before, was.prefix)])
    assert first is not None
    site = MemoryStore()
    copy_object(before, site, first, stamp="1")
    known = put_object(here, "one", [{"a": b"theirs"}, {"branches/a": b"ours"}])
    newest = expected(known, 2, [small_file(here, known.prefix)])
    assert newest is not None
    return here, known, newest, site, site.files[f"{known.prefix}inventory.json"]


def test_what_is_in_the_way_stays_until_all_else_is_copied() -> None:
    here, known, newest, site, root = joined_since()
    del here.files[f"{known.prefix}v2/content/branches/a"]
    problems: list[KhizanaError] = []
    copy_object(here, site, newest, stamp="2", problems=problems)
    assert [error.code for error in problems] == ["ORIGIN_MISSING"]
    assert site.files[f"{known.prefix}v1/content/a"] == b"ours", "it is the last copy of what is lacking"
    assert site.files[f"{known.prefix}inventory.json"] == root


def test_what_is_in_the_way_gives_way_where_all_else_is_copied() -> None:
    here, known, newest, site, _ = joined_since()
    problems: list[KhizanaError] = []
    copy_object(here, site, newest, stamp="2", problems=problems)
    assert not problems
    assert site.files[f"{known.prefix}v1/content/a"] == b"theirs"
    assert {name: each for name, each in site.files.items() if name.startswith(known.prefix)} == here.files


def test_a_file_is_mended_from_another_name_that_an_older_copy_has_it_under() -> None:
    here, known, newest, site, _ = joined_since()
    name = f"{known.prefix}v2/content/branches/a"
    here.files[name] = b"rotted"
    (done,) = mend(here, newest, [Altered(name, digest_of(b"rotted"))], [site], stamp="3")
    assert isinstance(done, Mended)
    assert here.files[name] == b"ours"


def test_a_file_is_mended_from_what_was_set_aside() -> None:
    here, known, newest, site, _ = joined_since()
    copy_object(here, site, newest, stamp="2")
    for place in (here, site):
        del place.files[f"{known.prefix}v2/content/branches/a"]
    name = f"{known.prefix}v2/content/branches/a"
    (done,) = mend(site, newest, [Missing(name)], [here], stamp="3")
    assert isinstance(done, Mended)
    assert site.files[name] == b"ours"


def test_bytes_of_another_file_are_not_taken() -> None:
    here, known, newest, site, _ = joined_since()
    name = f"{known.prefix}v2/content/branches/a"
    site.files[f"{known.prefix}v1/content/a"] = b"rotted"
    del here.files[name]
    (done,) = mend(here, newest, [Missing(name)], [site], stamp="3")
    assert isinstance(done, NotMended)
    assert name not in here.files
