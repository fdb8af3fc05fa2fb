"""Results as JSON, CSV and RSS: the same for the command line and the reading room."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from lxml import etree

from khizana.core.identifiers import ManuscriptId
from khizana.core.search.results import Highlight, Hit, Results, Suggestion

COLUMNS = ("id", "shelfmark", "title", "score", "tier", "part", "spelling", "address")


def results_json(
    results: Results, *, query: str, took_ms: float, language: str, address: Callable[[ManuscriptId], str] | None = None
) -> dict[str, Any]:
    """Return *results* as docs/reference/search.md describes them; *address* gives the page of a manuscript."""
    return {
        "query": query,
        "total": results.total,
        "at_least": results.at_least,
        "hits": [_hit(hit, address) for hit in results.hits],
        "facets": {
            facet.value: [{"value": value, "count": count} for value, count in values]
            for facet, values in results.facets.items()
        },
        "facets_part": round(results.facets_part, 4),
        "suggestions": [suggestion_json(each) for each in results.suggestions],
        "findings": [{"code": each.code, "message": each.sentence(language)} for each in results.findings],
        "took_ms": round(took_ms, 1),
    }


def suggestion_json(each: Suggestion) -> dict[str, Any]:
    """Return one suggestion."""
    return {"text": each.text, "part": each.part.value, "manuscripts": each.manuscripts}


def _hit(hit: Hit, address: Callable[[ManuscriptId], str] | None) -> dict[str, Any]:
    evidence = hit.evidence
    return {
        "id": hit.manuscript,
        "shelfmark": hit.shelfmark,
        "titles": [{"text": each.text, "language": each.language} for each in hit.titles],
        "score": evidence.score,
        "tier": evidence.tier.value,
        "part": evidence.part.value if evidence.part else None,
        "spelling": evidence.spelling,
        "highlights": [_highlight(each) for each in hit.highlights],
        **({"address": address(hit.manuscript)} if address else {}),
    }


def _highlight(each: Highlight) -> dict[str, Any]:
    return {
        "part": each.part.value,
        "kind": each.kind,
        "language": each.language,
        "text": each.text,
        "offset": each.offset,
        "spans": [list(span) for span in each.spans],
        **({"page": each.page, "line": each.line} if each.page else {}),
    }


def results_csv(results: Results, *, address: Callable[[ManuscriptId], str] | None = None) -> str:
    """Return the hits as CSV (RFC 4180), a line of column names first."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for hit in results.hits:
        evidence = hit.evidence
        table.writerow(
            [
                _cell(each)
                for each in (
                    hit.manuscript,
                    hit.shelfmark,
                    hit.titles[0].text if hit.titles else "",
                    str(evidence.score),
                    evidence.tier.value,
                    evidence.part.value if evidence.part else "",
                    evidence.spelling,
                    address(hit.manuscript) if address else "",
                )
            ]
        )
    return written.getvalue()


def _cell(text: str) -> str:
    # A spreadsheet program takes a cell that begins so for a formula, and runs it.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def results_rss(
    results: Results, *, title: str, here: str, language: str, address: Callable[[ManuscriptId], str]
) -> bytes:
    """Return the hits as RSS 2.0: a search that a reader subscribes to."""
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    for name, text in (("title", title), ("link", here), ("description", title), ("language", language)):
        etree.SubElement(channel, name).text = _xml(text)
    for hit in results.hits:
        item = etree.SubElement(channel, "item")
        etree.SubElement(item, "title").text = _xml(hit.titles[0].text if hit.titles else hit.shelfmark)
        etree.SubElement(item, "link").text = address(hit.manuscript)
        etree.SubElement(item, "guid", isPermaLink="true").text = address(hit.manuscript)
        etree.SubElement(item, "description").text = _xml(
            " … ".join([hit.shelfmark, *(each.text for each in hit.highlights[:2])])
        )
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _xml(text: str) -> str:
    return "".join(char for char in text if char.isprintable() or char in "\t\n")
