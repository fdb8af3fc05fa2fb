"""What every page of the desk is made with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from khizana.apps.publication import queries
from khizana.apps.publication.tasks.asking import ask_task
from khizana.core.tasks.asked import Asked, Work
from khizana.web.desk import addresses
from khizana.web.reading_room.chrome import chrome


def page(
    request: HttpRequest,
    template: str,
    language: str,
    place: Callable[[str], str],
    *,
    status: int = HTTPStatus.OK,
    **values: Any,
) -> HttpResponse:
    """Return a page of the desk; *place* gives its own address in each language."""
    around = chrome(request, language, place, "text", "type", "desk")
    values |= {"chrome": around, "desk": addresses.home(language)}
    response = HttpResponse(render_to_string(f"desk/{template}", values, request), status=status)
    response["Content-Language"] = language
    return response


def asked(request: HttpRequest, language: str, work: Work, files: Any = ()) -> HttpResponse:
    """Ask for *work* in the name of who is signed in, and lead to its page. Raises ``NoSpace``, ``Unreadable``."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = ask_task(queries.library_folder().tasks, Asked(work, request.user.get_username(), at, language), files)
    return HttpResponseRedirect(addresses.task(language, made.token), status=HTTPStatus.SEE_OTHER)


def lines(given: str) -> tuple[str, ...]:
    """Return the lines of a text field that say something, each once."""
    return tuple(dict.fromkeys(line.strip() for line in given.splitlines() if line.strip()))
