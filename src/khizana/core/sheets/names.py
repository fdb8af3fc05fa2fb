"""What the columns of inventories are called, in Arabic, French and English."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from khizana.core.catalogue.columns import COLUMNS
from khizana.core.text.fold import fold

SIZE: Final = "size"
"""A column of height and width together; it is no field of an entry and fills two."""
_MOST_WORDS = 9
_LONGEST = 200  # characters
_RUNNING = ("n°", "no", "nr", "numero", "number", "رقم", "الرقم", "الرقم التسلسلي", "رقم التسلسل", "id", "code", "#")

_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "shelfmark": (
        "cote", "numero", "numero d'inventaire", "n°", "no", "number", "shelfmark", "call number", "id", "identifier",
        "identifiant", "inventory number", "manuscript number", "ms number", "code", "ref", "reference", "الرقم", "رقم",
        "رقم الحفظ", "رقم المخطوط", "الرقم الإشاري", "رقم الجرد", "الرقم التسلسلي", "رقم التسلسل", "رمز المخطوط",
    ),
    "former_shelfmark": (
        "ancienne cote", "ancien numero", "former shelfmark", "old number", "old shelfmark", "previous number",
        "الرقم القديم", "الرقم السابق", "رقم الحفظ السابق",
    ),
    "title": (
        "titre", "title", "titre de l'ouvrage", "intitule", "العنوان", "عنوان", "العناوين", "عنوان المخطوط",
        "عنوان الكتاب", "اسم الكتاب", "اسم المخطوط", "اسم المخطوطة",
    ),
    "author": ("auteur", "author", "auteurs", "authors", "المؤلف", "اسم المؤلف", "المؤلفون", "المصنف", "مؤلف"),
    "scribe": ("copiste", "scribe", "copyist", "scribes", "الناسخ", "اسم الناسخ", "ناسخ", "النساخ", "الكاتب"),
    "subjects": (
        "sujet", "matiere traitee", "subject", "subjects", "sujets", "theme", "topic", "discipline", "domaine",
        "الموضوع", "موضوع", "الموضوعات", "المواضيع", "الفن", "العلم",
    ),
    "genres": ("genre", "genres", "type d'ouvrage", "النوع", "نوع المخطوط"),
    "languages": ("langue", "langues", "language", "languages", "اللغة", "لغة", "لغة المخطوط", "اللغات"),
    "leaves": (
        "folios", "feuillets", "nombre de feuillets", "nombre de folios", "nb de folios", "number of folios", "leaves",
        "number of leaves", "no of folios", "عدد الأوراق", "الأوراق", "عدد الاوراق", "أوراق", "عدد الورقات",
    ),
    "extent": ("etendue", "extent", "pages", "nombre de pages", "number of pages", "عدد الصفحات", "الصفحات", "الحجم"),
    "height_mm": ("hauteur", "height", "الارتفاع", "الطول"),
    "width_mm": ("largeur", "width", "العرض"),
    SIZE: (
        "dimensions", "dimension", "format", "size", "taille", "المقاس", "المقاسات", "القياس", "الأبعاد", "مقاس",
        "مقياس",
    ),
    "lines": (
        "lignes", "nombre de lignes", "lines", "number of lines", "lines per page", "lignes par page", "عدد الأسطر",
        "الأسطر", "المسطرة", "مسطرة", "عدد السطور",
    ),
    "material": ("support", "material", "matiere", "papier", "paper", "نوع الورق", "الورق", "مادة الكتابة", "الحامل"),
    "script_style": ("ecriture", "type d'ecriture", "script", "calligraphie", "الخط", "نوع الخط", "خط"),
    "binding": ("reliure", "binding", "التجليد", "الغلاف", "تجليد"),
    "condition": (
        "etat", "etat de conservation", "etat physique", "condition", "state", "physical condition", "conservation",
        "preservation", "الحالة", "حالة", "حالة المخطوط", "حالة المخطوطات", "حالة الحفظ", "حالة المخطوطة",
    ),
    "date": (
        "date", "date de copie", "date of copying", "copy date", "datation", "annee", "year", "التاريخ", "تاريخ",
        "تاريخ النسخ", "تاريخ الكتابة", "سنة النسخ",
    ),
    "place": (
        "lieu", "lieu de copie", "place", "place of copying", "copy place", "مكان النسخ", "المكان", "بلد النسخ",
    ),
    "owner": (
        "proprietaire", "possesseur", "owner", "owners", "famille", "family", "المالك", "صاحب المخطوط", "مالك",
        "اسم المالك", "الملكية",
    ),
    "custodian": (
        "depositaire", "custodian", "institution", "bibliotheque", "library", "repository", "الجهة الحافظة", "المكتبة",
        "مكتبة", "اسم المكتبة", "المكتبات", "مكان الحفظ",
    ),
    "holding": ("fonds", "collection", "holding", "المجموعة", "مجموعة الحفظ", "الخزانة"),
    "present_location": (
        "emplacement", "localisation", "location", "present location", "emplacement actuel", "الموقع الحالي", "الموقع",
        "الرف", "الصندوق", "caisse", "box", "shelf",
    ),
    "country": ("pays", "country", "البلد", "الدولة"),
    "settlement": ("ville", "city", "town", "localite", "المدينة", "القرية"),
    "incipit": ("incipit", "debut", "beginning", "opening", "بداية النص", "البداية", "أوله", "المطلع", "فاتحة"),
    "explicit": ("explicit", "fin", "ending", "end", "نهاية النص", "النهاية", "آخره", "الخاتمة"),
    "colophon": ("colophon", "حرد المتن", "حرد"),
    "summary": ("resume", "summary", "abstract", "description", "contenu", "contents", "الملخص", "المحتوى", "الوصف"),
    "notes": (
        "notes", "note", "remarques", "remarque", "observations", "observation", "comments", "remarks", "ملاحظات",
        "ملاحظة", "الملاحظات",
    ),
}  # fmt: skip

_OWN = re.compile(r".*\[([a-z_]+)\]\s*", re.DOTALL)
_LANGUAGES = {
    "ar": ("ar", "arabe", "arabic", "en arabe", "in arabic", "بالعربية", "العربية", "عربي"),
    "fr": ("fr", "fra", "francais", "french", "en francais", "بالفرنسية", "فرنسي"),
    "en": ("en", "eng", "anglais", "english", "in english", "بالإنكليزية", "بالإنجليزية"),
    "ar-Latn": ("translitteration", "transliteration", "transliterated", "romanise", "romanised", "romanized", "latin"),
}
_NUMBER_SIGNS = ("#", "№")


def header_for(name: str, label: str) -> str:
    """Return the header under which a column is written: its label, and its name in brackets, by which it is known."""
    return f"{label} [{name}]"


def own_column(header: str) -> str:
    """Return the name of the column that wrote *header* (``header_for``), or nothing."""
    found = _OWN.fullmatch(header) if len(header) <= _LONGEST else None
    return found[1] if found and found[1] in _own_names() else ""


@cache
def _own_names() -> frozenset[str]:
    return frozenset(column.name for column in COLUMNS)


def field_named(header: str) -> tuple[str, str]:
    """Return the field that a column of that *header* holds and the language it names, or nothing for either.

    The longest known name in it decides: "Title attributed by the cataloguer" is a title; "Timbuktu #" is a shelfmark.
    """
    words = _plain(header) if len(header) <= _LONGEST else ""
    if not words or words.count(" ") >= _MOST_WORDS:
        return "", ""
    exact = _exact().get(words.replace(" ", ""), "")
    spaced = f" {words} "
    language = next(
        (
            tag
            for tag, names in _languages().items()
            if any(f" {name} " in spaced for name in names) and words not in names
        ),
        "",
    )
    if exact:
        return exact, ""
    best = max((name for name in _spaced() if f" {name} " in spaced), key=len, default="")
    if best:
        return _spaced()[best], language
    ends = header.strip()
    return ("shelfmark", "") if ends.endswith(_NUMBER_SIGNS) or ends.startswith(_NUMBER_SIGNS) else ("", "")


def running_number(header: str) -> bool:
    """Return whether a column of that *header* may number the rows, where another one has the shelfmarks."""
    return header.strip() == "#" or _plain(header) in {_plain(name) for name in _RUNNING}


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w'°]+|_", " ", fold(text).text).split())


@cache
def _spaced() -> dict[str, str]:
    known = {_plain(name): field for field, names in _NAMES.items() for name in names}
    for column in COLUMNS:
        for label in column.labels.values():
            known.setdefault(_plain(label), column.name)
    return known


@cache
def _exact() -> dict[str, str]:
    return {name.replace(" ", ""): field for name, field in _spaced().items()}


@cache
def _languages() -> dict[str, tuple[str, ...]]:
    return {tag: tuple(_plain(name) for name in names) for tag, names in _LANGUAGES.items()}
