"""The one place where parts are put together: the storage root with its validator, the ledger, the keeper."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from khizana import __version__
from khizana.apps.preservation.actions.enter_versions import Clerk, enter_adopted, enter_versions
from khizana.apps.publication.doors import conceal
from khizana.apps.publication.keeper import Keeper
from khizana.apps.publication.pending import forget, left_pending
from khizana.core.configuration import Configuration
from khizana.core.errors import Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.findings import Finding, sentence
from khizana.core.identifiers import ManuscriptId, object_ids
from khizana.core.library import LibraryFolder
from khizana.core.preservation import premis
from khizana.core.preservation.ocfl.inventory import User
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object
from khizana.core.preservation.ocfl.validate import validate_object
from khizana.core.preservation.ocfl.write import StorageRoot
from khizana.core.preservation.staging import tidy
from khizana.wiring.deletions import complete_removals

logger = logging.getLogger(__name__)


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def storage_root(folder: LibraryFolder) -> StorageRoot:
    """Return the storage root of *folder*."""
    return StorageRoot(folder.storage, folder.work)


def keeper(folder: LibraryFolder, configuration: Configuration) -> Keeper:
    """Return what actions that write preservation objects need."""
    return Keeper(
        folder=folder,
        library=configuration.name,
        storage=storage_root(folder),
        validator=validated,
        agent=premis.software(__version__),
        user=User("khizana", f"urn:khizana:{configuration.name}"),
        now=now,
        enter=partial(enter, folder, configuration),
    )


def clerk(folder: LibraryFolder, configuration: Configuration) -> Clerk:
    """Return what actions that write into the ledger need."""
    return Clerk(folder, configuration.name, premis.software(__version__), now())


def enter(folder: LibraryFolder, configuration: Configuration, *manuscripts: ManuscriptId) -> None:
    """Enter the versions of the objects of *manuscripts* that the ledger lacks, with one flush.

    A ledger that is damaged, or whose key is gone, must not keep anyone from saving manuscripts: that is told, and
    ``khizana rebuild`` enters what was left out. Raises ``NoSpace``, ``Busy``.
    """
    identifiers = (each for manuscript in manuscripts for each in object_ids(configuration.name, manuscript))
    paths = (folder.storage / object_path(identifier) for identifier in identifiers)
    with _told_if_not_written():
        enter_versions([read_object(path) for path in paths if path.is_dir()], clerk=clerk(folder, configuration))


def enter_foreign(folder: LibraryFolder, configuration: Configuration, place: Path) -> None:
    """Enter the adopted object at *place*, unless the ledger has it; told and raised as by ``enter``."""
    with _told_if_not_written():
        enter_adopted(place, clerk=clerk(folder, configuration))


@contextmanager
def _told_if_not_written() -> Iterator[None]:
    try:
        yield
    except (Damaged, NotFound, Unreadable) as error:
        logger.warning("%s", sentence("LEDGER_NOT_WRITTEN", {"problem": str(error)}))


def validated(path: Path, read_back: Mapping[Path, str]) -> Iterable[Finding]:
    """Validate one object by code that shares nothing with the writer."""
    return validate_object(path, read_back=read_back)


def make_good(folder: LibraryFolder, configuration: Configuration) -> None:
    """Finish what a killed command left: objects half-named, rows and ledger older than their objects.

    A manuscript whose objects cannot be read is closed to readers, and keeps no one from working on the others.

    Raises ``Busy`` when another process is writing.
    """
    storage_root(folder).recover()
    complete_removals(folder, configuration)
    tidy(folder.staging)
    for manuscript in left_pending(folder):
        # What reads descriptions is imported where it is wanted: nearly always nothing was left, and nothing is read.
        from khizana.apps.publication.actions.index_manuscript import index_manuscript  # noqa: PLC0415

        # What reads descriptions is imported where it is wanted: nearly always nothing was left, and nothing is read.

        try:
            index_manuscript(manuscript=manuscript, folder=folder, library=configuration.name)
        except KhizanaError as error:
            conceal(manuscript)
            logger.warning("%s is closed to readers until it is mended: %s", manuscript, error)
        else:
            enter(folder, configuration, manuscript)
            forget(folder, manuscript)
