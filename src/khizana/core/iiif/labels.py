"""The fixed words of manifests in Arabic, French and English, and the names of languages in all three.

The same labels stand beside a value read from TEI and one shown in a viewer, so that a reader meets one word
for one thing.
"""

from __future__ import annotations

from khizana.core.manuscript import Words


def three(ar: str, fr: str, en: str) -> Words:
    """Return one text in Arabic, French and English."""
    return {"ar": (ar,), "fr": (fr,), "en": (en,)}


SHELFMARK = three("رقم الحفظ", "Cote", "Shelfmark")
TITLE = three("العنوان", "Titre", "Title")
LANGUAGE = three("اللغة", "Langue", "Language")
DATE = three("عبارة التأريخ", "Mention de date", "Date as written")
IMAGES = three("عدد صور الصفحات", "Images de pages", "Page images")
IMAGES_HELD_BY = three("حافظ الصور", "Images conservées par", "Images held by")
MANIFEST_OF_HOLDER = three(
    "بيان المكتبة الحافظة للصور",
    "Manifeste de la bibliothèque qui conserve les images",
    "Manifest of the library that holds the images",
)
PERMANENT_ADDRESS = three("العنوان الدائم", "Adresse permanente", "Permanent address")
RIGHTS = three("الحقوق", "Droits", "Rights")
ATTRIBUTION = three("بيان الإسناد", "Mention obligatoire", "Attribution")
CONTENTS = three("المحتويات", "Contenu", "Contents")
DESCRIPTION_FILE = three("وصف المخطوط (TEI)", "Description du manuscrit (TEI)", "Description of the manuscript (TEI)")
MANUSCRIPTS = three("المخطوطات", "Manuscrits", "Manuscripts")
ACCESS = three("الاطلاع", "Accès", "Access")
AT_THE_LIBRARY = three(
    "لا تُعرض صور هذا المخطوط إلا للعاملين بطلب من مالكه؛ يُرجى طلب زيارة المكتبة.",
    "À la demande de son propriétaire, les images de ce manuscrit ne sont montrées qu’au personnel ; demandez une "
    "visite à la bibliothèque.",
    "At its owner's wish the images of this manuscript are shown to staff only; ask the library for a visit.",
)
SMALLER_IMAGES = three(
    "بطلب من مالك المخطوط تُعرض صوره بحجم مصغّر.",
    "À la demande de son propriétaire, les images de ce manuscrit sont montrées en taille réduite.",
    "At its owner's wish the images of this manuscript are shown at a smaller size.",
)
AFTER_AGREEING = three(
    "تُعرض صور هذا المخطوط لمن يوافق على شروط المكتبة.",
    "Les images de ce manuscrit sont montrées à qui accepte les conditions de la bibliothèque.",
    "The images of this manuscript are shown to readers who agree to the library's terms.",
)
FOR_KNOWN_READERS = three(
    "تُعرض صور هذا المخطوط لمن منحتهم المكتبة حسابًا بطلب من مالكه؛ يُرجى طلبه من المكتبة.",
    "À la demande de son propriétaire, les images de ce manuscrit sont montrées aux lecteurs à qui la bibliothèque a "
    "donné un compte ; demandez-le-lui.",
    "At its owner's wish the images of this manuscript are shown to readers with an account from the library; ask it "
    "for one.",
)
TERMS = three(
    "تُعرض هذه الصور للقراءة والدرس. ومن أراد نشرها أو نسخها أو طبعها فليستأذن المكتبة أولًا، وليذكر معها المكتبة "
    "ورقم الحفظ.",
    "Ces images sont montrées pour la lecture et l’étude. Qui veut les publier, les reproduire ou les imprimer demande "
    "d’abord l’accord de la bibliothèque, et nomme avec elles la bibliothèque et la cote.",
    "These images are shown for reading and study. Whoever wants to publish, copy or print them asks the library "
    "first, and names the library and the shelfmark with them.",
)

