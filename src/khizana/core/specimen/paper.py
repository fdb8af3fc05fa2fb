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


def _texture(rng: np.random.Generator, height: int, width: int, stock: Stock) -> Field:
    y, x = (int(n) for n in rng.integers(0, _TILE, 2))
    rows = (np.arange(height) + y) % _TILE
    columns = (np.arange(width) + x) % _TILE
    light = _fibres()[rows[:, None], columns[None, :]]
    down = np.arange(height, dtype=np.float32)
    drift = np.interp(down, np.linspace(0, height, 9), rng.normal(0, stock.laid * 0.25, 9)).astype(np.float32)
    laid = np.cos((down + drift) * np.float32(2 * np.pi / stock.laid)) * np.float32(0.0085)
    across = np.arange(width, dtype=np.float32)
    spacing = stock.laid * 13
    distance = np.abs((across + float(rng.uniform(0, spacing))) % spacing - spacing / 2)
    chain = np.exp(-((distance / 3.0) ** 2)).astype(np.float32) * np.float32(0.014)
    return np.float32(1.0) + light + laid[:, None] + chain[None, :]


def _shape(rng: np.random.Generator, height: int, width: int, stock: Stock, *, bound: bool) -> Mask:
    """Return where the paper is: edges worn by chance, corners rounded, some bites out of the margins.

    A bound leaf keeps its spine edge, which on a recto is the right one.
    """
    step = 5
    sides: list[npt.NDArray[np.float64]] = []
    worn = 3 + 9 * stock.wear
    for length, keeps in ((width, False), (height, bound), (width, False), (height, False)):
        count = length // step
        rough = np.zeros(count)
        for waves, size in ((4, 1.0), (14, 0.55), (60, 0.28), (count, 0.16)):
            rough += np.interp(np.linspace(0, 1, count), np.linspace(0, 1, waves), rng.normal(0, size, waves))
        inset = np.abs(rough) * worn * (0.1 if keeps else 1.0)
        for _ in range(int(rng.poisson(0.0 if keeps else 1.5 * stock.wear))):
            centre, reach = rng.uniform(0, count), rng.uniform(4, 22) * (0.5 + stock.wear)
            tear = np.exp(-(np.abs((np.arange(count) - centre) / reach) ** float(rng.uniform(1.2, 3.0))))
            inset += tear * rng.uniform(15, 70) * (0.4 + stock.wear)
        sides.append(inset)
    along_x, along_y = np.arange(width // step) * step, np.arange(height // step) * step
    top, right, bottom, left = sides
    outline = np.concatenate(
        [
            np.stack([along_x, top], axis=1),
            np.stack([width - right, along_y], axis=1),
            np.stack([along_x, height - bottom], axis=1)[::-1],
            np.stack([left, along_y], axis=1)[::-1],
        ]
    )
    # Corners wear first: draw every point near one toward the middle of the leaf.
    corners = (
        [(0.0, 0.0), (0.0, float(height))] if bound else [(0.0, 0.0), (0.0, height), (width, 0.0), (width, height)]
    )
    for corner in corners:
        reach = float(rng.uniform(12, 60) * (0.5 + stock.wear) + (70 if rng.random() < stock.wear * 0.5 else 0))
        away = np.hypot(*(outline - corner).T)
        pull = np.clip(1 - away / reach, 0, 1)[:, None]
        outline += (
            pull * (np.array([width / 2, height / 2]) - outline) * (reach * 0.45 / np.hypot(width / 2, height / 2))
        )
    shape = np.zeros((height, width), np.uint8)
    cv2.fillPoly(shape, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    for _ in range(stock.worms):
        x, y = rng.uniform(0.04, 0.96) * width, rng.uniform(0.03, 0.97) * height
        axes = (int(rng.uniform(2.5, 6) * 16), int(rng.uniform(2.5, 9) * 16))
        cv2.ellipse(shape, ((x, y), (axes[0] / 8, axes[1] / 8), float(rng.uniform(0, 180))), 0, -1, cv2.LINE_AA)
    return shape


def _tint(rng: np.random.Generator, height: int, width: int, stock: Stock, shape: Mask) -> Field:
    """Return the colour of the paper at a quarter of the size."""
    h, w = height // QUARTER, width // QUARTER
    small = cv2.resize(shape, (w, h), interpolation=cv2.INTER_AREA)
    padded = cv2.copyMakeBorder((small > 127).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    edge = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1] * QUARTER
    tone = chance(rng, h, w, 130) * 0.016 + chance(rng, h, w, 40) * 0.011 + chance(rng, h, w, 9) * 0.007
    brown = np.exp(-edge / 45) * (0.7 + 0.4 * chance(rng, h, w, 25)) * 0.17 * stock.browning
    brown += np.exp(-edge / 240) * 0.10 * stock.browning
    handled = np.exp(-(((np.indices((h, w))[0] / h - 0.93) / 0.1) ** 2)) * np.exp(-edge / 130)
    brown += (handled * 0.09 * (0.3 + stock.wear)).astype(np.float32)
    brown += _tides(rng, h, w, stock, edge) + _foxing(rng, h, w, stock)
    brown = np.clip(brown, 0, 0.75)
    tint = np.empty((h, w, 3), np.float32)
    for channel, (base, loss) in enumerate(zip(stock.colour, (0.55, 0.85, 1.3), strict=True)):
        tint[..., channel] = base * (1 + tone * (0.8 + 0.25 * channel)) * np.exp(-brown * loss)
    return tint


def _tides(rng: np.random.Generator, h: int, w: int, stock: Stock, edge: Field) -> Field:
    """Return damp stains: pale brown within, a darker line where the water stopped."""
    stained = np.zeros((h, w), np.float32)
    for _ in range(int(rng.poisson(2.2 * stock.damp))):
        y, x = rng.choice([0.0, 1.0, rng.random()]) * h, rng.choice([0.0, 1.0]) * w
        if rng.random() < 0.4:
            x, y = rng.random() * w, rng.choice([0.0, 1.0]) * h
        rows, columns = np.indices((h, w), dtype=np.float32)
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
        return Leaf(
            np.ascontiguousarray(light[:, ::-1]),
            np.ascontiguousarray(tint[:, ::-1]),
            np.ascontiguousarray(shape[:, ::-1]),
        )
    return Leaf(light, tint, shape)
