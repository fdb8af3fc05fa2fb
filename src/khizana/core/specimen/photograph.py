"""The photograph: a leaf on a grey board or a codex opened at a page, in soft light, never quite straight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from khizana.core.specimen.hand import Mask
from khizana.core.specimen.paper import Colour, Field, chance, tiled
from khizana.core.specimen.truth import Points

Pixels = npt.NDArray[np.uint8]
"""Height x width x 3 (red, green, blue) or x 4 (with cover)."""

_GRID = 8


@dataclass(frozen=True, slots=True)
class Bend:
    """Where each point of the photograph comes from on the flat leaf: turned, cockled, curved into the gutter."""

    centre: tuple[float, float]
    """Middle of the photograph, pixels."""
    middle: tuple[float, float]
    """Middle of the leaf, pixels of the leaf."""
    angle: float
    """Radians, anticlockwise."""
    waves: tuple[tuple[float, float, float, float, float], ...]
    """Each: shift in x and y (pixels), waves across and down (radians a pixel), phase."""
    gutter: float | None = None
    """x of the gutter in the photograph, where the page is bound."""

    def to_leaf(self, points: Points) -> Points:
        """Return the places on the leaf of *points* of the photograph."""
        x, y = points[..., 0] - self.centre[0], points[..., 1] - self.centre[1]
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        u = cos * x - sin * y + self.middle[0]
        v = sin * x + cos * y + self.middle[1]
        for dx, dy, kx, ky, phase in self.waves:
            wave = np.sin(kx * x + ky * y + phase)
            u = u + dx * wave
            v = v + dy * wave
        if self.gutter is not None:
            # Toward the spine the page rises and turns away from the camera: lines curve and crowd together.
            away = np.abs(points[..., 0] - self.gutter)
            v = v + 26 * np.exp(-away / 150) * (y / self.centre[1])
            u = u + np.sign(self.gutter - self.centre[0]) * 22 * np.exp(-away / 70)
        return np.stack([u, v], axis=-1)

    def to_photograph(self, points: Points) -> Points:
        """Return the places in the photograph of *points* of the leaf, to within a hundredth of a pixel."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        guess = np.array(points, np.float64) - self.middle + self.centre
        for _ in range(24):
            off = self.to_leaf(guess) - points
            guess = guess - np.stack(
                [cos * off[..., 0] + sin * off[..., 1], cos * off[..., 1] - sin * off[..., 0]], axis=-1
            )
        return guess

    def maps(self, height: int, width: int) -> tuple[Field, Field]:
        """Return, for every pixel of the photograph, x and y on the leaf."""
        # The bend is smooth: it is worked out at every eighth pixel and filled in.
        rows, columns = height // _GRID + 3, width // _GRID + 3
        offset = (_GRID - 1) / 2 - _GRID
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float64) * _GRID + offset
        source = self.to_leaf(np.stack([x, y], axis=-1)).astype(np.float32)
        full = (columns * _GRID, rows * _GRID)
        u, v = (cv2.resize(source[..., i], full, interpolation=cv2.INTER_LINEAR) for i in range(2))
        return (
            np.ascontiguousarray(u[_GRID : _GRID + height, _GRID : _GRID + width], np.float32),
            np.ascontiguousarray(v[_GRID : _GRID + height, _GRID : _GRID + width], np.float32),
        )


@cache
def _cloth() -> Field:
    """Return a tile of the board that leaves are photographed on: fine cloth, hardly seen."""
    rng = np.random.default_rng(77)
    noise = rng.standard_normal((1024, 1024), dtype=np.float32)
    weave = cv2.GaussianBlur(noise, (0, 0), sigmaX=2.2, sigmaY=0.6) + cv2.GaussianBlur(
        noise[::-1], (0, 0), sigmaX=0.6, sigmaY=2.2
    )
    return np.asarray(weave / np.float32(weave.std()), np.float32)


@cache
def _grain() -> Field:
    """Return a tile of the noise of a camera, its deviation half a hundredth of the light."""
    noise = np.random.default_rng(78).standard_normal((1024, 1024), dtype=np.float32)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.6) * 2.2, np.float32)


def board(rng: np.random.Generator, height: int, width: int, colour: Colour) -> Pixels:
    """Return the background alone, *height* x *width*."""
    shade = tiled(_cloth(), rng, height, width)
    shade *= np.float32(128 * 0.022)
    shade += cv2.resize(128 + 4 * chance(rng, 60, 40, 20), (width, height))
    grey = cv2.convertScaleAbs(shade)
    levels = np.arange(256)[:, None] * (np.array(colour) / 128)
    return np.asarray(cv2.LUT(cv2.merge([grey] * 3), np.clip(levels, 0, 255).astype(np.uint8)[None]), np.uint8)


def shadow(scene: Pixels, cover: Mask, *, shift: tuple[int, int] = (10, 16), depth: float = 0.62) -> Pixels:
    """Return *scene* darkened where the thing of *cover* keeps the light away: a close shadow and a wide one."""
    height, width = cover.shape
    small = cv2.resize(cover, (width // 8, height // 8), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    dark = np.zeros_like(small)
    for spread, weight, reach in ((1.2, 0.55, 0.5), (5.0, 0.45, 1.6)):
        matrix = np.array([[1, 0, shift[0] * reach / 8], [0, 1, shift[1] * reach / 8]], np.float64)
        moved = cv2.warpAffine(small, matrix, (small.shape[1], small.shape[0]))
        dark += cv2.GaussianBlur(moved, (0, 0), spread) * np.float32(weight)
    light = cv2.resize(((1 - depth * np.clip(dark, 0, 1)) * 255).astype(np.uint8), (width, height))
    return np.asarray(cv2.multiply(scene, cv2.merge([light] * 3), scale=1 / 255), np.uint8)


def lay(scene: Pixels, thing: Pixels) -> Pixels:
    """Return *scene* with the four-channel *thing*, of the same size, laid over it by its cover."""
    cover = cv2.merge([thing[..., 3]] * 3)
    above = cv2.multiply(np.ascontiguousarray(thing[..., :3]), cover, scale=1 / 255)
    below = cv2.multiply(scene, cv2.bitwise_not(cover), scale=1 / 255)
    return np.asarray(cv2.add(above, below), np.uint8)


def lamp(rng: np.random.Generator, scene: Pixels, bend: Bend) -> Pixels:
    """Return *scene* as the camera sees it: light falling off from one side, cockles shaded, the gutter dark."""
    height, width = scene.shape[:2]
    y, x = np.mgrid[0 : height // 16, 0 : width // 16].astype(np.float32)
    y, x = y / (height / 16), x / (width / 16)
    light = 1.03 - 0.06 * np.hypot(x - 0.36, y - 0.3) ** 2 * 2
    px, py = x * width - bend.centre[0], y * height - bend.centre[1]
    for dx, dy, kx, ky, phase in bend.waves:
        light = light + (dx + dy) * (kx + ky) * 0.55 * np.cos(kx * px + ky * py + phase)
    if bend.gutter is not None:
        away = np.abs(x * width - bend.gutter)
        light = light * (1 - 0.42 * np.exp(-away / 26) - 0.26 * np.exp(-away / 120)) + 0.05 * np.exp(
            -(((away - 260) / 120) ** 2)
        )
    full = np.asarray(cv2.resize(np.asarray(light * 200, np.float32), (width, height)), np.float32)
    full += tiled(_grain(), rng, height, width)
    return np.asarray(cv2.multiply(scene, cv2.merge([cv2.convertScaleAbs(full)] * 3), scale=1 / 200), np.uint8)
