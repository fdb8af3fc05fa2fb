"""Words of catalogues in Arabic, French and English that the model knows: hands, roles, kinds of notes, materials."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from khizana.core.catalogue.entry import NoteKind

LONGEST = 2000
"""Characters of prose that are searched for words, and kept in memory with what was found."""

_STYLES = {
    "sudani": "s[uo]u?dani|soudanais|sudanese|سوداني",
    "saharan": "saharan|saharien|صحراوي",
    "suqi": "s[uo]u?qi|souki|suuqi|سوقي",
    "barnawi": "barnawi|bornouan|burnawi|برناوي",
    "kanawi": "kanawi|hausawi|كنوي|هوساوي",
    "maghribi": "maghribi|maghrebi|maghrebin|maghribine|مغربي",
    "andalusi": "andalusi|andalou|andalusian|أندلسي|اندلسي",
    "mabsut": "mabsut|مبسوط",
    "mujawhar": "mujawhar|مجوهر",
    "kufi": "kufi|kufic|coufique|koufique|كوفي",
    "naskh": "naskh|naskhi|neskhi|نسخ|نسخي",
    "thuluth": "thuluth|sulus|ثلث",
    "taliq": "ta ?liq|تعليق",
    "nastaliq": "nasta ?liq|نستعليق",
    "shikastah": "shikastah|shikasta|shekasteh|شكسته",
    "riqa": "ruq ?ah|riqa ?|ruqa ?|رقعة",
    "diwani": "diwani|divani|ديواني",
    "muhaqqaq": "muhaqqaq|محقق",
    "rayhani": "rayhani|ريحاني",
    "west african": "west african|ouest-africaine?|غرب إفريقي",
}
_STYLE = re.compile(
    r"(?<![^\W\d_])(?:ال)?(?:" + "|".join(f"(?P<s{place}>{words})" for place, words in enumerate(_STYLES.values()))
    + r")(?:ة|e|s)?(?![^\W\d_])"
)  # fmt: skip
_STYLE_NAMES = tuple(_STYLES)
# The letters that romanisations set for hamza and ayn are left out: nastaʻlīq, taʿlīq.
_MARKS = dict.fromkeys(map(ord, "ʻʼʾʿ'’‘`"), None)

_ROLES = {
    "former owner": ("former owner", "ancien possesseur", "ancien propriétaire", "مالك سابق"),
    "scribe": ("scribe", "copyist", "copiste", "katib", "nasikh", "ناسخ", "الناسخ", "كاتب", "الكاتب", "scr"),
    "author": ("author", "auteur", "المؤلف", "مؤلف", "aut"),
    "owner": ("owner", "possesseur", "propriétaire", "المالك", "مالك", "own"),
    "patron": ("patron", "commanditaire", "راعي", "pat"),
    "donor": ("donor", "donateur", "واهب", "dnr"),
    "endower": ("endower", "waqif", "واقف", "الواقف"),
    "translator": ("translator", "traducteur", "مترجم", "المترجم", "trl"),
    "commentator": ("commentator", "commentateur", "commentator for written text", "شارح", "الشارح", "cwt"),
    "editor": ("editor", "éditeur", "محقق", "المحقق", "edt"),
    "illuminator": ("illuminator", "enlumineur", "مذهب", "ilu"),
    "binder": ("binder", "relieur", "مجلد", "المجلد", "bnd"),
    "reader": ("reader", "lecteur", "قارئ"),
    "teacher": ("teacher", "maître", "شيخ"),
}
_ROLE = {word: role for role, words in _ROLES.items() for word in words}
OF_THE_MANUSCRIPT = frozenset(
    ["scribe", "owner", "former owner", "patron", "donor", "endower", "illuminator", "binder", "reader", "recipient"]
)
"""Roles of persons who had to do with the manuscript and not with the making of its text."""

_KINDS = (
    (NoteKind.ENDOWMENT, r"waqf|wakf|habous|h[ou]bus|endow|وقف|أوقاف|حبس|محبس|موقوف"),
    (
        NoteKind.TEACHING,
        r"ijaza|ijazah|idjaza|licen[sc]e to teach|samaʿ|\bsama\b|audition|إجازة|اجازة|أجاز|سماع",
    ),
    (NoteKind.READING, r"reading note|read by|note de lecture|lu par|mutala|مطالعة|طالع|قراءة|نظر فيه"),
    (
        NoteKind.ACQUISITION,
        r"acquired|acquis\b|purchased|bought from|acheté|donated|gift of|\bdon de\b|اشتراه|شراء|أهداه|إهداء",
    ),
    (
        NoteKind.OWNERSHIP,
        r"own(?:ed|er|ership)\b|belonged to|possess|propriét|appartenu|bookplate|ex.?libris|تملك|تمليك|ملك|مالك",
    ),
)
_KIND = re.compile("|".join(f"(?P<k{place}>{words})" for place, (_, words) in enumerate(_KINDS)), re.IGNORECASE)
_TYPED = {
    "ownership": NoteKind.OWNERSHIP,
    "owner": NoteKind.OWNERSHIP,
    "possession": NoteKind.OWNERSHIP,
    "tamlik": NoteKind.OWNERSHIP,
    "tamalluk": NoteKind.OWNERSHIP,
    "endowment": NoteKind.ENDOWMENT,
    "waqf": NoteKind.ENDOWMENT,
    "habus": NoteKind.ENDOWMENT,
    "hubus": NoteKind.ENDOWMENT,
    "reading": NoteKind.READING,
    "mutalaa": NoteKind.READING,
    "teaching": NoteKind.TEACHING,
    "ijaza": NoteKind.TEACHING,
    "ijazah": NoteKind.TEACHING,
    "sama": NoteKind.TEACHING,
    "acquisition": NoteKind.ACQUISITION,
    "purchase": NoteKind.ACQUISITION,
    "provenance": NoteKind.PROVENANCE,
    "origin": NoteKind.ORIGIN,
}
_MATERIALS = (
    ("paper", r"paper|papier|ورق|كاغد|كاغذ"),
    ("parchment", r"parchment|vellum|parchemin|vélin|(?<![^\W\d_])رق(?![^\W\d_])"),
    ("papyrus", r"papyrus|بردي"),
    ("leather", r"leather|cuir|جلد"),
)
_MATERIAL = tuple((name, re.compile(words, re.IGNORECASE)) for name, words in _MATERIALS)


def styles_in(words: str) -> tuple[str, ...]:
    """Return the known styles of script that *words* name, in their order: ``maghribi``, ``naskh`` ..."""
    return _styles_in(words[:LONGEST])


@lru_cache(maxsize=4096)
def _styles_in(words: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFD", words.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_MARKS)
    found = (_STYLE_NAMES[int((each.lastgroup or "s0")[1:])] for each in _STYLE.finditer(plain))
    return tuple(dict.fromkeys(found))


def role_of(words: str) -> str:
    """Return the role that *words* name in one of three languages, or the words themselves."""
    return words if len(words) > LONGEST else _role_of(words)


@lru_cache(maxsize=4096)
def _role_of(words: str) -> str:
    plain = unicodedata.normalize("NFC", words.casefold().strip(" .:,;"))
    bare = "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter))
    return _ROLE.get(plain) or _ROLE.get(bare) or words


def note_kind(written: str, words: str, otherwise: NoteKind) -> NoteKind:
    """Return the kind of a history note by its type as *written*, else by its *words*, else *otherwise*."""
    typed = _TYPED.get(written.lower().removesuffix("-note").removesuffix("note"))
    if typed is not None:
        return typed
    found = _KIND.search(words)
    return _KINDS[int((found.lastgroup or "k0")[1:])][0] if found else otherwise


def material_in(words: str) -> str:
    """Return the material that *words* of a support name (two or more: ``mixed``), or nothing."""
    found = [name for name, pattern in _MATERIAL if pattern.search(words)]
    return found[0] if len(found) == 1 else "mixed" if found else ""
