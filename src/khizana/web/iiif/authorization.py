"""The doors of IIIF Authorization Flow 2.0: the ways in, the token, the probe, and the way out.

A viewer on another site opens a way in as a window, then the token as a frame, then asks the probe. The images
themselves ask for the cookie (``web.access``): a token is of no use to whoever takes it.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from khizana.apps.publication import queries
from khizana.core.findings import sentence
from khizana.core.identifiers import ImageId
from khizana.core.iiif.authorization import (
    TokenProblem,
    is_origin,
    probe_result,
    token_error,
    token_message,
)
from khizana.core.policy import ANYONE, Action, Agreement, Reader, WayIn, decide, way_in
from khizana.web import access
from khizana.web.reading_room import addresses
from khizana.web.reading_room.style import static
from khizana.web.reading_room.views import language_accepted

LONGEST_MESSAGE_ID = 256  # characters; viewers send a number or a UUID

_UNKNOWN = Agreement(published=False)
"""Of an image that is not there: it is answered like one that is not published."""


@require_safe
def enter(request: HttpRequest, way: WayIn) -> HttpResponse:
    """Lead on to the page of the *way* in, in the language that the reader's browser prefers (3.2)."""
    language, origin = language_accepted(request), request.GET.get("origin", "")
    origin = origin if is_origin(origin) else ""
    page = addresses.terms if way is WayIn.TERMS else addresses.access
    response = HttpResponseRedirect(page(language, origin=origin or "null"))
    response["Vary"] = "Accept-Language"
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@xframe_options_exempt
def token(request: HttpRequest, way: WayIn) -> HttpResponse:
    """Answer with the page that posts a token, or why there is none, to the viewer whose frame it is in (4.3)."""
    origin, message_id = request.GET.get("origin", ""), request.GET.get("messageId", "")
    if not is_origin(origin):
        # No page could be sent the answer, so that whoever looks at this address is told.
        text = sentence("TOKEN_ORIGIN_UNUSABLE", {}, language_accepted(request))
        return _kept_nowhere(HttpResponse(f"{text}\n", "text/plain; charset=utf-8", HTTPStatus.BAD_REQUEST))
    problem = _problem(request, way) if 0 < len(message_id) <= LONGEST_MESSAGE_ID else TokenProblem.REQUEST
    if problem is None:
        message = token_message(access.token_for(_held(request), origin), message_id)
    else:
        message = token_error(problem, message_id[:LONGEST_MESSAGE_ID], way)
    page = format_html(
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Khizana</title>\n'
        '<script src="{}" data-origin="{}" data-message="{}"></script>\n</html>\n',
        static("access-token.js"),
        origin,
        json.dumps(message, ensure_ascii=False),
    )
    response = HttpResponse(page)
    response["Content-Security-Policy"] = f"default-src 'none'; script-src 'self'; frame-ancestors {origin}"
    return _kept_nowhere(response)


@require_safe
def probe(request: HttpRequest, image: str) -> HttpResponse:
    """Answer what the holder of a token may see of *image* (5.2); without one, what everyone may."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    found = access.reader_of_token(given.strip(), request.headers.get("Origin")) if kind.lower() == "bearer" else None
    served = queries.served_image(ImageId(image))
    agreement = served.agreement if served else _UNKNOWN
    value = probe_result(
        queries.library_card().base_url,
        ImageId(image),
        decide(agreement, Action.VIEW, found or ANYONE),
        decide(agreement, Action.VIEW, ANYONE),
        way_in(agreement),
        is_known=found is not None,
    )
    return _kept_nowhere(_json(value))


@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """End the access of this browser to closed images, and lead on to where that is said (3.5)."""
    response = HttpResponseRedirect(addresses.access_ended(language_accepted(request)))
    access.take(response)
    return _kept_nowhere(response)


def _held(request: HttpRequest) -> Reader:
    """Return what images would be shown to this browser from another site: what its access says, not its sign-in."""
    return access.reader_with(access.access_of(request))


def _problem(request: HttpRequest, way: WayIn) -> TokenProblem | None:
    cookie, held = request.COOKIES.get(access.COOKIE, ""), _held(request)
    if held.agreed if way is WayIn.TERMS else held.known:
        return None
    if not cookie:
        return TokenProblem.MISSING
    if access.is_too_old(cookie):
        return TokenProblem.EXPIRED
    given = access.read_access(cookie)
    # An account that is no longer there, terms that have changed, or a cookie that we never gave.
    named = given.terms if way is WayIn.TERMS else given.account
    return TokenProblem.INVALID if named or given == access.Access() else TokenProblem.MISSING


def _json(value: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(json.dumps(value, ensure_ascii=False), content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    response["Vary"] = "Authorization, Origin"
    return response


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    return response
