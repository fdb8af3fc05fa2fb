"""The letters of a written date, folded so that spellings of one word meet.

This serves the reading of dates alone: hyphens, apostrophes and abbreviating points mean other things here than in the
search of texts.
"""

from __future__ import annotations

import re
import unicodedata

_POINTS = "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0xFEFF]))
_APOSTROPHES = "'’‘ʼʾʿʻʽ`´ˈ′ʹ"
_DASHES = "‐‑‒–—―−"
_NAMED = {
    **dict.fromkeys(map(ord, _POINTS + _APOSTROPHES), ""),
    **dict.fromkeys(map(ord, _DASHES), "-"),
    0x0640: "",  # tatweel
    **dict.fromkeys(map(ord, "أإآٱ"), "ا"),
    **dict.fromkeys(map(ord, "ىیې"), "ي"),
    ord("ة"): "ه",
    ord("ۀ"): "ه",
    ord("ہ"): "ه",
    ord("ک"): "ك",
    ord("ؤ"): "و",
    ord("ئ"): "ي",
    ord("،"): ",",
    ord("؛"): ";",
    ord("؟"): "?",
    ord("ı"): "i",
    ord("œ"): "oe",
    ord("æ"): "ae",
    ord("ø"): "o",
    ord("ß"): "ss",
    ord("đ"): "d",
}
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_ABBREVIATED = re.compile(r"(?<![^\W_])((?:[^\W\d_]\.)+[^\W\d_])\.?(?![^\W_])")


def fold_date(words: str) -> str:
    """Return *words* in small letters without accents, vowel signs, tatweel and apostrophes, with European digits."""
    text = unicodedata.normalize("NFKC", words).translate(_NAMED).casefold()
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = "".join(_digit(c) for c in text.translate(_NAMED)).replace("j.-c", "jc").replace("j.c", "jc")
    text = _ABBREVIATED.sub(lambda found: found[1].replace(".", ""), text)
    return re.sub(r"(?<!\d)\.|\.(?!\d)", " ", text)


def has_arabic(words: str) -> bool:
    """Tell whether *words* has letters or digits of the Arabic script."""
    return _ARABIC.search(words) is not None


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
