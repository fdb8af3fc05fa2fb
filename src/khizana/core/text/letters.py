"""Which common letter a letter of the Arabic script folds to, and which shape it has without dots.

The base letter stands in a letter's Unicode name ("FEH WITH DOT MOVED BELOW"), so letters that Unicode adds later fold
without a change here. Letters with names of their own (PEH, TCHEH, NG) are in a table. Source: Unicode Character
Database, UnicodeData.txt, field 1.
"""

from __future__ import annotations

import unicodedata

COMMON = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
"""The letters that everything else folds to."""

_BY_NAME = {
    "ALEF": "ا", "BEH": "ب", "TEH": "ت", "THEH": "ث", "JEEM": "ج", "HAH": "ح", "KHAH": "خ", "DAL": "د", "THAL": "ذ",
    "REH": "ر", "ZAIN": "ز", "SEEN": "س", "SHEEN": "ش", "SAD": "ص", "DAD": "ض", "TAH": "ط", "ZAH": "ظ", "AIN": "ع",
    "GHAIN": "غ", "FEH": "ف", "QAF": "ق", "KAF": "ك", "LAM": "ل", "MEEM": "م", "NOON": "ن", "HEH": "ه", "WAW": "و",
    "YEH": "ي",
    # Letters whose Unicode name does not say which common letter they are written or sounded like.
    "BEEH": "ب", "PEH": "ب", "BEHEH": "ب", "TTEH": "ت", "TTEHEH": "ت", "TEHEH": "ت", "NYEH": "ج", "DYEH": "ج",
    "TCHEH": "ج", "TCHEHEH": "ج", "DDAL": "د", "DAHAL": "د", "DDAHAL": "د", "DUL": "د", "RREH": "ر", "JEH": "ز",
    "VEH": "ف", "PEHEH": "ف", "KEHEH": "ك", "NG": "ك", "GAF": "ك", "NGOEH": "ك", "GUEH": "ك", "GRAF": "ك",
    "RNOON": "ن", "AE": "ه", "OE": "و", "U": "و", "YU": "و", "VE": "و", "E": "ي",
}  # fmt: skip
# What a letter's name says of its form and not of which letter it is.
_FORMS = {
    "AFRICAN", "DOTLESS", "FARSI", "KASHMIRI", "KIRGHIZ", "LOW", "ROHINGYA", "STRAIGHT", "SWASH", "THIN",
    "BARREE", "DOACHASHMEE", "GHUNNA", "GOAL", "WASLA",
}  # fmt: skip
# The same letter from another keyboard: told apart at no level.
_SAME = {"ٱ": "ا", "ک": "ك", "ڪ": "ك", "ی": "ي", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۃ": "ة"}
_UNDOTTED = {
    "ب": "ٮ", "ت": "ٮ", "ث": "ٮ", "ج": "ح", "خ": "ح", "ذ": "د", "ز": "ر", "ش": "س", "ض": "ص", "ظ": "ط", "غ": "ع",
    "ف": "ڡ", "ق": "ٯ", "ن": "ں", "ي": "ى",
}  # fmt: skip
# Dotless letters are shapes already; their common letter would be a guess at the dots.
_SHAPES = {"ٮ": "ٮ", "ڡ": "ڡ", "ٯ": "ٯ", "ں": "ں", "ى": "ى"}


def common_letter(letter: str) -> str | None:
    """Return the common letter of one *letter* of the Arabic script: "" where it is a sign that folding drops.

    None where *letter* is not of the Arabic script. Letters with a decomposition (presentation forms, alef with hamza)
    are to be decomposed first.
    """
    name = unicodedata.name(letter, "")
    if not name.startswith("ARABIC ") or unicodedata.category(letter) not in ("Lo", "Lm", "Sk"):
        return None
    words = name.partition(" WITH ")[0].removeprefix("ARABIC ").removeprefix("LETTER ").split()
    if words[:1] == ["SMALL"] or words[-1] in ("HAMZA", "TATWEEL"):
        return ""
    if words[:2] == ["TEH", "MARBUTA"]:
        return "ه"
    if words == ["ALEF", "MAKSURA"]:
        return "ي"
    kept = [word for word in words if word not in _FORMS]
    return _BY_NAME.get(kept[0], "") if len(kept) == 1 else ""


def kept_letter(letter: str) -> str | None:
    """Return *letter* with nothing unified but keyboards; "" for signs, None where it is not of the Arabic script."""
    common = common_letter(letter)
    return _SAME.get(letter, letter) if common else common


def shape(letter: str) -> str | None:
    """Return the shape of *letter* without dots, as at the end of a word; "" for signs, None for other scripts."""
    common = common_letter(letter)
    return _SHAPES.get(letter) or _UNDOTTED.get(common, common) if common else common
