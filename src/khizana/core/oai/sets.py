"""The sets by which a harvest can be narrowed: by holding or custodian, by language, by subject."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from khizana.core.iiif.labels import languages_in_words
from khizana.core.manuscript import Description, Words
from khizana.core.tei.fields import SUBJECTS
from khizana.core.text.fold import fold

HOLDING, LANGUAGE, SUBJECT = "holding", "language", "subject"
GROUPS: dict[str, Words] = {
    HOLDING: {"ar": ("المجموعات والجهات الحافظة",), "fr": ("Fonds et dépositaires",), "en": ("Holdings and custodians",)},
    LANGUAGE: {"ar": ("اللغات",), "fr": ("Langues",), "en": ("Languages",)},
    SUBJECT: {"ar": ("الموضوعات",), "fr": ("Sujets",), "en": ("Subjects",)},
}
"""The sets above all others, of which each of these is a part."""

SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(?::[A-Za-z0-9\-_.!~*'()]+)*")
"""OAI-PMH 2.0, 2.6: the characters of a ``setSpec``."""
_LONGEST = 40  # characters of a name that is a part of a specification as it stands
_BETWEEN = re.compile(r"\s*[;؛]\s*")


@dataclass(frozen=True, slots=True)
class HarvestedSet:
    """A set with its names."""

    spec: str
    names: Words


def sets_of(description: Description) -> tuple[HarvestedSet, ...]:
    """Return the sets that a manuscript is in, each once, the sets above them included."""
    found: dict[str, HarvestedSet] = {}
    for each in (*_languages(description), *_named(SUBJECT, _subjects(description))):
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


def _languages(description: Description) -> Iterator[HarvestedSet]:
    for tag in description.languages:
        if re.fullmatch(r"[A-Za-z0-9-]{2,40}", tag):
            yield HarvestedSet(f"{LANGUAGE}:{tag}", languages_in_words((tag,)) or {"none": (tag,)})


def _named(group: str, names: Iterable[tuple[str, str]]) -> Iterator[HarvestedSet]:
    for language, name in names:
        if fold(name).text.strip():
            yield HarvestedSet(spec_of(group, name), {language: (name,)})


def _subjects(description: Description) -> Iterator[tuple[str, str]]:
    for label, value in description.details:
        if label == SUBJECTS.label:
            for language, texts in value.items():
                for text in texts:
                    yield from ((language, part) for part in _BETWEEN.split(text.strip()) if part)
