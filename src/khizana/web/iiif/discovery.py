"""``/iiif/changes``: what happened to manifests (IIIF Change Discovery API 1.0)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from khizana.apps.publication import harvest, queries
from khizana.core.errors import NotFound
from khizana.core.findings import sentence
from khizana.core.iiif.discovery import PAGE, ordered_collection, ordered_page
from khizana.core.iiif.presented import to_bytes
from khizana.web.freshness import OPEN_TEXT

MEDIA_TYPE = 'application/ld+json;profile="http://iiif.io/api/discovery/1/context.json"'
_AGAIN_AFTER = "60"  # seconds


@require_safe
@gzip_page
def changes(request: HttpRequest, page: int | None = None) -> HttpResponse:
    """Answer with the list of changes, or one page of it."""
    card = queries.library_card()
    if harvest.is_being_made():
        return _refused(request, "LIBRARY_RESTING", 503)
    total = harvest.change_count()
    if page is None:
        return _json(ordered_collection(card, total=total))
    try:
        found = harvest.changes(first=(page - 1) * PAGE + 1, limit=PAGE) if page * PAGE < total + PAGE else []
        return _json(ordered_page(card, page, found, total=total))
    except NotFound as error:
        return _refused(request, error.code, 404, **error.facts)


def _json(value: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(to_bytes(value), content_type=MEDIA_TYPE)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = OPEN_TEXT
    return response


def _refused(request: HttpRequest, code: str, status: int, **facts: str | int) -> HttpResponse:
    wanted = request.headers.get("Accept-Language", "en")[:2].lower()
    response = JsonResponse({"error": sentence(code, facts, wanted)}, status=status)
    response["Cache-Control"] = "no-store"
    response["Access-Control-Allow-Origin"] = "*"
    if status == 503:
        response["Retry-After"] = _AGAIN_AFTER
    return response
