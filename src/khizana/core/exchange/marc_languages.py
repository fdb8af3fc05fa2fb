"""Languages of MARC 21: its codes of three letters, the tags of the model, and the columns of field 008."""

from __future__ import annotations

import re

from khizana.core.exchange.marc_record import Record
from khizana.core.languages import in_arabic_script, language_tag

# Codes whose tag has two letters, in the form that MARC has (bibliographic: per and not fas).
_CODES = (
    "alb amh ara arm aze bam ben bul chi cze dan dut eng est ewe fin fre ful geo ger gre guj hau heb hin hrv hun ibo "
    "ice ind ita jav jpn kan kas kau kaz kon kor kur lat lit mac mal mao mar may mlg mon nor orm pan per pli pol por "
    "pus rum rus san sin slo slv snd som spa srp sun swa swe tam tat tel tgk tha tib tir tuk tur twi uig ukr urd uzb "
    "vie wol yid yor zul"
)
_LONGER = {
    "bul": "bg",
    "chi": "zh",
    "cze": "cs",
    "dan": "da",
    "est": "et",
    "fin": "fi",
    "hrv": "hr",
    "hun": "hu",
    "ice": "is",
    "kan": "kn",
    "kaz": "kk",
    "kor": "ko",
    "lit": "lt",
    "mon": "mn",
    "nor": "no",
    "pol": "pl",
    "rum": "ro",
    "sin": "si",
    "slo": "sk",
    "slv": "sl",
    "srp": "sr",
    "swe": "sv",
    "ukr": "uk",
    "vie": "vi",
}
_BY_TAG = {_LONGER.get(code) or language_tag(code): code for code in _CODES.split()}
_NO_LANGUAGE = frozenset({"zxx", "mul", "und", "mis", "|||", ""})
_AJAMI = frozenset(
    {"ha", "ff", "wo", "sw", "bm", "kr", "yo", "mnk", "man", "son", "dje", "snk", "tmh", "ber", "srr", "so"}
)
"""Languages of Africa that are written in Latin letters today: a manuscript of theirs in Arabic script is Ajami."""
_IN_ARABIC_SCRIPT = re.compile(r"\b(ajami|arabic script|caractères arabes)\b|عجمي", re.IGNORECASE)


def marc_code(tag: str) -> str:
    """Return the MARC code of the language of the BCP 47 *tag*: ``ara`` for ``ar``; ``und`` where there is none."""
    first = tag.split("-", 1)[0].lower()
    code = _BY_TAG.get(first, first)
    return code if re.fullmatch("[a-z]{3}", code) else "und"


def languages_of(record: Record) -> tuple[str, ...]:
    """Return the languages of *record* as BCP 47 tags, by 041 and 008; Ajami ones bear their script."""
    codes = []
    notes = []
    titles = []
    for field in record.fields:
        if field.tag == "041":
            # Before 2001, several codes stood in one subfield.
            codes += [code for value in field.all("ad") for code in re.findall("[a-z]{3}", value.lower())]
        elif field.tag == "546":
            notes += field.all("ab")
        elif field.tag in ("245", "880"):
            titles += field.all("a") if field.tag == "245" or field.first("6").startswith("245") else []
    if not codes:
        codes = [record.control("008")[35:38].lower()]
    arabic = any(map(in_arabic_script, titles)) or any(map(_IN_ARABIC_SCRIPT.search, notes))
    tags = [_LONGER.get(code) or language_tag(code) for code in codes if code not in _NO_LANGUAGE]
    return tuple(dict.fromkeys(f"{tag}-Arab" if arabic and tag in _AJAMI else tag for tag in tags if tag))


def years_of(record: Record) -> str:
    """Return the years in 008 as words that a date is read from, or nothing."""
    fixed = record.control("008")
    kind, first, second = fixed[6:7], fixed[7:11], fixed[11:15]
    if not re.fullmatch("[0-9]{1,4}u{0,2}", first) or len(first) != 4 or kind not in "sqmikdrpe":
        return ""
    earliest = first.replace("u", "0")
    latest = second if re.fullmatch("[0-9u]{4}", second) and second != "9999" and kind in "qmikd" else first
    latest = latest.replace("u", "9")
    return earliest if earliest == latest else f"{earliest}-{latest}"
