"""What is drawn on a page besides lines of text: headpiece, rosette, tables, circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, degrees, pi, radians, sin, tan
from typing import Literal

import cv2
import numpy as np

from khizana.core.specimen.hand import Hand, Mask
from khizana.core.specimen.sheet import GAP, Sheet
from khizana.core.specimen.texts import Word, abjad, digits
from khizana.core.specimen.truth import Points

Figure = Literal["declination", "multiplication", "spheres", "astrolabe", "signs"]

OBLIQUITY = 23 + 35 / 60
"""Degrees: the value that old tables use for the greatest declination of the sun."""
LATITUDE = 17
"""Degrees north, of the plate of the astrolabe."""
SIGNS = (
    "الحمل", "الثور", "الجوزاء", "السرطان", "الأسد", "السنبلة",
    "الميزان", "العقرب", "القوس", "الجدي", "الدلو", "الحوت",
)  # fmt: skip
SEASONS = ("الربيع", "الصيف", "الخريف", "الشتاء")
SPHERES = ("القمر", "عطارد", "الزهرة", "الشمس", "المريخ", "المشتري", "زحل", "الثوابت")


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on the sheet, pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Pen:
    """Whoever draws: on which sheet, in which hand, with letters of which size."""

    sheet: Sheet
    hand: Hand
    rng: np.random.Generator
    size: int

    def width(self, words: Sequence[Word], size: int) -> float:
        """Return the width of *words* in pixels, spaces and all."""
        return sum(self.hand.width(word.text, size) + GAP * size for word in words)

    def label(self, text: str, middle: tuple[float, float]) -> None:
        """Write *text* level, its foot's middle at *middle*."""
        words = tuple(Word(word) for word in text.split())
        width = self.width(words, self.size)
        self.sheet.write(
            words, self.hand, self.rng, right=middle[0] + width / 2, baseline=middle[1], measure=width,
            size=self.size, kind="label", align="centre", wander=0.4,
        )  # fmt: skip

    def turned(
        self,
        text: str,
        centre: tuple[float, float],
        radius: float,
        angle: float,
        *,
        scale: float = 1,
        red: bool = False,
    ) -> None:
        """Write *text* across the ray at *angle* (radians, clockwise from the top), its feet toward *centre*."""
        size = round(self.size * scale)
        words = tuple(Word(word, red) for word in text.split())
        width = int(self.width(words, size)) + 8
        small = Sheet(width, size * 2)
        small.write(
            words, self.hand, self.rng, right=width - 4, baseline=size * 1.25, measure=width - 8, size=size,
            kind="label", align="centre", wander=0.3,
        )  # fmt: skip
        x, y = _on(centre, radius, angle)
        turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
        shift = np.array([x, y]) - turn @ np.array([width / 2, size * 1.05])
        self.sheet.lay(small, np.column_stack([turn, shift]))

    def cells(self, place: Place, rows: Sequence[Sequence[str]]) -> None:
        """Write *rows* of cells from right to left in a ruled grid; the first row and column are red."""
        height, width = place.height / len(rows), place.width / len(rows[0])
        right, foot = place.x + place.width, place.y + place.height
        for n in range(len(rows) + 1):
            y = place.y + n * height
            _line(self.sheet.red, (place.x, y), (right, y), 3 if n < 2 else 2)
        for n in range(len(rows[0]) + 1):
            x = right - n * width
            _line(self.sheet.red, (x, place.y), (x, foot), 3 if n < 2 else 2)
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                if text:
                    self.sheet.write(
                        tuple(Word(word, red=r == 0 or c == 0) for word in text.split()), self.hand, self.rng,
                        right=right - c * width, baseline=place.y + (r + 0.66) * height, measure=width, size=self.size,
                        kind="table cell", align="centre", wander=0.6,
                    )  # fmt: skip


def draw(figure: Figure, pen: Pen, place: Place) -> None:
    """Draw *figure* in *place*."""
    made = {
        "declination": declination_table,
        "multiplication": multiplication_table,
        "spheres": spheres,
        "astrolabe": astrolabe,
        "signs": signs,
    }
    made[figure](pen, place)


def declination_table(pen: Pen, place: Place) -> None:
    """Draw the sun's declination for every second degree of the first three signs, computed for OBLIQUITY."""
    rows = [["الدرج", "الحمل", "دقائق", "الثور", "دقائق", "الجوزاء", "دقائق"]]
    for degree in range(2, 31, 2):
        row = [abjad(degree)]
        for sign in range(3):
            height = degrees(asin(sin(radians(OBLIQUITY)) * sin(radians(30 * sign + degree))))
            whole, minutes = divmod(round(height * 60), 60)
            row += [abjad(whole), abjad(minutes)]
        rows.append(row)
    pen.cells(place, rows)


def multiplication_table(pen: Pen, place: Place) -> None:
    """Draw the products of one to nine."""
    rows = [["", *(digits(n) for n in range(1, 10))]]
    rows += [[digits(a), *(digits(a * b) for b in range(1, 10))] for a in range(1, 10)]
    pen.cells(place, rows)


