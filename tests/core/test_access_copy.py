"""Access copies of every kind of master: upright, in sRGB, tiled, whole or not there."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image, ImageCms

from data import made_images as made
from khizana.core.errors import BadInput, KhizanaError, NoSpace
from khizana.core.identifiers import Digest
from khizana.core.imaging import access_copy as module
from khizana.core.imaging.access_copy import make, make_access_copy
from khizana.core.imaging.access_facts import AccessCopy, read_access_copy, sweep
from khizana.core.imaging.pyramid_writer import level_sides

DIGEST = Digest("ab" * 64)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


def copy_of(master: Path, tmp_path: Path) -> tuple[AccessCopy, Path]:
    folder = tmp_path / "access" / "ab" / "rest"
    return make_access_copy(master, folder, digest=DIGEST), folder


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters."""
    upright = image.convert("RGB")
    places = [(x, y) for y in (0.25, 0.75) for x in (0.25, 0.75)]
    return [upright.getpixel((round(x * upright.width), round(y * upright.height))) for x, y in places]  # type: ignore[misc] # three bands


def assert_close(found: list[tuple[int, ...]], wanted: tuple[tuple[int, ...], ...], within: int) -> None:
    differences = np.abs(np.array(found, int) - np.array(wanted, int)).max(1)
    assert (differences <= within).all(), f"{found} is not near {wanted}"


MASTERS: dict[str, tuple[Callable[[Path], Path], tuple[tuple[int, ...], ...], int]] = {
    "plain TIFF": (lambda p: made.save(made.vips(made.quarters()), p / "a.tif"), made.QUARTERS, 4),
    "LZW TIFF": (lambda p: made.save(made.vips(made.quarters()), p / "a.tif", compression="lzw"), made.QUARTERS, 4),
    "deflate TIFF": (
        lambda p: made.save(made.vips(made.quarters()), p / "a.tif", compression="deflate", predictor="horizontal"),
        made.QUARTERS,
        4,
    ),
    "tiled TIFF": (lambda p: made.save(made.vips(made.quarters()), p / "a.tif", tile=True), made.QUARTERS, 4),
    "BigTIFF": (lambda p: made.save(made.vips(made.quarters()), p / "a.tif", bigtiff=True), made.QUARTERS, 4),
    "JPEG in TIFF": (
        lambda p: made.save(made.vips(made.quarters()), p / "a.tif", compression="jpeg", Q=95),
        made.QUARTERS,
        6,
    ),
    "pyramidal TIFF": (
        lambda p: made.save(made.vips(made.quarters()), p / "a.tif", tile=True, pyramid=True),
        made.QUARTERS,
        4,
    ),
    "16-bit TIFF": (lambda p: made.sixteen_bits(p / "a.tif"), made.QUARTERS, 4),
    "16-bit PNG": (lambda p: made.sixteen_bits(p / "a.png"), made.QUARTERS, 4),
    "JPEG": (lambda p: made.save(made.vips(made.quarters()), p / "a.jpg", Q=95), made.QUARTERS, 6),
    "progressive JPEG": (
        lambda p: made.save(made.vips(made.quarters()), p / "a.jpg", Q=95, interlace=True),
        made.QUARTERS,
        6,
    ),
    "PNG": (lambda p: made.save(made.vips(made.quarters()), p / "a.png"), made.QUARTERS, 4),
    "interlaced PNG": (
        lambda p: made.save(made.vips(made.quarters()), p / "a.png", interlace=True),
        made.QUARTERS,
        4,
    ),
    "palette PNG": (lambda p: made.palette(p / "a.png"), made.QUARTERS, 6),
    "WebP": (lambda p: made.save(made.vips(made.quarters()), p / "a.webp", lossless=True), made.QUARTERS, 6),
    "JPEG 2000": (lambda p: made.jpeg2000(p / "a.jp2"), made.QUARTERS, 4),
    "JPEG 2000 codestream": (lambda p: made.jpeg2000(p / "a.j2k"), made.QUARTERS, 4),
    "Lab TIFF": (lambda p: made.lab(p / "a.tif"), made.QUARTERS, 6),
    "16-bit Lab TIFF": (lambda p: made.lab(p / "a.tif", 16), made.QUARTERS, 6),
    "wide-gamut TIFF": (lambda p: made.profiled(p / "a.tif"), made.QUARTERS, 6),
    "wide-gamut JPEG": (lambda p: made.profiled(p / "a.jpg"), made.QUARTERS, 8),
    "wide-gamut PNG": (lambda p: made.profiled(p / "a.png"), made.QUARTERS, 6),
    "CMYK JPEG inverted by Adobe, no profile": (
        lambda p: made.adobe_inverted_cmyk(p / "a.jpg"),
        ((237, 28, 36), WHITE, (35, 31, 32), (255, 242, 0)),
        40,
    ),
    "one bit TIFF": (lambda p: made.one_bit(p / "a.tif"), (BLACK, BLACK, WHITE, WHITE), 3),
    "one bit PNG": (lambda p: made.one_bit(p / "a.png"), (BLACK, BLACK, WHITE, WHITE), 3),
    "PNG with opacity": (
        lambda p: made.clear_quarter(p / "a.png"),
        (WHITE, (147, 207, 157), made.BLUE, made.YELLOW),
        6,
    ),
    "TIFF with opacity": (
        lambda p: made.clear_quarter(p / "a.tif"),
        (WHITE, (147, 207, 157), made.BLUE, made.YELLOW),
        6,
    ),
    "WebP with opacity": (
        lambda p: made.clear_quarter(p / "a.webp"),
        (WHITE, (147, 207, 157), made.BLUE, made.YELLOW),
        6,
    ),
}


