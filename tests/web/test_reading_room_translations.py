"""Every sentence of the pages stands in three languages, with the same facts."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

WEB = Path(__file__).parents[2] / "src" / "khizana" / "web"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
LANGUAGES = ("ar", "fr", "en")
Message = str | tuple[str, str]


def spoken() -> set[Message]:
    """Return every message that a template or a view says."""
    found: set[Message] = set()
    sources = [templatize(path.read_text(encoding="utf-8")) for path in WEB.glob("templates/**/*.html")]
    for room in ("reading_room", "desk"):
        sources += [path.read_text(encoding="utf-8") for path in WEB.glob(f"{room}/*.py")]
    for source in sources:
        for _line, message, _comments, _context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
            found.add(message if isinstance(message, str) else (str(message[0]), str(message[1])))
    return found


def catalogue(language: str) -> Catalog:
    with (WEB / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def facts(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    wanted = spoken()
    assert len(wanted) > 50
    translated = {message.id for message in catalogue(language) if message.id}
    assert wanted == translated
    assert all(all(message.string) for message in catalogue(language) if message.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_the_same_facts(language: str) -> None:
    for message in catalogue(language):
        if isinstance(message.id, str):
            assert facts(str(message.string)) == facts(message.id), message.id
            continue
        wanted = facts("".join(message.id))
        for form, text in enumerate(message.string):
            # Arabic says "one page" and "two pages" without a number.
            unsaid = {"count"} if language == "ar" and form < 3 else set()
            assert wanted - unsaid <= facts(text) <= wanted, text


def test_arabic_has_its_six_plural_forms() -> None:
    arabic = catalogue("ar")
    assert arabic.num_plurals == 6
    assert all(len(message.string) == 6 for message in arabic if isinstance(message.id, tuple) and message.id)


def test_english_says_what_the_templates_say() -> None:
    for message in catalogue("en"):
        if message.id:
            assert message.string == message.id
