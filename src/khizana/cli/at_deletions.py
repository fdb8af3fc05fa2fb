"""What the verbs about guardians and deletions share: who enters, and the request that was named."""

from __future__ import annotations

from pathlib import Path

from khizana.apps.preservation.actions.forget_objects import forget_at_site
from khizana.cli.at_sites import sealed_sites
from khizana.cli.verb import Opened, tell
from khizana.core.errors import BadInput, Damaged, NotFound
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.deletion_entries import By, answered, deleted_at_site
from khizana.core.preservation.ledger.deletions import Deletions, Request, Stage, read_deletions
from khizana.core.preservation.ledger.entry import Entry
from khizana.core.preservation.ledger.guardians import Guardians, read_secret
from khizana.core.preservation.removal import clear_plain, clear_sealed
from khizana.core.preservation.sealed.keys import read_keys
from khizana.wiring.library import clerk


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
        raise BadInput("DELETION_NOT_OPEN", request=request.id, stage=request.stage)


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


def clear_deleted(opened: Opened, site: str, store: ReplicaStore) -> None:
    """Remove from *site* what was deleted and is still there; call it while the store is held.

    Entered without fail before anything else is copied there. Raises ``Damaged`` where the site has something else, and
    as the store and ``Clerk.enter``.
    """
    for request, _ in read_deletions(opened.folder.ledger).left_at([site]):
        if site in sealed_sites(opened):
            files = clear_sealed(store, request.objects, blinding=read_keys(opened.folder.keys).blinding)
        else:
            files = clear_plain(store, request.objects)
        forget_at_site(site, [each.object_id for each in request.objects])
        enter(opened, deleted_at_site(request.id, site, files=files, by=by(opened)))
        tell("DELETED_AT_SITE", site=site, request=request.id, files=files)


def tell_objects(request: Request) -> None:
    """Say exactly what is asked."""
    for each in request.objects:
        tell("DELETION_OBJECT", object_id=each.object_id, version=each.head, digest=each.inventory)
    for number in range(1, 4) if not request.objects else ():
        facts = request.asked.facts
        tell("GUARDIAN_TOLD", name=str(facts.get(f"name {number}", "")), key=str(facts.get(f"key {number}", "")))
