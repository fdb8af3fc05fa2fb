"""Words of IIIF manifests, in the many shapes that libraries give them, and values that may be anything at all."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from khizana.core.catalogue.entry import Phrase, Phrases
from khizana.core.languages import in_arabic_script, language_tag

_MARKUP = re.compile(r"<(?:br|/p|/li|/div)\b[^>]*>|<[A-Za-z/!][^<>]*>")
_SPACES = re.compile(r"\s+")
_DEEPEST = 6


def several(value: Any) -> list[Any]:
    """Return *value* where it is a list, nothing where it is None, else a list of it alone."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def things(value: Any) -> list[dict[str, Any]]:
    """Return the objects that *value* is or lists."""
    return [each for each in several(value) if isinstance(each, dict)]


def text_of(value: Any) -> str:
    """Return *value* where it is a string, else nothing."""
    return value.strip() if isinstance(value, str) else ""


def address_of(value: Any) -> str:
    """Return the ``id`` or ``@id`` of *value*, or *value* itself where it is a string."""
    if isinstance(value, dict):
        return text_of(value.get("id")) or text_of(value.get("@id"))
    return text_of(value)


def kind_of_thing(value: dict[str, Any]) -> str:
    """Return the ``type`` or ``@type`` of *value* without its prefix: ``Manifest`` for ``sc:Manifest``."""
    stated = [text_of(each) for each in (*several(value.get("type")), *several(value.get("@type")))]
    return next((each.rpartition(":")[2] for each in stated if each), "")


def phrases(value: Any) -> Phrases:
    """Return the words in *value*, without markup, each once.

    A string, a number, a value with ``@value`` and ``@language`` (version 2), a map from languages to lists or strings
    (version 3), and lists of these, are understood; what is none of them gives nothing.
    """
    return tuple(dict.fromkeys(_phrases(value, "none", 0)))


def _phrases(value: Any, language: str, depth: int) -> Iterator[Phrase]:
    if depth > _DEEPEST:
        return
    match value:
        case str() if text := plain(value):
            yield Phrase(text, "und-Arab" if language == "none" and in_arabic_script(text) else language)
        case bool():
            return
        case int() | float():
            yield Phrase(str(value), "none")
        case list():
            for each in value:
                yield from _phrases(each, language, depth + 1)
        case {"@value": inner}:
            stated = text_of(value.get("@language"))
            yield from _phrases(inner, language_tag(stated) or "none", depth + 1)
        case dict():
            for name, inner in value.items():
                tag = "none" if name in ("none", "@none") else language_tag(name)
                if tag:
                    yield from _phrases(inner, tag, depth + 1)


def plain(text: str) -> str:
    """Return *text* without HTML markup, on one line."""
    if "<" in text or "&" in text:
        text = html.unescape(_MARKUP.sub(" ", text))
    return _SPACES.sub(" ", text).strip()
