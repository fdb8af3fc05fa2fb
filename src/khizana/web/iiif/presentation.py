"""Manifests, the collection of all manuscripts, and what they lead to: TEI descriptions, citations, link sets."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from khizana.apps.publication import harvest, queries
from khizana.core import links
from khizana.core.citation import MEDIA_TYPES, Citation, Form
from khizana.core.errors import BadInput, NotFound
from khizana.core.findings import LANGUAGES, sentence
from khizana.core.identifiers import ManuscriptId
from khizana.core.iiif.collection import PART, Entry, collection_v3
from khizana.core.iiif.manifest import manifest_v3
from khizana.core.iiif.manifest_v2 import manifest_v2
from khizana.core.iiif.negotiation import MEDIA_TYPE_V2, MEDIA_TYPE_V3, wants_v2
from khizana.core.iiif.presented import to_bytes
from khizana.core.oai.described import Described
from khizana.core.oai.tei import without_location
from khizana.core.policy import ANYONE, Action, Reader, Refuse, decide, is_shown_as_to_all
from khizana.web.described import described
from khizana.web.freshness import text_for
from khizana.web.readers import reader_of_request

STORABLE = "X-Khizana-Store"


@require_safe
def manifest(request: HttpRequest, slug: str, version: int | None = None) -> HttpResponse:
    """Answer with the manifest of a manuscript: version 3, or 2 where the address or the Accept header says so."""
    manuscript = queries.manuscript(ManuscriptId(slug))
    if manuscript is None:
        return _absent(request, "MANIFEST_NOT_FOUND", slug)
    reader = reader_of_request(request)
    second = version == 2 or (version is None and wants_v2(request.headers.get("Accept", "")))
    make = manifest_v2 if second else manifest_v3
    try:
        value = make(manuscript, queries.library_card(), reader=reader)
    except NotFound as error:
        return _absent(request, error.code, slug)
    response = _json(value, MEDIA_TYPE_V2 if second else MEDIA_TYPE_V3, reader)
    _link(response, described(manuscript))
    if is_shown_as_to_all(manuscript.agreement, reader):
        response[STORABLE] = manuscript.revision
    return response


@require_safe
def collection(request: HttpRequest, part: int | None = None) -> HttpResponse:
    """Answer with the collection of all manuscripts that the reader may know of."""
    reader = reader_of_request(request)
    try:
        total = queries.count_listed(reader=reader)
        # A collection of many lists its parts alone: no manuscript is asked for.
        is_whole = part is None and total <= PART
        listing = queries.listed(reader=reader, offset=((part or 1) - 1) * PART, limit=PART if part or is_whole else 0)
        entries = [
            Entry(each.id, each.shelfmark, each.titles, each.agreement, each.first.image if each.first else None)
            for each in listing.items
        ]
        value = collection_v3(queries.library_card(), entries, total=total, part=part, reader=reader)
    except NotFound as error:
        return _not_found(request, error.code, **error.facts)
    return _json(value, MEDIA_TYPE_V3, reader)


@require_safe
def description(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with the TEI description of a manuscript, as its preservation object keeps it."""
    manuscript = queries.manuscript(ManuscriptId(slug))
    reader = reader_of_request(request)
    if manuscript is None or isinstance(decide(manuscript.agreement, Action.DESCRIBE, reader), Refuse):
        return _absent(request, "MANIFEST_NOT_FOUND", slug)
    whole = described(manuscript)
    try:
        content = whole.document if reader.staff else without_location(whole.document, file=slug)
    except BadInput:
        content = b""
    if not content:
        return _refused(request, "DESCRIPTION_NOT_READY", HTTPStatus.SERVICE_UNAVAILABLE)
    response = HttpResponse(content, content_type="application/tei+xml; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = text_for(reader)
    response["Vary"] = "Cookie"
    response["X-Content-Type-Options"] = "nosniff"
    # A description is shown as what it is, never run as a page with scripts of its own.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    _link(response, whole)
    return response


@require_safe
def citation(request: HttpRequest, slug: str, form: Form) -> HttpResponse:
    """Answer with the citation of a manuscript, or of its page ``?folio=12r``, for readers of ``?language=fr``."""
    name, reader = request.GET.get("folio", ""), reader_of_request(request)
    manuscript = queries.manuscript(ManuscriptId(slug))
    if manuscript is None or isinstance(decide(manuscript.agreement, Action.DESCRIBE, reader), Refuse):
        return _absent(request, "MANIFEST_NOT_FOUND", slug)
    page = next((each for each in manuscript.shown if each.name == name), None)
    if name and page is None:
        return _not_found(request, "PAGE_NOT_FOUND", slug=slug, page=name[:120])
    asked = request.GET.get("language", "")
    language = asked if asked in LANGUAGES else "en"
    whole = described(manuscript)
    cited = Citation.of(whole, language, page=page)
    response = HttpResponse(cited.written(form), content_type=f"{MEDIA_TYPES[form]}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{cited.key}.{form}"'
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = text_for(reader)
    response["Vary"] = "Cookie"
    response["X-Content-Type-Options"] = "nosniff"
    _link(response, whole)
    return response


@require_safe
def linkset(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with all typed links of a manuscript (RFC 9264)."""
    manuscript = queries.manuscript(ManuscriptId(slug))
    if manuscript is None or isinstance(decide(manuscript.agreement, Action.HARVEST, ANYONE), Refuse):
        return _absent(request, "MANIFEST_NOT_FOUND", slug)
    # What any reader may follow, whoever asks: a set that staff fetched may be handed on.
    return _json(links.linkset(described(manuscript)), links.LINKSET, ANYONE)


def _json(value: dict[str, Any], content_type: str, reader: Reader) -> HttpResponse:
    response = HttpResponse(to_bytes(value), content_type=content_type)
    response["Access-Control-Allow-Origin"] = "*"
    response["Vary"] = "Accept, Cookie"
    response["Cache-Control"] = text_for(reader)
    return response


def _link(response: HttpResponse, whole: Described) -> None:
    if found := links.content_links(whole):
        response["Link"] = links.header(found)


def _absent(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Answer that there is no such manuscript, or that there is none any more."""
    left = harvest.gone(ManuscriptId(slug))
    if left is None:
        return _not_found(request, code, slug=slug)
    code = "MANUSCRIPT_GONE" if left.shelfmark else "MANUSCRIPT_GONE_UNNAMED"
    return _refused(request, code, HTTPStatus.GONE, shelfmark=left.shelfmark, when=left.when[:10])


def _not_found(request: HttpRequest, code: str, **facts: str | int) -> HttpResponse:
    return _refused(request, code, HTTPStatus.NOT_FOUND, **facts)


def _refused(request: HttpRequest, code: str, status: HTTPStatus, **facts: str | int) -> HttpResponse:
    wanted = request.headers.get("Accept-Language", "en")[:2].lower()
    response = JsonResponse({"error": sentence(code, facts, wanted)}, status=status)
    response["Cache-Control"] = "no-store"
    response["Access-Control-Allow-Origin"] = "*"
    return response
