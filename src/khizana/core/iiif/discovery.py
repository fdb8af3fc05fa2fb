"""The IIIF Change Discovery API 1.0: what happened to manifests, as pages of activities, the earliest first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from khizana.core.changes import Change, ChangeKind
from khizana.core.errors import NotFound
from khizana.core.iiif.addresses import Addresses
from khizana.core.iiif.presented import rights_statement
from khizana.core.manuscript import LibraryCard

Json = dict[str, Any]

CONTEXT = ("http://iiif.io/api/discovery/1/context.json", "https://www.w3.org/ns/activitystreams")
PAGE = 100
"""Changes in one page. A page that is full never gets another; what is no longer open is left out of it."""

_TYPES = {ChangeKind.CREATE: "Create", ChangeKind.UPDATE: "Update", ChangeKind.DELETE: "Delete"}
_OAI = "http://www.openarchives.org/OAI/2.0/"
_TEI = "http://www.tei-c.org/ns/1.0"


def ordered_collection(card: LibraryCard, *, total: int) -> Json:
    """Return the list of *total* changes: its first and last page (3.1).

    How many activities there are is left out, as those of manuscripts that were closed since are not shown.
    """
    addresses = Addresses(card.base_url)
    value: Json = {"@context": list(CONTEXT), "id": addresses.changes(), "type": "OrderedCollection"}
    if total:
        value["first"] = _page(addresses, 1)
        value["last"] = _page(addresses, pages(total))
    if rights := rights_statement(card.rights):
        value["rights"] = rights
    value["seeAlso"] = [{"id": addresses.oai(), "type": "Dataset", "format": "text/xml", "profile": _OAI}]
    return value


def ordered_page(card: LibraryCard, number: int, changes: Iterable[tuple[Change, bool]], *, total: int) -> Json:
    """Return page *number* (from 1), with its *changes* and whether the manuscript of each is open now (3.2).

    Of one that is open no longer, only that it went is told. Raises ``NotFound`` for a page that does not exist.
    """
    last = pages(total)
    if not 1 <= number <= max(last, 1):
        raise NotFound("CHANGES_PAGE_NOT_FOUND", page=number, pages=last)
    addresses = Addresses(card.base_url)
    value: Json = {
        "@context": list(CONTEXT),
        "id": addresses.changes(number),
        "type": "OrderedCollectionPage",
        "startIndex": (number - 1) * PAGE,
        "partOf": {"id": addresses.changes(), "type": "OrderedCollection"},
    }
    if number > 1:
        value["prev"] = _page(addresses, number - 1)
    if number < last:
        value["next"] = _page(addresses, number + 1)
    value["orderedItems"] = [
        _activity(addresses, change) for change, is_open in changes if is_open or change.kind is ChangeKind.DELETE
    ]
    return value


def pages(total: int) -> int:
    """Return how many pages *total* changes take."""
    return -(-total // PAGE)


def _page(addresses: Addresses, number: int) -> Json:
    return {"id": addresses.changes(number), "type": "OrderedCollectionPage"}


def _activity(addresses: Addresses, change: Change) -> Json:
    """Return one activity (2.2): it was done when it was noted, in one moment."""
    about: Json = {"id": addresses.manifest(change.manuscript), "type": "Manifest"}
    if change.kind is not ChangeKind.DELETE:
        description = addresses.description(change.manuscript)
        about["seeAlso"] = [{"id": description, "type": "Dataset", "format": "application/tei+xml", "profile": _TEI}]
    return {"type": _TYPES[change.kind], "object": about, "startTime": change.when, "endTime": change.when}
