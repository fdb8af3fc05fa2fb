"""Small repairs of what is typed into cells; each is told of, so that nothing is changed in silence."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache


class Repair(StrEnum):
    """What was repaired; the value is the code of its finding."""

    SPACES = "SHEET_REPAIRED_SPACES"
    LINE_ENDS = "SHEET_REPAIRED_LINE_ENDS"
    TATWEEL = "SHEET_REPAIRED_TATWEEL"
    COMPOSED = "SHEET_REPAIRED_COMPOSED"
    CONTROLS = "SHEET_REPAIRED_CONTROLS"
    DIGITS = "SHEET_REPAIRED_DIGITS"


_LINE_ENDS = re.compile(r"\s*[\n\r\v\f\x85\u2028\u2029]\s*")
_SPACES = re.compile(r"[^\S\n]+")
_TATWEEL = re.compile("(?<=[\u0620-\u064a\u064b-\u0652])\u0640+(?=[\u0620-\u0652\u0670-\u06d3])")
# No controls belong in a text, nor marks of direction, which pages set by themselves; joiners belong to their words.
_CONTROLS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_WESTERN = re.compile("[0-9]")
_OTHER = re.compile("[\u0660-\u0669\u06f0-\u06f9]")
_DIGITS = {ord(digit): str(unicodedata.decimal(digit)) for digit in "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"}


@lru_cache(maxsize=1 << 14)
def repaired(text: str, *, lines: bool = False) -> tuple[str, tuple[Repair, ...]]:
    """Return *text* in composed letters, without stray spaces, tatweel and controls, and what was repaired.

    With *lines*, each line stays a line; else line ends become spaces. Repairing again changes nothing.
    """
    found: list[Repair] = []

    def noted(before: str, after: str, repair: Repair) -> str:
        if before != after:
            found.append(repair)
        return after

    text = noted(text, _CONTROLS.sub("", text), Repair.CONTROLS)
    text = noted(text, text.strip(), Repair.SPACES)
    text = noted(text, _LINE_ENDS.sub("\n" if lines else " ", text), Repair.LINE_ENDS)
    text = noted(text, _SPACES.sub(" ", text), Repair.SPACES)
    text = noted(text, _TATWEEL.sub("", text), Repair.TATWEEL)
    text = noted(text, unicodedata.normalize("NFC", text), Repair.COMPOSED)
    return text, tuple(dict.fromkeys(found))


def western(text: str) -> str:
    """Return *text* with Arabic and Persian digits as Western ones."""
    return text.translate(_DIGITS)


def one_kind_of_digits(text: str) -> str:
    """Return *text* as it stands, or in Western digits where two kinds are mixed in it."""
    return western(text) if _WESTERN.search(text) and _OTHER.search(text) else text
