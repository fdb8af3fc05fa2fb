"""In what encoding a text file is written, and what parts its cells: told by what decodes and what letters come out."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DELIMITERS: Final = (",", ";", "\t", "؛", "|")
_SAMPLE = 1 << 18
_CHUNK = 1 << 20
_MOST_DAMAGE = 0.01
"""Of the letters beyond ASCII: with more bytes than that unreadable, a file was not written in UTF-8."""
_HIGH_BYTES = (0x00, 0x01, 0x02, 0x03, 0x06, 0x1E, 0x20)  # Latin and its marks, Arabic, punctuation
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile("[\u0621-\u06d3]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file is to be decoded."""

    name: str
    """As Python's codecs name it."""
    guessed: bool = False
    """Whether only the letters that come out speak for it."""
    unreadable: int = 0
    """Bytes that are not of the encoding: each is read as U+FFFD."""


def encoding_of(path: Path) -> Encoding:
    """Return the encoding of the text file at *path*, read once in pieces.

    A byte order mark decides; then UTF-16 by where its zero bytes stand; then UTF-8 if it decodes; then windows-1256 or
    windows-1252, by whether the letters make Arabic words or French ones.
    """
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return Encoding(name)
    wide = wide_encoding(head)
    if wide:
        return Encoding(wide, guessed=True)
    letters, unreadable = _as_utf_8(path)
    if not unreadable or unreadable <= letters * _MOST_DAMAGE:
        return Encoding("utf-8", unreadable=unreadable)
    return Encoding(_legacy(path), guessed=True)


def wide_encoding(head: bytes) -> str:
    """Return the form of UTF-16 that *head* is in, though no mark says so, or nothing.

    Of each two bytes, the one that tells the script is one of a few, and it is zero at every comma and digit.
    """
    first, second = head[0::2], head[1::2]
    shares = [sum(map(half.count, _HIGH_BYTES)) / max(1, len(half)) for half in (first, second)]
    if 0 not in head or len(head) < 8 or max(shares) < 0.95 or min(shares) > 0.5:
        return ""
    return "utf-16-be" if shares[0] > shares[1] else "utf-16-le"


def _as_utf_8(path: Path) -> tuple[int, int]:
    """Return how many letters beyond ASCII there are when read as UTF-8, and how many bytes that are none."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    letters = unreadable = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            unreadable += text.count("\ufffd")
            letters += len(text) - len(text.encode("ascii", "ignore"))
    unreadable += decoder.decode(b"", final=True).count("\ufffd")
    return letters - unreadable, unreadable


def _legacy(path: Path) -> str:
    """Return windows-1256 where its letters make Arabic words, else windows-1252.

    French accents stand at the same bytes in both, and capital ones are Arabic letters in the first: Arabic letters in
    one word with Latin ones speak for the second.
    """
    arabic = mixed = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            for word in _WORD.findall(chunk.decode("cp1256")):
                ours = len(_ARABIC.findall(word))
                if ours == len(word) and ours > 1:
                    arabic += ours
                elif ours:
                    mixed += ours
            if arabic + mixed > 10_000:
                break
    return "cp1256" if arabic > mixed else "cp1252"


def delimiter_of(sample: str, name: str) -> str:
    """Return what parts the cells in *sample*: what gives most records the same number of cells, more than one.

    The extension of *name* decides between equals; one column alone counts as parted by commas.
    """
    first = {".tsv": "\t", ".tab": "\t"}.get(Path(name).suffix.lower(), ",")
    best, choice = (0.0, 0), first
    for delimiter in (first, *(each for each in DELIMITERS if each != first)):
        widths = Counter(len(record) for record in _records(sample, delimiter) if any(record))
        width, times = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        score = (round(times / max(1, widths.total()), 2), width)
        if width > 1 and score > best:
            best, choice = score, delimiter
    return choice


def _records(sample: str, delimiter: str) -> list[list[str]]:
    try:
        records = list(csv.reader(sample.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error:
        return []
    return records[:-1] or records  # the last one may be cut off
