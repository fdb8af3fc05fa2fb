"""Paper by chance and craft: fibres, laid lines, tone, foxing, tide lines, worn and torn edges.

Slow changes are made at a quarter of the size and enlarged; only fibres and laid lines are made at full size.
Recto and verso of one leaf come from the same seed, mirrored, so that a hole is a hole on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from khizana.core.specimen.hand import Mask

Field = npt.NDArray[np.float32]
Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

QUARTER = 4
_TILE = 1024


@dataclass(frozen=True, slots=True)
class Stock:
    """One maker's paper and what time did to it; every measure of wear is about 0 (new) to 1 (much)."""

    colour: Colour
    laid: float = 22.0
    """Pixels from one laid line to the next."""
    foxing: float = 0.3
    damp: float = 0.3
    wear: float = 0.3
    browning: float = 0.5
    worms: int = 0


@dataclass(frozen=True, slots=True)
class Leaf:
    """One side of one leaf before anything is written."""

    light: Field
    """Height x width, about 1: fibres and laid lines."""
    tint: Field
    """A quarter of the size, x 3: colour, 0 to 255."""
    shape: Mask
    """Height x width: 255 where there is paper."""


def chance(rng: np.random.Generator, height: int, width: int, cells: float) -> Field:
    """Return smooth noise of height x width about 0, its deviation about 1, with waves of about *cells* pixels."""
    rows, columns = max(3, round(height / cells)), max(3, round(width / cells))
    small = rng.standard_normal((rows, columns), dtype=np.float32)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32, copy=False)


@cache
def _fibres() -> Field:
    """Return a square tile of paper seen close: grain, and fibres lying every way."""
    rng = np.random.default_rng(20_021)
    tile = np.zeros((_TILE, _TILE), np.float32)
    for sigma, weight in ((0.8, 0.011), (2.5, 0.009), (9.0, 0.010)):
        grain = cv2.GaussianBlur(rng.standard_normal((_TILE, _TILE), dtype=np.float32), (0, 0), sigma)
        tile += grain * np.float32(weight / float(grain.std()))
    marks = np.full((_TILE, _TILE), 128, np.uint8)
    for _ in range(2600):
        x, y = rng.uniform(0, _TILE, 2)
        angle, bend, length = rng.uniform(0, np.pi), rng.normal(0, 0.5), rng.uniform(14, 60)
        steps = np.linspace(0, 1, 7)
        bow = angle + bend * steps
        line = np.stack([x + np.cumsum(np.cos(bow)) * length / 7, y + np.cumsum(np.sin(bow)) * length / 7], axis=1)
        shade = int(128 + rng.choice([-1, 1], p=[0.55, 0.45]) * rng.uniform(8, 40))
        cv2.polylines(marks, [np.round(line * 16).astype(np.int32)], False, shade, 1, cv2.LINE_AA, 4)
    tile += (cv2.GaussianBlur(marks, (0, 0), 0.7).astype(np.float32) - 128) * np.float32(0.0011)
    return tile


def tiled(tile: Field, rng: np.random.Generator, height: int, width: int) -> Field:
    """Return *tile* repeated over height x width, from a place taken by chance."""
    y, x = (int(n) for n in rng.integers(0, min(tile.shape), 2))
    rolled = np.roll(tile, (-y, -x), axis=(0, 1))
    down, across = max(0, height - tile.shape[0]), max(0, width - tile.shape[1])
    return np.asarray(cv2.copyMakeBorder(rolled, 0, down, 0, across, cv2.BORDER_WRAP)[:height, :width], np.float32)


def _texture(rng: np.random.Generator, height: int, width: int, stock: Stock) -> Field:
    light = tiled(_fibres(), rng, height, width)
    down = np.arange(height, dtype=np.float32)
    drift = np.interp(down, np.linspace(0, height, 9), rng.normal(0, stock.laid * 0.25, 9)).astype(np.float32)
    laid = np.cos((down + drift) * np.float32(2 * np.pi / stock.laid)) * np.float32(0.0085)
    across = np.arange(width, dtype=np.float32)
    spacing = stock.laid * 13
    distance = np.abs((across + float(rng.uniform(0, spacing))) % spacing - spacing / 2)
    chain = np.exp(-((distance / 3.0) ** 2)).astype(np.float32) * np.float32(0.014)
    light += laid[:, None] + np.float32(1)
    light += chain[None, :]
    return light


