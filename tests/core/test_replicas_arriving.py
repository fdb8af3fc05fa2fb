"""What a copying leaves at a site when it stops: right files of a version to come stay there, wrong ones do not."""

from __future__ import annotations

from data.memory_store import MemoryStore
from data.replicated import put_object
from khizana.core.errors import KhizanaError
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Known, expected, small_file
from khizana.core.preservation.replicas.outcome import Intact, Unexpected
from khizana.core.preservation.replicas.reading import Reader


def test_files_of_a_known_version_to_come_are_not_unexpected() -> None:
    here, site = MemoryStore(), MemoryStore()
    known = put_object(here, "ms", [{"a": b"1"}, {"a": b"2"}])
    first = expected(known, 1, [small_file(here, known.prefix)])
    assert first is not None
    copy_object(here, site, first, stamp="1")
    arrived = f"{known.prefix}v2/content/a"
    site.files[arrived] = b"2"
    assert all(isinstance(each, Intact) for each in check(site, Reader(site), first))

    site.files[f"{known.prefix}v3/content/a"] = b"3"
    alone = expected(Known(known.object_id, {1: known.versions[1]}), 1, [small_file(here, known.prefix)])
    assert alone is not None
    wrong = [each for each in check(site, Reader(site), first) if not isinstance(each, Intact)]
    assert wrong == [Unexpected(f"{known.prefix}v3/content/a", 1)], "no such version is known"
    unknown = [each.name for each in check(site, Reader(site), alone) if not isinstance(each, Intact)]
    assert unknown == [arrived, f"{known.prefix}v3/content/a"]


def test_a_file_that_is_wrong_at_both_ends_is_told_and_both_are_set_aside() -> None:
    here, site = MemoryStore(), MemoryStore()
    known = put_object(here, "ms", [{"a": b"right", "b": b"also"}])
    wanted = expected(known, 1, [small_file(here, known.prefix)])
    assert wanted is not None
    name = f"{known.prefix}v1/content/a"
    here.files[name], site.files[name] = b"wrong", b"other"
    problems: list[KhizanaError] = []
    copy_object(here, site, wanted, stamp="1", problems=problems)
    assert [each.code for each in problems] == ["ORIGIN_ALTERED"]
    assert name not in site.files
    assert sorted(site.files[each] for each in site.files if each.startswith("aside/")) == [b"other", b"wrong"]
    assert site.files[f"{known.prefix}v1/content/b"] == b"also"
