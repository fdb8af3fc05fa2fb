"""A library with one manuscript of every kind that a reader may meet, made with the commands a person would use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from data.cards import photograph
from data.commands import Library, new_library

LONG_TITLE = "كِتَابُ نُزهةِ النُّفوسِ والأَفكارِ في مَعرِفةِ النَّباتِ والأَحجارِ والأَشجارِ " * 3
FRENCH_TITLE = "Traité abrégé de l’astrolabe"
PASSWORD = "a long word for a test"  # noqa: S105 - of an account that lives as long as one test


@cache
def reading_library(root: Path) -> Library:
    """Make the library below *root*, once in a process.

    ``TB 1`` right to left, five pages, two titles; ``TB 2`` left to right, three pages, a very long title;
    ``TB 3`` in smaller images; ``TB 4`` for staff; ``TB 5`` withdrawn; ``تب ٦`` with an Arabic shelfmark.
    """
    library = new_library(root / "library", name="reading")
    folder = root / "photographs"

    def add(name: str, shelfmark: str, pages: int, width: int, *more: str) -> None:
        (folder / name).mkdir(parents=True)
        for number in range(pages):
            side = "rv"[number % 2]
            label = f"{number // 2 + 1}{side}"
            photograph(folder / name / f"{number:04d}_{label}.jpg", number, width=width, height=width * 13 // 10)
        library.run("add", folder / name, "--shelfmark", shelfmark, *more)

    titles = ("--title", "ar=رسالةٌ في العملِ بالأسطرلابِ", "--title", f"fr={FRENCH_TITLE}")
    add("one", "TB 1", 5, 1300, *titles, "--direction", "rtl")
    add("two", "TB 2", 3, 500, "--title", f"ar={LONG_TITLE}", "--direction", "ltr")
    add("three", "TB 3", 2, 1300, "--title", "en=Letters", "--level", "smaller")
    add("four", "TB 4", 1, 500, "--title", "en=Deeds", "--level", "staff")
    add("five", "TB 5", 1, 500, "--title", "en=Withdrawn")
    library.run("publish", "TB 5", "--withdraw")
    add("six", "تب ٦", 1, 500, "--title", "ar=دعاء")
    library.run("rebuild")  # makes the larger sizes too, which khizana serve would make some time later
    return library
