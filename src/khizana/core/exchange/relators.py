"""Roles of persons: the words of the model, and those of library catalogues (the MARC relator codes and terms)."""

from __future__ import annotations

import re

# Model role: its MARC relator code, the term for the code, and other words that catalogues write for it.
_ROLES: dict[str, tuple[str, str, str]] = {
    "author": ("aut", "author", "auteur creator créateur مؤلف المؤلف مصنف composer"),
    "scribe": ("scr", "scribe", "copyist copiste kātib katib calligrapher ناسخ الناسخ كاتب الكاتب"),
    "owner": ("own", "owner", "possesseur propriétaire مالك المالك possessor"),
    "former owner": ("fmo", "former owner", "ancien_possesseur"),
    "patron": ("pat", "patron", "commanditaire mécène راعي"),
    "translator": ("trl", "translator", "traducteur مترجم المترجم"),
    "commentator": ("cwt", "commentator for written text", "commentator cmm commentateur شارح الشارح"),
    "compiler": ("com", "compiler", "compilateur جامع"),
    "editor": ("edt", "editor", "éditeur_scientifique محقق المحقق"),
    "annotator": ("ann", "annotator", "annotateur glossator محشي"),
    "binder": ("bnd", "binder", "relieur مجلد المجلد"),
    "illuminator": ("ilu", "illuminator", "enlumineur مذهب"),
    "illustrator": ("ill", "illustrator", "illustrateur"),
    "artist": ("art", "artist", "artiste"),
    "dedicatee": ("dte", "dedicatee", "dédicataire"),
    "donor": ("dnr", "donor", "donateur واقف الواقف endower"),
    "seller": ("sll", "seller", "vendeur bookseller bsl"),
    "collector": ("col", "collector", "collectionneur"),
    "teacher": ("tch", "teacher", "أستاذ"),
    "signer": ("sgn", "signer", ""),
    "attributed author": ("att", "attributed name", "attributed_author auteur_présumé"),
    "dubious author": ("dub", "dubious author", ""),
    "contributor": ("ctb", "contributor", "contributeur"),
}
_BY_WORD = {
    word.replace("_", " "): role
    for role, (code, term, others) in _ROLES.items()
    for word in (role, code, term, *others.split())
}
_ADDRESS = re.compile(r"https?://id\.loc\.gov/vocabulary/relators/([a-z]{3})")

AUTHORS = frozenset({"author", "attributed author", "dubious author"})
HOLDERS = frozenset({"owner", "former owner", "donor", "seller", "collector"})
"""Who had the manuscript in hand, and made nothing of what is in it."""


def role_of(written: str) -> str:
    """Return the role of the model for a relator code, term or address, or the words as written without their stops."""
    if address := _ADDRESS.match(written.strip()):
        return _BY_WORD.get(address[1], address[1])
    plain = written.strip().lstrip("([").rstrip(" .,;:)]")
    return _BY_WORD.get(plain.casefold(), plain)


def relator_code(role: str) -> str:
    """Return the MARC relator code of *role*, or nothing for a role that has none."""
    return _ROLES[role][0] if role in _ROLES else ""


def relator_term(role: str) -> str:
    """Return the MARC relator term of *role*, or *role* itself."""
    return _ROLES[role][1] if role in _ROLES else role
