"""The ways in: the sign-in, the library's terms, and access on other sites with an account; and the ways out.

A reader comes here from a page of ours, to which ``next`` leads back, or in a window that a viewer on another site
opened, which names its ``origin`` and waits until the window is closed (IIIF Authorization Flow 2.0, 3.3.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khizana.apps.publication import queries
from khizana.web import access
from khizana.web.readers import reader_of_request
from khizana.web.reading_room import addresses
from khizana.web.reading_room.chrome import chrome
from khizana.web.reading_room.style import static
from khizana.web.reading_room.words import shown


@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest, language: str) -> HttpResponse:
    """Show the library's terms, and let the reader agree to them."""
    onward = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(onward, allowed_hosts={request.get_host()}):
        onward = ""
    is_window = "origin" in request.GET
    if request.method == "POST":
        response = HttpResponseRedirect(
            addresses.access_given(language) if is_window else onward or addresses.home(language)
        )
        access.give(response, request, terms=True)
        return _kept_nowhere(response)

    def place(tag: str) -> str:
        asked = {name: request.GET[name] for name in ("next", "origin") if name in request.GET}
        return addresses.terms(tag) + (f"?{urlencode(asked)}" if asked else "")

    values = {
        "chrome": chrome(request, language, place, "text", "type"),
        "terms": shown(access.terms_of(queries.library_card()), language, between="\n\n"),
        "agreed": reader_of_request(request).agreed,
        "next": onward,
    }
    return _page(request, "terms.html", language, values)


class SignIn(LoginView):
    """The page where those with an account sign in."""

    template_name = "reading_room/sign_in.html"

    def get_default_redirect_url(self) -> str:
        """Return to the home page in the language of this one."""
        return addresses.home(self.kwargs["language"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what stands around every page."""
        around = chrome(self.request, self.kwargs["language"], addresses.sign_in, "text", "type")
        return super().get_context_data(chrome=around, **kwargs)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in the language of the address."""
        with translation.override(kwargs["language"]):
            response = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render"):
                response.render()
            response["Cache-Control"] = "no-store"
            return response


sign_in: Callable[..., HttpResponseBase] = SignIn.as_view()


@require_POST
def sign_out(request: HttpRequest, language: str) -> HttpResponse:
    """End the sign-in, and with it all access that this browser was given; return to the home page."""
    logout(request)
    response = HttpResponseRedirect(addresses.home(language))
    access.take(response)
    return response


@require_safe
def with_account(request: HttpRequest, language: str) -> HttpResponse:
    """Give the account that is signed in access on other sites; who is not signed in does that first."""
    if not request.user.is_authenticated:
        here = urlencode({"next": request.get_full_path()})
        return _kept_nowhere(HttpResponseRedirect(f"{addresses.sign_in(language)}?{here}"))
    response = HttpResponseRedirect(addresses.access_given(language))
    access.give(response, request, account=True)
    return _kept_nowhere(response)


@require_safe
def given(request: HttpRequest, language: str) -> HttpResponse:
    """Say that access was given, and close the window where a viewer opened it."""
    around = chrome(request, language, addresses.access_given, "text", "type")
    return _page(request, "access_given.html", language, {"chrome": around, "script": static("access-given.js")})


@require_safe
def ended(request: HttpRequest, language: str) -> HttpResponse:
    """Say that access on other sites has ended, and whether the reader is still signed in here."""
    around = chrome(request, language, addresses.access_ended, "text", "type")
    return _page(request, "access_ended.html", language, {"chrome": around})


def _page(request: HttpRequest, template: str, language: str, values: Mapping[str, Any]) -> HttpResponse:
    with translation.override(language):
        response = HttpResponse(render_to_string(f"reading_room/{template}", {**values}, request))
    response["Content-Language"] = language
    response["X-Robots-Tag"] = "noindex"
    return _kept_nowhere(response)


def _kept_nowhere(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Cookie"
    return response
