"""What the verbs that work at sealed sites share: what is sealed for them, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from khizana.apps.preservation.actions.repair_sealed import Means
from khizana.apps.preservation.actions.replicate import Replicated
from khizana.apps.preservation.actions.replicate_sealed import replicate_sealed, seal_around, seal_library_again
from khizana.cli.times import clock, stamp
from khizana.cli.verb import Opened
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.replicas.around import without_secret
from khizana.core.preservation.sealed.library import RECIPIENTS, SETTINGS, SITES
from khizana.wiring.keys import sealing


def means(opened: Opened, site: str, store: ReplicaStore, here: ReplicaStore) -> Means:
    """Return what seals for *site*. Raises ``NotFound`` where the library has no keys."""
    folder, seals = opened.folder, sealing(opened.folder)
    around = partial(seal_around, site=site, store=store, storage=folder.storage, sealing=seals, now=clock)
    library = partial(
        seal_library_again,
        site=site,
        store=store,
        ledger=folder.ledger,
        files=_library_files(folder),
        sealing=seals,
        now=clock,
        stamp=stamp(),
    )
    return Means(here, folder.storage, seals, around, library)


def seal_to(opened: Opened, site: str, store: ReplicaStore, with_means: Means) -> Iterator[Replicated]:
    """Seal what *site* lacks, first what lies around the objects, and yield what became of each object."""
    with_means.around(anew=False)
    return replicate_sealed(
        site=site, store=store, storage=opened.folder.storage, sealing=with_means.sealing, now=clock
    )


def _library_files(folder: LibraryFolder) -> dict[str, bytes]:
    """Return name to bytes of what a library is made again with; no secret is among them."""
    return {
        SETTINGS: without_secret(folder.configuration.read_bytes()),
        SITES: folder.sites.read_bytes(),
        RECIPIENTS: (folder.keys / RECIPIENTS).read_bytes(),
    }
