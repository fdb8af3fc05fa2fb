"""What one cell says: its values, and the column and language that they belong to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from khizana.core.catalogue.columns import COLUMNS, Column, column
from khizana.core.catalogue.entry import Phrase
from khizana.core.catalogue.lenses import ARABIC, NO_LANGUAGE, ROMANISED, Named, Said
from khizana.core.languages import in_arabic_script, is_romanised, language_tag
from khizana.core.sheets.repair import western
from khizana.core.text.fold import fold

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NUMBER = re.compile(r"[^0-9]*([0-9]{1,6})[^0-9]*")
_SIZE = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(cm|mm|سم|مم)?\s*[x×*X/]\s*([0-9]+(?:[.,][0-9]+)?)\s*(cm|mm|سم|مم)?")
_PLACEHOLDER = re.compile(r"[\W_]+")
_LANGUAGES = {
    "ar": "arabic arabe العربية عربية عربي",
    "ha-Arab": "الهوسا هوسا",
    "ha": "hausa haoussa",
    "ff-Arab": "الفلانية فلانية الفولانية",
    "ff": "fulfulde peul pulaar fula",
    "ses-Arab": "السنغاي سنغاي الصنغاي",
    "ses": "songhay songhai songhoy",
    "tmh-Arab": "الطوارقية تماشق",
    "tmh": "tamasheq tamachek tuareg",
    "fa": "persian persan الفارسية فارسية",
    "tr": "turkish turc التركية تركية",
    "fr": "french francais الفرنسية فرنسية",
    "en": "english anglais الإنجليزية إنجليزية",
    "und-Arab": "ajami العجمية عجمية",
}
_MATERIALS = {
    "paper": "paper papier ورق كاغد",
    "parchment": "parchment parchemin رق vellum velin",
    "leather": "leather cuir جلد",
    "mixed": "mixed mixte مختلط",
}
_STYLES = {
    "sudani": "sudani soudani سوداني السوداني",
    "saharan": "saharan saharien صحراوي الصحراوي",
    "suqi": "suqi souqi سوقي السوقي",
    "maghribi": "maghribi maghrebi مغربي المغربي",
    "naskh": "naskh naskhi نسخ نسخي النسخ",
    "andalusi": "andalusi andalou أندلسي الأندلسي",
    "mashriqi": "mashriqi oriental مشرقي المشرقي",
}
TEXT_FIELDS: Final = frozenset({"title", "author", "incipit", "explicit", "colophon"})
"""Fields, without the suffix of their language, that belong to a text and not to the manuscript."""


def joined(values: tuple[str, ...], joint: str) -> str:
    """Return *values* in one cell; where one holds the joint or a backslash, a backslash stands before it."""
    mark = joint.strip() or joint
    return joint.join(value.replace("\\", "\\\\").replace(mark, f"\\{mark}") for value in values)


def parted(cell: str, joint: str) -> tuple[str, ...]:
    """Return the values that ``joined`` was given, less spaces around them; an empty cell has none."""
    if not cell:
        return ()
    mark = joint.strip() or joint
    if mark not in cell and "\\" not in cell:
        return (cell,)
    mark = re.escape(mark)
    values = re.findall(rf"(?:^|{mark})((?:[^\\{mark}]|\\.|\\$)*)", cell, re.DOTALL)
    return tuple(_ESCAPED.sub(r"\1", value).strip() for value in values)


def split(cell: str, separator: str) -> tuple[str, ...]:
    """Return the values between *separator* in a cell from elsewhere; the Arabic semicolon parts where ours does."""
    if not separator:
        return (cell,) if cell else ()
    if separator.strip() == ";":
        cell = cell.replace("؛", ";")
    return tuple(value for value in (each.strip() for each in cell.split(separator.strip() or separator)) if value)


def placeholder(cell: str) -> bool:
    """Return whether *cell* holds signs alone, which say that there is nothing to say: ×, -, ..., ؟."""
    return bool(_PLACEHOLDER.fullmatch(cell))


@lru_cache(maxsize=1 << 14)
def column_for(field: str, text: str, *, language: str, arabic: str, latin: str) -> tuple[Column, str]:
    """Return the column of *field* that *text* belongs to by its language, and the text as that column has it.

    *language* is what the profile says of the column; without it the script tells: *arabic* is the language of Arabic
    letters, *latin* of others, but for what bears the marks of a scholarly romanisation.
    """
    base = column(field)
    if isinstance(base.lens, Named):
        has_arabic = in_arabic_script(text) and f"{field}_ar" in _NAMES
        return (column(f"{field}_ar") if has_arabic else base), text
    if not isinstance(base.lens, Said) or base.lens.language:
        return base, text
    # A name is in the script it is in, whatever language its column is said to be in.
    if not language or (language in ("fr", "en") and language not in base.lens.others):
        language = arabic if in_arabic_script(text) else ROMANISED if is_romanised(text) else latin or NO_LANGUAGE
    if language in base.lens.others:
        return column(f"{field}_{language.lower().replace('-', '_')}"), text
    return base, base.lens.shown(Phrase(text, language if language != ARABIC else NO_LANGUAGE))


_NAMES = frozenset(each.name for each in COLUMNS)


def whole_number(cell: str) -> tuple[str, bool]:
    """Return the one number in *cell* in Western digits, or nothing, and whether it stands there alone."""
    written = western(cell)
    if written.isdecimal():
        return str(int(written)) if len(written) < 9 else "", True
    found = _NUMBER.fullmatch(written)
    return (str(int(found[1])) if found else ""), False


def millimetres(cell: str) -> tuple[str, str] | None:
    """Return height and width in whole millimetres of a size like "22 x 17 cm", or None where it is none.

    Without a unit, numbers up to 60 are centimetres: no leaf is so small in millimetres, and few are larger.
    """
    found = _SIZE.search(western(cell))
    if found is None:
        return None
    numbers = [float(each.replace(",", ".")) for each in (found[1], found[3])]
    unit = found[4] or found[2] or ""
    centimetres = unit in ("cm", "سم") or (not unit and max(numbers) <= 60)
    sizes = [round(number * (10 if centimetres else 1)) for number in numbers]
    return (str(sizes[0]), str(sizes[1])) if all(0 < size < 100_000 for size in sizes) else None


def language_named(text: str) -> str:
    """Return the tag of the language that *text* names or is the code of, or nothing."""
    found = _known(text, _LANGUAGES)
    return found or (language_tag(text) if re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?", text) else "")


def material_named(text: str) -> str:
    """Return the material that *text* names by one word, or *text*."""
    return _known(text, _MATERIALS) or text


def style_named(text: str) -> str:
    """Return the style of script that *text* names by one word, or *text*."""
    return _known(text, _STYLES) or text


def _known(text: str, names: dict[str, str]) -> str:
    wanted = fold(text).text.strip()
    return next((known for known, words in names.items() if wanted in fold(words).text.split()), "")
