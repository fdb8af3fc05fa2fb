"""Search documents made by code."""

from __future__ import annotations

from khizana.core.dates import Days
from khizana.core.identifiers import ManuscriptId
from khizana.core.policy import Agreement
from khizana.core.search.document import Facet, Line, Part, Passage, SearchDocument


def document(
    name: str,
    *passages: tuple[Part, str],
    published: bool = True,
    days: Days | None = None,
    facets: dict[Facet, tuple[str, ...]] | None = None,
    lines: tuple[str, ...] = (),
) -> SearchDocument:
    """Return the document of the manuscript *name*."""
    return SearchDocument(
        ManuscriptId(name),
        name.upper(),
        tuple(Passage(part, text) for part, text in passages),
        Agreement(published=published),
        facets or {},
        days,
        lines=tuple(Line(text, "12r", number) for number, text in enumerate(lines, 1)),
    )
