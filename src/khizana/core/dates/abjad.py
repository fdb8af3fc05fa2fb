"""The numerical value of letters, by which chronograms give a year.

The two orders differ in six letters: the East counts sa'fas qarashat thakhadh dazagh, the Maghrib sa'fad qarast
thakhadh zaghash (W. Wright, A Grammar of the Arabic Language, I, on the numerical values of the letters).
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

_SHARED = dict(zip("ابجدهوزحطيكلمن", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30, 40, 50), strict=True))
_SHARED |= {"ع": 70, "ف": 80, "ق": 100, "ر": 200, "ت": 400, "ث": 500, "خ": 600, "ذ": 700}
_SHARED |= {"أ": 1, "إ": 1, "آ": 1, "ٱ": 1, "ء": 1, "ؤ": 6, "ئ": 10, "ى": 10, "ة": 5}  # a letter counts by its shape
_SHARED |= {"ی": 10, "ک": 20, "ہ": 5, "گ": 20, "پ": 2, "چ": 3, "ژ": 7}  # Persian letters count as those they come from
_OWN = {
    "mashriqi": {"س": 60, "ص": 90, "ش": 300, "ض": 800, "ظ": 900, "غ": 1000},
    "maghribi": {"ص": 60, "ض": 90, "س": 300, "ظ": 800, "غ": 900, "ش": 1000},
}


class Reckoning(StrEnum):
    """Which order of the letters a chronogram counts by."""

    MASHRIQI = "mashriqi"
    MAGHRIBI = "maghribi"


def letter_value(letter: str, reckoning: Reckoning) -> int:
    """Return the value of one letter, 0 for what has none (vowel signs, spaces, tatweel)."""
    return _OWN[reckoning].get(letter, _SHARED.get(letter, 0))


def abjad_value(words: str, reckoning: Reckoning) -> int:
    """Return the sum of the letters of *words* as written: ta marbuta counts 5, alef maqsura 10, hamza by its seat."""
    return sum(letter_value(letter, reckoning) for letter in unicodedata.normalize("NFKC", words))
