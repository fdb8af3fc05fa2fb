"""A sealed site is read by whoever has the key as if it were plain: same names, same bytes, nothing on a disk."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from data.memory_store import MemoryStore
from data.replicated import put_object
from data.sealing import BLINDING, Site, tree
from khizana.core.errors import Damaged, NotFound
from khizana.core.preservation.replicas.check import check
from khizana.core.preservation.replicas.copy import copy_object
from khizana.core.preservation.replicas.expected import Known, expected, small_file
from khizana.core.preservation.replicas.outcome import Intact
from khizana.core.preservation.replicas.reading import Reader
from khizana.core.preservation.sealed.view import SealedView

LARGE = bytes(range(256)) * (5 << 12)  # 5 MiB


def sealed(place: Path) -> tuple[Site, Known, dict[str, bytes]]:
    """An object of two versions at a sealed site, and its files as a plain site has them."""
    plain = MemoryStore()
    known = put_object(plain, "one", [{"masters/1.tif": LARGE, "empty": b""}, {"masters/2.tif": b"two"}])
    for name, content in plain.files.items():
        path = place / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    site = Site.made(place)
    site.seal(place / "library" / known.prefix)
    return site, known, plain.files


def view(site: Site, *known: Known) -> SealedView:
    return SealedView(site.store, site.opener, BLINDING, known)


def test_a_sealed_site_has_the_names_and_bytes_of_a_plain_one(tmp_path: Path) -> None:
    site, known, plain = sealed(tmp_path)
    seen = view(site, known)
    assert {each.name: each.size for each in seen.names()} == {name: len(content) for name, content in plain.items()}
    below = f"{known.prefix}v2/"
    assert [each.name for each in seen.names(below)] == sorted(name for name in plain if name.startswith(below))
    before = tree(tmp_path)
    for name, content in plain.items():
        runs = list(seen.read(name))
        assert b"".join(runs) == content
        assert all(len(run) <= 1 << 20 for run in runs)
    assert tree(tmp_path) == before, "nothing that was opened is left anywhere"
    with pytest.raises(NotFound):
        list(seen.read(f"{known.prefix}v3/content/x"))
    with pytest.raises(NotFound):
        list(seen.read("khizana-site.json"))
    assert not list(view(site).names())


def test_an_object_is_copied_from_a_sealed_site_like_from_any_other(tmp_path: Path) -> None:
    site, known, plain = sealed(tmp_path)
    seen, goal = view(site, known), MemoryStore()
    wanted = expected(known, known.head, [small_file(seen, known.prefix)])
    assert wanted is not None
    copy_object(seen, goal, wanted, stamp="x")
    assert goal.files == plain
    assert all(isinstance(each, Intact) for each in check(goal, Reader(goal), wanted))


def test_a_reader_that_stops_early_leaves_no_thread(tmp_path: Path) -> None:
    site, known, _ = sealed(tmp_path)
    before = threading.active_count()
    runs = view(site, known).read(f"{known.prefix}v1/content/masters/1.tif")
    assert next(runs) == LARGE[: 1 << 20]
    assert threading.active_count() == before + 1
    runs.close()  # type: ignore[attr-defined]  # a generator
    assert threading.active_count() == before


def test_what_is_cut_short_or_altered_is_never_taken_for_whole(tmp_path: Path) -> None:
    site, known, _ = sealed(tmp_path)
    largest = max(site.files(), key=lambda path: path.stat().st_size)
    content = largest.read_bytes()
    for damaged in (content[:-70_000], content[:-1], content[:-1] + b"\0", content[: len(content) // 2] + b"\0"):
        largest.write_bytes(damaged)
        with pytest.raises(Damaged):
            list(view(site, known).read(f"{known.prefix}v1/content/masters/1.tif"))
