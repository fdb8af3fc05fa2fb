"""The public pages. Each view parses the request, asks the queries and the policy, and renders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from khizana.apps.publication import harvest, queries
from khizana.apps.publication.harvest import Gone
from khizana.core.ark import TEST_NAAN
from khizana.core.citation import Form, cited_at
from khizana.core.findings import sentence
from khizana.core.identifiers import ManuscriptId
from khizana.core.links import header, page_links
from khizana.core.manuscript import Manuscript, Page, PageElsewhere
from khizana.core.policy import (
    Action,
    Allow,
    Decision,
    Reader,
    Refuse,
    decide,
    is_shown_as_to_all,
)
from khizana.core.schema_org import in_script, json_ld
from khizana.web.described import described
from khizana.web.freshness import text_for
from khizana.web.readers import reader_of_request
from khizana.web.reading_room import addresses, leaves, told
from khizana.web.reading_room.chrome import LANGUAGES, chrome
from khizana.web.reading_room.elsewhere import held_elsewhere, information
from khizana.web.reading_room.pictures import folio_picture, picture
from khizana.web.reading_room.shelf import card
from khizana.web.reading_room.style import static, style
from khizana.web.reading_room.words import Shown, direction_of, others, shown

SHELF = 24
"""Manuscripts on one page of the list."""
_HOME_SHELF = 8
_OPENING_SIZES = "(max-width:56em) 92vw,26rem"
_STORABLE = "X-Khizana-Store"
_FORMS = {"BibTeX": Form.BIBTEX, "RIS": Form.RIS, "CSL": Form.CSL}
_FAILED = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline';img-src data:">
<title>Khizana</title>
<link rel="icon" href="data:,">
<meta name="color-scheme" content="light dark">
<style>{style}</style>
</head>
<body class="text"><main class="message"><h1 class="long">{text}</h1></main></body>
</html>
"""


