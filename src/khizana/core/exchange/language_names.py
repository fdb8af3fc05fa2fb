"""Languages as people write them, by name in English, French, German or Arabic or by code, and their tags."""

from __future__ import annotations

import re

from khizana.core.languages import language_tag

_NAMES = {
    "ar": "arabic arabe arabisch عربي عربية العربية",
    "fa": "persian persan persisch farsi فارسي فارسية الفارسية",
    "ota": "ottoman",
    "tr": "turkish turc türkisch تركي تركية التركية",
    "ur": "urdu ourdou أردو الأردية",
    "he": "hebrew hébreu hebräisch عبري العبرية",
    "ha": "hausa haoussa هوسا الهوسا",
    "ff": "fulfulde fula fulani peul pulaar fulah فلاني الفلانية فولفولدي",
    "bm": "bambara bamana بمبارا",
    "wo": "wolof ولوف الولوف",
    "sw": "swahili kiswahili سواحيلي السواحيلية",
    "son": "songhay songhai سنغاي السنغاي",
    "tmh": "tamasheq tamashek tuareg touareg طوارق تماشق",
    "snk": "soninke soninké سوننكي",
    "kr": "kanuri كانوري",
    "mnk": "mandinka mandingue ماندينكا",
    "dje": "zarma djerma زرما",
    "yo": "yoruba يوروبا",
    "syr": "syriac syriaque syrisch سريانية السريانية",
    "cop": "coptic copte koptisch قبطية القبطية",
    "gez": "ethiopic geez ge'ez guèze",
    "am": "amharic amharique",
    "la": "latin latein lateinisch لاتيني اللاتينية",
    "el": "greek grec griechisch يوناني اليونانية",
    "en": "english anglais englisch إنجليزي الإنجليزية",
    "fr": "french français französisch فرنسي الفرنسية",
    "de": "german allemand deutsch ألماني الألمانية",
    "it": "italian italien italienisch",
    "es": "spanish espagnol spanisch",
    "pt": "portuguese portugais",
    "nl": "dutch néerlandais niederländisch",
    "cy": "welsh gallois",
    "sa": "sanskrit",
    "ms": "malay malais",
    "jv": "javanese javanais",
    "zh": "chinese chinois",
    "ja": "japanese japonais",
    "hy": "armenian arménien",
    "ka": "georgian géorgien",
    "ru": "russian russe",
    "ber": "berber berbère amazigh أمازيغية",
}
_BY_NAME = {name: tag for tag, names in _NAMES.items() for name in names.split()}
_CODE = re.compile(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def languages_named(written: tuple[str, ...]) -> tuple[str, ...]:
    """Return the BCP 47 tags of the languages that *written* names, in their order; unknown words give none.

    "Ottoman Turkish" is ``ota`` and not Turkish as well; a code (``ara``, ``ar-Latn``) is taken as it stands.
    """
    found: dict[str, None] = {}
    for text in written:
        if _CODE.fullmatch(text.strip()):
            if tag := language_tag(text):
                found[tag] = None
            continue
        tags = [_BY_NAME[word] for word in _WORD.findall(text.casefold()) if word in _BY_NAME]
        found |= dict.fromkeys(each for each in tags if not (each == "tr" and "ota" in tags))
    return tuple(found)
