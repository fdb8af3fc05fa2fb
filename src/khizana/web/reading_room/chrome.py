"""What stands around every page: the library's name, the languages, the style."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.http import HttpRequest
from django.utils.safestring import SafeString

from khizana.apps.publication import queries
from khizana.core.manuscript import LibraryCard
from khizana.web.reading_room import addresses
from khizana.web.reading_room.style import static, style
from khizana.web.reading_room.words import Shown, shown

# Each language names itself.
LANGUAGES = {"ar": "العربية", "fr": "Français", "en": "English"}
_SHORT = {"ar": "ع", "fr": "Fr", "en": "En"}


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The page at hand in one language."""

    tag: str
    name: str
    short: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chrome:
    """What the base template needs of every page."""

    language: str
    direction: Literal["rtl", "ltr"]
    library: Shown
    credit: Shown | None
    """The line that must be shown with every image."""
    rights: str
    homepage: str
    base: str
    """The library's public address, before every path."""
    home: str
    manuscripts: str
    search: str
    sign_in: str
    desk: str
    languages: tuple[LanguageLink, ...]
    style: SafeString
    script: str
    """Address of our own script."""
    search_script: str
    """Address of the script that suggests names while a reader types."""
    staff: bool
    signed_in: bool


def chrome(
    request: HttpRequest, language: str, place: Callable[[str], str], *parts: str, card: LibraryCard | None = None
) -> Chrome:
    """Return what stands around a page in *language*; *place* gives its own address in each language."""
    card = card or queries.library_card()
    return Chrome(
        language=language,
        direction="rtl" if language == "ar" else "ltr",
        library=shown(card.titles, language) or Shown(card.name, "", "ltr"),
        credit=shown(card.required_statement, language),
        rights=card.rights,
        homepage=card.homepage,
        base=card.base_url,
        home=addresses.home(language),
        manuscripts=addresses.manuscripts(language),
        search=addresses.search(language),
        sign_in=addresses.sign_in(language),
        desk=addresses.desk(language),
        languages=tuple(
            LanguageLink(tag, name, _SHORT[tag], place(tag), current=tag == language) for tag, name in LANGUAGES.items()
        ),
        style=style("tokens", "every", *parts),
        script=static("reading-room.js"),
        search_script=static("search.js"),
        staff=request.user.is_staff,
        signed_in=request.user.is_authenticated,
    )
