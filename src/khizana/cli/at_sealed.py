"""What the verbs that work at sealed sites share: what is sealed for them, and with what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from khizana.apps.preservation.actions.repair_sealed import Means
from khizana.apps.preservation.actions.replicate import Replicated
from khizana.apps.preservation.actions.replicate_sealed import replicate_sealed, seal_around, seal_library_again
from khizana.apps.preservation.queries import known_objects
from khizana.cli.at_sites import sealed_sites
from khizana.cli.times import clock, stamp
from khizana.cli.verb import Opened, language, warn, words
from khizana.core.errors import Damaged, NotFound, Unreadable
from khizana.core.identifiers import ObjectId
from khizana.core.imaging.lanes import processors
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaSource, ReplicaStore
from khizana.core.preservation.ledger.doubts import Doubts
from khizana.core.preservation.replicas.around import without_secret
from khizana.core.preservation.replicas.reading import OnBytes, nothing
from khizana.core.preservation.sealed.keys import read_keys
from khizana.core.preservation.sealed.library import RECIPIENTS, SETTINGS, SITES
from khizana.core.preservation.sealed.unseal import blinding_at
from khizana.core.preservation.sealed.view import SealedView
from khizana.wiring.keys import opener_from, sealing


def means(opened: Opened, site: str, store: ReplicaStore, here: ReplicaStore, *, on_bytes: OnBytes = nothing) -> Means:
    """Return what seals for *site*. Raises ``NotFound`` where the library has no keys."""
    folder = opened.folder
    seals = replace(sealing(folder), at_once=max(2, processors()), on_bytes=on_bytes)
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
    return Means(here, folder.storage, seals, around, library, Doubts(folder.ledger))


def sealable(opened: Opened, names: Iterable[str]) -> tuple[list[str], int]:
    """Return those of the sites *names* that can be written to, and the exit status for the rest.

    A library that was restored from a plain site has no keys to seal with: each sealed site is told, and left.
    """
    sealed, status, kept = sealed_sites(opened), 0, []
    for name in names:
        try:
            if name in sealed:
                sealing(opened.folder)
            kept.append(name)
        except NotFound as error:
            warn(f"✗ {words('SITE_SEALED_NO_KEYS', site=name, **error.facts)}")
            status = NotFound.exit_status
    return kept, status


def sealed_views(opened: Opened, found: Mapping[str, ReplicaStore], key: Path) -> dict[str, ReplicaSource]:
    """Return each sealed site of *found* as whoever has the key file *key* sees it; one that holds nothing is left out.

    Raises ``BadInput`` when the key is another's, and as ``opener_from`` does.
    """
    opener, known, own = opener_from(key), list(known_objects()), None
    with suppress(NotFound):  # restored from a plain site
        own = read_keys(opened.folder.keys).blinding
    views: dict[str, ReplicaSource] = {}
    for name in sorted(sealed_sites(opened) & found.keys()):
        try:
            told = blinding_at(found[name], opener)
            # The library's own where it has one: anyone can seal a table that tells another for its public keys.
            views[name] = SealedView(found[name], opener, own or told, known)
        except (NotFound, Damaged, Unreadable) as error:
            warn(f"! {name}: {error.sentence(language())}")
    return views


def seal_to(
    opened: Opened, site: str, store: ReplicaStore, with_means: Means, *, without: Collection[ObjectId] = ()
) -> Iterator[Replicated]:
    """Seal what *site* lacks but *without*, first what lies around the objects; yield what became of each object."""
    with_means.around(anew=False)
    return replicate_sealed(
        site=site,
        store=store,
        storage=opened.folder.storage,
        sealing=with_means.sealing,
        now=clock,
        without=without,
        doubt=with_means.doubt,
    )


def _library_files(folder: LibraryFolder) -> dict[str, bytes]:
    """Return name to bytes of what a library is made again with; no secret is among them."""
    return {
        SETTINGS: without_secret(folder.configuration.read_bytes()),
        SITES: folder.sites.read_bytes(),
        RECIPIENTS: (folder.keys / RECIPIENTS).read_bytes(),
    }
