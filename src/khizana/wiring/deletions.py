"""Deletion, put together: the ledger it rests on is checked first, also against what sites have seen of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from khizana.adapters.disk import DiskStore
from khizana.apps.preservation.actions.enter_versions import gathered_versions
from khizana.apps.preservation.actions.index_adopted import index_adopted
from khizana.apps.publication.actions.delete import remove_deleted
from khizana.apps.publication.pending import leave_pending
from khizana.core.configuration import Configuration
from khizana.core.errors import Busy, Damaged, KhizanaError
from khizana.core.findings import Severity, sentence
from khizana.core.identifiers import ObjectId, manuscript_of
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.durable import writing
from khizana.core.preservation.ledger.check import LedgerCheck
from khizana.core.preservation.ledger.deletions import Request, Stage
from khizana.core.preservation.ledger.versions import Known, KnownVersions
from khizana.core.preservation.ledger.write import require_head
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.write import StorageRoot
from khizana.core.preservation.removal import Removal, left_removals
from khizana.core.preservation.replicas.carried import contradicted, head_at
from khizana.core.preservation.replicas.sites import HERE, read_sites

logger = logging.getLogger(__name__)


def checked_ledger(folder: LibraryFolder, found: Mapping[str, ReplicaStore]) -> KnownVersions:
    """Return what the ledger says, where nothing is wrong with it and the sites *found* have seen no other.

    Raises ``Damaged`` DELETION_LEDGER_AT_FAULT, ``NotFound`` where there is none.
    """
    ours = require_head(folder.ledger)
    gathered = KnownVersions()
    wrong = [
        finding
        for finding in LedgerCheck(folder.ledger, on_entry=gathered.take).findings()
        if finding.severity is Severity.ERROR
    ]
    for name, store in found.items():
        if name != HERE and (finding := contradicted(folder.ledger, ours, head_at(store), site=name)):
            wrong.append(finding)
    if wrong:
        raise Damaged("DELETION_LEDGER_AT_FAULT", problem=wrong[0].sentence())
    return gathered


def carry_out_here(
    request: Request, *, folder: LibraryFolder, configuration: Configuration, enter: Callable[[], None]
) -> None:
    """Delete what *request* names from the library: a mark, the tombstone that *enter* enters, then the removal.

    The tombstone is read back from the ledger, and nothing is removed unless it counts there: a refusal may have come
    before it. Raises ``Damaged`` where an object is not as it was consented to, ``NotFound`` where one is gone,
    ``Busy``.
    """
    storage = StorageRoot(folder.storage, folder.work)
    with storage.settled():
        removal = Removal(folder.work, folder.storage, request.id)
        is_done = request.stage is Stage.DONE
        known = gathered_versions(folder.ledger)
        removal.check(request.objects, older=known.deleted if is_done else None)
        if not is_done:
            _require_newest(request, known.known)
        removal.mark()
        if not is_done:
            enter()
        _complete(removal, folder, configuration)


def complete_removals(folder: LibraryFolder, configuration: Configuration) -> None:
    """Complete the deletions that a killed command had begun.

    One of which the ledger has no tombstone is given up, and what it had taken out goes back: the ledger may have lost
    its end since. One that cannot be completed is told, and keeps no one from other work. Raises ``Busy``.
    """
    if not any(left_removals(folder.work, folder.storage)):
        return
    with StorageRoot(folder.storage, folder.work).settled():
        for removal in left_removals(folder.work, folder.storage):
            try:
                _complete(removal, folder, configuration)
            except Busy:
                raise
            except KhizanaError as error:
                logger.warning("the deletion %s is not complete: %s", removal.request, error)


def _require_newest(request: Request, known: Known) -> None:
    """Raise ``Damaged`` where the ledger knows newer versions than those that *request* names."""
    for each in request.objects:
        if max(known.get(each.object_id, ()), default=0) != each.head:
            raise Damaged("DELETION_OTHER_NOW", object_id=each.object_id, version=each.head)


def _complete(removal: Removal, folder: LibraryFolder, configuration: Configuration) -> None:
    known = gathered_versions(folder.ledger)
    request = known.deletions.requests.get(removal.request)
    if request is None or request.stage is not Stage.DONE:
        _give_up(removal, folder, configuration)
        return
    remove_deleted(
        removal,
        request,
        older=known.deleted,
        folder=folder,
        library=configuration.name,
        here=DiskStore(folder.root),
        sealed=[site.name for site in read_sites(folder.sites) if site.sealed],
    )


def _give_up(removal: Removal, folder: LibraryFolder, configuration: Configuration) -> None:
    """Put back what was taken out without a tombstone in the ledger; rows of manuscripts follow by their marks."""
    back: list[ObjectId] = []

    def told(identifier: ObjectId) -> None:
        if (manuscript := manuscript_of(configuration.name, identifier)) is not None:
            leave_pending(folder, manuscript)
        else:
            back.append(identifier)
        facts = {"object_id": identifier, "request": removal.request}
        logger.warning("%s", sentence("DELETION_GIVEN_BACK", facts))

    with writing(folder.work):
        for each in removal.put_back(told):
            facts = {"path": str(each), "request": removal.request}
            logger.warning("%s", sentence("DELETION_STAYS_ASIDE", facts))
    for adopted in back:
        index_adopted(folder.storage / object_path(adopted), storage=folder.storage)
