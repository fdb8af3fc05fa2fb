"""Words in several languages, as one page shows them: one chosen, with its language and direction."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from khizana.core.manuscript import Words


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece of text with what a browser must know to set it."""

    text: str
    language: str
    """BCP 47 tag, or nothing where it is not known."""
    direction: Literal["rtl", "ltr"]


def direction_of(text: str) -> Literal["rtl", "ltr"]:
    """Return the direction of the first strong letter of *text*; left to right where there is none."""
    for char in text:
        match unicodedata.bidirectional(char):
            case "R" | "AL":
                return "rtl"
            case "L":
                return "ltr"
            case _:
                continue
    return "ltr"


def shown(words: Words, language: str, *, between: str = " · ") -> Shown | None:
    """Return *words* for a page in *language*: in that language, else as recorded without one, else in any.

    Several strings of one language are joined by *between*. None where there are no words.
    """
    order = [tag for tag in words if tag.split("-", 1)[0].lower() == language]
    order += [tag for tag in ("none", "und", "ar", "fr", "en") if tag in words]
    for tag in [*order, *words]:
        texts = [text for text in words[tag] if text.strip()]
        if texts:
            text = between.join(texts)
            return Shown(text, "" if tag in ("none", "und") else tag, direction_of(text))
    return None


def shortened(text: str, letters: int) -> str:
    """Return *text* with at most about *letters* letters, cut between words where it can be; vowel signs count nothing.

    Cut here and not by the style: what hides a line's end also hides the dots and signs above and below it.
    """
    seen = 0
    for place, char in enumerate(text):
        seen += not unicodedata.combining(char)
        if seen > letters:
            kept = text[:place]
            return (kept.rpartition(" ")[0] or kept).rstrip(" ,;:.،؛") + "…"
    return text


def others(words: Words, chosen: Shown | None) -> tuple[Shown, ...]:
    """Return *words* in every language but the *chosen* one, texts that say the same left out."""
    found: dict[str, Shown] = {}
    for tag in words:
        every = shown({tag: words[tag]}, tag)
        if every and (chosen is None or every.text != chosen.text):
            found.setdefault(every.text, every)
    return tuple(found.values())


def comma(language: str) -> str:
    """Return what stands between the parts of a list in *language*."""
    return "، " if language == "ar" else ", "
