"""One page from its plan: written, aged, photographed, with the truth of where each word came to lie."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from khizana.core.specimen.book import FIGURE_LINES, HEADPIECE_LINES, Book, Look, Side
from khizana.core.specimen.figures import Pen, Place, draw, headpiece, rosette
from khizana.core.specimen.hand import Hand, Mask
from khizana.core.specimen.paper import Field, Leaf, chance, make_leaf
from khizana.core.specimen.photograph import Bend, Pixels, board, lamp, lay, shadow
from khizana.core.specimen.sheet import Sheet, fill
from khizana.core.specimen.texts import MARK_ARABIC, MARK_LATIN, Word, words
from khizana.core.specimen.truth import Points, TrueLine, moved

_BORDER = 170
"""Board seen round a loose leaf, pixels."""
_FOOT = 190
"""Board below the leaf, where the slip lies."""
_FACING = 96
"""What is seen of the page across the gutter."""


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page: its pixels (red, green, blue) and its truth in pixels of that image."""

    pixels: Pixels
    lines: tuple[TrueLine, ...]


def draw_leaf(book: Book, sides: tuple[Side, ...], hand: Hand) -> tuple[Page, ...]:
    """Return the pages of one leaf (recto, then verso if there is one): what is on one side shows through the other."""
    sheets = [_written(book, side, hand) for side in sides]
    pages = []
    for number, side in enumerate(sides):
        behind = sheets[1 - number] if len(sheets) == 2 else None
        pages.append(_photographed(book, side, sheets[number], behind, hand))
    return tuple(pages)


def _written(book: Book, side: Side, hand: Hand) -> Sheet:
    look = book.look
    rng = np.random.default_rng([1, book.number, side.index])
    width, height = look.leaf
    sheet = Sheet(width, height)
    right = _right_edge(look, side)
    baseline = float(look.top)
    if side.title:
        rosette(sheet, (right - look.measure / 2, look.top + 2.6 * look.pitch), 165)
        baseline += 7.5 * look.pitch
    if side.headpiece:
        place = Place(
            right - look.measure - 12, look.top - look.size, look.measure + 24, HEADPIECE_LINES * look.pitch - 50
        )
        outer = look.leaf[0] - look.inner - look.measure
        beside = (look.leaf[0] - outer * 0.47 if side.verso else outer * 0.47, place.middle[1])
        headpiece(Pen(sheet, hand, rng, look.size), place, side.headpiece, beside=beside)
        baseline += HEADPIECE_LINES * look.pitch
    for line in side.lines:
        sheet.write(
            line.words, hand, rng, right=right - look.measure * (1 - line.measure) / 2 + float(rng.normal(0, 2)),
            baseline=baseline, measure=look.measure * line.measure + float(rng.normal(0, 3)),
            size=round(look.size * line.scale), kind=line.kind, align=line.align,
        )  # fmt: skip
        baseline += look.pitch
    if side.figure:
        top = baseline - look.pitch * 0.45
        place = Place(right - look.measure, top, look.measure, (FIGURE_LINES - 0.4) * look.pitch)
        draw(side.figure, Pen(sheet, hand, rng, round(look.size * 0.8)), place)
    if look.framed and not side.title:
        _frame(sheet, look, right)
    if side.catchword:
        _catchword(Pen(sheet, hand, rng, round(look.size * 0.85)), look, side, right)
    _notes(sheet, look, side, hand, rng)
    _mark(sheet, look, right, hand, rng)
    return sheet


def _frame(sheet: Sheet, look: Look, right: float) -> None:
    """Rule a frame round the text: two red lines and a black one."""
    left, top, bottom = right - look.measure, look.top - 1.25 * look.size, look.top + (look.lines - 0.45) * look.pitch
    for mask, away, thick in ((sheet.red, 26, 2), (sheet.red, 34, 4), (sheet.black, 44, 2)):
        corner, opposite = (left - away, top - away), (right + away, bottom + away)
        cv2.rectangle(
            mask,
            tuple(round(v * 16) for v in corner),
            tuple(round(v * 16) for v in opposite),
            255,
            thick,
            cv2.LINE_AA,
            4,
        )


def _right_edge(look: Look, side: Side) -> float:
    """Return x of the right end of the lines: the spine is right of a recto and left of a verso."""
    return float(look.inner + look.measure if side.verso else look.leaf[0] - look.inner)


