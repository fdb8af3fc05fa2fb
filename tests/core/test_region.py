"""Regions come from the right place, at the right size, without decoding more than they need."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from data.iiif_images import page_pixels, write_pyramid
from khizana.core.errors import Damaged
from khizana.core.iiif.image_request import FORMATS, Source, parse
from khizana.core.imaging import region
from khizana.core.imaging.pyramid import Pyramid
from khizana.core.imaging.region import read_region
from khizana.core.imaging.rendering import render

WIDTH, HEIGHT = 2601, 3400


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Pyramid:
    path = tmp_path_factory.mktemp("region") / "pyramid.tif"
    write_pyramid(path, page_pixels(WIDTH, HEIGHT))
    return Pyramid(str(path))


def wanted(box: tuple[int, int, int, int], size: tuple[int, int]) -> np.ndarray:
    x, y, width, height = box
    whole = Image.fromarray(page_pixels(WIDTH, HEIGHT)[y : y + height, x : x + width])
    return np.asarray(whole.resize(size, Image.Resampling.BOX)).astype(int)


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ((0, 0, 300, 200), (300, 200)),
        ((500, 500, 700, 900), (700, 900)),
        ((0, 0, WIDTH, HEIGHT), (260, 340)),
        ((0, 0, WIDTH, HEIGHT), (1301, 1700)),
        ((0, 0, WIDTH, HEIGHT), (2000, 2614)),
        ((2560, 3072, 41, 328), (41, 328)),
        ((2048, 2048, 553, 1352), (277, 676)),
        ((1000, 1000, 100, 100), (300, 300)),
    ],
)
def test_a_region_shows_what_lies_there(page: Pyramid, box: tuple[int, int, int, int], size: tuple[int, int]) -> None:
    pixels = read_region(page, box, size).astype(int)
    assert pixels.shape == (size[1], size[0], 3)
    # The gradients of the paper tell the place; smoothing takes away how exactly each stroke was resampled.
    assert abs(pixels.mean((0, 1)) - wanted(box, size).mean((0, 1))).max() < 3
    if min(size) > 40:
        for part in (np.s_[:20, :20], np.s_[-20:, -20:]):
            assert abs(pixels[part].mean((0, 1)) - wanted(box, size)[part].mean((0, 1))).max() < 12


def test_a_large_region_made_in_bands_is_the_same_as_in_one_piece(
    page: Pyramid, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, size = (3, 5, WIDTH - 9, HEIGHT - 11), (1777, 2323)
    whole = read_region(page, box, size).astype(int)
    monkeypatch.setattr(region, "BAND_PIXELS", 700_000)
    bands = read_region(page, box, size).astype(int)
    assert np.abs(whole - bands).mean() < 1.0
    assert (np.abs(whole - bands).max(axis=(1, 2)) > 60).mean() < 0.01


def test_a_sliver_of_a_large_image_costs_few_tiles(page: Pyramid, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = []
    real = simplejpeg.decode_jpeg
    monkeypatch.setattr(simplejpeg, "decode_jpeg", lambda data, colours: decoded.append(1) or real(data, colours))
    assert read_region(page, (0, 0, WIDTH, HEIGHT), (1, HEIGHT)).shape == (HEIGHT, 1, 3)
    assert len(decoded) <= 12


def test_the_smallest_sharp_level_is_used(page: Pyramid, monkeypatch: pytest.MonkeyPatch) -> None:
    levels = []
    real = page.tile_jpeg
    monkeypatch.setattr(Pyramid, "tile_jpeg", lambda _, level, x, y: levels.append(level) or real(level, x, y))
    read_region(page, (0, 0, WIDTH, HEIGHT), (1301, 1700))
    assert set(levels) == {1}


def test_a_tile_that_is_not_what_the_directory_says_is_damaged(page: Pyramid, monkeypatch: pytest.MonkeyPatch) -> None:
    small = simplejpeg.encode_jpeg(np.zeros((64, 64, 3), np.uint8))
    for bytes_of_tile in (small, small[:100], b"\xff\xd8nothing"):
        monkeypatch.setattr(Pyramid, "tile_jpeg", lambda *_, data=bytes_of_tile: data)
        with pytest.raises(Damaged):
            read_region(page, (0, 0, 100, 100), (100, 100))


def made(page: Pyramid, address: str) -> Image.Image:
    parts = tuple(address.split("/"))
    request = parse(3, parts, Source(page.width, page.height, grey=page.channels == 1))  # type: ignore[arg-type]
    return Image.open(io.BytesIO(render(page, request)))


@pytest.mark.parametrize("image_format", [name for name in FORMATS if name != "pdf"])
@pytest.mark.parametrize("quality", ["default", "gray", "bitonal"])
@pytest.mark.parametrize("rotation", ["0", "90", "!30"])
def test_every_format_holds_every_quality_and_rotation(
    page: Pyramid, image_format: str, quality: str, rotation: str
) -> None:
    image = made(page, f"0,0,640,320/320,160/{rotation}/{quality}.{image_format}")
    image.load()
    assert image.size == {"0": (320, 160), "90": (160, 320), "!30": (358, 299)}[rotation]
    if quality == "bitonal" and image_format in {"png", "tif", "gif"} and rotation != "!30":
        assert {value for _, value in image.convert("L").getcolors()} <= {0, 255}


def test_a_pdf_is_a_pdf(page: Pyramid) -> None:
    for quality in ("default", "gray", "bitonal"):
        request = parse(3, ("full", "300,", "!22.5", f"{quality}.pdf"), Source(page.width, page.height))
        assert render(page, request).startswith(b"%PDF-")


def test_a_quarter_turn_is_clockwise_and_a_mirror_comes_first(page: Pyramid) -> None:
    # Red grows to the right of the page, green downwards.
    upright = np.asarray(made(page, "full/200,/0/default.png")).astype(int)
    right = np.asarray(made(page, "full/200,/90/default.png")).astype(int)
    assert np.abs(np.rot90(upright, -1) - right).max() <= 1
    mirrored = np.asarray(made(page, "full/200,/!90/default.png")).astype(int)
    assert np.abs(np.rot90(upright[:, ::-1], -1) - mirrored).max() <= 1


def test_a_small_turn_is_clockwise_too(page: Pyramid) -> None:
    turned = np.asarray(made(page, "full/200,/89.9/default.png").convert("RGB")).astype(int)
    right = np.asarray(made(page, "full/200,/90/default.png")).astype(int)
    rows, columns = right.shape[:2]
    assert np.abs(turned[5 : rows - 5, 5 : columns - 5] - right[5 : rows - 5, 5 : columns - 5]).mean() < 25
    assert turned[30:60, -40:-20, 1].mean() < turned[30:60, 20:40, 1].mean()


def test_corners_are_clear_where_the_format_can_and_white_elsewhere(page: Pyramid) -> None:
    assert made(page, "full/200,/30/default.png").getpixel((0, 0))[3] == 0
    assert min(made(page, "full/200,/30/default.jpg").getpixel((0, 0))) > 250


def test_a_grey_page_stays_grey(tmp_path: Path) -> None:
    path = tmp_path / "pyramid.tif"
    write_pyramid(path, page_pixels(900, 700, channels=1))
    assert made(Pyramid(str(path)), "full/400,/0/default.jpg").mode == "L"
