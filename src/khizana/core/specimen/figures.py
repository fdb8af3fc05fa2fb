"""What is drawn on a page besides lines of text: headpiece, tables, circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, degrees, pi, radians, sin, tan
from typing import Literal

import cv2
import numpy as np

from khizana.core.specimen.hand import Hand, Mask
from khizana.core.specimen.sheet import Sheet
from khizana.core.specimen.texts import Word, abjad, digits

Figure = Literal["declination", "multiplication", "spheres", "astrolabe", "mansions"]

OBLIQUITY = 23 + 35 / 60
"""Degrees: the value that old tables use for the greatest declination of the sun."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on the sheet, pixels."""

    x: float
    y: float
    width: float
    height: float


def _line(mask: Mask, x0: float, y0: float, x1: float, y1: float, thick: int = 2) -> None:
    cv2.line(mask, (round(x0 * 16), round(y0 * 16)), (round(x1 * 16), round(y1 * 16)), 255, thick, cv2.LINE_AA, 4)


def _circle(mask: Mask, x: float, y: float, radius: float, thick: int = 2) -> None:
    cv2.circle(mask, (round(x * 16), round(y * 16)), round(radius * 16), 255, thick, cv2.LINE_AA, 4)


def headpiece(sheet: Sheet, place: Place, title: str, hand: Hand, rng: np.random.Generator) -> None:
    """Draw a panel of red-brown with the *title* left in the colour of the paper, between ruled borders."""
    x0, y0, x1, y1 = (round(v) for v in (place.x, place.y, place.x + place.width, place.y + place.height))
    panel = Sheet(sheet.width, sheet.height)
    size = round(place.height * 0.62)
    words = tuple(Word(word) for word in title.split())
    while len(words) > 1 and sum(hand.width(w.text, size) + 0.26 * size for w in words) > place.width * 0.86:
        size -= 2
    panel.write(
        words, hand, rng, right=x1 - place.width * 0.06, baseline=y0 + place.height * 0.5 + size * 0.2,
        measure=place.width * 0.88, size=size, kind="heading", align="centre", wander=0.4,
    )  # fmt: skip
    letters = cv2.dilate(panel.black, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    fill = np.zeros_like(sheet.red)
    cv2.rectangle(fill, (x0 + 14, y0 + 14), (x1 - 14, y1 - 14), 255, -1)
    _lozenges(fill, Place(x0 + 14, y0 + 14, x1 - x0 - 28, y1 - y0 - 28))
    sheet.red[:] = np.maximum(sheet.red, cv2.subtract(fill, letters))
    outer = cv2.dilate(panel.black, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9)))
    sheet.black[:] = np.maximum(sheet.black, cv2.bitwise_and(cv2.subtract(outer, letters), fill))
    for inset, thick in ((0, 3), (8, 2)):
        cv2.rectangle(sheet.black, (x0 + inset, y0 + inset), (x1 - inset, y1 - inset), 255, thick, cv2.LINE_AA)
    sheet.lines.extend(panel.lines)


