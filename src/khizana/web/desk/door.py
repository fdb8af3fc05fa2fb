"""The one door of the desk: who is no staff is led to the sign-in, and nothing that is shown is kept anywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation

from khizana.web.desk import addresses
from khizana.web.freshness import NOT_KEPT
from khizana.web.readers import reader_of_request
from khizana.web.reading_room import addresses as public

View = Callable[..., HttpResponseBase]


def for_staff(view: View) -> View:
    """Let *view* answer staff alone, in the language of the address; every view of the desk is behind this."""

    @wraps(view)
    def answer(request: HttpRequest, language: str, **place: str) -> HttpResponseBase:
        with translation.override(language):
            if reader_of_request(request).staff:
                response = view(request, language, **place)
            else:
                # What was sent is not sent again after a sign-in: the way back leads to where it is begun.
                back = request.get_full_path() if request.method in ("GET", "HEAD") else addresses.home(language)
                response = HttpResponseRedirect(f"{public.sign_in(language)}?{urlencode({'next': back})}")
        response["Cache-Control"] = NOT_KEPT
        response["Vary"] = "Cookie"
        response["X-Robots-Tag"] = "noindex"
        return response

    return answer
