"""The ranges of an IIIF manifest as texts: what is named, and from which canvas to which it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from khizana.core.catalogue.entry import Phrase, Phrases, Text
from khizana.core.exchange.iiif_canvases import Canvas
from khizana.core.exchange.iiif_words import address_of, kind_of_thing, phrases, several, text_of, things

_DEEPEST = 12
_FOLIO = re.compile(r"^(?:ff?|fols?|folios?|feuillet)\b\.?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Range:
    names: Phrases
    canvases: tuple[str, ...]
    ranges: tuple[_Range, ...]
    top: bool

    def everything(self) -> Iterator[str]:
        yield from self.canvases
        for each in self.ranges:
            yield from each.everything()


def texts_of(manifest: dict[str, Any], canvases: tuple[Canvas, ...]) -> tuple[Text, ...]:
    """Return a text for each outermost range of *manifest*, with its locus by the labels of its canvases.

    Ranges within it are among its notes. Ranges that only name the pages, one for each canvas, are no texts.
    """
    places = {canvas.address: number for number, canvas in enumerate(canvases)}
    outer = _outermost(_ranges(manifest))
    pages = {canvas.address: canvas.label for canvas in canvases}
    if all(_names_a_page(each, pages) for each in outer):
        return ()
    return tuple(_text(each, places, canvases) for each in outer if each.names)


def _names_a_page(each: _Range, pages: dict[str, str]) -> bool:
    own = list(each.everything())
    return len(own) == 1 and [name.text for name in each.names] == [pages.get(own[0], "")]


def _text(each: _Range, places: dict[str, int], canvases: tuple[Canvas, ...]) -> Text:
    notes = tuple(_notes(each.ranges, places, canvases))
    return Text(titles=each.names, locus=_locus(each, places, canvases), notes=notes)


def _notes(ranges: tuple[_Range, ...], places: dict[str, int], canvases: tuple[Canvas, ...]) -> Iterator[Phrase]:
    for each in ranges:
        locus = _locus(each, places, canvases)
        for name in each.names:
            yield Phrase(f"{locus}: {name.text}" if locus else name.text, name.language)
        yield from _notes(each.ranges, places, canvases)


def _locus(each: _Range, places: dict[str, int], canvases: tuple[Canvas, ...]) -> str:
    numbers = sorted({places[address] for address in each.everything() if address in places})
    if not numbers:
        return ""
    ends = [_FOLIO.sub("", canvases[number].label) for number in (numbers[0], numbers[-1])]
    # Many libraries write a dash under a page that has no number.
    return "-".join(dict.fromkeys(end for end in ends if any(map(str.isalnum, end))))


def _outermost(ranges: tuple[_Range, ...]) -> tuple[_Range, ...]:
    """Return *ranges*, or those within where one range alone, or the top, is around all of them."""
    while len(ranges) == 1 and ranges[0].ranges and (ranges[0].top or not ranges[0].canvases):
        ranges = ranges[0].ranges
    return tuple(each for each in ranges if not each.top) or ranges


def _ranges(manifest: dict[str, Any]) -> tuple[_Range, ...]:
    listed = things(manifest.get("structures"))
    by_address = {address_of(each): each for each in listed}
    inner = {address for each in listed for address in _inner_addresses(each)}
    roots = [each for each in listed if address_of(each) not in inner - {""}] or listed
    taken: set[str] = set()
    return tuple(_range(each, by_address, taken, 0) for each in roots)


def _inner_addresses(each: dict[str, Any]) -> Iterator[str]:
    members = [*several(each.get("members")), *several(each.get("items"))]
    for inner in (*several(each.get("ranges")), *(one for one in members if _is_range(one))):
        yield address_of(inner)


def _is_range(value: Any) -> bool:
    return isinstance(value, dict) and kind_of_thing(value) == "Range"


def _range(value: dict[str, Any], by_address: dict[str, dict[str, Any]], taken: set[str], depth: int) -> _Range:
    """Return *value* with what is in it: each range once, in the first place that names it, and none too deep.

    Ranges that name each other several times would else be more than any machine can hold.
    """
    taken.add(address_of(value))
    canvases: list[str] = [_canvas(each) for each in several(value.get("canvases"))]
    ranges: list[_Range] = []
    inner = [(True, each) for each in several(value.get("ranges"))]
    inner += [(_is_range(each), each) for each in (*several(value.get("members")), *several(value.get("items")))]
    for is_range, each in inner:
        if not is_range:
            canvases.append(_canvas(each))
            continue
        address = address_of(each)
        given = each if isinstance(each, dict) else None
        found = by_address.get(address, given) if address else given
        if found is not None and not (address and address in taken) and depth < _DEEPEST:
            ranges.append(_range(found, by_address, taken, depth + 1))
    hints = {text_of(each) for each in (*several(value.get("viewingHint")), *several(value.get("behavior")))}
    return _Range(phrases(value.get("label")), tuple(canvases), tuple(ranges), "top" in hints)


def _canvas(value: Any) -> str:
    """Return the address of a canvas that is named, given, or the source of a part of it."""
    if isinstance(value, dict) and kind_of_thing(value) == "SpecificResource":
        value = value.get("source")
    return address_of(value).partition("#")[0]
