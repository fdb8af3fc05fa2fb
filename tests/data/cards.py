"""Camera cards: folders of photographs, good and bad, made by code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyvips


def photograph(path: Path, seed: int = 1, *, width: int = 700, height: int = 900) -> Path:
    """Write one photograph-like image, different for every seed, in the format of its ending."""
    noise = pyvips.Image.gaussnoise(width, height, mean=205, sigma=9, seed=seed)
    stripes = (pyvips.Image.xyz(width, height)[1] % (30 + seed % 7)) < 3
    page = stripes.ifthenelse(60, noise).cast("uchar")
    page.bandjoin([(page * 0.96).cast("uchar"), (page * 0.84).cast("uchar")]).copy(interpretation="srgb").write_to_file(
        str(path)
    )
    return path


def card(folder: Path, names: Sequence[str] = ("0001_1r.jpg", "0002_1v.jpg", "0003_2r.jpg"), *, seed: int = 1) -> Path:
    """Make a card with one photograph per name."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        photograph(path, seed + number)
    return folder