def _catchword(pen: Pen, look: Look, side: Side, right: float) -> None:
    size = pen.size
    small = Sheet(size * 6, size * 3)
    small.write(
        (Word(side.catchword),), pen.hand, pen.rng, right=size * 5.5, baseline=size * 1.8, measure=size * 5, size=size,
        kind="catchword", align="right", wander=0.0,
    )  # fmt: skip
    turn = cv2.getRotationMatrix2D((0, 0), -14 + float(pen.rng.normal(0, 2)), 1.0)
    word = small.lines[0].outline
    below = (look.lines - 0.05) * look.pitch + (46 if look.framed else 0)
    target = np.array([right - look.measure + 10, look.top + below])
    turn[:, 2] = target - turn[:, :2] @ np.array([word[:, 0].min(), size * 1.6])
    pen.sheet.lay(small, turn)


def _notes(sheet: Sheet, look: Look, side: Side, hand: Hand, rng: np.random.Generator) -> None:
    """Write notes in the outer margin, sideways or slanting, with the pen a reader would use: smaller."""
    outer = look.leaf[0] - look.inner - look.measure
    size = round(look.size * 0.58)
    taken = look.top - look.size + float(rng.uniform(0, 160)) + (320 if side.headpiece else 0)
    for note in side.notes:
        steep = bool(rng.random() < 0.55)
        measure = int(rng.uniform(430, 640)) if steep else int(outer * 0.62)
        lines: list[tuple[Word, ...]] = []
        start = 0
        while start < len(note):
            end = fill(note, start, hand, measure=measure, size=size)
            lines.append(note[start:end])
            start = end
        pitch = size * 1.3
        small = Sheet(measure + 60, round(pitch * (len(lines) + 1)))
        for number, line in enumerate(lines):
            small.write(
                line, hand, rng, right=measure + 30, baseline=pitch * (number + 0.95), measure=measure, size=size,
                kind="margin note", align="justify" if number + 1 < len(lines) else "right",
            )  # fmt: skip
        angle = (90.0 if side.verso else -90.0) if steep else float(rng.uniform(6, 14)) * (1 if side.verso else -1)
        turn = cv2.getRotationMatrix2D((small.width / 2, small.height / 2), angle + float(rng.normal(0, 1)), 1.0)
        tall = small.width if steep else small.height + abs(np.sin(np.radians(angle))) * small.width
        wide = small.height if steep else small.width
        if wide > outer * 0.86 or taken + tall > look.leaf[1] - 330:
            continue
        middle = look.leaf[0] - outer * 0.47 if side.verso else outer * 0.47
        turn[:, 2] += np.array([middle - small.width / 2, taken + tall / 2 - small.height / 2])
        sheet.lay(small, turn)
        taken += tall + float(rng.uniform(60, 260))


def _mark(sheet: Sheet, look: Look, right: float, hand: Hand, rng: np.random.Generator) -> None:
    """Write at the foot of the leaf, in red, that this is a specimen."""
    sheet.write(
        words(MARK_ARABIC, red=True), hand, rng, right=right, baseline=look.leaf[1] - 96, measure=look.measure,
        size=round(look.size * 0.66), kind="specimen mark", align="centre", wander=0.5,
    )  # fmt: skip


_SWOLLEN = np.clip((np.arange(256) - 40) * 2.4, 0, 255).astype(np.uint8)
"""What is left of soft ink: little becomes none, half becomes full."""


