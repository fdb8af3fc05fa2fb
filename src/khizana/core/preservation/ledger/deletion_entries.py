"""The entries of which a deletion is made, and what the guardians sign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ledger.entry import (
    DELETED_AT_SITE,
    DELETION_ASKED,
    DELETION_AWAITED,
    DELETION_CARRIED_OUT,
    DELETION_CONSENTED,
    DELETION_REFUSED,
    GUARDIANS_ASKED,
    GUARDIANS_NAMED,
    Entry,
    canonical,
)
from khizana.core.preservation.ledger.guardians import Guardians
from khizana.core.preservation.ledger.keys import SigningKey

LEAST_DELAY = 3  # days
LONGEST_REASON = 1000  # characters
DAY = 86_400  # seconds

ANSWERS = {DELETION_CONSENTED: "consent", DELETION_REFUSED: "refusal"}


@dataclass(frozen=True, slots=True)
class Named:
    """One object that a request names, exactly as it was."""

    object_id: ObjectId
    head: int
    first: Digest
    """Of the inventory of its first version: every history of the object begins with it."""
    inventory: Digest
    """Of the inventory of its newest version, which covers every file of it."""


@dataclass(frozen=True, slots=True)
class By:
    """Who enters, and when."""

    library: str
    when: str
    agent: str


def deletion_asked(
    request: str, objects: Sequence[Named], *, shelfmark: str, reason: str, delay: int, guardians: Guardians, by: By
) -> Entry:
    """Return the request to delete *objects*, of *guardians*, after *delay* days."""
    facts: dict[str, str | int] = {"request": request, "shelfmark": shelfmark, "reason": reason}
    facts |= {"delay": delay, "guardians": guardians.digest, "objects": len(objects)}
    for number, each in enumerate(objects, 1):
        facts |= {
            f"object {number}": each.object_id,
            f"head {number}": each.head,
            f"first {number}": each.first,
            f"inventory {number}": each.inventory,
        }
    return Entry(_asked_id(request), DELETION_ASKED, by.when, by.library, facts, by.agent)


def guardians_asked(request: str, new: Guardians, *, delay: int, guardians: Guardians, by: By) -> Entry:
    """Return the request that *new* ones take the place of *guardians*, after *delay* days."""
    facts: dict[str, str | int] = {"request": request, "delay": delay, "guardians": guardians.digest, **new.facts}
    return Entry(_asked_id(request), GUARDIANS_ASKED, by.when, by.library, facts, by.agent)


def guardians_named(guardians: Guardians, *, request: str = "", by: By) -> Entry:
    """Return the entry that names *guardians*: the first ones, or those of a *request* that is carried out."""
    identifier = f"guardians named {request} {by.when}"
    return Entry(identifier, GUARDIANS_NAMED, by.when, by.library, {"request": request, **guardians.facts}, by.agent)


def answered(kind: str, asked: Entry, name: str, key: SigningKey, *, by: By) -> Entry:
    """Return the consent or refusal (*kind*) of the guardian *name*, signed with their *key*, to what was *asked*."""
    request = str(asked.facts["request"])
    signature = key.sign(statement(kind, asked, by.when))
    facts: dict[str, str | int] = {
        "request": request,
        "guardian": name,
        "key": key.public,
        "signed": by.when,
        "signature": signature,
    }
    # With its signature, which nobody else can foresee: a made-up answer that was entered first, and says nothing, must
    # not stand in the way of a guardian's refusal.
    return Entry(f"{kind} {request} {signature[:64]}", kind, by.when, by.library, facts, by.agent)


def carried_out(request: str, *, by: By, names: Iterable[str], sites: Iterable[str], offered: str = "") -> Entry:
    """Return the tombstone: the request is carried out, on the consent of *names*; *sites* had copies too.

    *offered* is how a manuscript that was open to readers may be told of; nothing where it never was.
    """
    facts: dict[str, str | int] = {"request": request, "consented": ", ".join(names), "sites": " ".join(sites)}
    facts |= {"offered": offered} if offered else {}
    # With its time: one that came too early, and so said nothing, must not stand in the way of the right one.
    identifier = f"{DELETION_CARRIED_OUT} {request} {by.when}"
    return Entry(identifier, DELETION_CARRIED_OUT, by.when, by.library, facts, by.agent)


def deleted_at_site(request: str, site: str, *, files: int, by: By) -> Entry:
    """Return the entry that nothing of what *request* named is left at *site*."""
    facts: dict[str, str | int] = {"request": request, "site": site, "files": files}
    return Entry(f"{DELETED_AT_SITE} {request} {site} {by.when}", DELETED_AT_SITE, by.when, site, facts, by.agent)


def awaited(request: str, identifier: str, *, by: By) -> Entry:
    """Return the entry that *request* was looked at while its delay runs: so its time is seen."""
    return Entry(identifier, DELETION_AWAITED, by.when, by.library, {"request": request}, by.agent)


def statement(kind: str, asked: Entry, when: str) -> bytes:
    """Return what a guardian signs at the time *when*: the answer *kind* to exactly what was *asked*.

    Five lines, each with its line end, the first of them always the same for one kind of answer.
    """
    told = {"facts": dict(asked.facts), "kind": asked.kind, "subject": asked.subject, "when": asked.when}
    digest = sha256(canonical(told)).hexdigest()
    return f"khizana deletion {ANSWERS[kind]} 1\n{asked.subject}\n{asked.facts['request']}\n{digest}\n{when}\n".encode()


def _asked_id(request: str) -> str:
    # One id for both kinds: a request has one meaning.
    return f"{DELETION_ASKED} {request}"
