"""Language tags: what cataloguers write, and the BCP 47 tag that pages and manifests need."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from khizana.core.manuscript import Direction

# BCP 47 takes the two-letter code where there is one (RFC 5646, 2.2.1); library catalogues write three letters.
_SHORTEST = {
    "alb": "sq",
    "amh": "am",
    "ara": "ar",
    "ave": "ae",
    "arm": "hy",
    "aze": "az",
    "bam": "bm",
    "ben": "bn",
    "deu": "de",
    "dut": "nl",
    "ell": "el",
    "eng": "en",
    "ewe": "ee",
    "fas": "fa",
    "fra": "fr",
    "fre": "fr",
    "ful": "ff",
    "geo": "ka",
    "ger": "de",
    "gre": "el",
    "guj": "gu",
    "hau": "ha",
    "heb": "he",
    "hin": "hi",
    "hye": "hy",
    "ibo": "ig",
    "ind": "id",
    "ita": "it",
    "jav": "jv",
    "jpn": "ja",
    "kas": "ks",
    "kat": "ka",
    "kau": "kr",
    "kon": "kg",
    "kur": "ku",
    "lat": "la",
    "mac": "mk",
    "mal": "ml",
    "mao": "mi",
    "mar": "mr",
    "may": "ms",
    "mlg": "mg",
    "msa": "ms",
    "nld": "nl",
    "orm": "om",
    "pan": "pa",
    "per": "fa",
    "pli": "pi",
    "por": "pt",
    "pus": "ps",
    "rus": "ru",
    "san": "sa",
    "snd": "sd",
    "som": "so",
    "spa": "es",
    "sun": "su",
    "swa": "sw",
    "tam": "ta",
    "tat": "tt",
    "tel": "te",
    "tgk": "tg",
    "tha": "th",
    "tib": "bo",
    "tir": "ti",
    "tuk": "tk",
    "tur": "tr",
    "twi": "tw",
    "uig": "ug",
    "urd": "ur",
    "uzb": "uz",
    "wol": "wo",
    "yid": "yi",
    "yor": "yo",
    "zul": "zu",
}
_WRITTEN_IN_LATIN = frozenset(
    ["ca", "cs", "da", "de", "en", "es", "eu", "fi", "fr", "hu", "it", "la", "nl", "no", "pl", "pt", "ro", "sv"]
)
_RIGHT_TO_LEFT = frozenset(
    [
        "ar",
        "arc",
        "ckb",
        "dv",
        "fa",
        "he",
        "jpr",
        "jrb",
        "ks",
        "nqo",
        "ota",
        "ps",
        "sd",
        "syr",
        "tmh",
        "ug",
        "und",
        "ur",
        "yi",
    ]
)
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06ee\u06ef\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_LETTERS = re.compile(r"[^\W\d_]")
# Macrons, dots below and the signs for hamza and ayn: what a scholar's romanisation has and English has not.
_ROMANISED = re.compile("[\u0304\u0323\u0331\u0310\u02bb\u02bc\u02be\u02bf\u02b9\u02ba]")


def language_tag(written: str) -> str:
    """Return the BCP 47 tag of the language code *written*, or nothing where it is none.

    ``ara`` becomes ``ar``, ``ar_latn`` becomes ``ar-Latn``; undetermined (``und``) counts as nothing.
    """
    code = written.strip().replace("_", "-")
    if not _TAG.fullmatch(code):
        return ""
    first, *rest = code.split("-")
    first = _SHORTEST.get(first.lower(), first.lower())
    if first == "und" and not rest:
        return ""
    parts = [first]
    for part in rest:
        if "x" in parts:  # what follows x is private and has no customary case
            parts.append(part.lower())
        elif len(part) == 4 and part.isalpha():
            parts.append(part.title())
        else:
            parts.append(part.upper() if len(part) == 2 else part.lower())
    return "-".join(parts)


def reading_direction(languages: Iterable[str]) -> Direction:
    """Return how leaves of a manuscript in *languages* (BCP 47 tags, main one first) follow each other.

    From right to left where nothing is stated: these are Arabic libraries.
    """
    first = next(iter(languages), "ar")
    language, *parts = first.split("-")
    if {"Arab", "Hebr", "Syrc"} & set(parts):
        return "rtl"
    return "ltr" if "Latn" in parts or language not in _RIGHT_TO_LEFT else "rtl"


def in_arabic_script(text: str) -> bool:
    """Return whether most letters of *text* are of the Arabic script."""
    letters = _LETTERS.findall(text)
    return bool(letters) and 2 * sum(1 for letter in letters if _ARABIC.match(letter)) > len(letters)


def is_romanised(text: str) -> bool:
    """Return whether *text* bears the marks of a scholarly romanisation (ā, ḥ, ʻ ...)."""
    return bool(_ROMANISED.search(unicodedata.normalize("NFD", text)))


def tag_by_script(text: str, main: str, *, romanised: bool) -> str:
    """Return the tag of a title that bears none, in a manuscript whose *main* language is known or empty.

    A title in Arabic script is taken for Arabic only where the manuscript is; otherwise its script is told and
    its language is not. A romanised one is tagged as the main language in Latin script; any other is ``none``.
    """
    if in_arabic_script(text):
        return "ar" if main == "ar" else "und-Arab"
    if main and main not in _WRITTEN_IN_LATIN and (romanised or is_romanised(text)) and _LETTERS.search(text):
        return f"{main.split('-', 1)[0]}-Latn"
    return "none"
