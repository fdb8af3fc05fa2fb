"""Which image files go into an offline edition, under which names, and in which pack."""

from __future__ import annotations

from pathlib import Path

import pytest

import data.unnamed  # noqa: F401 - sets Django up
from khizana.core.identifiers import Digest, ManuscriptId, image_id
from khizana.core.manuscript import Master, Page
from khizana.core.policy import Allow, Decision, Degrade, Refuse
from khizana.web.offline.files import allotted, file_name, page_files


def page(width: int, height: int) -> Page:
    master = Master(1, "masters/0001.jpg", Digest("0"), 1, "image/jpeg", width, height, "x.jpg")
    return Page(image_id(ManuscriptId("tb-1"), 1), "1r", "1r", master)


def copies(folder: Path, *widths: int) -> Path:
    for width in widths:
        (folder / f"{width}.avif").write_bytes(b"x" * width)
    return folder


@pytest.mark.parametrize(
    ("size", "there", "decision", "widths"),
    [
        ((3000, 4000), (480, 800, 1200, 2000), Allow(), (800, 2000)),
        ((3000, 4000), (480, 800), Allow(), (800, None)),
        ((3000, 4000), (480,), Allow(), (480, None)),
        ((1500, 2000), (480, 800, 1200), Allow(), (800, 1200)),
        ((300, 400), (480,), Allow(), (300, None)),
        ((3000, 4000), (480, 800, 1200, 2000), Degrade(800), (480, None)),
        ((4000, 2000), (480, 800, 1200, 2000), Degrade(800), (800, None)),
        ((1000, 4000), (480, 800), Degrade(800), (None, None)),
        ((3000, 4000), (480, 800), Refuse("READERS_ONLY", conceal=False), (None, None)),
        ((3000, 4000), (), Allow(), (None, None)),
    ],
)
def test_a_page_goes_in_as_it_may_be_seen(
    tmp_path: Path,
    size: tuple[int, int],
    there: tuple[int, ...],
    decision: Decision,
    widths: tuple[int | None, int | None],
) -> None:
    found = page_files(page(*size), "i/tb-1/0001", copies(tmp_path, *there), decision, with_full=True)
    if widths == (None, None):
        assert found is None
        return
    assert found
    assert (found.light.width, found.full.width if found.full else None) == widths
    if isinstance(decision, Degrade):
        assert max(found.light.width, found.light.height) <= decision.longest_side
    without = page_files(page(*size), "i/tb-1/0001", tmp_path, decision, with_full=False)
    assert without
    assert [each.path for each in without] == [found.light.path]


def test_sizes_that_the_library_has_yet_to_make_are_known(tmp_path: Path) -> None:
    for there, with_full, final in (((480,), False, False), ((480, 800), False, True), ((480, 800), True, False)):
        folder = tmp_path / f"{there}{with_full}"
        folder.mkdir()
        found = page_files(page(3000, 4000), "x", copies(folder, *there), Allow(), with_full=with_full)
        assert found
        assert found.is_final is final


def test_every_name_is_one_on_every_disk() -> None:
    plain = [ManuscriptId(name) for name in ("tb-42", "a", "khz-001")]
    assert [file_name(each) for each in plain] == plain
    odd = ("تب-٦", "con", "com1", "nul", "-x", "x-", "a" * 41, "é", "a.b", "tb_1")
    made = {file_name(ManuscriptId(name)) for name in odd}
    assert len(made) == len(odd)
    assert all(name.isascii() and name.islower() and len(name) <= 40 for name in made)
    assert not made & set(odd)


def test_packs_are_filled_in_order_and_what_is_larger_has_its_own() -> None:
    assert allotted([3, 3, 3, 3], 6) == [1, 1, 2, 2]
    assert allotted([10, 1, 1], 6) == [1, 2, 2]
    assert allotted([0, 0, 0], 6) == [1, 1, 1]
    assert allotted([6, 6], 6) == [1, 2]