def spheres(pen: Pen, place: Place) -> None:
    """Draw the spheres as the old books teach them, the earth in the middle."""
    sheet, middle = pen.sheet, place.middle
    outer = min(place.width, place.height) / 2 - 14
    inner = outer * 0.17
    step = (outer - inner) / len(SPHERES)
    _ring(sheet, middle, outer, outer - step)
    _circle(sheet.black, middle, inner, 3)
    pen.label("الأرض", (middle[0], middle[1] + pen.size * 0.18))
    for n, name in enumerate(SPHERES):
        radius = inner + (n + 1) * step
        _circle(sheet.red if n % 2 else sheet.black, middle, radius, 3 if n == len(SPHERES) - 1 else 2)
        pen.turned(f"فلك {name}", middle, radius - step * 0.52, (n % 2 - 0.5) * 0.35, scale=0.72)
        body = _on(middle, radius - step / 2, 0.9 + n * 0.83)
        if n < len(SPHERES) - 1:
            _circle(sheet.yellow if name == "الشمس" else sheet.red, body, step * 0.22, -1)
            _circle(sheet.black, body, step * 0.22, 2)
    for n in range(48):
        if 4 < n < 44:
            _star(sheet.red if n % 2 else sheet.black, _on(middle, outer - step / 2, n * pi / 24), step * 0.16)
    _circle(sheet.black, middle, outer + 8, 2)


def signs(pen: Pen, place: Place) -> None:
    """Draw the twelve signs in a ring, numbered, and the seasons within."""
    sheet, middle = pen.sheet, place.middle
    outer = min(place.width, place.height) / 2 - 6
    _ring(sheet, middle, outer * 0.74, outer * 0.42)
    for radius, thick in ((outer, 3), (outer - 8, 2), (outer * 0.74, 2), (outer * 0.42, 2), (outer * 0.2, 2)):
        _circle(sheet.black if thick == 3 else sheet.red, middle, radius, thick)
    for n, sign in enumerate(SIGNS):
        ray = -(n + 0.5) * pi / 6
        _line(sheet.red, _on(middle, outer * 0.42, -n * pi / 6), _on(middle, outer, -n * pi / 6))
        pen.turned(sign, middle, outer * 0.865, ray, red=n % 3 == 0)
        pen.turned(digits(n + 1), middle, outer * 0.58, ray)
    for n, season in enumerate(SEASONS):
        pen.turned(season, middle, outer * 0.31, -(n + 0.5) * pi / 2, red=True)
    pen.label("الشمس", (middle[0], middle[1] + pen.size * 0.2))


def astrolabe(pen: Pen, place: Place) -> None:
    """Draw a plate of the astrolabe for LATITUDE: tropics, equator, horizon and circles of altitude, south above."""
    sheet, middle = pen.sheet, place.middle
    latitude, tilt = radians(LATITUDE), radians(OBLIQUITY)
    outer = min(place.width, place.height) / 2 - 10
    # Stereographic projection from the south pole; the rim is the tropic of Capricorn.
    equator = outer * tan((pi / 2 - tilt) / 2)
    cancer = equator * tan((pi / 2 - tilt) / 2)
    inside, lines = np.zeros_like(sheet.black), np.zeros_like(sheet.black)
    _circle(inside, middle, outer, -1)
    for altitude in range(0, 90, 10):
        height = radians(altitude)
        over = sin(latitude) + sin(height)
        centre = (middle[0], middle[1] - equator * cos(latitude) / over)
        _circle(lines, centre, equator * cos(height) / over, 4 if altitude == 0 else 2)
    sheet.black[:] = np.maximum(sheet.black, cv2.bitwise_and(lines, inside))
    _ring(sheet, middle, outer + 12, outer)
    for radius, thick in ((outer, 3), (outer + 12, 2)):
        _circle(sheet.black, middle, radius, thick)
    for radius in (equator, cancer):
        _circle(sheet.red, middle, radius, 3)
    for angle in (0.0, pi / 2):
        _line(sheet.red, _on(middle, outer, angle), _on(middle, outer, angle + pi))
    away = pen.size * 0.7
    for text, radius, angle in (
        ("مدار الجدي", outer, pi * 0.80), ("مدار الحمل", equator, pi * 0.78), ("مدار السرطان", cancer, pi * 0.72),
        ("الجنوب", outer, 0.15), ("الشمال", outer, pi - 0.15),
        ("المشرق", outer, -pi / 2 - 0.15), ("المغرب", outer, pi / 2 + 0.15),
    ):  # fmt: skip
        pen.turned(text, middle, radius - away, angle, scale=0.8)


