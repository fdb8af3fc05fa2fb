"""Pyramids give whole JPEG tiles, and hostile files give one sentence."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import pyvips
import simplejpeg
from hypothesis import given, settings
from hypothesis import strategies as st

from data.iiif_images import page_pixels, write_pyramid
from khizana.core.errors import Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.imaging.pyramid import OpenPyramids, Pyramid


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pyramid") / "pyramid.tif"
    write_pyramid(path, page_pixels(1301, 1700))
    return path


def test_a_tile_is_a_whole_jpeg_with_the_pixels_that_lie_there(page: Path) -> None:
    pyramid = Pyramid(str(page))
    assert (pyramid.width, pyramid.height, pyramid.tile, pyramid.channels) == (1301, 1700, 512, 3)
    for index, level in enumerate(pyramid.levels):
        whole = pyvips.Image.tiffload(str(page), page=index).numpy()
        assert whole.shape[:2] == (level.height, level.width)
        for y in range(level.rows):
            for x in range(level.columns):
                tile = simplejpeg.decode_jpeg(pyramid.tile_jpeg(index, x, y))
                assert tile.shape == (512, 512, 3)
                there = whole[y * 512 : (y + 1) * 512, x * 512 : (x + 1) * 512]
                part = tile[: there.shape[0], : there.shape[1]]
                assert np.abs(part.astype(int) - there.astype(int)).max() <= 2


def test_a_tile_read_from_memory_is_the_same_tile(page: Path) -> None:
    pyramid = Pyramid(str(page))
    tile = pyramid.tile_jpeg(0, 1, 1)
    assert pyramid.tile_jpeg_now(0, 1, 1) in (tile, None)
    place = pyramid.tile_place_now(0, 1, 1)
    assert place is None or place.head + os.pread(place.descriptor, place.length, place.offset) == tile


@pytest.mark.parametrize(
    "options", [{"subifd": True}, {"bigtiff": True}, {"Q": 95}, {"tile_width": 256, "tile_height": 256}]
)
def test_pyramids_of_other_writers_are_read(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / "pyramid.tif"
    pixels = page_pixels(900, 700)
    write_pyramid(path, pixels, **options)
    pyramid = Pyramid(str(path))
    assert len(pyramid.levels) >= 2
    tile = simplejpeg.decode_jpeg(pyramid.tile_jpeg(0, 0, 0))
    part = pixels[: pyramid.tile, : pyramid.tile].astype(int)
    assert np.abs(tile.astype(int) - part).mean() < 12


def test_tiles_in_red_green_blue_say_so(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    write_pyramid(path, np.full((600, 600, 3), (200, 30, 60), np.uint8), Q=95)
    tile = simplejpeg.decode_jpeg(Pyramid(str(path)).tile_jpeg(0, 0, 0))
    assert np.abs(tile.astype(int) - (200, 30, 60)).max() < 8


def test_a_grey_pyramid_has_one_channel(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    write_pyramid(path, page_pixels(600, 600, channels=1))
    pyramid = Pyramid(str(path))
    assert pyramid.channels == 1
    assert simplejpeg.decode_jpeg_header(pyramid.tile_jpeg(0, 0, 0))[2] == "Gray"


def test_a_tile_that_is_not_there_is_an_index_error(page: Path) -> None:
    pyramid = Pyramid(str(page))
    for wrong in ((0, 3, 0), (0, -1, 0), (0, 0, 4), (9, 0, 0)):
        with pytest.raises(IndexError):
            pyramid.tile_jpeg(*wrong)


def test_a_missing_file_a_folder_and_a_pipe_are_told_apart_from_damage(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Pyramid(str(tmp_path / "absent.tif"))
    with pytest.raises(Unreadable):
        Pyramid(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Damaged):
        Pyramid(str(tmp_path / "pipe"))


def test_files_that_are_no_pyramids_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    image = pyvips.Image.new_from_array(page_pixels(700, 600)).copy(interpretation="srgb")
    for make in (
        lambda: path.write_bytes(b""),
        lambda: path.write_bytes(b"II*\x00"),
        lambda: path.write_bytes(b"\xff\xd8\xff\xe0" * 20),
        lambda: image.tiffsave(str(path)),
        lambda: image.tiffsave(str(path), tile=True, compression="deflate"),
    ):
        make()
        with pytest.raises(Damaged):
            Pyramid(str(path))


def test_a_truncated_pyramid_is_damaged_at_every_length(page: Path, tmp_path: Path) -> None:
    data = page.read_bytes()
    path = tmp_path / "cut.tif"
    for length in range(0, len(data), len(data) // 40):
        path.write_bytes(data[:length])
        with pytest.raises(Damaged):
            Pyramid(str(path))


def test_a_directory_that_points_at_itself_is_damaged(page: Path, tmp_path: Path) -> None:
    data = bytearray(page.read_bytes())
    at = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[at : at + 2], "little")
    data[at + 2 + entries * 12 : at + 6 + entries * 12] = at.to_bytes(4, "little")
    path = tmp_path / "loop.tif"
    path.write_bytes(data)
    with pytest.raises(Damaged):
        Pyramid(str(path))


@settings(max_examples=150, deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=8))
def test_altered_bytes_give_tiles_or_one_sentence(page: Path, flips: list[tuple[int, int]]) -> None:
    data = bytearray(page.read_bytes())
    start = int.from_bytes(data[4:8], "little")
    for at, value in flips:
        # The directories are where a count can lie; the header is the first eight bytes.
        data[at if at < 8 else min(start + at - 8, len(data) - 1)] = value
    path = page.with_name("altered.tif")
    path.write_bytes(data)
    # Any other exception would fail the test.
    with suppress(KhizanaError):
        pyramid = Pyramid(str(path))
        for index in range(len(pyramid.levels)):
            assert pyramid.tile_jpeg(index, 0, 0).startswith(b"\xff\xd8")


def test_a_replaced_file_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    write_pyramid(path, page_pixels(600, 600))
    opened = OpenPyramids(Pyramid, every=0)
    first = opened.get(str(path))
    assert opened.get(str(path)) is first
    write_pyramid(tmp_path / "new.tif", page_pixels(700, 600))
    (tmp_path / "new.tif").rename(path)
    assert opened.peek(str(path)) is None
    assert opened.get(str(path)).width == 700
    assert first.tile_jpeg(0, 0, 0)[:2] == b"\xff\xd8"


def test_a_file_is_looked_at_once_in_a_while(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    write_pyramid(path, page_pixels(600, 600))
    now = 0.0
    opened = OpenPyramids(Pyramid, every=1.0, clock=lambda: now)
    first = opened.get(str(path))
    path.unlink()
    now = 0.9
    assert opened.peek(str(path)) is first
    now = 1.0
    assert opened.peek(str(path)) is None


def test_only_so_many_files_stay_open(tmp_path: Path) -> None:
    write_pyramid(tmp_path / "0.tif", page_pixels(64, 64))
    data = (tmp_path / "0.tif").read_bytes()
    opened = OpenPyramids(Pyramid, limit=4)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(40):
        path = tmp_path / f"{number}.tif"
        path.write_bytes(data)
        opened.get(str(path))
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 4