READING_ROOM: Words = {
    "ar": ("المخطوط في قاعة المطالعة",),
    "fr": ("Le manuscrit dans la salle de lecture",),
    "en": ("The manuscript in the reading room",),
}

# The languages of West African and neighbouring collections: BCP 47 primary subtag, then Arabic, French, English.
_LANGUAGES: dict[str, tuple[str, str, str]] = {
    "am": ("الأمهرية", "amharique", "Amharic"),
    "ar": ("العربية", "arabe", "Arabic"),
    "arc": ("الآرامية", "araméen", "Aramaic"),
    "ber": ("الأمازيغية", "langues berbères", "Berber languages"),
    "bm": ("البمبارية", "bambara", "Bambara"),
    "cop": ("القبطية", "copte", "Coptic"),
    "de": ("الألمانية", "allemand", "German"),
    "dje": ("الزرما", "zarma", "Zarma"),
    "el": ("اليونانية", "grec", "Greek"),
    "en": ("الإنجليزية", "anglais", "English"),
    "es": ("الإسبانية", "espagnol", "Spanish"),
    "fa": ("الفارسية", "persan", "Persian"),
    "ff": ("الفلانية", "peul", "Fulfulde"),
    "fr": ("الفرنسية", "français", "French"),
    "gez": ("الجعزية", "guèze", "Ge'ez"),
    "ha": ("الهوسا", "haoussa", "Hausa"),
    "he": ("العبرية", "hébreu", "Hebrew"),
    "hi": ("الهندية", "hindi", "Hindi"),
    "hy": ("الأرمنية", "arménien", "Armenian"),
    "it": ("الإيطالية", "italien", "Italian"),
    "jrb": ("العربية اليهودية", "judéo-arabe", "Judeo-Arabic"),
    "jpr": ("الفارسية اليهودية", "judéo-persan", "Judeo-Persian"),
    "khq": ("السنغاي", "songhaï", "Songhay"),
    "kr": ("الكانوري", "kanouri", "Kanuri"),
    "la": ("اللاتينية", "latin", "Latin"),
    "man": ("الماندنغ", "mandingue", "Manding"),
    "mnk": ("الماندينكا", "mandinka", "Mandinka"),
    "ms": ("الملايوية", "malais", "Malay"),
    "ota": ("التركية العثمانية", "turc ottoman", "Ottoman Turkish"),
    "ps": ("البشتوية", "pachto", "Pashto"),
    "sa": ("السنسكريتية", "sanskrit", "Sanskrit"),
    "ses": ("السنغاي", "songhaï", "Songhay"),
    "shi": ("تشلحيت", "tachelhit", "Tashelhit"),
    "snk": ("السوننكية", "soninké", "Soninke"),
    "son": ("السنغاي", "songhaï", "Songhay"),
    "srr": ("السيرير", "sérère", "Serer"),
    "sw": ("السواحيلية", "swahili", "Swahili"),
    "syc": ("السريانية", "syriaque", "Syriac"),
    "syr": ("السريانية", "syriaque", "Syriac"),
    "taq": ("الطارقية", "tamasheq", "Tamasheq"),
    "tmh": ("الطارقية", "touareg", "Tuareg"),
    "tr": ("التركية", "turc", "Turkish"),
    "ur": ("الأردية", "ourdou", "Urdu"),
    "wo": ("الولوفية", "wolof", "Wolof"),
    "yo": ("اليوروبية", "yoruba", "Yoruba"),
}


def language_names(tag: str) -> tuple[str, str, str]:
    """Return the name of the language of BCP 47 *tag* in Arabic, French and English; the tag where unknown."""
    return _LANGUAGES.get(tag.split("-", 1)[0].lower(), (tag, tag, tag))


def languages_in_words(tags: tuple[str, ...]) -> Words:
    """Return the names of the languages *tags* in Arabic, French and English, main one first."""
    names = list(dict.fromkeys(language_names(tag) for tag in tags))
    return {word: tuple(name[n] for name in names) for n, word in enumerate(("ar", "fr", "en"))} if names else {}
