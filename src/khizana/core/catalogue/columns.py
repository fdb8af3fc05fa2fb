"""The flat columns of an entry: what a row of a spreadsheet, an edit of many entries and a table have in common.

A column shows values of an entry and puts values into it. A manuscript of several texts shows its first one here; all
else of the entry stays as it is when a column is put.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, cast

from khizana.core.catalogue.entry import Entry, Origin, Physical, Place, Text
from khizana.core.catalogue.lenses import (
    Alone,
    Dated,
    Field,
    Lens,
    Named,
    NotOfThisKind,
    Number,
    OneText,
    Pairs,
    Said,
    Several,
    Values,
    in_role,
    of_role,
    settled,
)

__all__ = ["COLUMNS", "Column", "NotOfThisKind", "Values", "column", "made", "settled"]

LIST_JOINT = "; "
"""Between values that are names, subjects, numbers."""
PROSE_JOINT = "\n"
"""Between values that are sentences: each on a line of its own in the cell."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its label in Arabic, French and English, and what it shows."""

    name: str
    labels: Mapping[str, str]
    lens: Lens
    joint: str = LIST_JOINT
    """What stands between several values in one cell."""
    positional: bool = False
    """Whether an empty value between others keeps its place: names in two scripts stand side by side."""

    def get(self, entry: Entry) -> Values:
        """Return what the column shows of *entry*: a value for each thing said, none where nothing is."""
        return self.lens.get(entry)

    def put(self, entry: Entry, values: Values) -> Entry:
        """Return *entry* with *values* in the column, which it then shows; what it showed already changes nothing.

        Empty values are no values, but for names, where they keep a place (``settled`` ends that). Raises
        ``NotOfThisKind`` where the column cannot hold them.
        """
        return entry if values == self.lens.get(entry) else self.lens.put(entry, values)


_FRENCH, _ENGLISH, _ARABIC = "fr", "en", "ar"
_SUFFIXES = {
    "_ar": {"ar": " (بالعربية)", "fr": " (arabe)", "en": " (Arabic)"},
    "_ar_latn": {"ar": " (بحروف لاتينية)", "fr": " (translittération)", "en": " (romanised)"},
    "_fr": {"ar": " (بالفرنسية)", "fr": " (français)", "en": " (French)"},
    "_en": {"ar": " (بالإنكليزية)", "fr": " (anglais)", "en": " (English)"},
}
_TAGS = {"_ar": "ar", "_ar_latn": "ar-Latn", "_fr": "fr", "_en": "en"}
_TITLE = ("_ar", "_ar_latn", "_fr", "_en")
_PROSE = ("_ar", "_fr", "_en")
_NAME = ("_ar", "_ar_latn")


def _labels(arabic: str, french: str, english: str) -> dict[str, str]:
    return {_ARABIC: arabic, _FRENCH: french, _ENGLISH: english}


def _said(
    name: str, path: str, labels: dict[str, str], variants: tuple[str, ...], joint: str = PROSE_JOINT
) -> tuple[Column, ...]:
    """Return a column for each language that has one, and the column of all the rest after them."""
    field = Field(tuple(path.split(".")))
    own = tuple(
        Column(
            name + suffix,
            MappingProxyType({each: labels[each] + _SUFFIXES[suffix][each] for each in labels}),
            Said(field, _TAGS[suffix]),
            joint,
        )
        for suffix in variants
    )
    rest = Said(field, others=tuple(_TAGS[suffix] for suffix in variants))
    return (*own, Column(name, MappingProxyType(labels), rest, joint))


def _one(name: str, lens: Lens, labels: dict[str, str]) -> tuple[Column, ...]:
    return (Column(name, MappingProxyType(labels), lens),)


def _persons(role: str, path: str, labels: dict[str, str]) -> tuple[Column, ...]:
    field = Field(tuple(path.split(".")))
    arabic = {each: labels[each] + _SUFFIXES["_ar"][each] for each in labels}
    return tuple(
        Column(
            role + suffix,
            MappingProxyType(shown),
            Named(field, suffix == "_ar", of_role(role), in_role(role)),
            positional=True,
        )
        for suffix, shown in (("_ar", arabic), ("", labels))
    )


def _places() -> tuple[Column, ...]:
    field, labels = Field(("origin", "places")), _labels("مكان النسخ", "Lieu de copie", "Place of copying")
    arabic = {each: labels[each] + _SUFFIXES["_ar"][each] for each in labels}
    return tuple(
        Column(
            "place" + suffix,
            MappingProxyType(shown),
            Named(field, suffix == "_ar", lambda _: True, lambda: Place(())),
            positional=True,
        )
        for suffix, shown in (("_ar", arabic), ("", labels))
    )


def _at(path: str) -> Field:
    return Field(tuple(path.split(".")))


