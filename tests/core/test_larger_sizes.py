"""The larger reading sizes, made from the pyramid some time after the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data import made_images as made
from khizana.core.identifiers import Digest
from khizana.core.imaging import reading_sizes
from khizana.core.imaging.access_copy import complete, make_access_copy
from khizana.core.imaging.access_facts import read_access_copy

DIGEST = Digest("ab" * 64)


def test_larger_sizes_can_wait_and_are_made_from_the_pyramid(tmp_path: Path) -> None:
    master = made.save(made.vips(made.page(2600, 1400)), tmp_path / "a.png")
    folder = tmp_path / "access" / "ab" / "rest"
    first = make_access_copy(master, folder, digest=DIGEST, widest=1200)
    assert [size.name for size in first.sizes] == [480, 800, 1200]
    assert first.awaited == (2000,)
    assert read_access_copy(folder, digest=DIGEST) is not None
    master.unlink()
    whole = complete(folder, digest=DIGEST)
    assert whole is not None
    assert [size.name for size in whole.sizes] == [480, 800, 1200, 2000]
    assert whole.awaited == ()
    assert read_access_copy(folder, digest=DIGEST, subject="a.png") == replace(whole, findings=first.findings)
    for ending in ("jpg", "avif"):
        with Image.open(folder / f"2000.{ending}") as image:
            assert image.size == (2000, 1077)
            difference = np.abs(
                np.asarray(image.convert("RGB"), float)
                - np.asarray(
                    Image.fromarray(made.page(2600, 1400)).convert("RGB").resize((2000, 1077), Image.BOX), float
                )
            )
        assert difference.mean() < 12
    assert complete(folder, digest=DIGEST) == read_access_copy(folder, digest=DIGEST)
    assert complete(tmp_path / "nothing", digest=DIGEST) is None
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


def test_what_the_first_sizes_took_saves_the_larger_ones_a_second_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grain = np.random.default_rng(1).normal(0, 25, (1500, 2100, 3))
    noisy = np.clip(made.page(2100, 1500)[:, :, :3] + grain, 0, 255).astype(np.uint8)
    master = made.save(made.vips(noisy), tmp_path / "a.png")
    first = make_access_copy(master, tmp_path / "a", digest=DIGEST, widest=800)
    tries: list[int] = []
    encoded = reading_sizes._avif  # noqa: SLF001 - each try is a call of it

    def counted(rows: np.ndarray, quality: int) -> bytes:
        tries.append(rows.shape[1])
        return encoded(rows, quality)

    monkeypatch.setattr(reading_sizes, "_avif", counted)
    whole = complete(tmp_path / "a", digest=DIGEST)
    assert tries == [1200, 2000]
    assert whole is not None
    assert [size.avif_quality > 0 for size in whole.sizes] == [True] * 4
    assert whole.sizes[2].avif_quality < 39, "the page was not grainy enough to need a lower quality"
    assert read_access_copy(tmp_path / "a", digest=DIGEST) == whole
    assert first.sizes == whole.sizes[:2]


def test_a_pyramid_that_cannot_be_read_is_removed_to_be_made_anew(tmp_path: Path) -> None:
    master = made.save(made.vips(made.page(2600, 1400)), tmp_path / "a.png")
    folder = tmp_path / "access" / "ab" / "rest"
    make_access_copy(master, folder, digest=DIGEST, widest=800)
    size = (folder / "pyramid.tif").stat().st_size
    (folder / "pyramid.tif").write_bytes(bytes(size))
    assert complete(folder, digest=DIGEST) is None
    assert len(make_access_copy(master, folder, digest=DIGEST).sizes) == 4