def _shape(rng: np.random.Generator, height: int, width: int, stock: Stock, *, bound: bool) -> Mask:
    """Return where the paper is: edges worn by chance, corners rounded, some bites out of the margins.

    A bound leaf keeps its spine edge, which on a recto is the right one.
    """
    shape = np.full((height, width), 255, np.uint8)
    for side in ("top", "right", "bottom", "left"):
        along = width if side in {"top", "bottom"} else height
        keeps = bound and side == "right"
        inset = _worn_edge(rng, along, stock, keeps=keeps)
        steps = np.linspace(-2, along + 1, len(inset))
        # What lies outside the edge is taken away: a closed line along the edge and back beyond the sheet.
        edge = np.stack([np.r_[steps, along + 9, -9], np.r_[inset, -9, -9]], axis=1)
        if side in {"right", "left"}:
            edge = edge[:, ::-1]
        if side == "right":
            edge[:, 0] = width - 1 - edge[:, 0]
        if side == "bottom":
            edge[:, 1] = height - 1 - edge[:, 1]
        _cut(shape, edge)
    for x, y, way_x, way_y in ((0, 0, 1, 1), (0, height, 1, -1), (width, 0, -1, 1), (width, height, -1, -1)):
        if not (bound and x == width):
            _cut(shape, _lost_corner(rng, stock) * (way_x, way_y) + (x, y))
    for _ in range(stock.worms):
        # In the margins only: among letters a small dark hole would read as a dot.
        middle = np.array([rng.choice([rng.uniform(0.03, 0.12), rng.uniform(0.9, 0.97)]), rng.uniform(0.03, 0.97)])
        if rng.random() < 0.4:
            middle = np.array([rng.uniform(0.05, 0.95), rng.choice([rng.uniform(0.02, 0.07), rng.uniform(0.9, 0.98)])])
        size = (rng.uniform(5, 10), rng.uniform(8, 34))
        place = (float(middle[0] * width), float(middle[1] * height))
        cv2.ellipse(shape, (place, size, float(rng.uniform(0, 180))), 0, -1, cv2.LINE_AA)
    return shape


def _cut(shape: Mask, outline: npt.NDArray[np.float64]) -> None:
    cv2.fillPoly(shape, [np.round(outline * 16).astype(np.int32)], 0, cv2.LINE_AA, 4)


def _worn_edge(rng: np.random.Generator, length: int, stock: Stock, *, keeps: bool) -> npt.NDArray[np.float64]:
    """Return how far, every few pixels along an edge, the paper is gone."""
    count = length // 4
    rough = np.zeros(count)
    for waves, size in ((4, 1.0), (9, 0.6), (40, 0.22), (150, 0.12), (count, 0.07)):
        rough += np.interp(np.linspace(0, 1, count), np.linspace(0, 1, waves), rng.normal(0, size, waves))
    inset = 2.5 + np.abs(rough) * (2 + 14 * stock.wear) * (0.1 if keeps else 1.0)
    for _ in range(int(rng.poisson(0.0 if keeps else 1.3 * stock.wear))):
        centre, reach = rng.uniform(0, count), rng.uniform(4, 26) * (0.4 + stock.wear)
        lean = np.where(np.arange(count) < centre, rng.uniform(0.5, 1.6), rng.uniform(0.5, 1.6))
        tear = np.exp(-((np.abs(np.arange(count) - centre) / (reach * lean)) ** float(rng.uniform(1.1, 2.6))))
        inset += tear * rng.uniform(12, 66) * (0.35 + stock.wear) * (1 + 0.12 * rough)
    return inset


def _lost_corner(rng: np.random.Generator, stock: Stock) -> npt.NDArray[np.float64]:
    """Return the outline of what is gone of a corner at (0, 0): rounded by use, now and then broken off."""
    broken = rng.random() < 0.4 * stock.wear
    reach = rng.uniform(50, 150, 2) if broken else rng.uniform(12, 50, 2) * (0.6 + stock.wear)
    turn = np.linspace(0, np.pi / 2, 24)
    share = np.linspace(0, 1, 24)
    straight = 0.85 if broken else 0.0
    x = reach[0] * (straight * (1 - share) + (1 - straight) * (1 - np.sin(turn)))
    y = reach[1] * (straight * share + (1 - straight) * (1 - np.cos(turn)))
    rough = np.interp(share, np.linspace(0, 1, 9), rng.normal(0, 5.0 if broken else 0.8, 9)) * np.sin(np.pi * share)
    arc = np.stack([x + rough, y + rough], axis=1)
    return np.concatenate([[[-9.0, -9.0], [reach[0], -9.0]], arc, [[-9.0, reach[1]]]])


