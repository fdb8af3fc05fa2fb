"""Mending sealed copies without a key: what is not vouched for is set aside, and sealed again from a good source."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from khizana.core.errors import NotFound
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ocfl.listing import Listing
from khizana.core.preservation.replicas.outcome import Intact, Outcome, Unexpected
from khizana.core.preservation.sealed.names import SUMS, folder_parts
from khizana.core.preservation.sealed.seal import Sealed, Sealing, mend_object, set_aside


def reseal(
    source: Path,
    outcomes: Iterable[Outcome],
    *,
    store: ReplicaStore,
    sealing: Sealing,
    listing: Listing | None = None,
) -> tuple[Sealed, ...]:
    """Seal anew what a check found wrong of the object in the folder *source*, and return all its versions.

    Anyone can seal for a public key and give the file a name that fits: so what no list vouches for is not taken up,
    and where a list is not the one that was written, nothing of its version is. The caller checked the source.

    Raises as ``seal_object`` does.
    """
    versions = set()
    for each in outcomes:
        if isinstance(each, Intact):
            continue
        folder, _, name = each.name.rpartition("/")
        if parts := folder_parts(f"{folder}/"):
            versions.add(parts[1])
        if isinstance(each, Unexpected):
            with suppress(NotFound):
                set_aside(store, each.name)
        elif name == SUMS:
            set_all_aside(store, f"{folder}/")
    return mend_object(source, versions=versions, store=store, sealing=sealing, listing=listing)


def set_all_aside(store: ReplicaStore, folder: str) -> None:
    """Set aside every file below *folder* of a site."""
    for stored in list(store.names(folder)):
        set_aside(store, stored.name)
