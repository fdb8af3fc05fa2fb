"""The search page, and its answers as JSON, CSV and RSS. Each view parses the request, asks, and renders."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from khizana.apps.publication import queries
from khizana.core.errors import NotFound
from khizana.core.findings import LANGUAGES, sentence
from khizana.core.identifiers import ManuscriptId
from khizana.core.search.answer import results_csv, results_json, results_rss, suggestion_json
from khizana.core.search.document import Facet
from khizana.core.search.query import parse_query
from khizana.core.search.results import Asked, Results
from khizana.web.freshness import text_for
from khizana.web.readers import reader_of_request
from khizana.web.reading_room import addresses
from khizana.web.reading_room.chrome import chrome
from khizana.web.reading_room.found import Choice, chosen, facets_shown, hits_shown
from khizana.web.reading_room.views import _page, _spoken
from khizana.wiring.search import find, suggest

SHOWN = 20
"""Manuscripts on one page of results."""
IN_FILE = 1_000
_LAST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Request:
    """What an address asks for."""

    typed: str
    filters: tuple[tuple[Facet, str], ...]
    sort: str
    number: int

    @property
    def is_asked(self) -> bool:
        """Whether anything is asked for at all."""
        return bool(self.typed.strip() or self.filters)

    def pairs(
        self, *, without: tuple[Facet, str] | None = None, plus: tuple[Facet, str] | None = None
    ) -> list[tuple[str, str]]:
        """Return this as the parameters of an address, from the first page on."""
        filters = [each for each in (*self.filters, *([plus] if plus else ())) if each != without]
        pairs = [("q", self.typed)] if self.typed else []
        pairs += [("f", f"{facet.value}:{value}") for facet, value in dict.fromkeys(filters)]
        return [*pairs, *([("sort", self.sort)] if self.sort != "relevance" else [])]


def read_request(request: HttpRequest) -> Request:
    """Return what the address asks for; what is no facet or number is left out."""
    filters = []
    for each in request.GET.getlist("f")[:16]:
        name, _colon, value = each.partition(":")
        if name in set(Facet) and value:
            filters.append((Facet(name), value[:200]))
    page = request.GET.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) <= 6 else 1
    sort = "date" if request.GET.get("sort") == "date" else "relevance"
    return Request(request.GET.get("q", "")[:10_000], tuple(filters), sort, max(1, min(number, _LAST_PAGE)))


def _found(request: HttpRequest, asked: Request, *, limit: int, offset: int, facets: bool) -> tuple[Results, float]:
    started = time.perf_counter()
    results = find(
        queries.library_folder(),
        parse_query(asked.typed),
        Asked(filters=asked.filters, limit=limit, offset=offset, sort=asked.sort, facets=facets),
        reader_of_request(request),
    )
    return results, 1000 * (time.perf_counter() - started)


@require_safe
@gzip_page
@_spoken
def search(request: HttpRequest, language: str) -> HttpResponse:
    """Show what was found, why, and by what it can be narrowed down."""
    asked = read_request(request)
    ready = True
    results = Results(0, ())
    try:
        results, _took = _found(request, asked, limit=SHOWN, offset=(asked.number - 1) * SHOWN, facets=True)
    except NotFound:
        ready = False
    last = min(_LAST_PAGE, max(1, -(-results.total // SHOWN)))

    def page(number: int) -> str:
        return addresses.search(language, [*asked.pairs(), ("page", str(number))])

    values = {
        "chrome": chrome(
            request,
            language,
            lambda tag: addresses.search(tag, asked.pairs()),
            "text",
            "seek",
            "shelf",
            "search",
            "type",
        ),
        "typed": asked.typed,
        "asked": asked.is_asked,
        "ready": ready,
        "total": results.total,
        "at_least": results.at_least,
        "estimated": results.facets_part < 1,
        "findings": [each.sentence(language) for each in results.findings if each.code != "QUERY_EMPTY"],
        "hits": hits_shown(results, language, reader_of_request(request)),
        "facets": facets_shown(results, language, asked.filters, _linked(asked, language)),
        "chosen": chosen(asked.filters, language, lambda each: addresses.search(language, asked.pairs(without=each))),
        "meant": [Choice(each.text, addresses.search(language, [("q", each.text)])) for each in results.suggestions],
        "sorts": _sorts(asked, language),
        "files": [
            Choice(each.upper(), addresses.search(language, asked.pairs(), each)) for each in ("csv", "json", "rss")
        ],
        "feed": addresses.search(language, asked.pairs(), "rss") if asked.is_asked else "",
        "number": asked.number,
        "last": last,
        "previous": page(asked.number - 1) if asked.number > 1 else "",
        "next": page(asked.number + 1) if asked.number < last else "",
    }
    return _page(request, "search.html", language, values)


def _linked(asked: Request, language: str) -> Callable[[tuple[Facet, str]], str]:
    return lambda each: addresses.search(language, asked.pairs(plus=each))


def _sorts(asked: Request, language: str) -> list[Choice]:
    plain = Request(asked.typed, asked.filters, "relevance", 1)
    dated = Request(asked.typed, asked.filters, "date", 1)
    return [
        Choice(_("By relevance"), addresses.search(language, plain.pairs()), current=asked.sort == "relevance"),
        Choice(_("Earliest first"), addresses.search(language, dated.pairs()), current=asked.sort == "date"),
    ]


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """Answer as docs/reference/search.md describes; ``limit`` and ``offset`` are numbers."""
    language, asked = _language(request), read_request(request)
    limit, offset = _number(request, "limit", 10, 1, IN_FILE), _number(request, "offset", 0, 0, 10_000)
    try:
        results, took = _found(request, asked, limit=limit, offset=offset, facets=True)
    except NotFound as error:
        return _unready(error, language)
    value = results_json(results, query=asked.typed, took_ms=took, language=language, address=_address(language))
    return _answered(request, JsonResponse(value, json_dumps_params={"ensure_ascii": False}))


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """Answer with the first thousand hits as a table."""
    language, asked = _language(request), read_request(request)
    try:
        results, _took = _found(request, asked, limit=IN_FILE, offset=0, facets=False)
    except NotFound as error:
        return _unready(error, language)
    # Spreadsheet programs read UTF-8 as such only after its mark.
    text = "\ufeff" + results_csv(results, address=_address(language))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="search.csv"'
    return _answered(request, response)


@require_safe
def as_rss(request: HttpRequest) -> HttpResponse:
    """Answer with the first hits as a feed, so that a reader learns of new ones."""
    language, asked = _language(request), read_request(request)
    try:
        results, _took = _found(request, asked, limit=SHOWN, offset=0, facets=False)
    except NotFound as error:
        return _unready(error, language)
    here = queries.library_card().base_url + addresses.search(language, asked.pairs())
    with translation.override(language):
        title = " · ".join(each for each in (_("Search"), asked.typed) if each)
    body = results_rss(results, title=title, here=here, language=language, address=_address(language))
    return _answered(request, HttpResponse(body, content_type="application/rss+xml; charset=utf-8"))


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Answer with names that begin like ``q``, or sound so."""
    try:
        found = suggest(queries.library_folder(), request.GET.get("q", "")[:200], reader_of_request(request))
    except NotFound as error:
        return _unready(error, _language(request))
    value = {"suggestions": [suggestion_json(each) for each in found]}
    return _answered(request, JsonResponse(value, json_dumps_params={"ensure_ascii": False}))


def _address(language: str) -> Callable[[ManuscriptId], str]:
    base = queries.library_card().base_url
    return lambda manuscript: base + addresses.manuscript(language, manuscript)


def _language(request: HttpRequest) -> str:
    asked = request.GET.get("language", "")
    return asked if asked in LANGUAGES else "en"


def _number(request: HttpRequest, name: str, usual: int, least: int, most: int) -> int:
    text = request.GET.get(name, "")
    return max(least, min(most, int(text))) if text.isascii() and text.isdigit() and len(text) <= 6 else usual


def _unready(error: NotFound, language: str) -> HttpResponse:
    # Where the index lies on the disk is nobody's business here.
    response = JsonResponse({"code": error.code, "message": sentence("SEARCH_INDEXING", {}, language)}, status=503)
    response["Cache-Control"] = "no-store"
    return response


def _answered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = text_for(reader_of_request(request))
    response["Vary"] = "Cookie"
    return response
