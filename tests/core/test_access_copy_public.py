"""The fate of every public test image, and of real pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import pyvips
from PIL import Image

from khizana.core.errors import BadInput
from khizana.core.identifiers import Digest
from khizana.core.imaging.access_copy import make

DIGEST = Digest("ab" * 64)
BALLOON = (2717, 3701)
GRID = (1000, 1000)

FATES: dict[str, tuple[int, int] | str] = {
    "format-corpus/jp2k-formats/Speedway.mj2": "IMAGE_KIND_UNSUPPORTED",
    "format-corpus/jp2k-formats/balloon.j2c": BALLOON,
    "format-corpus/jp2k-formats/balloon.jp2": BALLOON,
    "format-corpus/jp2k-formats/balloon.jpf": BALLOON,
    "format-corpus/jp2k-formats/balloon.jpm": "IMAGE_KIND_UNSUPPORTED",
    "format-corpus/jp2k-test/byteCorruption/balloon_intact.jp2": BALLOON,
    "format-corpus/jp2k-test/byteCorruption/balloon_trunc1.jp2": "IMAGE_TRUNCATED",
    "format-corpus/jp2k-test/byteCorruption/balloon_trunc2.jp2": "IMAGE_TRUNCATED",
    "format-corpus/jp2k-test/byteCorruption/balloon_trunc3.jp2": "IMAGE_TRUNCATED",
    "format-corpus/jp2k-test/diagram.png": (700, 527),
    "format-corpus/jp2k-test/icc/balloon_eciRGBv2_aware.jp2": BALLOON,
    "format-corpus/jp2k-test/icc/balloon_eciRGBv2_ps_adobeplugin.jpf": BALLOON,
    "format-corpus/jp2k-test/icc/balloon_eciRGBv2_ps_adobeplugin_jp2compatible.jpf": BALLOON,
    "format-corpus/jp2k-test/icc/balloon_eciRGBv2_ps_kduplugin.jp2": BALLOON,
    "format-corpus/jp2k-test/resolution/balloon_aware.jp2": BALLOON,
    "format-corpus/jp2k-test/resolution/balloon_gm.jp2": BALLOON,
    "format-corpus/jp2k-test/resolution/balloon_kdu61.jp2": BALLOON,
    "format-corpus/jp2k-test/resolution/balloon_kdu71.jp2": BALLOON,
    "format-corpus/jp2k-test/resolution/balloon_oj.jp2": BALLOON,
    "format-corpus/tiff-examples/old-style-jpeg-compression/old-style-jpeg-compression.tif": "IMAGE_KIND_UNSUPPORTED",
    "iiif-image-validator/67352ccc-d1b0-11e1-89ae-279075081939.jp2": GRID,
    "iiif-image-validator/67352ccc-d1b0-11e1-89ae-279075081939.png": GRID,
}
"""Pixels of what is taken, or the code of the refusal."""


COUNTED_WRONGLY = {
    "format-corpus/jp2k-test/icc/balloon_eciRGBv2_ps_adobeplugin.jpf",
    "format-corpus/jp2k-test/icc/balloon_eciRGBv2_ps_adobeplugin_jp2compatible.jpf",
}
"""Their writer numbers the tile-parts one beyond their count, which decoders say."""


def test_the_table_names_every_public_image(shared_data: Path) -> None:
    folder = shared_data / "open" / "image-formats"
    images = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".md", ".xml", ".txt"}]
    assert sorted(path.relative_to(folder).as_posix() for path in images) == sorted(FATES)


@pytest.mark.parametrize("name", FATES)
def test_each_public_image_has_its_fate(name: str, shared_data: Path, tmp_path: Path) -> None:
    master = shared_data / "open" / "image-formats" / name
    fate = FATES[name]
    if isinstance(fate, str):
        with pytest.raises(BadInput) as told:
            make(master, tmp_path / "out", digest=DIGEST)
        assert told.value.code == fate
        return
    copy = make(master, tmp_path / "out", digest=DIGEST).access_copy
    assert (copy.width, copy.height) == fate
    assert [finding.code for finding in copy.findings] == ["IMAGE_DECODER_COMPLAINS"] * (name in COUNTED_WRONGLY)


def test_a_profile_in_jpeg_2000_gives_the_colours_of_the_same_picture_in_srgb(
    shared_data: Path, tmp_path: Path
) -> None:
    """The balloon in eciRGB v2 and the balloon in sRGB are one photograph; unconverted they differ by 20 and more."""
    folder = shared_data / "open" / "image-formats" / "format-corpus"
    means = []
    icc = "jp2k-test/icc/balloon_eciRGBv2"
    for index, name in enumerate(["jp2k-formats/balloon.jp2", f"{icc}_aware.jp2", f"{icc}_ps_adobeplugin.jpf"]):
        make(folder / name, tmp_path / str(index), digest=DIGEST)
        picture = pyvips.Image.new_from_file(str(tmp_path / str(index) / "pyramid.tif"), page=3).numpy()
        means.append(picture.astype(float).mean((0, 1)))
    assert np.abs(means[0] - means[1]).max() < 6
    assert np.abs(means[0] - means[2]).max() < 6


def real_pages(shared_data: Path) -> list[Path]:
    folder = shared_data / "measure" / "real-pages"
    return sorted([*folder.rglob("*.png"), *folder.rglob("*.jpg")])


def test_real_pages_are_light_enough_for_a_slow_phone(shared_data: Path, tmp_path: Path) -> None:
    pages = real_pages(shared_data)[::4]
    assert pages
    for index, master in enumerate(pages):
        copy = make(master, tmp_path / str(index), digest=DIGEST).access_copy
        light = {size.name: size.avif_bytes for size in copy.sizes}
        assert light[800] <= 38_500, master
        with Image.open(tmp_path / str(index) / "800.avif") as reading:
            assert reading.size[0] == 800
