"""What was found, as the search page shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from khizana.apps.publication import queries
from khizana.core.iiif import labels
from khizana.core.policy import Action, Reader, decide
from khizana.core.search.document import Facet, Part
from khizana.core.search.results import Highlight, Hit, Results
from khizana.web.reading_room import addresses
from khizana.web.reading_room.pictures import contact_image
from khizana.web.reading_room.words import Shown, direction_of, shown

_VALUES = 8
"""Values shown of one facet."""
_SAID = 4
"""Passages shown of one hit."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A link, and what it chooses."""

    label: str
    href: str
    count: int = 0
    current: bool = False


@dataclass(frozen=True, slots=True)
class FacetShown:
    """One facet with its values."""

    label: str
    values: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A passage with what met the query marked."""

    label: str
    pieces: tuple[tuple[str, bool], ...]
    direction: Literal["rtl", "ltr"]
    language: str
    cut: bool
    page: str
    href: str
    """Of the page it stands on, or nothing."""


@dataclass(frozen=True, slots=True)
class HitShown:
    """One manuscript that was found."""

    href: str
    title: Shown
    shelfmark: str
    image: str
    said: tuple[Said, ...]
    why: str


def hits_shown(results: Results, language: str, reader: Reader) -> list[HitShown]:
    """Return the hits for a page in *language*, with what *reader* may see of their images."""
    summaries = queries.summaries([hit.manuscript for hit in results.hits])
    made = []
    for hit in results.hits:
        summary = summaries.get(hit.manuscript)
        image = ""
        if summary and summary.first:
            image = contact_image(summary.first, decide(summary.agreement, Action.VIEW, reader))
        made.append(
            HitShown(
                href=addresses.manuscript(language, hit.manuscript),
                title=_title(hit, language),
                shelfmark=hit.shelfmark,
                image=image,
                said=tuple(_said(each, hit, language) for each in hit.highlights[:_SAID]),
                why=hit.evidence.sentence(language),
            )
        )
    return made


def _title(hit: Hit, language: str) -> Shown:
    words: dict[str, tuple[str, ...]] = {}
    for each in hit.titles:
        words.setdefault(each.language, (each.text,))
    return shown(words, language) or Shown(hit.shelfmark, "", direction_of(hit.shelfmark))


def _said(each: Highlight, hit: Hit, language: str) -> Said:
    return Said(
        label=part_label(each.part),
        pieces=tuple(pieces(each)),
        direction=direction_of(each.text),
        language="" if each.language in ("none", "und") else each.language,
        cut=each.offset > 0,
        page=each.page,
        href=addresses.folio(language, hit.manuscript, each.page) if each.page else "",
    )


def pieces(each: Highlight) -> Iterator[tuple[str, bool]]:
    """Yield the text of a highlight in pieces, each with whether it is marked; together they are the text."""
    place = 0
    for start, end in each.spans:
        if start > place:
            yield each.text[place:start], False
        yield each.text[start:end], True
        place = end
    if place < len(each.text):
        yield each.text[place:], False


def part_label(part: Part) -> str:
    """Return what a part of a description is called."""
    return {
        Part.TITLE: _("Title"),
        Part.PERSON: _("Person"),
        Part.PLACE: _("Place"),
        Part.SUBJECT: _("Subject"),
        Part.TEXT: _("Text"),
        Part.NOTE: _("Note"),
        Part.SHELFMARK: _("Shelfmark"),
    }[part]


def facet_label(facet: Facet) -> str:
    """Return what a facet is called."""
    return {
        Facet.LANGUAGE: _("Language of the text"),
        Facet.SUBJECT: _("Subject"),
        Facet.HIJRI_CENTURY: _("Century (Hijri)"),
        Facet.CENTURY: _("Century (Christian era)"),
        Facet.PLACE: _("Place"),
        Facet.SCRIPT: _("Script"),
        Facet.CUSTODIAN: _("Custodian"),
        Facet.CONDITION: _("Condition"),
        Facet.IMAGES: _("Images"),
        Facet.TEXT: _("Searchable text"),
    }[facet]


def value_label(facet: Facet, value: str, language: str) -> str:
    """Return what a facet's value is called."""
    if facet in (Facet.IMAGES, Facet.TEXT):
        return _("Yes") if value == "yes" else _("No")
    if facet is Facet.LANGUAGE:
        named = shown(labels.languages_in_words((value,)), language)
        return named.text if named else value
    return value


def facets_shown(
    results: Results,
    language: str,
    filters: Sequence[tuple[Facet, str]],
    href: Callable[[tuple[Facet, str]], str],
) -> list[FacetShown]:
    """Return the facets that can still narrow the results down, each value a link."""
    made = []
    for facet, values in results.facets.items():
        choices = tuple(
            Choice(value_label(facet, value, language), href((facet, value)), count)
            for value, count in values[:_VALUES]
            if (facet, value) not in filters
        )
        if choices and not (len(choices) == 1 and choices[0].count >= results.total):
            made.append(FacetShown(facet_label(facet), choices))
    return made


def chosen(
    filters: Sequence[tuple[Facet, str]], language: str, href: Callable[[tuple[Facet, str]], str]
) -> list[Choice]:
    """Return the filters in force, each a link that takes it away."""
    return [
        Choice(f"{facet_label(facet)}: {value_label(facet, value, language)}", href((facet, value)))
        for facet, value in filters
    ]
