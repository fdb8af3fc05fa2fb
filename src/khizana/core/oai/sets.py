"""The sets by which a harvest can be narrowed: by holding or custodian, by language, by subject."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from khizana.core.catalogue.entry import Entry, Phrases
from khizana.core.iiif.labels import languages_in_words
from khizana.core.manuscript import Words
from khizana.core.text.fold import fold

HOLDING, LANGUAGE, SUBJECT = "holding", "language", "subject"
GROUPS: dict[str, Words] = {
    HOLDING: {
        "ar": ("المجموعات والجهات الحافظة",),
        "fr": ("Fonds et dépositaires",),
        "en": ("Holdings and custodians",),
    },
    LANGUAGE: {"ar": ("اللغات",), "fr": ("Langues",), "en": ("Languages",)},
    SUBJECT: {"ar": ("الموضوعات",), "fr": ("Sujets",), "en": ("Subjects",)},
}
"""The sets above all others, of which each of these is a part."""

SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(?::[A-Za-z0-9\-_.!~*'()]+)*")
"""OAI-PMH 2.0, 2.6: the characters of a ``setSpec``."""
_LONGEST = 40  # characters of a name that is a part of a specification as it stands


@dataclass(frozen=True, slots=True)
class HarvestedSet:
    """A set with its names."""

    spec: str
    names: Words


def sets_of(entry: Entry) -> tuple[HarvestedSet, ...]:
    """Return the sets that a manuscript is in, each once, the sets above them included."""
    found: dict[str, HarvestedSet] = {}
    named = ((HOLDING, (*entry.custodian, *entry.holding)), (SUBJECT, entry.subjects))
    for each in (*_languages(entry), *(each for group, names in named for each in _named(group, names))):
        group = each.spec.partition(":")[0]
        found.setdefault(group, HarvestedSet(group, GROUPS[group]))
        found.setdefault(each.spec, each)
    return tuple(found.values())


def spec_of(group: str, name: str) -> str:
    """Return the specification of the set of *name* in *group*, the same for every way of writing that folds alike.

    Names in Latin letters stay readable; of others a specification takes no letter, so that a digest stands for them.
    """
    folded = fold(name).text
    plain = "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))
    readable = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if plain.isascii() and readable and len(readable) <= _LONGEST:
        return f"{group}:{readable}"
    return f"{group}:x{sha256(folded.encode()).hexdigest()[:12]}"


def _languages(entry: Entry) -> Iterator[HarvestedSet]:
    for tag in dict.fromkeys((*entry.languages, *(tag for text in entry.all_texts() for tag in text.languages))):
        if re.fullmatch(r"[A-Za-z0-9-]{2,40}", tag):
            yield HarvestedSet(f"{LANGUAGE}:{tag}", languages_in_words((tag,)) or {"none": (tag,)})


def _named(group: str, names: Phrases) -> Iterator[HarvestedSet]:
    for name in names:
        if fold(name.text).text.strip():
            yield HarvestedSet(spec_of(group, name.text), {name.language or "none": (name.text.strip(),)})
