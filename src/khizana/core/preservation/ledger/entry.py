"""One entry of the ledger: what was done to what, when, by whom, with what outcome; as a value and as a line.

A line is one JSON object in UTF-8 with its keys sorted, no spaces between its parts and nothing escaped that JSON does
not ask to escape, so that one entry has one line and one hash. Its bytes without the line end are the leaf of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

LONGEST_LINE = 65_536  # bytes; an entry says that something was done and is no place for what was done
LARGEST_NUMBER = 2**53 - 1  # every reader of JSON keeps whole numbers up to here

BEGUN = "ledger begun"
KEY_CHANGED = "key changed"
KEY_REPLACED = "key replaced"
VERSION_WRITTEN = "version written"
STAMP_KEPT = "time-stamp kept"
PACK_MADE = "pack made"
PACK_RECEIVED = "pack received"
PROOF_RECEIVED = "proof received"
PEER_REWRITTEN = "peer ledger rewritten"
GUARDIANS_NAMED = "guardians named"
GUARDIANS_ASKED = "guardians asked"
DELETION_ASKED = "deletion asked"
DELETION_CONSENTED = "deletion consented"
DELETION_REFUSED = "deletion refused"
DELETION_AWAITED = "deletion awaited"
DELETION_CARRIED_OUT = "deletion carried out"
DELETED_AT_SITE = "deleted at site"
OWN_KINDS = {
    BEGUN: "the first entry: the library's name and its public key",
    KEY_CHANGED: "the new public key, signed with the one before",
    KEY_REPLACED: "the new public key of a library that was restored without the old one: no signature vouches for it",
    VERSION_WRITTEN: "an object version whose events are not known",
    STAMP_KEPT: "a time-stamp of a head came back",
    "policy assignment": "a manuscript was published, restricted or withdrawn",
    "site added": "a place that keeps replicas is known from now on",
    "site removed": "and no longer",
    PACK_MADE: "a courier carries object versions to another working place",
    PACK_RECEIVED: "a courier brought object versions from another working place, with a head of its ledger",
    PROOF_RECEIVED: "another working place proved what arrived there",
    PEER_REWRITTEN: "another working place showed a ledger that is not the one seen before",
    GUARDIANS_NAMED: "the three people without two of whom nothing is deleted",
    GUARDIANS_ASKED: "a request that other people take their place",
    DELETION_ASKED: "a request to delete objects, with their versions and digests, the reason and the delay",
    DELETION_CONSENTED: "the consent of one guardian to a request, signed",
    DELETION_REFUSED: "the refusal of one guardian, signed, which ends a request",
    DELETION_AWAITED: "a request was looked at while its delay runs",
    DELETION_CARRIED_OUT: "what a request named is deleted: its tombstone",
    DELETED_AT_SITE: "and nothing of it is left at a site",
}
"""Kinds beside the PREMIS types of events (``premis.EVENT_TYPES``)."""

VERSION = "version"
INVENTORY = "inventory"
"""Facts of an entry about an object version: its number, and the sha512 of its inventory."""

JOINED = "joined"
"""Fact of an entry about a version that was made by joining branches alone, and may be made anew: the digests of the
newest inventories of those that gave way, with blanks between."""

FILES = "files"
"""Of an adopted object, the sha512 of the list of its files, which vouches for it in the place of its inventory."""

_WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Raises ``ValueError`` for what cannot be written down: text that is none, a time without a zone."""

    id: str
    """Given by whoever appends: the same id twice is one entry."""
    kind: str
    """A PREMIS type of event, or one of ``OWN_KINDS``."""
    when: str
    """RFC 3339: when it was entered."""
    subject: str
    """An object identifier, the name of a site, or that of the library."""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    agent: str = ""
    outcome: str = "success"

    def __post_init__(self) -> None:
        if not (self.id and self.kind and self.subject):
            raise ValueError("an entry needs an id, a kind and a subject")
        check_when(self.when)
        for name, value in self.facts.items():
            if type(value) is not str and not (type(value) is int and abs(value) <= LARGEST_NUMBER):
                raise ValueError(f"the fact {name!r} is neither text nor a whole number")
        if len(to_line(self)) > LONGEST_LINE:
            raise ValueError("the entry is too long")


def check_when(when: str) -> datetime:
    """Return *when* as a time.

    Raises ``ValueError`` when it is not RFC 3339 with a time zone.
    """
    if not _WHEN.fullmatch(when) or not when.isascii():
        raise ValueError("not a time of RFC 3339 with a time zone")
    return datetime.fromisoformat(when)


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return *value* as one line of JSON, the same bytes for the same value.

    Raises ``ValueError`` for text that cannot be encoded.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise ValueError(str(error)) from error


def parsed(line: bytes, names: frozenset[str]) -> dict[str, Any]:
    """Return the value of a canonical *line* that has exactly the keys *names*.

    Raises ``ValueError`` for every other bytes.
    """
    value = orjson.loads(line)
    if not isinstance(value, dict) or value.keys() != names or canonical(value) != line:
        raise ValueError("not a line of the ledger")
    return value


def to_line(entry: Entry) -> bytes:
    """Return *entry* as its line, without the line end."""
    return canonical(
        {
            "agent": entry.agent,
            "facts": dict(entry.facts),
            "id": entry.id,
            "kind": entry.kind,
            "outcome": entry.outcome,
            "subject": entry.subject,
            "when": entry.when,
        }
    )


def from_line(line: bytes) -> Entry:
    """Return the entry that *line*, without its line end, is.

    Raises ``ValueError`` for bytes that this module would not have written.
    """
    if len(line) > LONGEST_LINE:
        raise ValueError("the entry is too long")
    value = parsed(line, _NAMES)
    facts = value.pop("facts")
    if type(facts) is not dict or any(type(each) is not str for each in value.values()):
        raise ValueError("not an entry")
    return Entry(**value, facts=facts)


_NAMES = frozenset({"id", "kind", "when", "subject", "facts", "agent", "outcome"})