@pytest.mark.parametrize("kind", MASTERS)
def test_every_kind_of_master_keeps_its_colours(kind: str, tmp_path: Path) -> None:
    make_master, wanted, within = MASTERS[kind]
    copy, folder = copy_of(make_master(tmp_path), tmp_path)
    assert (copy.width, copy.height) == (made.WIDTH, made.HEIGHT)
    assert copy.findings == ()
    pyramid = pyvips.Image.new_from_file(str(folder / "pyramid.tif"))
    assert_close(corners(Image.fromarray(pyramid.numpy())), wanted, within)
    for file in ("480.avif", "480.jpg"):
        assert_close(corners(Image.open(folder / file)), wanted, within + 6)


@pytest.mark.parametrize("ending", ["jpg", "tif"])
def test_cmyk_with_a_profile_is_shown_as_another_colour_engine_shows_it(ending: str, tmp_path: Path) -> None:
    master = made.profiled(tmp_path / f"a.{ending}", "cmyk")
    _, folder = copy_of(master, tmp_path)
    with Image.open(master) as inks:
        theirs = ImageCms.profileToProfile(
            inks,
            ImageCms.ImageCmsProfile(io.BytesIO(inks.info["icc_profile"])),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    assert theirs is not None
    pyramid = pyvips.Image.new_from_file(str(folder / "pyramid.tif"))
    assert_close(corners(Image.fromarray(pyramid.numpy())), tuple(corners(theirs)), 6)


@pytest.mark.parametrize("ending", ["jpg", "tif", "png", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_stands_upright(ending: str, orientation: int, tmp_path: Path) -> None:
    done = make(made.turned(tmp_path / f"a.{ending}", orientation), tmp_path / "out", digest=DIGEST)
    assert (done.probed.width, done.probed.height) == (made.WIDTH, made.HEIGHT)
    assert done.probed.orientation == orientation
    assert (done.access_copy.width, done.access_copy.height) == (made.WIDTH, made.HEIGHT)
    pyramid = pyvips.Image.new_from_file(str(tmp_path / "out" / "pyramid.tif"))
    assert_close(corners(Image.fromarray(pyramid.numpy())), made.QUARTERS, 8)
    with Image.open(tmp_path / "out" / "480.avif") as reading:
        assert_close(corners(reading), made.QUARTERS, 12)
        assert reading.getexif().get(274, 1) == 1


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("ending", ["tif", "png"])
def test_a_grey_master_stays_grey(ending: str, bits: int, tmp_path: Path) -> None:
    master = made.grey(tmp_path / f"a.{ending}", bits)
    copy, folder = copy_of(master, tmp_path)
    assert copy.bands == 1
    wanted = made.vips(made.quarters()).colourspace("b-w").numpy()
    pyramid = pyvips.Image.new_from_file(str(folder / "pyramid.tif"))
    assert pyramid.bands == 1
    assert np.abs(pyramid.numpy().astype(int) - wanted.astype(int)).mean() < 2
    assert Image.open(folder / "480.avif").convert("L").getpixel((10, 10)) == pytest.approx(int(wanted[10, 10]), abs=5)
    assert Image.open(folder / "480.jpg").mode == "L"


@pytest.mark.parametrize("fault", ["of another kind", "cut", "nonsense"])
def test_a_profile_that_does_not_serve_is_told_and_put_aside(fault: str, tmp_path: Path) -> None:
    profile = made.vips(made.quarters()).icc_transform(
        "cmyk" if fault == "of another kind" else "p3", input_profile="srgb"
    )
    data = profile.get("icc-profile-data")
    data = {"of another kind": data, "cut": data[:200], "nonsense": data[:40] + bytes(len(data) - 40)}[fault]
    (tmp_path / "a.tif").write_bytes(made.plain_tiff(made.quarters(), t34675=(7, list(data))))
    copy, folder = copy_of(tmp_path / "a.tif", tmp_path)
    assert [finding.code for finding in copy.findings] == ["IMAGE_PROFILE_UNUSABLE"]
    pyramid = pyvips.Image.new_from_file(str(folder / "pyramid.tif"))
    assert_close(corners(Image.fromarray(pyramid.numpy())), made.QUARTERS, 4)


def test_a_photograph_with_a_damaged_stretch_is_taken_and_told(tmp_path: Path) -> None:
    data = bytearray(made.encoded(made.page(600, 500), "JPEG", quality=90))
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    (tmp_path / "a.jpg").write_bytes(data)
    copy, _ = copy_of(tmp_path / "a.jpg", tmp_path)
    assert [finding.code for finding in copy.findings] == ["IMAGE_DECODER_COMPLAINS"]
    assert read_access_copy(tmp_path / "access" / "ab" / "rest", digest=DIGEST, subject="a.jpg") == copy


def test_only_the_first_of_several_pages_is_shown_and_that_is_told(tmp_path: Path) -> None:
    copy, _ = copy_of(made.several_pages(tmp_path / "a.tif"), tmp_path)
    assert (copy.width, copy.height) == (made.WIDTH, made.HEIGHT)
    assert [(f.code, dict(f.facts)) for f in copy.findings] == [("IMAGE_SEVERAL_PAGES", {"pages": 3})]
    assert "3 images" in copy.findings[0].sentence()


def test_bands_of_unknown_meaning_are_left_out(tmp_path: Path) -> None:
    five = np.concatenate([made.quarters(), np.full((made.HEIGHT, made.WIDTH, 2), 77, np.uint8)], 2)
    (tmp_path / "a.tif").write_bytes(made.plain_tiff(five, t338=(3, [0, 0])))
    _, folder = copy_of(tmp_path / "a.tif", tmp_path)
    pyramid = pyvips.Image.new_from_file(str(folder / "pyramid.tif"))
    assert_close(corners(Image.fromarray(pyramid.numpy())), made.QUARTERS, 4)


def test_opacity_already_multiplied_in_is_not_multiplied_again(tmp_path: Path) -> None:
    half = np.concatenate([made.quarters() // 2, np.full((made.HEIGHT, made.WIDTH, 1), 128, np.uint8)], 2)
    (tmp_path / "a.tif").write_bytes(made.plain_tiff(half, t338=(3, [1])))
    _, folder = copy_of(tmp_path / "a.tif", tmp_path)
    pyramid = pyvips.Image.new_from_file(str(folder / "pyramid.tif"))
    wanted = tuple(tuple(part // 2 + 127 for part in colour) for colour in made.QUARTERS)
    assert_close(corners(Image.fromarray(pyramid.numpy())), wanted, 5)


@pytest.mark.parametrize(("orientation", "left", "right"), [(1, 0, 2), (3, 2, 0)])
def test_a_camera_raw_file_is_developed_upright(orientation: int, left: int, right: int, tmp_path: Path) -> None:
    done = make(made.dng(tmp_path / "a.dng", orientation), tmp_path / "out", digest=DIGEST)
    assert (done.probed.media_type, done.probed.extension) == ("image/x-adobe-dng", "dng")
    assert (done.probed.width, done.probed.height) == (done.access_copy.width, done.access_copy.height)
    picture = pyvips.Image.new_from_file(str(tmp_path / "out" / "pyramid.tif")).numpy().astype(int)
    middle, width = picture.shape[0] // 2, picture.shape[1]
    for place, strongest in ((width // 4, left), (3 * width // 4, right)):
        assert picture[middle, place].argmax() == strongest
        assert picture[middle, place].max() > picture[middle, place].min() + 60


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 3), (511, 513), (512, 512), (1025, 700), (2600, 1301)])
def test_the_pyramid_is_tiled_and_each_level_is_the_mean_of_the_one_above(
    width: int, height: int, tmp_path: Path
) -> None:
    page = made.page(width, height)
    copy, folder = copy_of(made.save(made.vips(page), tmp_path / "a.png"), tmp_path)
    sides = level_sides(width, height)
    assert max(sides[-1]) <= 512
    wanted = page.astype(float)
    for index, (wide, high) in enumerate(sides):
        with Image.open(folder / "pyramid.tif") as level:
            level.seek(index)
            assert (level.size, level.mode, level.n_frames) == ((wide, high), "RGB", len(sides))  # type: ignore[attr-defined] # a TIFF has frames
            assert (level.tag_v2[322], level.tag_v2[323]) == (512, 512)  # type: ignore[attr-defined] # a TIFF has tags
            found = np.asarray(level).astype(float)
        assert np.abs(found - wanted).mean() < 6
        rows = np.concatenate([wanted, wanted[-1:]])[: 2 * -(-high // 2)] if high % 2 else wanted
        even = np.concatenate([rows, rows[:, -1:]], 1) if wide % 2 else rows
        wanted = (even[0::2, 0::2] + even[1::2, 0::2] + even[0::2, 1::2] + even[1::2, 1::2]) / 4
    assert copy.pyramid_bytes == (folder / "pyramid.tif").stat().st_size


def test_a_tile_is_a_whole_jpeg_as_it_lies_in_the_file(tmp_path: Path) -> None:
    _, folder = copy_of(made.save(made.vips(made.page(1200, 700)), tmp_path / "a.png"), tmp_path)
    data = (folder / "pyramid.tif").read_bytes()
    with Image.open(folder / "pyramid.tif") as tiff:
        offsets, counts = tiff.tag_v2[324], tiff.tag_v2[325]  # type: ignore[attr-defined] # a TIFF has tags
    assert len(offsets) == 3 * 2
    for offset, count in zip(offsets, counts, strict=True):
        with Image.open(io.BytesIO(data[offset : offset + count])) as tile:
            tile.load()
            assert (tile.format, tile.size, tile.mode) == ("JPEG", (512, 512), "RGB")


@pytest.mark.parametrize(
    ("width", "height", "wanted"),
    [
        (300, 200, [(480, 300, 200)]),
        (480, 640, [(480, 480, 640)]),
        (1199, 1600, [(480, 480, 641), (800, 800, 1068)]),
        (2400, 1200, [(480, 480, 240), (800, 800, 400), (1200, 1200, 600), (2000, 2000, 1000)]),
        (100, 20_000, [(480, 80, 16_000)]),
    ],
)
def test_reading_sizes_are_never_wider_than_the_image(
    width: int, height: int, wanted: list[tuple[int, int, int]], tmp_path: Path
) -> None:
    copy, folder = copy_of(made.save(made.vips(made.page(width, height)), tmp_path / "a.png"), tmp_path)
    assert [(size.name, size.width, size.height) for size in copy.sizes] == wanted
    for size in copy.sizes:
        for ending, count in (("avif", size.avif_bytes), ("jpg", size.jpeg_bytes)):
            file = folder / f"{size.name}.{ending}"
            assert file.stat().st_size == count
            with Image.open(file) as reading:
                assert reading.size == (size.width, size.height)
    with Image.open(folder / "480.jpg") as reading:
        assert reading.info.get("progressive")


def test_the_same_master_gives_the_same_bytes(tmp_path: Path) -> None:
    master = made.save(made.vips(made.page(1300, 900)), tmp_path / "a.png")
    for name in ("first", "second"):
        make_access_copy(master, tmp_path / name, digest=DIGEST)
    files = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert files == sorted(
        ["access.json", "pyramid.tif", *(f"{w}.{end}" for w in (480, 800, 1200) for end in ("avif", "jpg"))]
    )
    for file in files:
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


def test_whole_copies_are_kept_and_broken_ones_made_again(tmp_path: Path) -> None:
    master = made.save(made.vips(made.page(900, 700)), tmp_path / "a.png")
    first, folder = copy_of(master, tmp_path)
    made_at = (folder / "pyramid.tif").stat().st_mtime_ns
    assert copy_of(master, tmp_path)[0] == first
    assert (folder / "pyramid.tif").stat().st_mtime_ns == made_at
    (folder / "800.avif").unlink()
    assert read_access_copy(folder, digest=DIGEST) is None
    assert copy_of(master, tmp_path)[0] == first
    assert (folder / "800.avif").stat().st_size == first.sizes[1].avif_bytes
    with (folder / "pyramid.tif").open("r+b") as file:
        file.truncate(first.pyramid_bytes - 1)
    assert read_access_copy(folder, digest=DIGEST) is None
    assert copy_of(master, tmp_path)[0] == first
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_copies_of_another_master_or_recipe_are_made_again(tmp_path: Path) -> None:
    master = made.save(made.vips(made.page(900, 700)), tmp_path / "a.png")
    first, folder = copy_of(master, tmp_path)
    assert read_access_copy(folder, digest=Digest("cd" * 64)) is None
    facts = json.loads((folder / "access.json").read_bytes())
    (folder / "access.json").write_text(json.dumps(facts | {"recipe": 0}))
    assert read_access_copy(folder, digest=DIGEST) is None
    assert copy_of(master, tmp_path)[0] == first


def test_a_full_disk_leaves_nothing_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    master = made.save(made.vips(made.page(900, 700)), tmp_path / "a.png")
    with pytest.raises(NoSpace) as told:
        make_access_copy(master, tmp_path / "access" / "ab" / "rest", digest=DIGEST)
    assert told.value.code == "IMAGE_NO_SPACE"
    assert list((tmp_path / "access" / "ab").iterdir()) == []


CUT: dict[str, Callable[[np.ndarray], bytes]] = {
    "jpg": lambda p: made.encoded(p, "JPEG", quality=90),
    "progressive.jpg": lambda p: made.encoded(p, "JPEG", quality=90, progressive=True),
    "png": lambda p: made.encoded(p, "PNG"),
    "webp": lambda p: made.encoded(p, "WEBP", lossless=True),
    "jp2": lambda p: made.encoded(p, "JPEG2000"),
    "tif": made.plain_tiff,
    "lzw.tif": lambda p: made.encoded(p, "TIFF", compression="tiff_lzw"),
}


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("kind", CUT)
def test_a_file_that_is_cut_short_is_refused_and_named(kind: str, kept: float, tmp_path: Path) -> None:
    data = CUT[kind](made.page(600, 500))
    master = tmp_path / f"leaf 12.{kind}"
    master.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(BadInput) as told:
        copy_of(master, tmp_path)
    assert told.value.code == "IMAGE_TRUNCATED"
    assert master.name in told.value.sentence()
    assert not (tmp_path / "access" / "ab" / "rest").exists()


def test_a_name_of_ours_is_replaced_by_the_name_a_person_knows(tmp_path: Path) -> None:
    (tmp_path / ("a" * 128)).write_bytes(b"%PDF-1.7 not an image")
    with pytest.raises(KhizanaError) as told:
        make(tmp_path / ("a" * 128), tmp_path / "out", digest=DIGEST, name="IMG_0042.TIF")
    assert told.value.sentence().startswith("IMG_0042.TIF is not an image")


def test_unfinished_copies_of_a_dead_process_are_swept(tmp_path: Path) -> None:
    _, folder = copy_of(made.save(made.vips(made.page(300, 200)), tmp_path / "a.png"), tmp_path)
    (folder.parent / ".rest.999999999.0a0a0a0a.making").mkdir()
    living = folder.parent / f".rest.{os.getpid()}.0b0b0b0b.making"
    living.mkdir()
    assert sweep(tmp_path / "access") == 1
    assert {path.name for path in folder.parent.iterdir()} == {folder.name, living.name}


def test_a_name_that_is_not_utf8_is_read(tmp_path: Path) -> None:
    good = made.save(made.vips(made.page(300, 200)), tmp_path / "a.png")
    master = Path(str(tmp_path) + "/\udcff.png")
    good.rename(master)
    assert copy_of(master, tmp_path)[0].width == 300