def _tint(rng: np.random.Generator, height: int, width: int, stock: Stock, shape: Mask) -> Field:
    """Return the colour of the paper at a quarter of the size."""
    h, w = height // QUARTER, width // QUARTER
    small = cv2.resize(shape, (w, h), interpolation=cv2.INTER_AREA)
    padded = cv2.copyMakeBorder((small > 127).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    edge = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1] * QUARTER
    tone = chance(rng, h, w, 130) * 0.021 + chance(rng, h, w, 40) * 0.013 + chance(rng, h, w, 9) * 0.008
    brown = np.exp(-edge / 30) * (0.7 + 0.5 * chance(rng, h, w, 25)) * (0.12 * stock.browning)
    brown += np.exp(-edge / 200) * (0.8 + 0.5 * chance(rng, h, w, 90)) * (0.09 * stock.browning)
    thumbed = np.exp(-(((np.arange(h, dtype=np.float32)[:, None] / h - 0.9) / 0.12) ** 2)) * np.exp(-edge / 130)
    brown += thumbed * np.float32(0.08 * (0.3 + stock.wear))
    brown += _tides(rng, h, w, stock) + _foxing(rng, h, w, stock)
    brown = np.clip(brown, 0, 0.75)
    leaf = 1 + float(rng.normal(0, 0.012))  # no two leaves have quite one tone
    tint = np.empty((h, w, 3), np.float32)
    for channel, (base, loss) in enumerate(zip(stock.colour, (0.55, 0.85, 1.3), strict=True)):
        tint[..., channel] = base * leaf * (1 + tone * (0.8 + 0.25 * channel)) * np.exp(-brown * loss)
    return tint


def _tides(rng: np.random.Generator, h: int, w: int, stock: Stock) -> Field:
    """Return damp stains: pale brown within, a darker line where the water stopped."""
    stained = np.zeros((h, w), np.float32)
    for _ in range(int(rng.poisson(2.2 * stock.damp))):
        y, x = rng.choice([0.0, 1.0, rng.random()]) * h, rng.choice([0.0, 1.0]) * w
        if rng.random() < 0.4:
            x, y = rng.random() * w, rng.choice([0.0, 1.0]) * h
        rows, columns = np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None, :]
        reach = float(rng.uniform(60, 190))
        distance = np.hypot(rows - y, columns - x) + chance(rng, h, w, 45) * 14 + chance(rng, h, w, 12) * 3
        inside = 1 / (1 + np.exp(np.clip((distance - reach) / 2.2, -30, 30)))
        line = (
            np.exp(-(((distance - reach) / 3.2) ** 2)) + 0.6 * np.exp(-np.clip(reach - distance, 0, 400) / 14) * inside
        )
        stained += (inside * 0.05 + line * 0.11) * float(rng.uniform(0.5, 1.2))
    return stained


def _foxing(rng: np.random.Generator, h: int, w: int, stock: Stock) -> Field:
    spots = np.zeros((h, w), np.uint8)
    for _ in range(int(rng.poisson(46 * stock.foxing))):
        centre = (int(rng.uniform(0, w) * 16), int(rng.uniform(0, h) * 16))
        cv2.circle(spots, centre, int(rng.gamma(1.6, 0.9) * 16) + 6, int(rng.uniform(60, 230)), -1, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(spots, (0, 0), 1.1).astype(np.float32) + cv2.GaussianBlur(spots, (0, 0), 4.0) * 1.2
    return soft * np.float32(0.0011)


def make_leaf(seed: list[int], height: int, width: int, stock: Stock, *, verso: bool, bound: bool) -> Leaf:
    """Return one side of the leaf of *seed*, *height* x *width* pixels."""
    rng = np.random.default_rng(seed)
    shape = _shape(rng, height, width, stock, bound=bound)
    tint = _tint(rng, height, width, stock, shape)
    light = _texture(rng, height, width, stock)
    # The broken edge shows the fibres inside the paper, paler than its face.
    rim = cv2.subtract(shape, cv2.erode(shape, np.ones((5, 5), np.uint8)))
    light += rim.astype(np.float32) * np.float32(0.00032)
    if verso:
        light, tint = (np.asarray(cv2.flip(part, 1), np.float32) for part in (light, tint))
        shape = np.asarray(cv2.flip(shape, 1), np.uint8)
    return Leaf(light, tint, shape)
