"""``/sitemap.xml``, its parts, and ``/robots.txt`` (sitemaps.org 0.9, RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from khizana.apps.publication import harvest, queries
from khizana.apps.publication.harvest import SITEMAP_PART
from khizana.core.identifiers import ManuscriptId
from khizana.core.iiif.addresses import Addresses
from khizana.core.policy import ANYONE, Action, Agreement, Refuse, decide
from khizana.web.freshness import OPEN_TEXT
from khizana.web.reading_room.chrome import LANGUAGES

MOST_ADDRESSES = 50_000
"""In one file, as sitemaps.org has it."""
assert SITEMAP_PART * len(LANGUAGES) <= MOST_ADDRESSES  # noqa: S101 - two numbers of ours, side by side

Answer = TypeVar("Answer", bound=HttpResponseBase)

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MOST_PARTS = 10  # digits of a part's number that are read


@require_safe
def index(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Answer with the parts of the sitemap."""
    base = queries.library_card().base_url
    lines = [f'{_DECLARATION}<sitemapindex xmlns="{_SITEMAP}">\n']
    for number, when in harvest.sitemap_parts():
        lines.append(f"<sitemap><loc>{_text(base)}/sitemap/{number}.xml</loc><lastmod>{when}</lastmod></sitemap>\n")
    lines.append("</sitemapindex>\n")
    return _open(HttpResponse("".join(lines), content_type="application/xml; charset=utf-8"))


@require_safe
def part(request: HttpRequest, number: int) -> HttpResponseBase:  # noqa: ARG001 - Django gives it
    """Answer with one part: every open manuscript in three languages, as they are read."""
    if not 1 <= number < 10**_MOST_PARTS or not harvest.is_sitemap_part(number):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    lines = _lines(Addresses(queries.library_card().base_url), harvest.sitemap_part(number))
    return _open(StreamingHttpResponse(lines, content_type="application/xml; charset=utf-8"))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django gives it
    """Tell crawlers to leave tiles alone, of which one page has hundreds, and where the sitemap is."""
    base = queries.library_card().base_url
    closed = ["/iiif/2/", "/iiif/3/", *(f"/{tag}/sign-in" for tag in LANGUAGES)]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {base}/sitemap.xml", ""]
    return _open(HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8"))


def _lines(to: Addresses, found: Iterable[tuple[ManuscriptId, str, Agreement]]) -> Iterator[str]:
    yield f'{_DECLARATION}<urlset xmlns="{_SITEMAP}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    for manuscript, when, agreement in found:
        if isinstance(decide(agreement, Action.HARVEST, ANYONE), Refuse):
            continue
        pages = {tag: _text(to.reading_room(tag, manuscript)) for tag in LANGUAGES}
        others = "".join(f'<xhtml:link rel="alternate" hreflang="{tag}" href="{page}"/>' for tag, page in pages.items())
        for page in pages.values():
            yield f"<url><loc>{page}</loc><lastmod>{when}</lastmod>{others}</url>\n"
    yield "</urlset>\n"


def _open(response: Answer) -> Answer:
    response["Cache-Control"] = OPEN_TEXT
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _text(address: str) -> str:
    return address.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
