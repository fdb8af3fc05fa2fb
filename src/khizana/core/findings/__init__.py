"""Findings: what a check says about one subject, as a code, a severity and facts.

The sentence is not in the finding: it comes from ``messages/{ar,fr,en}/<domain>.toml``, one
``CODE = "sentence with {facts}"`` a line, so that three languages say the same thing of the same facts.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("ar", "fr", "en")


class Severity(StrEnum):
    """How much a finding matters: an error stops publication, a warning is shown, information is kept."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check says about one subject (a file name, an object identifier, a page)."""

    code: str
    severity: Severity
    subject: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Return the finding as one sentence in *language* (ar, fr or en)."""
        return sentence(self.code, {"subject": self.subject, **self.facts}, language)


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return every message of *language*, keyed by code.

    Raises ``ValueError`` when two domains claim one code.
    """
    messages: dict[str, str] = {}
    for domain in sorted((files(__package__) / "messages" / language).iterdir(), key=lambda entry: entry.name):
        for code, text in tomllib.loads(domain.read_text(encoding="utf-8")).items():
            if code in messages:
                raise ValueError(f"message {code} stands twice in the {language} catalogue")
            messages[code] = text
    return messages


def sentence(code: str, facts: Mapping[str, str | int], language: str = "en") -> str:
    """Return the sentence for *code* with its *facts*, in *language* or else in English."""
    text = catalogue(language if language in LANGUAGES else "en")[code]
    return text.format_map({name: _plain(value) for name, value in facts.items()})


def _plain(value: str | int) -> str:
    # File names from cards may hold line ends, control characters or undecodable bytes: a sentence stays one line.
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(value))
