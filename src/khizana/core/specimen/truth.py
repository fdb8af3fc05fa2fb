"""Ground truth: what is written on a page and where, as JSON and as ALTO 4."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from lxml import etree

Points = npt.NDArray[np.float64]
"""Points (x, y) in pixels, n x 2, x to the right and y down."""

Kind = Literal["heading", "rubric", "text", "catchword", "margin note", "table cell", "label", "specimen mark"]

ALTO = "http://www.loc.gov/standards/alto/ns-v4#"


@dataclass(frozen=True, slots=True)
class TrueWord:
    """One word: standard letters, the letters as drawn (strokes that lengthen, western pointing), its place."""

    text: str
    drawn: str
    red: bool
    outline: Points


@dataclass(frozen=True, slots=True)
class TrueLine:
    """One line of writing, its words in reading order."""

    kind: Kind
    words: tuple[TrueWord, ...]
    outline: Points
    """Around all the ink of the line, clockwise from the top left."""
    baseline: Points
    """From the first word on."""

    @property
    def text(self) -> str:
        """The words with a space between."""
        return " ".join(word.text for word in self.words)


def moved(lines: Sequence[TrueLine], move: Callable[[Points], Points]) -> list[TrueLine]:
    """Return *lines* with every point sent through *move*, which is called once for all of them."""
    outlines = [[line.outline, line.baseline, *(word.outline for word in line.words)] for line in lines]
    flat = [points for line in outlines for points in line]
    if not flat:
        return []
    sent = iter(np.split(move(np.concatenate(flat)), np.cumsum([len(points) for points in flat])[:-1]))
    return [
        TrueLine(
            outline=next(sent),
            baseline=next(sent),
            kind=line.kind,
            words=tuple(replace(word, outline=next(sent)) for word in line.words),
        )
        for line in lines
    ]


def box(points: Points) -> tuple[int, int, int, int]:
    """Return the upright box (x, y, width, height) in whole pixels around *points*."""
    x, y = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    return int(x), int(y), int(right - x), int(bottom - y)


def as_json(lines: tuple[TrueLine, ...], *, file: str, label: str, language: str, size: tuple[int, int]) -> bytes:
    """Return the truth of one page as JSON; *size* is (width, height) of the image as displayed, in pixels."""
    page: Mapping[str, Any] = {
        "file": file,
        "label": label,
        "language": language,
        "width": size[0],
        "height": size[1],
        "specimen": True,
        "lines": [
            {
                "kind": line.kind,
                "text": line.text,
                "box": box(line.outline),
                "outline": _rounded(line.outline),
                "baseline": _rounded(line.baseline),
                "words": [
                    {
                        "text": word.text,
                        "drawn": word.drawn,
                        "red": word.red,
                        "box": box(word.outline),
                        "outline": _rounded(word.outline),
                    }
                    for word in line.words
                ],
            }
            for line in lines
        ],
    }
    return (json.dumps(page, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def as_alto(lines: tuple[TrueLine, ...], *, file: str, language: str, size: tuple[int, int]) -> bytes:
    """Return the truth of one page as ALTO 4.2, each kind a block of its own tag, in order."""
    width, height = size
    alto = etree.Element(f"{{{ALTO}}}alto", nsmap={None: ALTO})  # type: ignore[dict-item] # None is the default namespace
    description = _add(alto, "Description")
    _add(description, "MeasurementUnit").text = "pixel"
    _add(_add(description, "sourceImageInformation"), "fileName").text = file
    tags = _add(alto, "Tags")
    kinds: dict[Kind, str] = {}
    for line in lines:
        kinds.setdefault(line.kind, f"kind-{len(kinds) + 1}")
    for kind, name in kinds.items():
        _add(tags, "OtherTag", ID=name, LABEL=kind)
    page = _add(_add(alto, "Layout"), "Page", ID="page", PHYSICAL_IMG_NR="1", WIDTH=str(width), HEIGHT=str(height))
    space = _add(page, "PrintSpace", **_place((0, 0, width, height)))
    block: etree._Element | None = None
    for number, line in enumerate(lines, start=1):
        if block is None or block.get("TAGREFS") != kinds[line.kind]:
            block = _add(space, "TextBlock", ID=f"block-{number}", TAGREFS=kinds[line.kind], LANG=language)
        _add_line(block, number, line)
    return etree.tostring(alto, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_line(block: etree._Element, number: int, line: TrueLine) -> None:
    baseline = " ".join(f"{x:.0f},{y:.0f}" for x, y in line.baseline)
    written = _add(block, "TextLine", ID=f"line-{number}", BASELINE=baseline, **_place(box(line.outline)))
    _outline(written, line.outline)
    for index, word in enumerate(line.words, start=1):
        if index > 1:
            _add(written, "SP")
        string = _add(written, "String", ID=f"word-{number}-{index}", CONTENT=word.text, **_place(box(word.outline)))
        _outline(string, word.outline)


def _outline(parent: etree._Element, points: Points) -> None:
    text = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    _add(_add(parent, "Shape"), "Polygon", POINTS=text)


def _place(upright: tuple[int, int, int, int]) -> dict[str, str]:
    return dict(zip(("HPOS", "VPOS", "WIDTH", "HEIGHT"), map(str, upright), strict=True))


def _add(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{ALTO}}}{name}", attributes)


def _rounded(points: Points) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in points]
