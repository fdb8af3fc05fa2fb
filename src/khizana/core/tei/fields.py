"""The details of a description, each with its label in three languages and its place in TEI ``msDesc``.

One table for the writer and the reader. Its order is the order in which a catalogue entry shows them.
"""

from __future__ import annotations

from dataclasses import dataclass

from khizana.core.manuscript import Words

NAMESPACE = "http://www.tei-c.org/ns/1.0"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
APPLICATION = "khizana"
"""Identifier of this program in ``appInfo``: such a file numbers its details with ``n``, in their order."""
PAGE_ORDER = "page-order"
"""Identifier of the foliation that counts page images in reading order."""


@dataclass(frozen=True, slots=True)
class Field:
    """One kind of detail."""

    name: str
    label: Words
    element: str = ""
    """The element whose text it is, named once in the whole ``msDesc``; nothing for a detail kept as a note."""


def _field(name: str, ar: str, fr: str, en: str, element: str = "") -> Field:
    return Field(name, {"ar": (ar,), "fr": (fr,), "en": (en,)}, element)


AUTHOR = _field("author", "المؤلف", "Auteur", "Author", "author")
SCRIBE = _field("scribe", "الناسخ", "Copiste", "Scribe", "respStmt")
PERSONS = _field("persons", "أشخاص", "Personnes", "Persons")
LANGUAGES = _field("languages", "وصف اللغات", "Langues, telles que décrites", "Languages as described")
PLACE = _field("place", "مكان النسخ", "Lieu de copie", "Place of copying", "origPlace")
ORIGIN = _field("origin", "أصل النسخة", "Origine", "Origin", "origin")
EXTENT = _field("extent", "الحجم", "Étendue", "Extent", "extent")
SUPPORT = _field("support", "حامل الكتابة", "Support", "Support", "support")
COLLATION = _field("collation", "بنية الكراسات", "Collation", "Collation", "collation")
CONDITION = _field("condition", "الحالة", "État de conservation", "Condition", "condition")
LAYOUT = _field("layout", "تنظيم الصفحة", "Mise en page", "Layout", "layout")
SCRIPT = _field("script", "الخط", "Écriture", "Script", "scriptNote")
DECORATION = _field("decoration", "الزخرفة", "Décor", "Decoration", "decoNote")
BINDING = _field("binding", "التجليد", "Reliure", "Binding", "binding")
PROVENANCE = _field("provenance", "تاريخ التملك", "Provenance", "Provenance", "provenance")
ACQUISITION = _field("acquisition", "طريقة الاقتناء", "Acquisition", "Acquisition", "acquisition")
TEXTS = _field("texts", "النصوص", "Textes", "Texts")
SUBJECTS = _field("subjects", "الموضوعات", "Sujets", "Subjects")
NOTES = _field("notes", "ملاحظات", "Notes", "Notes")

FIELDS = (
    AUTHOR,
    SCRIBE,
    PERSONS,
    LANGUAGES,
    PLACE,
    ORIGIN,
    EXTENT,
    SUPPORT,
    COLLATION,
    CONDITION,
    LAYOUT,
    SCRIPT,
    DECORATION,
    BINDING,
    PROVENANCE,
    ACQUISITION,
    TEXTS,
    SUBJECTS,
    NOTES,
)
BY_ELEMENT = {field.element: field for field in FIELDS if field.element}
