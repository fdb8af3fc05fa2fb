"""``/ark:NAAN/name``: permanent addresses lead to the page in the reader's language, or say that it went."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from khizana.apps.publication import harvest, queries
from khizana.apps.publication.harvest import Gone
from khizana.core.ark import TEST_NAAN, Ark, ark_of, parse_ark
from khizana.core.manuscript import Manuscript
from khizana.core.oai.described import Described
from khizana.core.policy import ANYONE, Action, Reader, Refuse, decide
from khizana.web.described import described
from khizana.web.freshness import text_for
from khizana.web.readers import reader_of_request
from khizana.web.reading_room import addresses, views

_INFLECTIONS = ("info", "?")
"""Queries that ask what is known of it, and not for it: ``?info``, and the older ``??``."""


@require_safe
def permanent(request: HttpRequest, naan: str, name: str) -> HttpResponse:
    """Lead on to what ``ark:NAAN/name`` stands for; ``?info`` says in a few lines what it is."""
    asked = parse_ark(f"ark:{naan}/{name}")
    card = queries.library_card()
    # Names given under the number for trials go on leading to what they led to once the library has one of its own.
    if asked is None or asked.naan not in (card.naan, TEST_NAAN):
        return views.not_found(request)
    found = harvest.by_blade(asked.blade)
    reader = reader_of_request(request)
    if isinstance(found, str):
        manuscript = queries.manuscript(found)
        if manuscript is not None and not _is_closed(manuscript, Action.DESCRIBE, reader):
            return _open(request, manuscript, asked, reader)
        found = harvest.gone(found)
    return views.gone(request, found) if isinstance(found, Gone) else views.not_found(request)


def _open(request: HttpRequest, manuscript: Manuscript, asked: Ark, reader: Reader) -> HttpResponse:
    if request.META.get("QUERY_STRING", "") in _INFLECTIONS:
        if _is_closed(manuscript, Action.HARVEST, ANYONE):
            return views.not_found(request)
        response = HttpResponse(_about(described(manuscript)), content_type="text/plain; charset=utf-8")
        response["Cache-Control"] = text_for(reader)
        response["Vary"] = "Cookie"
        return response
    language = views.language_accepted(request)
    goal = addresses.manuscript(language, manuscript.id)
    if asked.qualifier:
        if all(page.name != asked.qualifier for page in manuscript.shown):
            return views.not_found(request, language)
        goal = addresses.folio(language, manuscript.id, asked.qualifier)
    response = HttpResponseRedirect(goal, status=HTTPStatus.FOUND)
    response["Vary"] = "Accept-Language, Cookie"
    response["Cache-Control"] = text_for(reader)
    return response


def _is_closed(manuscript: Manuscript, action: Action, reader: Reader) -> bool:
    return isinstance(decide(manuscript.agreement, action, reader), Refuse)


def _about(whole: Described) -> str:
    """Return what it is as an Electronic Resource Citation in ANVL (Kernel Metadata, draft-kunze-erc)."""
    entry = whole.entry
    who = [name.text for person in entry.all_persons() if person.role == "author" for name in person.names[:1]]
    what = [phrase.text for phrase in entry.titles]
    when = [date.words for date in entry.all_dates() if date.words]
    promise = "The name is given to this manuscript for ever, and to no other."
    if whole.card.naan == TEST_NAAN:
        promise = f"{TEST_NAAN} is the number for trials: this address is permanent nowhere."
    lines = [
        "erc:",
        f"who: {_line(who)}",
        f"what: {_line([*what, entry.shelfmark])}",
        f"when: {_line(when)}",
        f"where: {whole.address}",
        f"how: {ark_of(whole.card.naan, whole.manuscript.blade)}",
        "erc-support:",
        f"who: {_line([texts[0] for texts in whole.card.titles.values()])}",
        f"what: {promise}",
        f"where: {whole.addresses.description(whole.manuscript.id)}",
        "",
    ]
    return "\n".join(lines)


def _line(texts: list[str]) -> str:
    """Return *texts* as one ANVL value: a line end in one of them would begin another element."""
    joined = "; ".join(" ".join(text.split()) for text in texts if text.strip())
    return joined.replace("%", "%25") if joined else "(:unav)"
