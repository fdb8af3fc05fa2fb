"""One OAI-PMH request: its verb and arguments, checked as the protocol asks (OAI-PMH 2.0, 2 to 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from khizana.core.oai.formats import FORMATS
from khizana.core.oai.sets import SPEC
from khizana.core.oai.token import Place, TokenRefused, read_token


class Refused(Exception):
    """What the protocol answers with an ``error`` element: its *code*, and a sentence in English, as it asks for."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class Identify:
    """What repository this is."""


@dataclass(frozen=True, slots=True)
class ListFormats:
    """In what forms descriptions can be had: of one manuscript, or of any."""

    identifier: str = ""


@dataclass(frozen=True, slots=True)
class ListSets:
    """What sets there are."""

    place: str = ""
    """After which of them to go on."""


@dataclass(frozen=True, slots=True)
class GetRecord:
    """One description."""

    identifier: str
    prefix: str


@dataclass(frozen=True, slots=True)
class ListRecords:
    """Descriptions, or their headers alone, by time and set."""

    prefix: str
    headers_only: bool
    since: str = ""
    """RFC 3339, UTC, to the second; nothing where all are asked for."""
    until: str = ""
    set: str = ""
    place: str = ""
    """After which place to go on: time, space, identifier."""
    cursor: int = 0
    """How many were given before."""


Asked = Identify | ListFormats | ListSets | GetRecord | ListRecords

_ARGUMENTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "Identify": (frozenset(), frozenset()),
    "ListMetadataFormats": (frozenset(), frozenset({"identifier"})),
    "ListSets": (frozenset(), frozenset({"resumptionToken"})),
    "GetRecord": (frozenset({"identifier", "metadataPrefix"}), frozenset()),
    "ListIdentifiers": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
    "ListRecords": (frozenset({"metadataPrefix"}), frozenset({"from", "until", "set", "resumptionToken"})),
}
"""Verb to the arguments it needs and those it may have (OAI-PMH 2.0, 4)."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"\\^`{|}]+")


def parse(arguments: Sequence[tuple[str, str]], *, secret: str) -> Asked:
    """Return what the pairs *arguments* of a request ask. Raises ``Refused`` as the protocol has it.

    *secret* signs resumption tokens.
    """
    given = dict(arguments)
    if [name for name, _ in arguments].count("verb") != 1:
        raise Refused("badVerb", "Exactly one verb is needed.")
    verb = given.pop("verb")
    if verb not in _ARGUMENTS:
        raise Refused("badVerb", "There is no such verb.")
    if len(given) + 1 != len(arguments):
        raise Refused("badArgument", "An argument is given twice.")
    needed, allowed = _ARGUMENTS[verb]
    for name in given:
        if name not in needed | allowed:
            raise Refused("badArgument", f"{verb} takes no argument of that name: {_shown(name)}")
    if "resumptionToken" in given:
        if len(given) > 1:
            raise Refused("badArgument", "A resumptionToken stands alone.")
        return _resumed(verb, given["resumptionToken"], secret)
    for name in sorted(needed - given.keys()):
        raise Refused("badArgument", f"{verb} needs the argument {name}.")
    for name, value in given.items():
        if not value:
            raise Refused("badArgument", f"The argument {name} is empty.")
    return _asked(verb, given)


def _asked(verb: str, given: Mapping[str, str]) -> Asked:
    identifier, prefix = given.get("identifier", ""), given.get("metadataPrefix", "")
    if identifier and not _URI.fullmatch(identifier):
        raise Refused("badArgument", "The identifier is no URI.")
    if prefix and prefix not in FORMATS:
        raise Refused("cannotDisseminateFormat", "No description can be had in this form.")
    match verb:
        case "Identify":
            return Identify()
        case "ListMetadataFormats":
            return ListFormats(identifier)
        case "ListSets":
            return ListSets()
        case "GetRecord":
            return GetRecord(identifier, prefix)
        case _:
            since, until = _times(given)
            if (spec := given.get("set", "")) and not SPEC.fullmatch(spec):
                raise Refused("badArgument", "The set is no setSpec.")
            return ListRecords(prefix, verb == "ListIdentifiers", since, until, spec)


def _times(given: Mapping[str, str]) -> tuple[str, str]:
    """Return the first and the last second that are asked for; both in one granularity, and in order."""
    since, until = given.get("from", ""), given.get("until", "")
    if since and until and len(since) != len(until):
        raise Refused("badArgument", "From and until have different granularities.")
    first, last = _time(since, "from"), _time(until, "until")
    if last is not None and _DAY.fullmatch(until):
        last += timedelta(days=1, seconds=-1)
    if first is not None and last is not None and first > last:
        raise Refused("badArgument", "From is later than until.")
    return _written(first), _written(last)


def _time(value: str, name: str) -> datetime | None:
    if not value:
        return None
    if value.isascii() and (_DAY.fullmatch(value) or _SECOND.fullmatch(value)):
        try:
            moment = datetime.fromisoformat(value).replace(tzinfo=UTC)
            return min(moment, datetime(9999, 12, 30, tzinfo=UTC))
        except ValueError:
            pass
    raise Refused("badArgument", f"The argument {name} is no time of the form YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.")


def _written(moment: datetime | None) -> str:
    # Not by strftime, which writes the year 800 with three digits.
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z" if moment else ""


def _resumed(verb: str, token: str, secret: str) -> Asked:
    try:
        place = read_token(token, secret=secret)
    except TokenRefused as error:
        raise Refused("badResumptionToken", "This token was not given by this repository, or was altered.") from error
    if place.verb != verb:
        raise Refused("badResumptionToken", "This token was given for another verb.")
    if verb == "ListSets":
        return ListSets(place.place)
    if place.prefix not in FORMATS:
        raise Refused("badResumptionToken", "This token was given by an earlier version of this repository.")
    return ListRecords(
        place.prefix, verb == "ListIdentifiers", place.since, place.until, place.set, place.place, place.cursor
    )


def after(asked: ListRecords, place: str, given: int) -> Place:
    """Return where a list goes on after *place*, *given* more having been given."""
    verb = "ListIdentifiers" if asked.headers_only else "ListRecords"
    return Place(verb, asked.prefix, asked.since, asked.until, asked.set, place, asked.cursor + given)


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name[:60])
