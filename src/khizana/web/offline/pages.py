"""The pages of an edition, in three languages: each a file that shows everything without a script."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from khizana import __version__
from khizana.core.ark import TEST_NAAN
from khizana.core.citation import cited_at
from khizana.core.iiif.presented import is_web_address
from khizana.core.manuscript import LibraryCard, Manuscript, Page, PageElsewhere
from khizana.core.policy import ANYONE, Decision, Level
from khizana.web.offline.files import PageFiles, file_name
from khizana.web.reading_room import leaves, told
from khizana.web.reading_room.chrome import LANGUAGES
from khizana.web.reading_room.style import style
from khizana.web.reading_room.words import Shown, direction_of, others, shortened, shown

SHELF = 24
"""Manuscripts on one page of the list."""

_STATIC = files("khizana.web") / "static"
_PARTS = ("tokens", "every", "type", "text", "seek", "shelf", "manuscript", "offline")
_FONT = re.compile(r"url\(/static/fonts/([a-z-]+\.woff2)\?v=\w+\)")
_NAME = 60  # letters of a title on the shelf


@dataclass(frozen=True, slots=True)
class Entry:
    """One manuscript of the edition, as lists show it."""

    manuscript: Manuscript
    """Without its pages."""
    page_count: int
    cover: str
    """Path of its first image in the edition, or nothing."""
    width: int
    height: int
    pack: int
    """Number, from 1, of the pack that has its images."""


@dataclass(frozen=True, slots=True)
class Pack:
    """Which part of the edition is written."""

    number: int
    count: int


class PageMaker:
    """Makes the pages of one pack of an edition of *count* manuscripts that was made on *day* (RFC 3339, a date)."""

    def __init__(self, card: LibraryCard, count: int, day: str, pack: Pack) -> None:
        self._card = card
        self._count = count
        self._day = day
        self._pack = pack

    def shared(self) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of what is there once: the door, scripts, style."""
        yield "index.html", self._made("ar", "door.html", "index.html", "", {"languages": LANGUAGES})
        for language in LANGUAGES:
            yield f"{language}/search.html", self._made(language, "search.html", "search.html", "../", {})
        for name in ("room.js", "search.js"):
            yield f"k/{name}", (_STATIC / "offline" / name).read_bytes()
        yield "k/style.css", _FONT.sub(_as_data, style(*_PARTS)).encode()
        for name in ("khizana-naskh", "tifinagh", "nko"):
            licence = _STATIC / "fonts" / f"{name}-LICENSE.txt"
            if licence.is_file():
                yield f"k/{name}-LICENSE.txt", licence.read_bytes()

    def lists(self, entries: Sequence[Entry], number: int, last: int) -> Iterator[tuple[str, bytes]]:
        """Yield the page *number* (from 1) of the list, in each language; *entries* are those that it shows."""
        for language in LANGUAGES:
            values = {
                "cards": [self._card_of(each, language) for each in entries],
                "number": number,
                "last": last,
                "previous": _list(number - 1) if number > 1 else "",
                "next": _list(number + 1) if number < last else "",
            }
            yield f"{language}/{_list(number)}", self._made(language, "list.html", _list(number), "../", values)

    def manuscript(
        self, found: Manuscript, pages: Sequence[PageFiles | None], decision: Decision, entry: Entry
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the page of a manuscript in each language, with the image files of its *pages* in their order."""
        name = f"m/{file_name(found.id)}.html"
        is_here = entry.pack == self._pack.number
        for language in LANGUAGES:
            title = _title(found, language)
            elsewhere = found.elsewhere
            values = {
                "title": title,
                "shelfmark": found.description.shelfmark,
                "direction": found.direction,
                "other_titles": others(found.description.titles, title),
                "summary": shown(found.description.summary, language, between="\n\n"),
                "details": leaves.details(found, language),
                "sections": _sections(found, language),
                "notice": told.notice(found, ANYONE, decision, language),
                "held": elsewhere is not None and not found.pages,
                "holder": shown(elsewhere.holder, language, between=" · ") if elsewhere else None,
                "holder_address": elsewhere.manifest if elsewhere and is_web_address(elsewhere.manifest) else "",
                "permanent": cited_at(found, self._card, language) if found.blade else "",
                "is_trial": self._card.naan == TEST_NAAN,
                "pages": [
                    {"label": page.label, "files": files if is_here else None}
                    for page, files in zip(_shown(found), pages, strict=True)
                ],
                "has_images": is_here and any(pages),
                "in_pack": 0 if is_here or not any(pages) else entry.pack,
            }
            yield f"{language}/{name}", self._made(language, "manuscript.html", name, "../../", values)

    def _card_of(self, entry: Entry, language: str) -> dict[str, Any]:
        found = entry.manuscript
        title = _title(found, language)
        return {
            "href": f"m/{file_name(found.id)}.html",
            "title": title,
            "name": shortened(title.text, _NAME),
            "shelfmark": found.description.shelfmark,
            "page_count": entry.page_count,
            "cover": entry.cover if entry.pack == self._pack.number else "",
            "width": entry.width,
            "height": entry.height,
            "smaller": found.agreement.level is Level.SMALLER,
            "pack": entry.pack if entry.pack != self._pack.number else 0,
        }

    def _made(self, language: str, template: str, path: str, root: str, values: Mapping[str, Any]) -> bytes:
        """Return a page at *path* below its language's folder; *root* leads back to the folder of the edition."""
        around = {
            "language": language,
            "dir": "rtl" if language == "ar" else "ltr",
            "root": root,
            "library": shown(self._card.titles, language) or Shown(self._card.name, "", "ltr"),
            "credit": shown(self._card.required_statement, language),
            "rights": self._card.rights if is_web_address(self._card.rights) else "",
            "tongues": [(tag, name, f"{root}{tag}/{path}") for tag, name in LANGUAGES.items()],
            "home": f"{root}{language}/index.html",
            "search": f"{root}{language}/search.html",
            "count": self._count,
            "day": self._day,
            "version": __version__,
            "pack": self._pack,
        }
        with translation.override(language):
            return render_to_string(f"offline/{template}", {**around, **values}).encode("utf-8", "replace")


def _list(number: int) -> str:
    return "index.html" if number == 1 else f"list-{number}.html"


def _title(found: Manuscript, language: str) -> Shown:
    shelfmark = found.description.shelfmark
    return shown(found.description.titles, language) or Shown(shelfmark, "", direction_of(shelfmark))


def _sections(found: Manuscript, language: str) -> list[dict[str, Any]]:
    count = len(found.shown)
    named = ((shown(each.label, language), each) for each in found.description.ranges)
    return [
        {"label": label, "first": each.first + 1, "page": found.shown[each.first].label}
        for label, each in named
        if label and 0 <= each.first <= each.last < count
    ]


def _as_data(found: re.Match[str]) -> str:
    # Browsers differ in whether a page from a disk may read a font beside it; what stands in the style they all read.
    font = _STATIC / "fonts" / found[1]
    content = base64.b64encode(font.read_bytes()).decode() if font.is_file() else ""
    return f"url(data:font/woff2;base64,{content})"


def _shown(found: Manuscript) -> Sequence[Page | PageElsewhere]:
    return found.shown
