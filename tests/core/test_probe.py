"""What a file is, from its bytes alone; and that no bytes make the probe do worse than refuse."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import made_images as made
from khizana.core.errors import BadInput, KhizanaError, Unreadable
from khizana.core.imaging.colour import is_srgb
from khizana.core.imaging.probe import Probed, probe


def probed(data: bytes, tmp_path: Path, name: str = "leaf") -> Probed:
    path = tmp_path / name
    path.write_bytes(data)
    return probe(path)


def refusal(data: bytes, tmp_path: Path, name: str = "leaf.tif") -> BadInput:
    with pytest.raises(BadInput) as told:
        probed(data, tmp_path, name)
    for language in ("ar", "fr", "en"):
        sentence = told.value.sentence(language)
        assert name in sentence
        assert "\n" not in sentence
    return told.value


def test_the_kind_is_found_in_the_bytes_and_not_in_the_name(tmp_path: Path) -> None:
    kinds = {
        "TIFF": ("image/tiff", "tif"),
        "JPEG": ("image/jpeg", "jpg"),
        "PNG": ("image/png", "png"),
        "WEBP": ("image/webp", "webp"),
        "JPEG2000": ("image/jp2", "jp2"),
    }
    for kind, wanted in kinds.items():
        found = probed(made.encoded(made.quarters(90, 60), kind), tmp_path, "wrong.pdf")
        assert (found.media_type, found.extension) == wanted
        assert (found.width, found.height, found.bits, found.bands) == (90, 60, 8, 3)
        assert (found.has_profile, found.orientation, found.pages) == (False, 1, 1)


def test_depth_bands_and_profile_are_told(tmp_path: Path) -> None:
    assert probe(made.sixteen_bits(tmp_path / "a.tif")).bits == 16
    assert probe(made.grey(tmp_path / "b.png", 16)).bands == 1
    assert probe(made.one_bit(tmp_path / "c.tif")).bits == 1
    assert probe(made.palette(tmp_path / "d.png")).bands == 3
    assert probe(made.clear_quarter(tmp_path / "e.webp")).bands == 4
    assert probe(made.profiled(tmp_path / "f.jpg", "cmyk")).bands == 4
    for name in ("g.jpg", "g.tif", "g.png"):
        assert probe(made.profiled(tmp_path / name)).has_profile


@pytest.mark.parametrize("orientation", range(1, 9))
def test_sides_are_those_of_the_upright_image(orientation: int, tmp_path: Path) -> None:
    for ending in ("jpg", "tif", "png", "webp"):
        found = probe(made.turned(tmp_path / f"a.{ending}", orientation))
        assert (found.width, found.height, found.orientation) == (made.WIDTH, made.HEIGHT, orientation)


def test_reduced_copies_and_thumbnails_are_not_pages(tmp_path: Path) -> None:
    pyramid = made.save(made.vips(made.quarters()), tmp_path / "a.tif", tile=True, pyramid=True)
    assert probe(pyramid).pages == 1
    assert probe(made.several_pages(tmp_path / "b.tif")).pages == 3


def test_camera_raw_is_told_from_tiff(tmp_path: Path) -> None:
    found = probe(made.dng(tmp_path / "a.tif", orientation=6))
    assert (found.media_type, found.extension) == ("image/x-adobe-dng", "dng")


DISGUISES = {
    "PDF": b"%PDF-1.7\n1 0 obj",
    "HTML": b"  <!DOCTYPE html><html><body>404</body></html>",
    "XML": b"<?xml version='1.0'?><a/>",
    "SVG": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "text": "خزانة: list of leaves\n1r\n1v\n".encode(),
    "ZIP": b"PK\x03\x04" + bytes(30),
    "gzip": b"\x1f\x8b\x08" + bytes(30),
    "MP4": b"\0\0\0\x20ftypisom" + bytes(30),
    "EXE": b"MZ\x90\0" + bytes(60),
}


@pytest.mark.parametrize("kind", DISGUISES)
def test_a_disguised_file_is_refused_by_what_it_is(kind: str, tmp_path: Path) -> None:
    error = refusal(DISGUISES[kind], tmp_path)
    assert (error.code, error.facts["found"]) == ("IMAGE_DISGUISED", kind)


OTHER_KINDS = {
    "GIF": b"GIF89a" + bytes(30),
    "BMP": b"BM\x36\0\0\0\0\0\0\0" + bytes(30),
    "HEIC": b"\0\0\0\x18ftypheic" + bytes(30),
    "JPEG 12 bits": b"\xff\xd8\xff\xc1\0\x0b\x0c\0\x10\0\x10\x01\x01\x11\0",
    "JPEG lossless": b"\xff\xd8\xff\xc3\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0",
    "TIFF old-style JPEG compression": made.plain_tiff(made.quarters(8, 8), t259=(3, [6])),
    "TIFF JPEG 2000 compression": made.plain_tiff(made.quarters(8, 8), t259=(3, [34712])),
    "TIFF compression 9999": made.plain_tiff(made.quarters(8, 8), t259=(3, [9999])),
    "TIFF LogLuv": made.plain_tiff(made.quarters(8, 8), t262=(3, [32845])),
    "TIFF 32 bits": made.plain_tiff(np.zeros((8, 8, 3), np.uint32)),
    "TIFF with signed or floating-point samples": made.plain_tiff(np.zeros((8, 8, 3), np.float16), t339=(3, [3, 3, 3])),
    "TIFF with samples of different depths": made.plain_tiff(made.quarters(8, 8), t258=(3, [8, 8, 4])),
    "TIFF with inks other than CMYK": made.plain_tiff(np.zeros((8, 8, 4), np.uint8), t262=(3, [5]), t332=(3, [2])),
}


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_an_image_of_another_kind_is_refused_with_its_name(kind: str, tmp_path: Path) -> None:
    error = refusal(OTHER_KINDS[kind], tmp_path)
    assert (error.code, error.facts["kind"]) == ("IMAGE_KIND_UNSUPPORTED", kind)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert refusal(b"", tmp_path).code == "IMAGE_EMPTY"


def test_bytes_of_no_meaning_are_refused(tmp_path: Path) -> None:
    assert refusal(bytes(range(255, 0, -1)) * 9, tmp_path).code == "IMAGE_NOT_RECOGNISED"


def test_what_is_not_a_file_is_unreadable(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(Unreadable) as told:
            probe(path)
        assert told.value.code == "IMAGE_UNREADABLE"


def test_a_huge_picture_in_a_small_file_is_refused_without_decoding(tmp_path: Path) -> None:
    bomb = made.png_header(50_000, 50_000)
    assert len(bomb) < 1000
    tracemalloc.start()
    error = refusal(bomb, tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.code == "IMAGE_TOO_LARGE"
    assert (error.facts["width"], error.facts["megapixels"]) == (50_000, 1000)
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "data",
    [
        made.png_header(30_000, 30_000),
        b"\xff\xd8\xff\xc0\0\x11\x08\x75\x30\x75\x30\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xda",
        b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x2f\x75\0\x2f\x75\0" + bytes(20),
    ],
    ids=["PNG", "JPEG", "WebP"],
)
def test_more_pixels_than_the_bytes_can_hold_are_refused(data: bytes, tmp_path: Path) -> None:
    assert refusal(data, tmp_path).code == "IMAGE_TOO_DENSE"


def test_the_largest_size_is_an_argument(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(made.encoded(made.quarters(100, 100), "PNG"))
    assert probe(tmp_path / "a.png", largest=10_000).width == 100
    with pytest.raises(BadInput):
        probe(tmp_path / "a.png", largest=9_999)


def test_a_directory_that_points_at_itself_is_refused(tmp_path: Path) -> None:
    data = bytearray(made.plain_tiff(made.quarters(8, 8)))
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    struct.pack_into("<I", data, start + 2 + 12 * count, start)
    assert refusal(bytes(data), tmp_path).code == "IMAGE_DAMAGED"


def test_stray_bytes_after_a_photograph_are_no_fault(tmp_path: Path) -> None:
    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        assert probed(made.encoded(made.quarters(90, 60), kind) + b"\0" * 99, tmp_path).width == 90


def test_srgb_is_known_by_its_numbers() -> None:
    white = made.vips(made.quarters(8, 8))

    def profile(name: str) -> bytes:
        data: bytes = white.icc_transform(name, input_profile="srgb").get("icc-profile-data")
        return data

    assert is_srgb(profile("srgb"))
    assert not is_srgb(profile("p3"))
    assert not is_srgb(profile("cmyk"))
    assert not is_srgb(b"")


WHOLE: dict[str, Callable[[], bytes]] = {
    "TIFF": lambda: made.plain_tiff(made.quarters(24, 16), t274=(3, [6])),
    "LZW TIFF": lambda: made.encoded(made.quarters(24, 16), "TIFF", compression="tiff_lzw"),
    "JPEG": lambda: made.encoded(made.quarters(24, 16), "JPEG", exif=b"Exif\0\0" + made.exif(6)),
    "PNG": lambda: made.encoded(made.quarters(24, 16), "PNG", exif=made.exif(3)),
    "WebP": lambda: made.encoded(made.quarters(24, 16), "WEBP", exif=made.exif(8)),
    "JPEG 2000": lambda: made.encoded(made.quarters(24, 16), "JPEG2000"),
    "codestream": lambda: made.encoded(made.quarters(24, 16), "JPEG2000", no_jp2=True),
}

SLOW_FOLDERS = [HealthCheck.function_scoped_fixture]


def outcome(data: bytes, folder: Path) -> str:
    """The media type of what is taken, or the sentence of the refusal; anything else raised fails the test."""
    path = folder / "leaf"
    path.write_bytes(data)
    try:
        found = probe(path)
    except KhizanaError as error:
        return error.sentence()
    return found.media_type if found.width > 0 and found.height > 0 else ""


@settings(max_examples=300, suppress_health_check=SLOW_FOLDERS, deadline=None)
@given(
    start=st.sampled_from(
        [
            *(b"", b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"),
            *(b"RIFF\0\0\0\0WEBP", b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51", b"<?xml", b"\0\0\0\x18ftyp"),
        ]
    ),
    rest=st.binary(max_size=400),
)
def test_no_bytes_make_the_probe_fail_otherwise(start: bytes, rest: bytes, tmp_path: Path) -> None:
    assert outcome(start + rest, tmp_path)


@pytest.mark.parametrize("kind", WHOLE)
@settings(max_examples=150, suppress_health_check=SLOW_FOLDERS, deadline=None)
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8),
    kept=st.floats(0.3, 1),
)
def test_no_change_to_a_good_header_makes_the_probe_fail_otherwise(
    kind: str, changes: list[tuple[float, int]], kept: float, tmp_path: Path
) -> None:
    data = bytearray(WHOLE[kind]())
    header = min(len(data), 700)
    for place, value in changes:
        data[int(place * header)] = value
    assert outcome(bytes(data[: max(4, int(len(data) * kept))]), tmp_path)
