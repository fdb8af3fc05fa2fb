"""Labels that libraries give to the pairs of a manifest, and what each is in a catalogue entry."""

from __future__ import annotations

from enum import StrEnum

from khizana.core.text.fold import fold


class Pair(StrEnum):
    """What a pair of a manifest says."""

    TITLE = "title"
    AUTHOR = "author"
    CONTRIBUTOR = ""
    SCRIBE = "scribe"
    OWNER = "owner"
    FORMER_OWNER = "former owner"
    TRANSLATOR = "translator"
    PATRON = "patron"
    DATE = "date"
    PLACE = "place"
    SHELFMARK = "shelfmark"
    FORMER_SHELFMARK = "former shelfmark"
    LANGUAGE = "language"
    EXTENT = "extent"
    SIZE = "size"
    SUPPORT = "support"
    SCRIPT = "script"
    LAYOUT = "layout"
    DECORATION = "decoration"
    COLLATION = "collation"
    BINDING = "binding"
    CONDITION = "condition"
    SUMMARY = "summary"
    SUBJECT = "subject"
    GENRE = "genre"
    HOLDING = "holding"
    COUNTRY = "country"
    SETTLEMENT = "settlement"
    PROVENANCE = "provenance"
    ACQUISITION = "acquisition"
    INCIPIT = "incipit"
    EXPLICIT = "explicit"
    COLOPHON = "colophon"
    NOTE = "note"
    IDENTIFIER = "identifier"


_LABELS: dict[Pair, str] = {
    Pair.TITLE: "title|titles|full title|main title|uniform title|other title|other titles|alternative title|"
    "title in original language|titre|titres|titel|العنوان|عنوان|عنوان المخطوط",
    Pair.AUTHOR: "author|authors|main author|creator|creators|author/creator|artist / maker|auteur|auteurs|auteur(s)|"
    "verfasser|autor|المؤلف|مؤلف|المؤلفون",
    Pair.CONTRIBUTOR: "contributor|contributors|other authors|contributeur|contributeurs|names|people|المساهمون",
    Pair.SCRIBE: "scribe|scribes|copyist|copiste|copistes|schreiber|الناسخ|ناسخ|النساخ",
    Pair.OWNER: "owner|propriétaire|المالك|مالك",
    Pair.FORMER_OWNER: "former owner|former owners|ancien possesseur|anciens possesseurs|vorbesitzer",
    Pair.TRANSLATOR: "translator|traducteur|المترجم",
    Pair.PATRON: "patron|commanditaire|الراعي",
    Pair.DATE: "date|dates|date created|date of creation|date of origin|origin date|date statement|date of copying|"
    "publish date|publication date|created|created published|date of publication|datation|date de copie|jahr|"
    "entstehungszeit|التاريخ|تاريخ النسخ|سنة النسخ|تاريخ",
    Pair.PLACE: "place|places|place of origin|origin place|place of copying|place of publication|lieu|lieu de copie|"
    "lieu d'origine|ort|entstehungsort|المكان|مكان النسخ|مكان النشر",
    Pair.SHELFMARK: "shelfmark|shelfmarks|shelf mark|call number|call numbers|callnumber|callnr|shelf locator|cote|"
    "signatur|رقم الحفظ|رمز الحفظ|رقم المخطوط",
    Pair.FORMER_SHELFMARK: "former shelfmark|former shelfmarks|ancienne cote|anciennes cotes|altsignatur|"
    "رقم الحفظ السابق",
    Pair.LANGUAGE: "language|languages|langue|langues|sprache|sprachen|اللغة|لغة|اللغات",
    Pair.EXTENT: "extent|physical description|number of leaves|number of folios|folios|étendue|"
    "nombre de feuillets|umfang|الحجم|عدد الأوراق|الوصف المادي",
    Pair.SIZE: "dimensions|size|format (mm)|abmessungen|maße|المقاس|الأبعاد|المقاسات",
    Pair.SUPPORT: "material|materials|support|matière|beschreibstoff|حامل الكتابة|المادة",
    Pair.SCRIPT: "script|scripts|hand|hands|écriture|schrift|الخط|نوع الخط",
    Pair.LAYOUT: "layout|mise en page|تنظيم الصفحة",
    Pair.DECORATION: "decoration|decorations|illumination|décor|décoration|buchschmuck|الزخرفة",
    Pair.COLLATION: "collation|lagenformel|بنية الكراسات",
    Pair.BINDING: "binding|reliure|einband|التجليد",
    Pair.CONDITION: "condition|état de conservation|erhaltungszustand|الحالة|حالة المخطوط",
    Pair.SUMMARY: "summary|description|abstract|contents|content|résumé|contenu|zusammenfassung|الوصف|ملخص|المحتوى",
    Pair.SUBJECT: "subject|subjects|additional subjects|topic|topics|keyword|keywords|sujet|sujets|thema|schlagwort|"
    "الموضوع|الموضوعات|موضوع",
    Pair.GENRE: "genre|genres|form / genre|النوع",
    Pair.HOLDING: "held by|repository|institution|holding institution|holding institution (manuscript)|library|"
    "collection|custodian|dépositaire|établissement|bibliothèque|المكتبة|الجهة الحافظة|المجموعة",
    Pair.COUNTRY: "country|pays|land|البلد|الدولة",
    Pair.SETTLEMENT: "city|town|settlement|ville|stadt|المدينة",
    Pair.PROVENANCE: "provenance|ownership|history|former possessors|histoire|provenienz|تاريخ التملك|المصدر",
    Pair.ACQUISITION: "acquisition|طريقة الاقتناء",
    Pair.INCIPIT: "incipit|بداية|البداية|أول المخطوط",
    Pair.EXPLICIT: "explicit|نهاية|النهاية|آخر المخطوط",
    Pair.COLOPHON: "colophon|حرد المتن",
    Pair.NOTE: "note|notes|general note|remarque|remarques|bemerkung|anmerkung|ملاحظات|ملاحظة",
    Pair.IDENTIFIER: "identifier|identifiers|id|object id|object number|record id|barcode|identifiant|المعرف",
}


def _key(label: str) -> str:
    return fold(label).text.casefold().strip().rstrip(" :.")


_BY_LABEL = {_key(label): pair for pair, labels in _LABELS.items() for label in labels.split("|")}


def pair_of(labels: list[str]) -> Pair | None:
    """Return what a pair with one of *labels* says, whatever their case and vowel signs, or None."""
    return next((pair for label in labels if (pair := _BY_LABEL.get(_key(label))) is not None), None)
