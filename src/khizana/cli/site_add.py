"""``khizana site add NAME ADDRESS``: a new place for replicas."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

from khizana.cli.at_sites import enter, entry
from khizana.cli.verb import Opened, tell
from khizana.core.errors import AlreadyThere, BadInput, NotFound
from khizana.core.preservation.courier.keys import key_of, key_text, own_keys
from khizana.core.preservation.replicas.sites import PEER, Site, listed_sites, mark, read_mark, write_sites
from khizana.wiring import keys
from khizana.wiring.sites import COURIER, new_store


def run(
    *, opened: Opened, name: str, address: str, place: str, keeper: str, risk: str, offline: bool, sealed: bool
) -> None:
    """Mark the place and list it; one that is this library's already keeps its mark."""
    # A disk that is known by its label lies unplugged, except while it is used.
    offline = offline or address.startswith(COURIER)
    site = Site(name, address, str(uuid.uuid4()), place, keeper, risk, offline, sealed)
    if site.is_peer:
        site = _checked_peer(opened, site)
    if sealed:
        keys.sealing(opened.folder)  # refuses where there is nobody to seal for
    every = listed_sites(opened.folder.sites)
    _refuse_twice(site, every)
    told = {"address": site.address, "place": place, "keeper": keeper, "offline": str(offline)}
    if site.is_peer:
        _refuse_another(site, every, same=lambda other: other.address == site.address)
        _list(opened, site, every)
        enter(opened, [entry(opened, "site added", name, told)])
        tell("PEER_ADDED", site=name)
        return
    store = new_store(site.address, keys=opened.folder.keys)
    with store.held():
        with suppress(NotFound):
            # A site that was removed, or that the list was lost of, is the same again.
            site = replace(site, uid=read_mark(store).site)
        _refuse_twice(site, every)
        _refuse_another(site, every, same=lambda other: other.uid == site.uid)
        mark(store, site, opened.configuration.name)
        _list(opened, site, every)
    if sealed:
        told["sealed"] = str(sealed)
    enter(opened, [entry(opened, "site added", name, told)])
    tell("SITE_ADDED", site=name, address=store.address)


def _refuse_twice(site: Site, every: Iterable[Site]) -> None:
    for other in every:
        if not other.removed and (other.name == site.name or other.address == site.address or other.uid == site.uid):
            raise AlreadyThere("SITE_THERE", site=other.name, address=other.address)


def _refuse_another(site: Site, every: Iterable[Site], *, same: Callable[[Site], bool]) -> None:
    """Raise ``AlreadyThere`` where another place than *site* has had its name."""
    if any(other.name == site.name and not same(other) for other in every):
        raise AlreadyThere("SITE_NAME_WAS", site=site.name)


def _list(opened: Opened, site: Site, every: Iterable[Site]) -> None:
    write_sites(opened.folder.sites, (*(other for other in every if other.name != site.name), site))


def _checked_peer(opened: Opened, site: Site) -> Site:
    """Return *site*, another working place, with its key as it is written. Raises ``BadInput``."""
    key = key_of(site.address)
    if site.sealed:
        raise BadInput("PEER_SEALED", site=site.name)
    if key in own_keys(opened.folder.ledger).keys:
        raise BadInput("PEER_IS_HERE", site=site.name)
    return replace(site, address=PEER + key_text(key))