def _spoken(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let *view* speak the language of its address from its first word to its last."""

    @wraps(view)
    def speaking(request: HttpRequest, language: str, **place: str) -> HttpResponse:
        with translation.override(language):
            return view(request, language, **place)

    return speaking


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """Send a reader who names no language to the one their browser prefers, else to the library's own."""
    response = HttpResponseRedirect(addresses.home(language_accepted(request)))
    response["Vary"] = "Accept-Language"
    return response


def language_accepted(request: HttpRequest) -> str:
    """Return the language that the reader's browser prefers, else the library's own."""
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return next((tag[:2] for tag, _quality in accepted if tag[:2] in LANGUAGES), settings.LANGUAGE_CODE)


@require_safe
@gzip_page  # the other pages are stored compressed
@_spoken
def home(request: HttpRequest, language: str) -> HttpResponse:
    """Show the library and the first manuscripts on its shelf."""
    reader = reader_of_request(request)
    listing = queries.listed(reader=reader, offset=0, limit=_HOME_SHELF)
    cards = [card(item, language, reader) for item in listing.items]
    opening = None
    for item in listing.items:
        first = picture(item.first, decide(item.agreement, Action.VIEW, reader), _OPENING_SIZES) if item.first else None
        if first:
            opening = {"card": card(item, language, reader), "picture": first}
            break
    page = {
        "chrome": chrome(request, language, addresses.home, "text", "seek", "home", "type"),
        "cards": cards,
        "opening": opening,
        "total": listing.total,
    }
    return _page(request, "home.html", language, page)


@require_safe
@gzip_page  # the other pages are stored compressed
@_spoken
def manuscripts(request: HttpRequest, language: str) -> HttpResponse:
    """Show one page of the list of manuscripts."""
    reader = reader_of_request(request)
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 6 else 0
    listing = queries.listed(reader=reader, offset=max(0, number - 1) * SHELF, limit=SHELF)
    last = max(1, -(-listing.total // SHELF))
    if not 1 <= number <= last:
        return not_found(request, language)
    page = {
        "chrome": chrome(
            request, language, lambda tag: addresses.manuscripts(tag, number), "text", "seek", "shelf", "type"
        ),
        "cards": [card(item, language, reader) for item in listing.items],
        "total": listing.total,
        "number": number,
        "last": last,
        "previous": addresses.manuscripts(language, number - 1) if number > 1 else "",
        "next": addresses.manuscripts(language, number + 1) if number < last else "",
    }
    return _page(request, "list.html", language, page)


@require_safe
@_spoken
def manuscript(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    """Show one manuscript: what it is, and all its pages; ``?folio=12r`` leads on to that page."""
    reader = reader_of_request(request)
    found = queries.manuscript(ManuscriptId(slug))
    if found is None or _concealed(found, reader):
        return _absent(request, language, slug)
    asked = request.GET.get("folio", "")[:120].strip()
    if asked and (page := leaves.find_page(found, asked)):
        return HttpResponseRedirect(addresses.folio(language, found.id, page.name))
    decision = decide(found.agreement, Action.VIEW, reader)
    first = picture(found.shown[0], decision, _OPENING_SIZES) if found.shown else None
    values = {
        "chrome": chrome(
            request, language, lambda tag: addresses.manuscript(tag, found.id), "text", "manuscript", "type"
        ),
        **_head(found, len(found.shown), language, decision),
        "other_titles": others(found.description.titles, shown(found.description.titles, language)),
        "summary": shown(found.description.summary, language, between="\n\n"),
        "details": leaves.details(found, language),
        "sections": leaves.sections(found, language),
        "sheet": leaves.contact_sheet(found, language, decision),
        "opening": first,
        "notice": told.notice(found, reader, decision, language),
        **told.way_in_of(found, decision, language, addresses.manuscript(language, found.id)),
        "missing": asked,
        **_handed_on(found, language),
    }
    response = _page(request, "manuscript.html", language, values)
    if values["links"]:
        response["Link"] = header(values["links"])
    return _storable(response, found, reader)


@require_safe
@_spoken
def folio(request: HttpRequest, language: str, slug: str, name: str) -> HttpResponse:
    """Show one page image, large, with the way to the next."""
    reader = reader_of_request(request)
    here = queries.folio(ManuscriptId(slug), name, around=leaves.STRIP)
    if here is None or _concealed(here.manuscript, reader):
        return _absent(request, language, slug)
    found, page = here.manuscript, here.page
    decision = decide(found.agreement, Action.VIEW, reader)

    def place(tag: str) -> str:
        return addresses.folio(tag, found.id, name)

    def beside(index: int) -> leaves.Leaf | None:
        return leaves.leaf(found, here.pages[index], language) if index in here.pages else None

    head = _head(found, here.page_count, language, decision)
    if isinstance(decision, Refuse):
        values = {"chrome": chrome(request, language, place, "text", "type"), **head, "label": page.label}
        values["reason"] = sentence(decision.reason, {}, language)
        values |= told.way_in_of(found, decision, language, place(language))
        return _page(request, "refused.html", language, values, HTTPStatus.FORBIDDEN)
    library = queries.library_card()
    values = {
        "chrome": chrome(request, language, place, "folio", card=library),
        **head,
        "label": page.label,
        "number": here.index + 1,
        "picture": folio_picture(page, decision),
        "alt": _alt(page, head["title"]),
        "previous": beside(here.index - 1),
        "next": beside(here.index + 1),
        "strip": leaves.strip(here, language),
        "details": leaves.details(found, language)[:6],
        "notice": told.notice(found, reader, decision, language),
        "zoom": information(page) if isinstance(decision, Allow) else "",
        "viewer": static("vendor/openseadragon.min.js"),
        "address": cited_at(found, library, language, page),
        "cite": _citations(found, language, page.name),
    }
    return _storable(_page(request, "folio.html", language, values), found, reader)


def not_found(request: HttpRequest, language: str | None = None, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Say, in the reader's language, that there is no such page, and where to go on."""
    if language not in LANGUAGES:
        language = _language_of(request)
    around = chrome(request, language, addresses.home, "text", "type")
    return _page(request, "not_found.html", language, {"chrome": around}, HTTPStatus.NOT_FOUND)


def gone(
    request: HttpRequest,
    left: Gone,
    language: str | None = None,
    place: Callable[[str], str] = addresses.home,
) -> HttpResponse:
    """Say that a manuscript was here, what may be told of it, and since when it is not; *place* as of ``chrome``."""
    language = language or language_accepted(request)
    with translation.override(language):
        day = date_format(datetime.fromisoformat(left.when).date(), "DATE_FORMAT")
        values = {
            "chrome": chrome(request, language, place, "text", "type"),
            "shelfmark": left.shelfmark,
            "is_deleted": left.is_deleted,
            "when": left.when[:10],
            "day": day,
        }
    response = _page(request, "gone.html", language, values, HTTPStatus.GONE)
    response["Vary"] = "Accept-Language, Cookie"
    return response


def _absent(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    manuscript = ManuscriptId(slug)
    if left := harvest.gone(manuscript):
        return gone(request, left, language, lambda tag: addresses.manuscript(tag, manuscript))
    return not_found(request, language)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Say that a form was refused because nothing shows that it came from our page, and lead to a new one."""
    language = _language_of(request)
    with translation.override(language):
        around = chrome(request, language, addresses.sign_in, "text", "type")
    return _page(request, "form_expired.html", language, {"chrome": around}, HTTPStatus.FORBIDDEN)


def failed(request: HttpRequest) -> HttpResponse:
    """Say in one sentence that this failed: without a page around it, which may be what cannot be made."""
    language = _language_of(request)
    page = format_html(
        _FAILED,
        language=language,
        direction="rtl" if language == "ar" else "ltr",
        text=sentence("LIBRARY_RESTING", {}, language),
        style=style("tokens", "every", "text"),
    )
    response = HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    return response


def _language_of(request: HttpRequest) -> str:
    """Return the language of the address, or the library's own."""
    first = request.path.split("/", 2)[1]
    return first if first in LANGUAGES else settings.LANGUAGE_CODE


def _concealed(found: Manuscript, reader: Reader) -> bool:
    # What may not be described is answered like what does not exist.
    return isinstance(decide(found.agreement, Action.DESCRIBE, reader), Refuse)


def _head(found: Manuscript, page_count: int, language: str, decision: Decision) -> dict[str, Any]:
    slug = quote(found.id, safe="")
    return {
        "title": shown(found.description.titles, language)
        or Shown(found.description.shelfmark, "", direction_of(found.description.shelfmark)),
        "shelfmark": found.description.shelfmark,
        "direction": found.direction,
        "page_count": page_count,
        "home": addresses.manuscript(language, found.id),
        "manifest": f"/iiif/manifest/{slug}",
        "description_file": f"/m/{slug}/description.xml",
        "elsewhere": held_elsewhere(found, language, decision),
    }


def _handed_on(found: Manuscript, language: str) -> dict[str, Any]:
    """Return what the manuscript's page says to programs, and its permanent address; little where it may not."""
    whole = described(found)
    value = json_ld(whole, language)
    return {
        "permanent": cited_at(found, whole.card, language) if found.blade else "",
        "cite": _citations(found, language),
        "is_trial": whole.card.naan == TEST_NAAN,
        "links": page_links(whole),
        "json_ld": mark_safe(in_script(value)) if value else "",  # noqa: S308 - no sign of HTML is left in it
    }


def _citations(found: Manuscript, language: str, page: str = "") -> list[tuple[str, str]]:
    return [(name, addresses.citation(found.id, form, language, page)) for name, form in _FORMS.items()]


def _alt(page: Page | PageElsewhere, title: Shown) -> str:
    return _("%(title)s, %(label)s") % {"title": title.text, "label": page.label}


def _page(
    request: HttpRequest, template: str, language: str, values: dict[str, Any], status: int = HTTPStatus.OK
) -> HttpResponse:
    with translation.override(language):
        body = render_to_string(f"reading_room/{template}", values, request)
    response = HttpResponse(body, status=status)
    response["Cache-Control"] = text_for(reader_of_request(request)) if status == HTTPStatus.OK else "no-store"
    response["Content-Language"] = language
    response["Vary"] = "Cookie"
    return response


def _storable(response: HttpResponse, found: Manuscript, reader: Reader) -> HttpResponse:
    """Let the dispatcher keep what every reader without an account sees."""
    if is_shown_as_to_all(found.agreement, reader):
        response[_STORABLE] = found.revision
    return response