def headpiece(pen: Pen, place: Place, title: str, *, beside: tuple[float, float] | None) -> None:
    """Draw a panel with the *title* left in the colour of the paper, between ruled borders, a rosette *beside* it."""
    sheet = pen.sheet
    x0, y0, x1, y1 = (round(v) for v in (place.x, place.y, place.x + place.width, place.y + place.height))
    words = tuple(Word(word) for word in title.split())
    size = round(place.height * 0.62)
    while pen.width(words, size) > place.width * 0.8:
        size -= 2
    letters = Sheet(sheet.width, sheet.height)
    letters.write(
        words, pen.hand, pen.rng, right=x1 - place.width * 0.06, baseline=place.middle[1] + size * 0.2,
        measure=place.width * 0.88, size=size, kind="heading", align="centre", wander=0.4,
    )  # fmt: skip
    white = cv2.dilate(letters.black, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    fill = np.zeros_like(sheet.red)
    cv2.rectangle(fill, (x0 + 20, y0 + 20), (x1 - 20, y1 - 20), 255, -1)
    _lozenges(fill, Place(x0 + 20, y0 + 20, x1 - x0 - 40, y1 - y0 - 40))
    sheet.red[:] = np.maximum(sheet.red, cv2.subtract(fill, white))
    outer = cv2.dilate(letters.black, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
    sheet.black[:] = np.maximum(sheet.black, cv2.bitwise_and(cv2.subtract(outer, white), fill))
    cv2.rectangle(sheet.yellow, (x0 + 9, y0 + 9), (x1 - 9, y1 - 9), 255, 9, cv2.LINE_AA)
    for inset, thick in ((0, 3), (4, 2), (15, 2)):
        cv2.rectangle(sheet.black, (x0 + inset, y0 + inset), (x1 - inset, y1 - inset), 255, thick, cv2.LINE_AA)
    sheet.lines.extend(letters.lines)
    if beside:
        rosette(sheet, beside, place.height * 0.4)


def rosette(sheet: Sheet, middle: tuple[float, float], radius: float) -> None:
    """Draw a rosette: two squares and circles laid over each other, in red and black on a ground of yellow."""
    petals = np.zeros_like(sheet.red)
    for n in range(8):
        _circle(petals, _on(middle, radius * 0.42, n * pi / 4), radius * 0.42, 2)
    sheet.red[:] = np.maximum(sheet.red, petals)
    _ring(sheet, middle, radius, radius * 0.84)
    for n in range(24):
        _circle(sheet.red, _on(middle, radius * 0.92, n * pi / 12), max(2.0, radius * 0.028), -1)
    for turn in (0.0, pi / 4):
        corners = np.array([_on(middle, radius * 0.84, turn + n * pi / 2) for n in range(4)])
        _outline(sheet.black, corners, 2)
    _ring(sheet, middle, radius * 0.2, radius * 0.05)
    for part, thick in ((1.0, 3), (0.84, 2), (0.2, 2)):
        _circle(sheet.black, middle, radius * part, thick)
    for n in range(32):
        # Fine rays round the rim, every second one longer, each with its dot.
        far = radius * (1.2 if n % 2 else 1.11)
        _line(sheet.black, _on(middle, radius * 1.03, n * pi / 16), _on(middle, far, n * pi / 16))
        _circle(sheet.red, _on(middle, far, n * pi / 16), max(2.0, radius * 0.018), -1)


def _lozenges(fill: Mask, place: Place) -> None:
    """Leave a chain of lozenges free along both short sides of the panel."""
    side = 24
    count = int(place.height // (side * 1.3))
    for column in (place.x + side, place.x + place.width - side):
        for n in range(count):
            y = place.y + (n + 0.5) * place.height / count
            half = side * 0.5
            _outline(
                fill, np.array([[column, y - half], [column + half, y], [column, y + half], [column - half, y]]), 3, 0
            )
            cv2.circle(fill, (round(column), round(y)), 3, 0, -1, cv2.LINE_AA)


def _on(centre: tuple[float, float], radius: float, angle: float) -> tuple[float, float]:
    """Return the point at *radius* on the ray at *angle*, clockwise from the top."""
    return centre[0] + radius * sin(angle), centre[1] - radius * cos(angle)


def _line(mask: Mask, start: tuple[float, float], end: tuple[float, float], thick: int = 2) -> None:
    cv2.line(mask, _fixed(start), _fixed(end), 255, thick, cv2.LINE_AA, 4)


def _circle(mask: Mask, centre: tuple[float, float], radius: float, thick: int = 2) -> None:
    cv2.circle(mask, _fixed(centre), round(radius * 16), 255, thick, cv2.LINE_AA, 4)


def _ring(sheet: Sheet, centre: tuple[float, float], outer: float, inner: float) -> None:
    """Wash the ring between two radii with yellow."""
    _circle(sheet.yellow, centre, (outer + inner) / 2, max(1, round(outer - inner)))


def _star(mask: Mask, centre: tuple[float, float], radius: float) -> None:
    for n in range(3):
        _line(mask, _on(centre, radius, n * pi / 3), _on(centre, radius, n * pi / 3 + pi))


def _outline(mask: Mask, points: Points, thick: int, value: int = 255) -> None:
    cv2.polylines(mask, [np.round(points * 16).astype(np.int32)], True, value, thick, cv2.LINE_AA, 4)


def _fixed(point: tuple[float, float]) -> tuple[int, int]:
    """Return *point* in sixteenths of a pixel, as the drawing functions take it."""
    return round(point[0] * 16), round(point[1] * 16)
