"""Numbers that are written in words or Roman numerals."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ROMAN = {"x": 10, "v": 5, "i": 1}
_ROMAN_FORM = re.compile(r"(x{0,2})(ix|iv|v?i{0,3})")

_UNITS = (
    "واحد احد احدي,اثنان اثنين اثنتين اثنتان اثني اثنا اثنتي,ثلاث ثلاثه ثلث,اربع اربعه,"
    "خمس خمسه,ست سته,سبع سبعه,ثمان ثماني ثمانيه ثمن,تسع تسعه,عشر عشره"
)
_TENS = "عشرين عشرون,ثلاثين ثلاثون,اربعين اربعون,خمسين خمسون,ستين ستون,سبعين سبعون,ثمانين ثمانون,تسعين تسعون"
_HUNDREDS = "مايه مءه ماءه ميه مئه,مايتين مايتان ميتين ماءتين مءتين"
_THOUSANDS = "الف,الفين"


def _arabic_values() -> dict[str, int]:
    values: dict[str, int] = {}
    for factor, row in ((1, _UNITS), (100, _HUNDREDS), (1000, _THOUSANDS)):
        for number, words in enumerate(row.split(","), start=1):
            values |= dict.fromkeys(words.split(), number * factor)
    for number, words in enumerate(_TENS.split(","), start=2):
        values |= dict.fromkeys(words.split(), number * 10)
    hundreds = _HUNDREDS.split(",", maxsplit=1)[0].split()
    for number, words in enumerate(_UNITS.split(",")[2:9], start=3):
        values |= {unit + hundred: number * 100 for unit in words.split() for hundred in hundreds}
    return values


ARABIC_NUMBERS = _arabic_values()
"""Arabic cardinal numbers, folded; a hamza on its seat is folded to the seat."""

ARABIC_ORDINALS = {
    word: value
    for value, words in enumerate(
        (
            "اول اولي",
            "ثاني ثانيه ثان",
            "ثالث ثالثه",
            "رابع رابعه",
            "خامس خامسه",
            "سادس سادسه",
            "سابع سابعه",
            "ثامن ثامنه",
            "تاسع تاسعه",
            "عاشر عاشره",
            "حادي حاديه",
        ),
        start=1,
    )
    for word in words.split()
}
_EUROPEAN = (
    "first premier premiere|second deuxieme seconde|third troisieme|fourth quatrieme|fifth cinquieme|sixth sixieme|"
    "seventh septieme|eighth huitieme|ninth neuvieme|tenth dixieme|eleventh onzieme|twelfth douzieme|"
    "thirteenth treizieme|fourteenth quatorzieme|fifteenth quinzieme|sixteenth seizieme|seventeenth|eighteenth|"
    "nineteenth|twentieth vingtieme"
)
EUROPEAN_ORDINALS = {word: value for value, words in enumerate(_EUROPEAN.split("|"), start=1) for word in words.split()}


def roman(word: str) -> int | None:
    """Return the value of a Roman numeral up to 29 in small letters, or None where *word* is none."""
    found = _ROMAN_FORM.fullmatch(word)
    if not word or found is None:
        return None
    values = [_ROMAN[letter] for letter in word]
    return sum(-v if after > v else v for v, after in zip(values, [*values[1:], 0], strict=True))


def arabic_number(words: Sequence[str]) -> tuple[int, int]:
    """Return the number that the first of *words* write, and how many words that took: (0, 0) where there is none.

    The parts of a number are added whatever their order, "seven and a hundred and a thousand" as colophons have it; a
    unit before a hundred or thousands multiplies it.
    """
    total, taken = 0, 0
    parts: list[int] = []
    while taken < len(words):
        value = _value(words[taken], first=not taken)
        if value is None or not _follows(parts, value, words[taken]):
            break
        if parts and value in (100, 1000) and not words[taken].startswith("و") and 3 <= parts[-1] <= 9:
            parts[-1] *= value
        elif not (value == 100 and parts and parts[-1] >= 300 and parts[-1] % 100 == 0):
            parts.append(value)
        taken += 1
    total = sum(parts)
    return total, taken


def _value(word: str, *, first: bool) -> int | None:
    if word in ARABIC_NUMBERS:
        return ARABIC_NUMBERS[word]
    if word.startswith("و") and not first:
        return ARABIC_NUMBERS.get(word[1:])
    return 1000 * 3 if word == "ثلاثهالاف" else None


def _follows(parts: list[int], value: int, word: str) -> bool:
    """Tell whether *value* can go on a number: units, tens, hundreds and thousands come once each."""
    if not parts:
        return True
    if not word.startswith("و") and not (value == 10 or value in (100, 1000)):
        return False
    return _rank(value) not in {_rank(part) for part in parts} or value in (100, 1000)


def _rank(value: int) -> int:
    return len(str(value))