COLUMNS: Final[tuple[Column, ...]] = (
    *_one("shelfmark", OneText(_at("shelfmark")), _labels("رقم الحفظ", "Cote", "Shelfmark")),
    *_one(
        "former_shelfmark",
        Several(_at("former_shelfmarks")),
        _labels("رقم الحفظ السابق", "Ancienne cote", "Former shelfmark"),
    ),
    *_one("identifiers", Pairs(_at("identifiers")), _labels("أرقام أخرى", "Autres identifiants", "Other identifiers")),
    *_said("title", "titles", _labels("العنوان", "Titre", "Title"), _TITLE),
    *_persons("author", "text.persons", _labels("المؤلف", "Auteur", "Author")),
    *_persons("scribe", "persons", _labels("الناسخ", "Copiste", "Scribe")),
    *_said("subjects", "subjects", _labels("الموضوع", "Sujet", "Subject"), _PROSE, LIST_JOINT),
    *_said("genres", "genres", _labels("النوع", "Genre", "Genre"), _PROSE, LIST_JOINT),
    *_one("languages", Several(_at("languages")), _labels("اللغة", "Langue", "Language")),
    *_one("leaves", Number(_at("physical.leaves")), _labels("عدد الأوراق", "Nombre de feuillets", "Leaves")),
    *_said("extent", "physical.extent", _labels("الحجم", "Étendue", "Extent"), _PROSE),
    *_one(
        "height_mm",
        Number(_at("physical.height")),
        _labels("ارتفاع الورقة (مم)", "Hauteur du feuillet (mm)", "Height of the leaf (mm)"),
    ),
    *_one(
        "width_mm",
        Number(_at("physical.width")),
        _labels("عرض الورقة (مم)", "Largeur du feuillet (mm)", "Width of the leaf (mm)"),
    ),
    *_one(
        "written_height_mm",
        Number(_at("physical.written_height")),
        _labels("ارتفاع المكتوب (مم)", "Hauteur écrite (mm)", "Written height (mm)"),
    ),
    *_one(
        "written_width_mm",
        Number(_at("physical.written_width")),
        _labels("عرض المكتوب (مم)", "Largeur écrite (mm)", "Written width (mm)"),
    ),
    *_one("lines", OneText(_at("physical.lines")), _labels("عدد الأسطر", "Lignes par page", "Lines to a page")),
    *_one("material", OneText(_at("physical.material")), _labels("مادة الكتابة", "Matière", "Material")),
    *_said("support", "physical.support", _labels("وصف الورق", "Support", "Support"), _PROSE),
    *_one("script_style", Several(_at("physical.script_styles")), _labels("نوع الخط", "Type d'écriture", "Script")),
    *_said("script", "physical.script", _labels("وصف الخط", "Description de l'écriture", "Hands"), _PROSE),
    *_said("binding", "physical.binding", _labels("التجليد", "Reliure", "Binding"), _PROSE),
    *_said("condition", "physical.condition", _labels("حالة المخطوط", "État de conservation", "Condition"), _PROSE),
    *_one("date", Dated(_at("origin.dates")), _labels("تاريخ النسخ", "Date de copie", "Date of copying")),
    *_places(),
    *_said("owner", "owner", _labels("المالك", "Propriétaire", "Owner"), _NAME, LIST_JOINT),
    *_said("custodian", "custodian", _labels("الجهة الحافظة", "Dépositaire", "Custodian"), _NAME, LIST_JOINT),
    *_said("holding", "holding", _labels("مجموعة الحفظ", "Fonds détenu", "Holding"), _NAME, LIST_JOINT),
    *_said(
        "present_location",
        "present_location",
        _labels("الموقع الحالي", "Emplacement actuel", "Present location"),
        _NAME,
        LIST_JOINT,
    ),
    *_one("country", OneText(_at("country")), _labels("البلد", "Pays", "Country")),
    *_one("settlement", OneText(_at("settlement")), _labels("المدينة", "Ville", "Town")),
    *_said("incipit", "text.incipit", _labels("بداية النص", "Incipit", "Incipit"), _NAME),
    *_said("explicit", "text.explicit", _labels("نهاية النص", "Explicit", "Explicit"), _NAME),
    *_said("colophon", "text.colophon", _labels("حرد المتن", "Colophon", "Colophon"), _NAME),
    *_said("summary", "summary", _labels("الملخص", "Résumé", "Summary"), _PROSE),
    *_said("notes", "notes", _labels("ملاحظات", "Notes", "Notes"), _PROSE),
    *_one("extra", Pairs(_at("extra")), _labels("أعمدة أخرى", "Autres colonnes", "Other columns")),
)
"""Every column, in the order of a table. Of two that show the same field, the one of all other languages is last."""

_BY_NAME = MappingProxyType({each.name: each for each in COLUMNS})
_PLACE = MappingProxyType({each.name: place for place, each in enumerate(COLUMNS)})


def column(name: str) -> Column:
    """Return the column of that *name*; raise ``KeyError`` where there is none."""
    return _BY_NAME[name]


def made(values: Mapping[str, Values]) -> Entry:
    """Return the entry that putting *values* into an empty one makes, by the names of the columns; in less time.

    Raises ``NotOfThisKind`` where a column cannot hold its values, and ``KeyError`` for a name that is none.
    """
    fields: dict[str, dict[str, Any]] = {"": {}, "text": {}, "origin": {}, "physical": {}}
    beside = []
    for name in sorted(values, key=_PLACE.__getitem__):
        each, given = _BY_NAME[name], values[name]
        if not given:
            continue
        if each.positional:
            beside.append((each, given))
            continue
        lens = cast("Alone", each.lens)
        *part, last = lens.field.path
        whole, fresh = fields[part[0] if part else ""], lens.fresh(given)
        if fresh not in ("", (), None):
            whole[last] = whole[last] + fresh if last in whole else fresh
    if fields["text"]:
        fields[""]["texts"] = (Text(**fields["text"]),)
    if fields["origin"]:
        fields[""]["origin"] = Origin(**fields["origin"])
    if fields["physical"]:
        fields[""]["physical"] = Physical(**fields["physical"])
    entry = Entry(**fields[""])
    for each, given in beside:
        entry = each.put(entry, given)
    return settled(entry) if beside else entry
