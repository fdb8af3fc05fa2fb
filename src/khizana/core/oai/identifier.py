"""The identifiers of what is harvested: URIs that never change, not with the library's address either."""

from __future__ import annotations

from urllib.parse import quote, unquote

from khizana.core.identifiers import ManuscriptId


def identifier_of(library: str, manuscript: ManuscriptId) -> str:
    """Return the identifier of *manuscript*: ``urn:khizana:ahmed-baba:tb-0042``."""
    return f"urn:khizana:{quote(library)}:{quote(manuscript, safe='')}"


def manuscript_of(library: str, identifier: str) -> ManuscriptId | None:
    """Return the manuscript that *identifier* is of, or None where it is of none of *library*."""
    prefix = f"urn:khizana:{quote(library)}:"
    name = identifier.removeprefix(prefix)
    if not identifier.startswith(prefix) or not name or ":" in name:
        return None
    manuscript = ManuscriptId(unquote(name))
    return manuscript if identifier_of(library, manuscript) == identifier else None
