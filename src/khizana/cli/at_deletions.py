"""What the verbs about guardians and deletions share: who enters, and the request that was named."""

from __future__ import annotations

import tempfile
from pathlib import Path

from khizana.apps.preservation.actions.enter_versions import gathered_versions
from khizana.apps.preservation.actions.forget_objects import forget_at_site
from khizana.apps.preservation.queries import known_objects
from khizana.cli.at_sites import sealed_sites
from khizana.cli.verb import Opened, tell, warn, words
from khizana.core.errors import Away, BadInput, Damaged, KhizanaError, NoSpace, NotFound, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.clearing import PlainSite, SealedSite, clear
from khizana.core.preservation.ledger.deletion_entries import By, answered, deleted_at_site
from khizana.core.preservation.ledger.deletions import Deletions, Request, Stage, known_deletions, read_deletions
from khizana.core.preservation.ledger.entry import Entry
from khizana.core.preservation.ledger.guardians import Guardians, read_secret
from khizana.core.preservation.ledger.place import newest_head
from khizana.core.preservation.replicas.carried import bring_ledger, head_at
from khizana.core.preservation.replicas.sites import listed_sites, names_of
from khizana.core.preservation.sealed.keys import read_keys
from khizana.wiring.library import clerk

_STAGES = {
    Stage.OPEN: "DELETION_STAGE_OPEN",
    Stage.REFUSED: "DELETION_STAGE_REFUSED",
    Stage.VOID: "DELETION_STAGE_VOID",
    Stage.DONE: "DELETION_STAGE_DONE",
}


def by(opened: Opened) -> By:
    """Return who enters, now."""
    made = clerk(opened.folder, opened.configuration)
    return By(opened.configuration.name, made.when, made.name)


def enter(opened: Opened, entry: Entry) -> None:
    """Enter *entry*; unlike elsewhere, nothing goes on without it. Raises as ``Clerk.enter``."""
    clerk(opened.folder, opened.configuration).enter([entry])


def guarded(opened: Opened) -> tuple[Deletions, Guardians]:
    """Return what the ledger says of deletions, and the guardians. Raises ``NotFound`` where none are named."""
    found = read_deletions(opened.folder.ledger)
    if found.guardians is None:
        raise NotFound("NO_GUARDIANS")
    return found, found.guardians


def requested(opened: Opened, request: str) -> tuple[Request, Guardians]:
    """Return that request, and the guardians. Raises ``NotFound``."""
    found, guardians = guarded(opened)
    if request not in found.requests:
        raise NotFound("NO_DELETION", request=request)
    return found.requests[request], guardians


def require_open(request: Request) -> None:
    """Raise ``BadInput`` where *request* is refused, void or carried out."""
    if request.stage is not Stage.OPEN:
        raise BadInput("DELETION_NOT_OPEN", request=request.id, stage=stage_words(request))


def stage_words(request: Request) -> str:
    """Return how far *request* is, in the language to speak."""
    return words(_STAGES[request.stage])


def answer(opened: Opened, kind: str, request: str, key: Path) -> tuple[Request, str]:
    """Enter the answer *kind* of the guardian with the key in the file *key*; return the request now, and their name.

    Raises ``BadInput`` for a key that is no guardian's, and for one that has answered so before.
    """
    found, guardians = requested(opened, request)
    require_open(found)
    secret = read_secret(key)
    name = guardians.name_of(secret.public)
    if name is None:
        raise BadInput("NOT_A_GUARDIAN", path=str(key))
    if name in found.consents and kind == "deletion consented":
        raise BadInput("DELETION_CONSENTED_BEFORE", request=request, name=name)
    tell_objects(found)
    enter(opened, answered(kind, found.asked, name, secret, by=by(opened)))
    after, _ = requested(opened, request)
    if name not in after.consents and after.refused_by != name:
        raise Damaged("DELETION_ANSWER_LOST", request=request, name=name)
    return after, name


def clear_deleted(
    opened: Opened, site: str, store: ReplicaStore, *, behind: Finding | None
) -> tuple[frozenset[ObjectId], list[Finding]]:
    """Remove from *site* what was deleted and is still there; call it while the store is held.

    Its ledger must have the tombstones already, else a library that is restored from it would not know: where the
    ledger could not be carried there (*behind* says why), nothing is removed. Returns the objects of which nothing may
    be copied there now, and what a person must decide on: the site has versions to whose deletion nobody consented, or
    knows of deletions that the ledger here does not. What is cleared is entered without fail. Raises ``Away``, and as
    ``Clerk.enter``.
    """
    ledger = opened.folder.ledger
    is_sealed = site in sealed_sites(opened)
    without, wrong = (set(), []) if is_sealed else _deleted_by_newer(store, ledger)
    left: list[tuple[Request, str]] = []
    # By the names that it had when they were carried out.
    for request, called in known_deletions(ledger).left_at(names_of(site, listed_sites(opened.folder.sites))):
        if not request.is_hearsay:
            left.append((request, called))
            continue
        warn(f"! {words('DELETION_HEARSAY', site=site, request=request.id, shelfmark=request.shelfmark)}")
    if left and behind:  # the caller tells why
        return frozenset(without.union(each.object_id for request, _ in left for each in request.objects)), wrong
    place = SealedSite(store, read_keys(opened.folder.keys).blinding) if is_sealed else PlainSite(store)
    vouched = gathered_versions(ledger).deleted if left else {}
    for request, called in left:
        objects = [each.object_id for each in request.objects]
        try:
            files = clear(place, request.objects, vouched)
        except (Away, NoSpace):
            raise
        except (Damaged, NotFound, Unreadable) as error:
            subject = str(error.facts.get("object_id", objects[0]))
            wrong.append(Finding(error.code, Severity.ERROR, subject, error.facts))
            without |= set(objects)
            continue
        forget_at_site(site, objects)
        enter(opened, deleted_at_site(request.id, called, files=files, by=by(opened)))
        warn(f"· {words('DELETED_AT_SITE', site=site, request=request.id, files=files)}")
    return frozenset(without), wrong


def _deleted_by_newer(store: ReplicaStore, ledger: Path) -> tuple[set[ObjectId], list[Finding]]:
    """Return the objects here that were deleted by the ledger that *store* has seen, where that is the newer one.

    So it is where the library was restored from a site that had not heard of the deletion yet.
    """
    ours, theirs = newest_head(ledger), head_at(store)
    if ours is None or theirs is None or theirs.size <= ours.size:
        return set(), []
    with tempfile.TemporaryDirectory(prefix="khizana-ledger-") as scratch:
        bring_ledger(store, Path(scratch))
        try:
            newer = gathered_versions(Path(scratch))
        except KhizanaError:
            return set(), []  # told when the ledgers are compared
    found, wrong = set(), []
    for known in known_objects() if newer.deleted else ():
        if newer.is_gone(known.object_id, known.versions[known.head]):
            found.add(known.object_id)
            facts = {"path": store.address}
            wrong.append(Finding("DELETED_BY_NEWER_LEDGER", Severity.ERROR, known.object_id, facts))
    return found, wrong


def tell_objects(request: Request) -> None:
    """Say exactly what is asked."""
    for each in request.objects:
        tell("DELETION_OBJECT", object_id=each.object_id, version=each.head, digest=each.inventory)
    for number in range(1, 4) if not request.objects else ():
        facts = request.asked.facts
        tell("GUARDIAN_TOLD", name=str(facts.get(f"name {number}", "")), key=str(facts.get(f"key {number}", "")))
