"""``khizana site add NAME ADDRESS``: a new place for replicas."""

from __future__ import annotations

import uuid
from dataclasses import replace

from khizana.cli.at_sites import enter, entry
from khizana.cli.verb import Opened, tell
from khizana.core.errors import AlreadyThere, BadInput
from khizana.core.preservation.courier.keys import key_of, key_text, own_keys
from khizana.core.preservation.replicas.sites import PEER, Site, mark, read_mark, read_sites, write_sites
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
    sites = read_sites(opened.folder.sites)
    for other in sites:
        if other.name == name or other.address == site.address:
            raise AlreadyThere("SITE_THERE", site=other.name, address=other.address)
    told = {"address": site.address, "place": place, "keeper": keeper, "offline": str(offline)}
    if site.is_peer:
        write_sites(opened.folder.sites, (*sites, site))
        enter(opened, [entry(opened, "site added", name, told)])
        tell("PEER_ADDED", site=name)
        return
    store = new_store(site.address, keys=opened.folder.keys)
    with store.held():
        mark(store, site, opened.configuration.name)
        # A site that a database or a list was lost of comes back as what its mark says.
        site = replace(site, uid=read_mark(store).site)
        write_sites(opened.folder.sites, (*sites, site))
    if sealed:
        told["sealed"] = str(sealed)
    enter(opened, [entry(opened, "site added", name, told)])
    tell("SITE_ADDED", site=name, address=store.address)


def _checked_peer(opened: Opened, site: Site) -> Site:
    """Return *site*, another working place, with its key as it is written. Raises ``BadInput``."""
    key = key_of(site.address)
    if site.sealed:
        raise BadInput("PEER_SEALED", site=site.name)
    if key in own_keys(opened.folder.ledger).keys:
        raise BadInput("PEER_IS_HERE", site=site.name)
    return replace(site, address=PEER + key_text(key))