def _lozenges(fill: Mask, place: Place) -> None:
    """Leave a chain of lozenges free along both short sides of the panel."""
    side = 24
    count = int(place.height // (side * 1.5))
    for column in (place.x + side, place.x + place.width - side):
        for n in range(count):
            y = place.y + (n + 0.5) * place.height / count
            half = side * 0.5
            points = np.array([[column, y - half], [column + half, y], [column, y + half], [column - half, y]])
            cv2.polylines(fill, [np.round(points * 16).astype(np.int32)], True, 0, 3, cv2.LINE_AA, 4)
            cv2.circle(fill, (round(column), round(y)), 3, 0, -1, cv2.LINE_AA)


def _cells(
    sheet: Sheet, place: Place, rows: Sequence[Sequence[str]], hand: Hand, rng: np.random.Generator, size: int
) -> None:
    """Write *rows* of cells from right to left in a ruled grid; the first row and column are red."""
    height, width = place.height / len(rows), place.width / len(rows[0])
    for n in range(len(rows) + 1):
        _line(sheet.red, place.x, place.y + n * height, place.x + place.width, place.y + n * height, 3 if n < 2 else 2)
    for n in range(len(rows[0]) + 1):
        x = place.x + place.width - n * width
        _line(sheet.red, x, place.y, x, place.y + place.height, 3 if n < 2 else 2)
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if not text:
                continue
            words = tuple(Word(word, red=r == 0 or c == 0) for word in text.split())
            sheet.write(
                words, hand, rng, right=place.x + place.width - c * width, baseline=place.y + (r + 0.66) * height,
                measure=width, size=size, kind="table cell", align="centre", wander=0.6,
            )  # fmt: skip


def declination_table(sheet: Sheet, place: Place, hand: Hand, rng: np.random.Generator, size: int) -> None:
    """Draw the sun's declination for every second degree of the first three signs, computed for OBLIQUITY."""
    rows = [["الدرج", "الحمل", "دقائق", "الثور", "دقائق", "الجوزاء", "دقائق"]]
    for degree in range(2, 31, 2):
        row = [abjad(degree)]
        for sign in range(3):
            height = degrees(asin(sin(radians(OBLIQUITY)) * sin(radians(30 * sign + degree))))
            whole, minutes = divmod(round(height * 60), 60)
            row += [abjad(whole), abjad(minutes)]
        rows.append(row)
    _cells(sheet, place, rows, hand, rng, size)


def multiplication_table(sheet: Sheet, place: Place, hand: Hand, rng: np.random.Generator, size: int) -> None:
    """Draw the products of one to nine."""
    rows = [["", *(digits(n) for n in range(1, 10))]]
    rows += [[digits(a), *(digits(a * b) for b in range(1, 10))] for a in range(1, 10)]
    _cells(sheet, place, rows, hand, rng, size)


def _label(
    sheet: Sheet, text: str, x: float, y: float, hand: Hand, rng: np.random.Generator, size: int, *, red: bool = False
) -> None:
    words = tuple(Word(word, red) for word in text.split())
    width = sum(hand.width(word.text, size) + 0.26 * size for word in words)
    sheet.write(
        words,
        hand,
        rng,
        right=x + width / 2,
        baseline=y,
        measure=width,
        size=size,
        kind="label",
        align="centre",
        wander=0.4,
    )


def _turned(
    sheet: Sheet, text: str, centre: tuple[float, float], radius: float, angle: float, hand: Hand,
    rng: np.random.Generator, size: int, *, red: bool = False,
) -> None:  # fmt: skip
    """Write *text* across the ray at *angle* (radians, clockwise from the top), feet toward the centre."""
    words = tuple(Word(word, red) for word in text.split())
    width = int(sum(hand.width(word.text, size) + 0.26 * size for word in words)) + 8
    small = Sheet(width, size * 2)
    small.write(
        words, hand, rng, right=width - 4, baseline=size * 1.25, measure=width - 8, size=size, kind="label",
        align="centre", wander=0.3,
    )  # fmt: skip
    x, y = centre[0] + radius * sin(angle), centre[1] - radius * cos(angle)
    turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    shift = np.array([x, y]) - turn @ np.array([width / 2, size * 1.05])
    sheet.lay(small, np.column_stack([turn, shift]))


def spheres(sheet: Sheet, place: Place, hand: Hand, rng: np.random.Generator, size: int) -> None:
    """Draw the spheres as the old books teach them, the earth in the middle."""
    names = ("القمر", "عطارد", "الزهرة", "الشمس", "المريخ", "المشتري", "زحل", "الثوابت")
    x, y = place.x + place.width / 2, place.y + place.height / 2
    outer = min(place.width, place.height) / 2 - 6
    inner = outer * 0.17
    step = (outer - inner) / len(names)
    _circle(sheet.black, x, y, inner, 3)
    _label(sheet, "الأرض", x, y + size * 0.18, hand, rng, size)
    for n, name in enumerate(names):
        radius = inner + (n + 1) * step
        _circle(sheet.red if n % 2 else sheet.black, x, y, radius, 3 if n == len(names) - 1 else 2)
        _turned(sheet, f"فلك {name}", (x, y), radius - step * 0.52, (n % 2 - 0.5) * 0.35, hand, rng, round(size * 0.72))
        spin = 0.9 + n * 0.83
        body = (x + (radius - step / 2) * sin(spin), y - (radius - step / 2) * cos(spin))
        if n < len(names) - 1:
            _circle(sheet.red, *body, step * 0.2, -1)
            _circle(sheet.black, *body, step * 0.2, 2)
    for n in range(48):
        spin = n * pi / 24
        star = (x + (outer - step / 2) * sin(spin), y - (outer - step / 2) * cos(spin))
        if abs((spin + pi) % (2 * pi) - pi) > 0.55:
            _circle(sheet.red if n % 3 else sheet.black, *star, 3.2, -1)
    _circle(sheet.black, x, y, outer + 6, 2)


def mansions(sheet: Sheet, place: Place, hand: Hand, rng: np.random.Generator, size: int) -> None:
    """Draw the twelve signs in a ring, and the names of the seasons within."""
    signs = (
        "الحمل",
        "الثور",
        "الجوزاء",
        "السرطان",
        "الأسد",
        "السنبلة",
        "الميزان",
        "العقرب",
        "القوس",
        "الجدي",
        "الدلو",
        "الحوت",
    )
    x, y = place.x + place.width / 2, place.y + place.height / 2
    outer = min(place.width, place.height) / 2 - 6
    for radius, thick in ((outer, 3), (outer - 8, 2), (outer * 0.74, 2), (outer * 0.42, 2), (outer * 0.2, 2)):
        _circle(sheet.black if thick == 3 else sheet.red, x, y, radius, thick)
    for n, sign in enumerate(signs):
        edge, middle = -n * pi / 6, -(n + 0.5) * pi / 6
        _line(
            sheet.red,
            x + outer * 0.42 * sin(edge),
            y - outer * 0.42 * cos(edge),
            x + outer * sin(edge),
            y - outer * cos(edge),
        )
        _turned(sheet, sign, (x, y), outer * 0.865, middle, hand, rng, size, red=n % 3 == 0)
        _turned(sheet, digits(n + 1), (x, y), outer * 0.58, middle, hand, rng, size)
    for n, season in enumerate(("الربيع", "الصيف", "الخريف", "الشتاء")):
        _turned(sheet, season, (x, y), outer * 0.31, -(n + 0.5) * pi / 2, hand, rng, size, red=True)
    _label(sheet, "الشمس", x, y + size * 0.2, hand, rng, size)


def astrolabe(sheet: Sheet, place: Place, hand: Hand, rng: np.random.Generator, size: int) -> None:
    """Draw a plate of the astrolabe for latitude 17 north: tropics, equator, horizon and circles of altitude."""
    latitude = radians(17)
    x, y = place.x + place.width / 2, place.y + place.height / 2
    outer = min(place.width, place.height) / 2 - 8
    tilt = radians(OBLIQUITY)
    # Stereographic projection from the south pole; the outer rim is the tropic of Capricorn.
    equator = outer * tan((pi / 2 - tilt) / 2)
    cancer = equator * tan((pi / 2 - tilt) / 2)
    inside = np.zeros_like(sheet.black)
    _circle(inside, x, y, outer, -1)
    lines = np.zeros_like(sheet.black)
    for altitude in range(0, 90, 10):
        h = radians(altitude)
        middle = equator * cos(latitude) / (sin(latitude) + sin(h))
        radius = equator * cos(h) / (sin(latitude) + sin(h))
        _circle(lines, x, y - middle, radius, 4 if altitude == 0 else 2)
    sheet.black[:] = np.maximum(sheet.black, cv2.bitwise_and(lines, inside))
    for radius, thick in ((outer, 3), (outer + 8, 2)):
        _circle(sheet.black, x, y, radius, thick)
    for radius in (equator, cancer):
        _circle(sheet.red, x, y, radius, 3)
    _line(sheet.red, x - outer, y, x + outer, y)
    _line(sheet.red, x, y - outer, x, y + outer)
    for text, radius, angle in (
        ("مدار الجدي", outer - size * 0.75, pi * 0.80), ("مدار الحمل", equator - size * 0.75, pi * 0.78),
        ("مدار السرطان", cancer - size * 0.75, pi * 0.72), ("الأفق", outer - size * 0.75, pi * 0.42),
        ("الجنوب", outer - size * 0.75, 0.16), ("الشمال", outer - size * 0.75, pi - 0.16),
    ):  # fmt: skip
        _turned(sheet, text, (x, y), radius, angle, hand, rng, round(size * 0.8))


def draw(figure: Figure, sheet: Sheet, place: Place, hand: Hand, rng: np.random.Generator, size: int) -> None:
    """Draw *figure* in *place*, its letters *size* pixels to the em."""
    made = {
        "declination": declination_table,
        "multiplication": multiplication_table,
        "spheres": spheres,
        "astrolabe": astrolabe,
        "mansions": mansions,
    }
    made[figure](sheet, place, hand, rng, size)
