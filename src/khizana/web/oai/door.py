"""``/oai``: harvests over OAI-PMH 2.0, by GET and by POST."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import assert_never

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from khizana.apps.publication import harvest, queries
from khizana.apps.publication.harvest import OfferedManuscript
from khizana.core.changes import to_the_second
from khizana.core.errors import BadInput
from khizana.core.iiif.addresses import Addresses
from khizana.core.iiif.presented import library_title
from khizana.core.manuscript import LibraryCard, Manuscript
from khizana.core.oai.answer import Answer, Header, Record, Resumption
from khizana.core.oai.formats import FORMATS
from khizana.core.oai.identifier import identifier_of, manuscript_of
from khizana.core.oai.request import (
    GetRecord,
    Identify,
    ListFormats,
    ListRecords,
    ListSets,
    Refused,
    after,
    parse,
)
from khizana.core.oai.sets import GROUPS
from khizana.core.oai.token import Place, write_token
from khizana.core.policy import ANYONE, Action, Refuse, decide
from khizana.web.described import described
from khizana.web.freshness import NOT_KEPT

logger = logging.getLogger(__name__)

RECORDS = 50
"""Descriptions in one answer."""
HEADERS = 500
"""Headers, or sets, in one answer."""
AGAIN_AFTER = "60"  # seconds


@csrf_exempt  # a harvester signs in nowhere, and nothing is changed
@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
def door(request: HttpRequest) -> HttpResponse:
    """Answer one request of a harvester."""
    given = request.POST if request.method == "POST" else request.GET
    arguments = [(name, value) for name, values in given.lists() for value in values]
    try:
        if harvest.is_being_made():
            return _resting()
        body = answer(arguments)
    except DatabaseError as error:
        logger.warning("a harvest could not be answered: %s", error)
        return _resting()
    response = HttpResponse(body, content_type="text/xml; charset=utf-8")
    response["Cache-Control"] = NOT_KEPT
    response["Access-Control-Allow-Origin"] = "*"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def answer(arguments: list[tuple[str, str]]) -> bytes:
    """Return the answer to a request with these *arguments*."""
    card = queries.library_card()
    told = Answer(
        # Settled before anything is looked at: what changes from here on is dated at this second or later.
        when=harvest.settled_now(to_the_second(datetime.now(UTC))),
        address=Addresses(card.base_url).oai(),
        arguments=dict(arguments),
    )
    try:
        asked = parse(arguments, secret=settings.SECRET_KEY)
        match asked:
            case Identify():
                _identify(told, card)
            case ListFormats():
                _formats(told, asked, card)
            case ListSets():
                _sets(told, asked)
            case GetRecord():
                told.record(_one(asked, card))
            case ListRecords():
                _list(told, asked, card)
            case _:
                assert_never(asked)
    except Refused as refused:
        told.refuse(refused)
    return told.to_bytes()


def _identify(told: Answer, card: LibraryCard) -> None:
    told.identify(
        name=" · ".join(texts[0] for texts in library_title(card).values()),
        address=Addresses(card.base_url).oai(),
        earliest=harvest.earliest() or to_the_second(datetime.now(UTC)),
        email=settings.KHIZANA.email or "nobody@example.invalid",
    )


def _formats(told: Answer, asked: ListFormats, card: LibraryCard) -> None:
    if asked.identifier:
        _known(asked.identifier, card)
    told.formats()


def _sets(told: Answer, asked: ListSets) -> None:
    sets = harvest.harvest_sets(after=asked.place, limit=HEADERS + 1)
    token = ""
    if len(sets) > HEADERS:
        sets = sets[:HEADERS]
        token = write_token(Place("ListSets", "", "", "", "", sets[-1][0], 0), secret=settings.SECRET_KEY)
    above = [] if asked.place else [*GROUPS.items()]
    told.sets([*above, *sets], Resumption(token, 0) if token or asked.place else None)


def _known(identifier: str, card: LibraryCard) -> OfferedManuscript:
    manuscript = manuscript_of(card.name, identifier)
    found = harvest.offered_one(manuscript) if manuscript is not None else None
    if found is None:
        raise Refused("idDoesNotExist", "No description has this identifier.")
    return found


def _one(asked: GetRecord, card: LibraryCard) -> Record:
    found = _known(asked.identifier, card)
    record = _record(found, harvest.manuscripts([found.id]).get(found.id), asked.prefix, card)
    if record is None:
        raise Refused("cannotDisseminateFormat", "This description cannot be had in this form.")
    return record


def _list(told: Answer, asked: ListRecords, card: LibraryCard) -> None:
    limit = HEADERS if asked.headers_only else RECORDS
    place, more = asked.place, True
    records: list[Record] = []
    while more and not records:
        found = harvest.offered(since=asked.since, until=asked.until, spec=asked.set, after=place, limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        records = [*_records(found, asked, card)]
        place = found[-1].place if found else place
    if not records:
        # A list that was begun ends with an empty token only in an answer that holds something.
        raise Refused("noRecordsMatch", "Nothing is offered in this time, set and form.")
    token = write_token(after(asked, place, len(records)), secret=settings.SECRET_KEY) if more else ""
    resumption = Resumption(token, asked.cursor) if more or asked.place else None
    told.records(records, resumption, headers_only=asked.headers_only)


def _records(found: list[OfferedManuscript], asked: ListRecords, card: LibraryCard) -> Iterator[Record]:
    whole = harvest.manuscripts([each.id for each in found if each.is_open])
    for each in found:
        manuscript = whole.get(each.id)
        if asked.headers_only:
            yield Record(_header(each, card, is_deleted=_is_closed(manuscript)))
        elif (record := _record(each, manuscript, asked.prefix, card)) is not None:
            yield record


def _record(found: OfferedManuscript, manuscript: Manuscript | None, prefix: str, card: LibraryCard) -> Record | None:
    """Return the record of what was *found*; None where it cannot be had in the form *prefix*."""
    if manuscript is None or _is_closed(manuscript):
        return Record(_header(found, card, is_deleted=True))
    try:
        metadata = FORMATS[prefix].make(described(manuscript, card))
    except BadInput as error:
        logger.warning("%s cannot be had as %s: %s", manuscript.id, prefix, error)
        return None
    return Record(_header(found, card, is_deleted=False), metadata)


def _is_closed(manuscript: Manuscript | None) -> bool:
    return manuscript is None or isinstance(decide(manuscript.agreement, Action.HARVEST, ANYONE), Refuse)


def _header(found: OfferedManuscript, card: LibraryCard, *, is_deleted: bool) -> Header:
    return Header(identifier_of(card.name, found.id), found.when, found.sets, is_deleted)


def _resting() -> HttpResponse:
    """Ask the harvester to come again (OAI-PMH 2.0, 3.1.2.2)."""
    response = HttpResponse("come again later\n", content_type="text/plain", status=HTTPStatus.SERVICE_UNAVAILABLE)
    response["Retry-After"] = AGAIN_AFTER
    response["Cache-Control"] = NOT_KEPT
    return response