def _spread(mask: Mask, shift: tuple[Field, Field], grain: Field) -> Field:
    """Return *mask* as a reed and wet ink would leave it: strokes that waver, swell and bite into the paper."""
    wavering = cv2.remap(mask, *shift, interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(wavering, (0, 0), 1.25)
    return np.asarray(cv2.LUT(cv2.add(soft, grain, dtype=cv2.CV_8U), _SWOLLEN), np.float32)


def _wavering(rng: np.random.Generator, height: int, width: int) -> tuple[Field, Field]:
    across = chance(rng, height, width, 90) * np.float32(1.3) + np.arange(width, dtype=np.float32)[None, :]
    down = chance(rng, height, width, 110) * np.float32(1.3) + np.arange(height, dtype=np.float32)[:, None]
    return across, down


def _aged(book: Book, side: Side, sheet: Sheet, behind: Sheet | None, rng: np.random.Generator) -> Pixels:
    """Return the leaf with its writing, red, green, blue and cover."""
    look = book.look
    width, height = look.leaf
    leaf = make_leaf([2, book.number, side.index // 2], height, width, look.stock, verso=side.verso, bound=book.bound)
    shift = _wavering(rng, height, width)
    grain = (leaf.light - np.float32(1)) * np.float32(-700)
    grain += cv2.resize(chance(rng, height // 2, width // 2, 3) * 5, (width, height))
    dip = cv2.resize(cv2.GaussianBlur(sheet.strength, (0, 0), 4), (width, height)).astype(np.float32)
    dip *= chance(rng, height, width, 30) * np.float32(0.05 / 255) + np.float32(1 / 255)
    black, red = (_spread(mask, shift, grain) * dip for mask in (sheet.black, sheet.red))
    np.minimum(black * np.float32(0.97 / 255), 0.98, out=black)
    np.minimum(red * np.float32(0.9 / 255), 0.95, out=red)
    _rule(leaf, look, side)
    red *= 1 - black
    leaf.light[:] *= 1 - black - red
    wash = _washed(sheet) if sheet.yellow.any() else None
    planes = []
    for channel, plane in enumerate(cv2.split(_shown_through(leaf, behind))):
        paper = np.asarray(cv2.multiply(cv2.resize(plane, (width, height)), leaf.light), np.float32)
        if wash is not None:
            paper *= 1 - wash * np.float32(1 - look.yellow[channel] / look.stock.colour[channel])
        inks = cv2.addWeighted(black, look.ink[channel], red, look.red[channel], 0)
        planes.append(cv2.convertScaleAbs(cv2.add(paper, inks)))
    return np.asarray(cv2.merge([*planes, leaf.shape]), np.uint8)


def _washed(sheet: Sheet) -> Field:
    """Return how thick the yellow lies: a wash, which pools at its edges and shows the paper."""
    soft = cv2.GaussianBlur(sheet.yellow, (0, 0), 1.4).astype(np.float32) / 255
    pooled = soft - 0.35 * cv2.GaussianBlur(soft, (0, 0), 5)
    return np.asarray(np.clip(pooled * 1.25, 0, 1), np.float32)


def _shown_through(leaf: Leaf, behind: Sheet | None) -> Field:
    if behind is None:
        return leaf.tint
    rows, columns = leaf.tint.shape[:2]
    other = cv2.resize(np.maximum(behind.black, behind.red)[:, ::-1], (columns, rows), interpolation=cv2.INTER_AREA)
    faint = cv2.GaussianBlur(other, (0, 0), 1.0).astype(np.float32) * np.float32(0.085 / 255)
    return np.asarray(leaf.tint * (1 - faint[..., None]), np.float32)


def _rule(leaf: Leaf, look: Look, side: Side) -> None:
    """Press the ruling board's threads into the paper: a line of shade over a line of light."""
    right = round(_right_edge(look, side))
    left = right - look.measure
    for number in range(look.lines):
        y = look.top + number * look.pitch + 6
        leaf.light[y : y + 2, left - 24 : right + 24] -= 0.035
        leaf.light[y + 2 : y + 4, left - 24 : right + 24] += 0.022
    for x in (left - 14, right + 14):
        leaf.light[look.top - look.pitch : look.top + look.lines * look.pitch, x : x + 2] -= 0.035
        leaf.light[look.top - look.pitch : look.top + look.lines * look.pitch, x + 2 : x + 4] += 0.022


def _photographed(book: Book, side: Side, sheet: Sheet, behind: Sheet | None, hand: Hand) -> Page:
    rng = np.random.default_rng([3, book.number, side.index])
    written = _aged(book, side, sheet, behind, rng)
    width, height = book.look.leaf
    if book.bound:
        photo = (width + _FACING + 120, height + 120 + _FOOT)
    else:
        photo = (width + 2 * _BORDER, height + _BORDER + _FOOT)
    bend = _bend(book, side, photo, rng)
    u, v = bend.maps(photo[1], photo[0])
    laid = np.asarray(cv2.remap(written, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT), np.uint8)
    cover = np.ascontiguousarray(laid[..., 3])
    scene = board(rng, photo[1], photo[0], book.look.board)
    if book.bound:
        scene = _stack(scene, book, side, bend, rng)
        scene = shadow(scene, cover, shift=(-6 if not side.verso else 6, 6), depth=0.35)
    else:
        scene = shadow(scene, cover)
    scene = lamp(rng, lay(scene, laid), bend)
    lines = moved(sheet.lines, bend.to_photograph)
    scene, slip = _slip(scene, book, side, hand, rng)
    return Page(scene, (*lines, *slip))


def _bend(book: Book, side: Side, photo: tuple[int, int], rng: np.random.Generator) -> Bend:
    width, height = book.look.leaf
    waves = []
    for _ in range(3):
        length, way = rng.uniform(700, 1700), rng.uniform(0, 2 * np.pi)
        waves.append((
            float(rng.normal(0, 1.6)), float(rng.normal(0, 2.4)), float(2 * np.pi / length * np.cos(way)),
            float(2 * np.pi / length * np.sin(way)), float(rng.uniform(0, 2 * np.pi)),
        ))  # fmt: skip
    centre = (photo[0] / 2, photo[1] / 2)
    angle = float(np.radians(rng.normal(0, 0.35 if book.bound else 0.75)))
    down = height / 2 + (_FOOT - (60 if book.bound else _BORDER)) / 2
    if not book.bound:
        return Bend(centre, (width / 2 + float(rng.normal(0, 8)), down), angle, tuple(waves))
    gutter = float(_FACING if side.verso else photo[0] - _FACING)
    across = 22 - (gutter - centre[0]) if side.verso else width - 22 - (gutter - centre[0])
    return Bend(centre, (across, down), angle, tuple(waves), gutter)


def _stack(scene: Pixels, book: Book, side: Side, bend: Bend, rng: np.random.Generator) -> Pixels:
    """Lay under the page the leaves below it, whose edges show, and the page across the gutter."""
    height, width = scene.shape[:2]
    leaf_width, leaf_height = book.look.leaf
    below = max(3, min(12, (book.sides - side.index) // 3 if not side.verso else side.index // 3 + 2))
    colour = np.array(book.look.stock.colour, np.float32)
    gutter = bend.gutter or 0.0
    under = np.zeros((height, width, 4), np.uint8)
    outward = 1 if side.verso else -1
    top, bottom = 60, 60 + leaf_height
    for n in range(below, 0, -1):
        edge = gutter + outward * (leaf_width - 22 + n * 4.5 + float(rng.normal(0, 2.5)))
        foot = bottom + n * 2.6 + float(rng.normal(0, 2))
        shade = colour * (0.66 + 0.22 * (1 - n / below)) * float(rng.uniform(0.9, 1.04))
        corners = np.array(
            [[gutter, top + n], [edge, top + 6 + float(rng.normal(0, 4))], [edge, foot], [gutter, foot - 14]]
        )
        cv2.fillPoly(
            under, [np.round(corners * 16).astype(np.int32)], (*map(float, shade * 0.62), 255.0), cv2.LINE_AA, 4
        )
        inner = corners - np.array([outward * 1.6, 1.3])
        cv2.fillPoly(under, [np.round(inner * 16).astype(np.int32)], (*map(float, shade), 255.0), cv2.LINE_AA, 4)
    facing = np.array([
        [gutter, top + 22], [gutter - outward * _FACING * 1.5, top + 12],
        [gutter - outward * _FACING * 1.5, bottom + 8], [gutter, bottom - 20],
    ])  # fmt: skip
    cv2.fillPoly(under, [np.round(facing * 16).astype(np.int32)], (*map(float, colour * 0.93), 255.0), cv2.LINE_AA, 4)
    return lay(shadow(scene, under[..., 3]), under)


def _slip(scene: Pixels, book: Book, side: Side, hand: Hand, rng: np.random.Generator) -> tuple[Pixels, list[TrueLine]]:
    """Lay below the leaf the slip that says what this is: shelfmark, folio, and that it is a specimen."""
    height, width = scene.shape[:2]
    card = Sheet(1040, 78)
    for text, right in ((MARK_ARABIC, 1010), (MARK_LATIN, 700), (f"{book.shelfmark} · {side.label}", 258)):
        card.write(
            (Word(text),), Hand(hand.font), rng, right=right, baseline=50, measure=400, size=34, kind="specimen mark",
            align="right", wander=0.0,
        )  # fmt: skip
    matrix = cv2.getRotationMatrix2D((520, 39), float(rng.normal(0, 0.5)), 1.0)
    matrix[:, 2] += np.array([width / 2 - 520, height - 62 - 39 + float(rng.normal(0, 3))])
    paper = np.full((card.height, card.width, 4), 255, np.uint8)
    paper[..., :3] = np.array((236, 233, 225)) - (card.black[..., None] / 255 * np.array((196, 194, 184))).astype(
        np.uint8
    )
    laid = np.asarray(cv2.warpAffine(paper, matrix, (width, height), flags=cv2.INTER_LINEAR), np.uint8)
    scene = lay(shadow(scene, np.ascontiguousarray(laid[..., 3]), shift=(4, 6), depth=0.5), laid)

    def move(points: Points) -> Points:
        return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])

    return scene, moved(card.lines, move)
